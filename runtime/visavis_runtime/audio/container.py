"""Takes the bytes of an audio file's container, says whether the sound it promises is really there.

Why by hand: libsndfile clamps a WAV header that lies and returns the short rest in silence, and it cannot tell a cut
Ogg file from a whole one; a talk that ends in the middle of a word would then look like our fault. Only a few header
bytes are read, so a lie costs nothing. What it does not do: it decodes no sample (see `pcm.py`).
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

UNKNOWN_LENGTH = (0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0xFFFFF000)
"""Data sizes that recorders write when they do not know the length yet (pipes): not a lie, just no promise."""

OGG_TAIL_BYTES = 1 << 17
OGG_END_OF_STREAM = 0x04


class Promise(NamedTuple):
    """Bytes (or, for Ogg, the end mark) that the header promises against those that are there; equal when whole."""

    promised: int
    present: int


def promise_of(path: Path) -> Promise | None:
    """What the container promises and holds, or None for a container that makes no checkable promise."""
    with path.open("rb") as file:
        magic = file.read(12)
        if magic[:4] in (b"RIFF", b"RIFX") and magic[8:12] == b"WAVE":
            return _wav_promise(file, big_endian=magic[:4] == b"RIFX")
        if magic[:4] == b"OggS":
            return _ogg_promise(file)
    return None


def _wav_promise(file: BinaryIO, *, big_endian: bool) -> Promise | None:
    """Walks the RIFF chunks to `data` and compares its size with what is left of the file."""
    total = os.fstat(file.fileno()).st_size
    order = ">" if big_endian else "<"
    at = 12
    while at + 8 <= total:
        file.seek(at)
        name, size = struct.unpack(order + "4sI", file.read(8))
        if name == b"data":
            if size in UNKNOWN_LENGTH:
                return None
            return Promise(promised=size, present=min(size, total - at - 8))
        at += 8 + size + (size & 1)
    return None


def _ogg_promise(file: BinaryIO) -> Promise | None:
    """The last page of a whole Ogg file carries the end-of-stream mark; 1 promised, 0 or 1 there."""
    total = os.fstat(file.fileno()).st_size
    file.seek(max(0, total - OGG_TAIL_BYTES))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or page + 6 > len(tail):
        return Promise(promised=1, present=0)
    return Promise(promised=1, present=int(bool(tail[page + 5] & OGG_END_OF_STREAM)))
