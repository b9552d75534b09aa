"""Takes a picture file, gives its pixels upright as 8-bit RGB, with the alpha channel apart.

Judged from the header, before anything is decoded: format (PNG, JPEG, WebP), size, animation. Then every kind of pixel
ends as the same: grey, palette, CMYK, 16 bit, any EXIF orientation. Colour profiles are ignored (named in a warning);
EXIF (place, camera, owner) is read for the orientation only and never kept. A transparent picture is laid on neutral
grey.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from visavis.errors import InputError, LimitError
from visavis_runtime.face.portrait.header import Header, corrupt, read_header

MIN_SIDE_PX = 128
MAX_PIXELS = 32_000_000
MAX_BYTES = 20_000_000
GREY = 128


class Picture(NamedTuple):
    """rgb [H, W, 3] uint8, upright; alpha [H, W] uint8 or None if opaque; sha256 of the bytes of rgb, hexadecimal.

    warnings: sentences about what was ignored or converted.
    """

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8] | None
    warnings: tuple[str, ...]
    sha256: str


def read_picture(source: str | Path | bytes) -> Picture:
    """The picture in a file, or in the bytes of one.

    Raises:
        InputError: FILE_UNREADABLE, IMAGE_CORRUPT, IMAGE_ANIMATED, IMAGE_TOO_SMALL.
        LimitError: IMAGE_TOO_LARGE (more than 32 million pixels or 20 MB).
    """
    data = source if isinstance(source, bytes) else _file_bytes(Path(source))
    check_bytes(len(data))
    header = read_header(data)
    check_header(header)
    image, notes = _decoded(data, header)
    rgb, alpha = _channels(image)
    return Picture(rgb, alpha, notes, hashlib.sha256(rgb.tobytes()).hexdigest())


def check_bytes(size: int) -> None:
    """Raises: LimitError if a file of `size` bytes is too large."""
    if size > MAX_BYTES:
        raise LimitError(
            f"The picture file has {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read: save it smaller.",
            reason="IMAGE_TOO_LARGE",
        )


def check_header(header: Header) -> None:
    """Raises: InputError or LimitError if a picture of this kind and size is not animated by us."""
    size = f"{header.width}x{header.height} px"
    if header.animated:
        raise InputError(
            f"The {header.format} file is animated; a portrait is one still picture: export one frame.",
            reason="IMAGE_ANIMATED",
        )
    if header.width * header.height > MAX_PIXELS:
        raise LimitError(
            f"The picture has {size} = {header.width * header.height / 1e6:.1f} million pixels; at most "
            f"{MAX_PIXELS / 1e6:.0f} million are read: scale it down.",
            reason="IMAGE_TOO_LARGE",
        )
    if min(header.width, header.height) < MIN_SIDE_PX:
        raise InputError(
            f"The picture has {size}; each side needs at least {MIN_SIDE_PX} px: use a larger picture.",
            reason="IMAGE_TOO_SMALL",
        )


def _file_bytes(path: Path) -> bytes:
    """Bytes of a file whose size was checked first; a pipe or a device would be waited for."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is not a file: name a picture (PNG, JPEG or WebP).", reason="FILE_UNREADABLE")
        check_bytes(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
        raise InputError(f"The picture {path} cannot be read: {why}.", reason="FILE_UNREADABLE") from error


def _decoded(data: bytes, header: Header) -> tuple[Image.Image, tuple[str, ...]]:
    """The decoded picture, upright, and notes about it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about EXIF entries that nobody here reads
            image = Image.open(io.BytesIO(data), formats=[header.format])
            if image.size != (header.width, header.height):
                raise corrupt(f"its parts disagree about its size ({image.size[0]}x{image.size[1]} px)")
            image.load()
    except InputError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise corrupt(str(error).rstrip(".") or type(error).__name__) from error
    notes = _notes(image)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ImageOps.exif_transpose(image), notes
    except Exception:
        return image, (*notes, "The EXIF block is damaged: its orientation was ignored.")


def _notes(image: Image.Image) -> tuple[str, ...]:
    """What will be ignored or converted, as sentences."""
    notes = []
    profile = image.info.get("icc_profile") or b""
    if isinstance(profile, bytes) and profile and b"sRGB" not in profile.replace(b"\0", b""):
        notes.append("The colour profile of the picture was ignored: colours may differ slightly.")
    if image.mode == "CMYK":
        notes.append("The picture is in CMYK: its colours were converted without a profile.")
    return tuple(notes)


def _channels(image: Image.Image) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    """RGB [H, W, 3] and alpha [H, W] (None if opaque) of any kind of picture."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16-bit grey: Pillow's own conversion would clip at 255.
        wide = np.asarray(image).astype(np.float32)
        level = np.clip(np.rint(wide / 257.0), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(level[:, :, None], 3, axis=2)), None
    if "A" not in image.getbands() and "a" not in image.getbands() and "transparency" not in image.info:
        return np.array(image.convert("RGB")), None
    rgba = np.array(image.convert("RGBA"))
    alpha = np.ascontiguousarray(rgba[:, :, 3])
    if int(alpha.min()) == 255:
        return np.ascontiguousarray(rgba[:, :, :3]), None
    share = alpha[:, :, None].astype(np.float32) / 255.0
    blended = rgba[:, :, :3] * share + GREY * (1.0 - share)
    return np.rint(blended).astype(np.uint8), alpha
