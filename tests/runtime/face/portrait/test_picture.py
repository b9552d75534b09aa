"""Portrait files: every kind of pixel becomes the same, everything else is refused with its own reason."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import sys
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from visavis.errors import InputError, LimitError, VisavisError
from visavis_runtime.face.portrait.picture import Picture, read_picture


def _pixels(height: int = 140, width: int = 180) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=-1).astype(np.uint8)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _close(picture: Picture, expected: npt.NDArray[np.uint8], *, levels: float) -> None:
    assert picture.rgb.shape == expected.shape
    assert picture.rgb.dtype == np.uint8
    difference = np.abs(picture.rgb.astype(float) - expected.astype(float))
    assert difference.mean() <= levels


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _header_only_png(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(bytes(1000)))
        + _chunk(b"IEND", b"")
    )


def _refusal(data: bytes | Path) -> VisavisError:
    with pytest.raises(VisavisError) as caught:
        read_picture(data)
    assert "\n" not in str(caught.value)
    return caught.value


def test_png_keeps_every_pixel(tmp_path: Path) -> None:
    pixels = _pixels()
    (tmp_path / "portrait.jpg").write_bytes(_saved(Image.fromarray(pixels), "PNG"))  # the name lies, the magic counts
    picture = read_picture(tmp_path / "portrait.jpg")
    np.testing.assert_array_equal(picture.rgb, pixels)
    assert picture.alpha is None
    assert picture.warnings == ()
    assert picture.sha256 == hashlib.sha256(pixels.tobytes()).hexdigest()


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_lossy_formats_are_close(form: str) -> None:
    smooth = _pixels()
    smooth[:, :, 2] = 90
    _close(read_picture(_saved(Image.fromarray(smooth), form, quality=95)), smooth, levels=2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_the_eight_orientations_give_the_same_pixels(orientation: int, form: str) -> None:
    pixels = _pixels()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's Transpose that each orientation has to be stored with
    image = Image.fromarray(pixels)
    if orientation > 1:
        image = image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if form == "WEBP" else {}
    picture = read_picture(_saved(image, form, exif=exif, **options))
    np.testing.assert_array_equal(picture.rgb, pixels)
    assert picture.sha256 == hashlib.sha256(pixels.tobytes()).hexdigest()


def test_grey_palette_and_bits_become_rgb() -> None:
    pixels = _pixels()
    grey = Image.fromarray(pixels).convert("L")
    expected = np.repeat(np.asarray(grey)[:, :, None], 3, axis=2)
    _close(read_picture(_saved(grey, "PNG")), expected, levels=0)
    _close(read_picture(_saved(grey, "JPEG", quality=95)), expected, levels=2)
    palette = Image.fromarray(pixels).quantize(64)
    _close(read_picture(_saved(palette, "PNG")), np.asarray(palette.convert("RGB")), levels=0)
    _close(read_picture(_saved(grey.convert("1"), "PNG")), np.asarray(grey.convert("1").convert("RGB")), levels=0)


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 150 * 150).reshape(150, 150).astype(np.uint16)
    picture = read_picture(_saved(Image.fromarray(ramp), "PNG"))
    assert picture.rgb.min() == 0
    assert picture.rgb.max() == 255
    assert abs(float(picture.rgb.mean()) - 127.5) < 1


def test_cmyk_is_converted_with_a_note() -> None:
    colour = Image.new("RGB", (150, 150), (200, 40, 90))
    picture = read_picture(_saved(colour.convert("CMYK"), "JPEG", quality=95))
    _close(picture, np.asarray(colour), levels=3)
    assert any("CMYK" in warning for warning in picture.warnings)


def test_alpha_is_laid_on_grey_and_kept() -> None:
    pixels = _pixels()
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    alpha[:70] = 0
    alpha[70:80] = 128
    picture = read_picture(_saved(Image.fromarray(np.dstack([pixels, alpha])), "PNG"))
    assert picture.alpha is not None
    np.testing.assert_array_equal(picture.alpha, alpha)
    assert (picture.rgb[:70] == 128).all()
    np.testing.assert_array_equal(picture.rgb[80:], pixels[80:])
    half = pixels[70:80] * (128 / 255) + 128 * (127 / 255)
    assert np.abs(picture.rgb[70:80] - half).max() <= 1


def test_an_opaque_alpha_is_dropped() -> None:
    assert read_picture(_saved(Image.fromarray(_pixels()).convert("RGBA"), "PNG")).alpha is None


def test_a_foreign_colour_profile_is_noted() -> None:
    data = _saved(Image.fromarray(_pixels()), "PNG", icc_profile=b"\0" * 100 + b"Display P3")
    assert any("profile" in warning for warning in read_picture(data).warnings)


def test_too_small_names_both_sizes() -> None:
    error = _refusal(_saved(Image.new("RGB", (127, 400)), "PNG"))
    assert isinstance(error, InputError)
    assert error.reason == "IMAGE_TOO_SMALL"
    assert "127x400" in str(error)
    assert "128" in str(error)


def test_a_bomb_is_refused_without_decoding() -> None:
    data = _header_only_png(12_000, 12_000)
    tracemalloc.start()
    error = _refusal(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(error, LimitError)
    assert error.reason == "IMAGE_TOO_LARGE"
    assert "144.0 million" in str(error)
    assert peak < 5_000_000


def test_a_webp_bomb_is_refused_without_decoding() -> None:
    body = bytes(4) + (16_000).to_bytes(3, "little") + (16_000).to_bytes(3, "little")
    data = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + body
    assert _refusal(data).reason == "IMAGE_TOO_LARGE"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    assert _refusal(path).reason == "IMAGE_TOO_LARGE"


def test_animated_pictures_are_refused() -> None:
    frames = [Image.new("RGB", (150, 150), color) for color in ("red", "blue")]
    for form in ("PNG", "WEBP", "GIF"):
        data = _saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
        assert _refusal(data).reason == "IMAGE_ANIMATED"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_truncated_pictures_are_corrupt(form: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (150, 150, 3), dtype=np.uint8))
    data = _saved(noise, form)
    assert _refusal(data[: int(len(data) * share)]).reason == "IMAGE_CORRUPT"


def test_a_png_whose_pixels_are_missing_is_corrupt() -> None:
    assert _refusal(_header_only_png(200, 200)).reason == "IMAGE_CORRUPT"


def test_missing_files_are_named(tmp_path: Path) -> None:
    error = _refusal(tmp_path / "nobody.png")
    assert error.reason == "FILE_UNREADABLE"
    assert "nobody.png" in str(error)
    assert _refusal(tmp_path).reason == "FILE_UNREADABLE"


def test_exif_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    picture = read_picture(_saved(Image.fromarray(_pixels()), "JPEG", exif=exif))
    assert "SecretCamera" not in repr(picture._replace(rgb=np.zeros(1, np.uint8)))


def test_a_broken_exif_block_does_not_hinder() -> None:
    data = _saved(Image.fromarray(_pixels()), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 20)
    assert read_picture(data).rgb.shape == (140, 180, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipes_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for strange in (tmp_path, tmp_path / "pipe.png", Path(os.devnull)):
        with pytest.raises(InputError, match="not a file") as caught:
            read_picture(strange)
        assert caught.value.reason == "FILE_UNREADABLE"
