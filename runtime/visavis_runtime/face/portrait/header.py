"""Takes the bytes of a picture file, gives its format, size and whether it is animated, without decoding a pixel.

Why not leave it to the decoder: some allocate the whole canvas, or read every frame, when a file is merely opened. The
format is told by the first bytes, never by the name. Walked are the chunks of PNG (with their check sums), the segments
of JPEG up to the frame header, and the chunks of WebP. Files that carry a second file behind the picture (a zip, a web
page, a program) are refused: they are made to be taken for something else later.
"""

from __future__ import annotations

import struct
import zlib
from typing import Literal, NamedTuple

from visavis.errors import InputError

Format = Literal["PNG", "JPEG", "WEBP"]
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_OTHER = {
    b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF", b"%PDF": "a PDF", b"<": "SVG or HTML",
    b"PK\x03\x04": "a zip", b"8BPS": "a Photoshop file", b"RIFF": "a RIFF file", b"\0\0\0": "HEIC or AVIF",
}  # fmt: skip
_HIDDEN = (b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"<?php", b"<script", b"<html", b"<svg", b"<!doctype", b"\x7fELF")
_TAIL_BYTES = 1 << 16


class Header(NamedTuple):
    """What a picture file says about itself; sizes in px, before any rotation."""

    format: Format
    width: int
    height: int
    animated: bool


def read_header(data: bytes) -> Header:
    """Header of a PNG, JPEG or WebP file.

    Raises: InputError IMAGE_CORRUPT: something else, truncated, damaged, two files in one.
    """
    try:
        if data.startswith(_PNG):
            header, end = _read_png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            header, end = _read_jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            header, end = _read_webp(data)
        else:
            raise _unknown(data)
    except (struct.error, IndexError) as error:
        raise corrupt("it ends in the middle of its header") from error
    tail = data[end : end + _TAIL_BYTES].lower()
    tail += data[max(end, len(data) - _TAIL_BYTES) :].lower()
    if any(mark.lower() in tail for mark in _HIDDEN):
        raise corrupt("another file is hidden behind the picture")
    return header


def corrupt(why: str) -> InputError:
    """The error for a picture that cannot be decoded; `why` is a clause about the file."""
    return InputError(f"The picture is damaged: {why}; export it again as PNG, JPEG or WebP.", reason="IMAGE_CORRUPT")


def _unknown(data: bytes) -> InputError:
    if not data:
        return corrupt("the file is empty")
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return InputError(
            "The file is a GIF; pictures are read from PNG, JPEG or WebP without animation: export one frame.",
            reason="IMAGE_ANIMATED",
        )
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    what = next((name for magic, name in _OTHER.items() if start.startswith(magic)), "of an unknown format")
    return InputError(
        f"The file is {what}; pictures are read from PNG, JPEG or WebP: export it as one of them.",
        reason="IMAGE_CORRUPT",
    )


def _read_png(data: bytes) -> tuple[Header, int]:
    """Header and end of a PNG: every chunk up to IEND, with its check sum."""
    width = height = 0
    animated, at = False, len(_PNG)
    while True:
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + size
        if end > len(data):
            raise corrupt("it is cut off")
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]:
            raise corrupt(f"the check sum of its part {kind.decode('ascii', errors='replace')} is wrong")
        if kind == b"IHDR":
            width, height = struct.unpack(">II", data[at + 8 : at + 16])
        animated |= kind == b"acTL"
        at = end
        if kind == b"IEND":
            break
    return _checked(Header("PNG", width, height, animated)), at


def _read_jpeg(data: bytes) -> tuple[Header, int]:
    """Header of a JPEG from its frame segment; its end from the last end marker of the scans."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise corrupt("its segments do not follow each other")
        marker = data[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:  # fill bytes and markers without a length
            at += 1 if marker == 0xFF else 2
            continue
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            break
        if marker in (0xD9, 0xDA) or size < 2:
            raise corrupt("it has no frame header")
        at += 2 + size
    # Scans follow; the first end marker after them closes this picture (others may be in a preview behind it).
    end = data.find(b"\xff\xd9", at)
    return _checked(Header("JPEG", width, height, False)), end + 2 if end >= 0 else len(data)


def _read_webp(data: bytes) -> tuple[Header, int]:
    """Header of a WebP from its first chunk: lossy, lossless or extended."""
    end = 8 + struct.unpack("<I", data[4:8])[0]
    if end > len(data):
        raise corrupt("it is cut off")
    kind, body = data[12:16], data[20:30]
    animated = False
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise corrupt("its key frame has no start code")
        width, height = (value & 0x3FFF for value in struct.unpack("<HH", body[6:10]))
    elif kind == b"VP8L":
        bits = struct.unpack("<I", body[1:5])[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        animated = bool(body[0] & 0x02)
        width, height = (int.from_bytes(body[i : i + 3], "little") + 1 for i in (4, 7))
    else:
        raise corrupt("it has no picture chunk")
    return _checked(Header("WEBP", width, height, animated)), end


def _checked(header: Header) -> Header:
    if header.width < 1 or header.height < 1:
        raise corrupt(f"its size is {header.width}x{header.height} px")
    return header
