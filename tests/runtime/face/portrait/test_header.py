"""Headers of picture files: told by their first bytes, walked without decoding, never a crash."""

from __future__ import annotations

import io
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from visavis.errors import InputError
from visavis_runtime.face.portrait.header import Header, read_header


def picture_bytes(form: str, *, size: tuple[int, int] = (150, 140), **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 30).convert("RGB")
    image.save(out, form, **options)
    return out.getvalue()


FILES = {
    "png": picture_bytes("PNG"),
    "jpeg": picture_bytes("JPEG", quality=80),
    "progressive": picture_bytes("JPEG", progressive=True),
    "webp": picture_bytes("WEBP"),
    "lossless": picture_bytes("WEBP", lossless=True),
    "extended": picture_bytes("WEBP", exif=Image.Exif().tobytes() + b"x"),
}


@pytest.mark.parametrize("name", FILES)
def test_size_and_format(name: str) -> None:
    header = read_header(FILES[name])
    assert header[1:] == (150, 140, False)
    expected = {"png": "PNG", "jpeg": "JPEG", "progressive": "JPEG"}.get(name, "WEBP")
    assert header.format == expected


def test_animation_is_seen_in_the_header() -> None:
    frames = [Image.new("RGB", (150, 150), color) for color in ("red", "blue")]
    for form in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
        assert read_header(out.getvalue()) == Header(form, 150, 150, True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "IMAGE_CORRUPT"),
        (b"GIF89a" + bytes(50), "IMAGE_ANIMATED"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "IMAGE_CORRUPT"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "IMAGE_CORRUPT"),
        (b"BM" + bytes(60), "IMAGE_CORRUPT"),
        (b"\0\0\0\x18ftypheic" + bytes(60), "IMAGE_CORRUPT"),
        (b"hello", "IMAGE_CORRUPT"),
    ],
)
def test_other_formats_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_header(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("hidden", [b"PK\x03\x04 a zip", b"\n<!DOCTYPE html><script>x()</script>", b"%PDF-1.7"])
def test_a_second_file_behind_the_picture_is_refused(name: str, hidden: bytes) -> None:
    with pytest.raises(InputError, match="hidden") as caught:
        read_header(FILES[name] + hidden)
    assert caught.value.reason == "IMAGE_CORRUPT"


def test_a_preview_behind_a_photo_is_fine() -> None:
    assert read_header(FILES["jpeg"] + FILES["progressive"]).width == 150


def test_a_wrong_check_sum_is_damage() -> None:
    data = bytearray(FILES["png"])
    data[len(data) // 2] ^= 0x10
    with pytest.raises(InputError, match="check sum"):
        read_header(bytes(data))


def test_a_png_of_size_zero_is_damage() -> None:
    chunk = b"IHDR" + bytes(13)
    data = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    data += bytes(4) + b"IEND" + zlib.crc32(b"IEND").to_bytes(4, "big")
    with pytest.raises(InputError, match="0x0 px"):
        read_header(data)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 10**6), st.binary(min_size=0, max_size=8))
def test_changed_files_give_a_header_or_an_input_error(name: str, place: int, change: bytes) -> None:
    data = bytearray(FILES[name])
    place %= len(data)
    data[place : place + len(change)] = change
    with suppress(InputError):
        read_header(bytes(data))


@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x20\0\0\0WEBPVP8 ", b""]), st.binary(max_size=100)
)
def test_garbage_behind_a_magic_never_crashes(magic: bytes, rest: bytes) -> None:
    with suppress(InputError):
        read_header(magic + rest)
