"""Bounds-checked reading of FlatBuffers and FlexBuffers: takes bytes, gives integers, vectors, tables and option maps.

Only what a .tflite file needs. Every read checks its bounds first, so that a truncated or forged file ends in one
DamageError and never in an IndexError, a huge allocation or an endless loop. Written from the public description of
the two formats (flatbuffers.dev, "Internals" and "FlexBuffers"); it writes nothing and verifies no schema.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from visavis.errors import DamageError

Value = int | float | str | list["Value"] | dict[str, "Value"] | None

_MAX_DEPTH = 1  # a map of numbers and of vectors of numbers; deeper ones could be made to take for ever
_UNSIGNED = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}
_SIGNED = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}
_FLOAT = {2: "<e", 4: "<f", 8: "<d"}
_FLEX_INT, _FLEX_UINT, _FLEX_FLOAT, _FLEX_KEY, _FLEX_STRING = 1, 2, 3, 4, 5
_FLEX_INDIRECT_INT, _FLEX_INDIRECT_UINT, _FLEX_INDIRECT_FLOAT, _FLEX_MAP, _FLEX_VECTOR = 6, 7, 8, 9, 10
_FLEX_VECTOR_INT, _FLEX_VECTOR_UINT, _FLEX_VECTOR_FLOAT, _FLEX_BOOL = 11, 12, 13, 26


def damaged(what: str) -> DamageError:
    """The one error of this package's readers: `what` is wrong with the file."""
    return DamageError(
        f"The network file is damaged ({what}); fetch it again with `visavis models fetch`.", reason="MODEL_DAMAGED"
    )


class Buffer:
    """Bytes that are only read after their bounds were checked. All numbers are little-endian."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def slice(self, at: int, size: int) -> bytes:
        """`size` bytes from `at`. Raises: DamageError outside the file."""
        if at < 0 or size < 0 or at + size > len(self.data):
            raise damaged(f"it points to byte {at + max(size, 0)} of {len(self.data)}")
        return self.data[at : at + size]

    def number(self, at: int, form: str) -> int | float:
        """One number of the struct format `form`."""
        value: int | float = struct.unpack(form, self.slice(at, struct.calcsize(form)))[0]
        return value

    def unsigned(self, at: int, *, width: int = 4) -> int:
        """Unsigned integer of `width` bytes."""
        return int(self.number(at, _UNSIGNED[width]))

    def signed(self, at: int, *, width: int = 4) -> int:
        """Signed integer of `width` bytes."""
        return int(self.number(at, _SIGNED[width]))


class Vector(NamedTuple):
    """Place and length of a FlatBuffers vector (the length is not yet checked against an element size)."""

    start: int
    length: int


class Table(NamedTuple):
    """A FlatBuffers table: fields are found by number through its vtable; an absent field is its default."""

    buffer: Buffer
    start: int

    def place(self, field: int) -> int:
        """Byte where field number `field` lies, or 0 if the file leaves it out."""
        vtable = self.start - self.buffer.signed(self.start)
        size = self.buffer.unsigned(vtable, width=2)
        slot = 4 + 2 * field
        if slot + 2 > size:
            return 0
        offset = self.buffer.unsigned(vtable + slot, width=2)
        return self.start + offset if offset else 0

    def signed(self, field: int, *, width: int, default: int = 0) -> int:
        """Integer field of `width` bytes."""
        at = self.place(field)
        return self.buffer.signed(at, width=width) if at else default

    def vector(self, field: int, *, element_bytes: int) -> Vector:
        """Vector field whose elements are `element_bytes` wide; absent = empty."""
        at = self.place(field)
        if not at:
            return Vector(0, 0)
        at += self.buffer.unsigned(at)
        count = self.buffer.unsigned(at)
        self.buffer.slice(at + 4, count * element_bytes)
        return Vector(at + 4, count)

    def raw(self, field: int) -> bytes:
        """Byte vector field (or string), as bytes; absent = empty."""
        start, count = self.vector(field, element_bytes=1)
        return self.buffer.slice(start, count)

    def integers(self, field: int) -> list[int]:
        """Vector of int32."""
        start, count = self.vector(field, element_bytes=4)
        return list(struct.unpack(f"<{count}i", self.buffer.slice(start, 4 * count)))

    def table(self, field: int) -> Table | None:
        """Table field, or None if absent."""
        at = self.place(field)
        return Table(self.buffer, at + self.buffer.unsigned(at)) if at else None

    def tables(self, field: int) -> list[Table]:
        """Vector of tables."""
        start, count = self.vector(field, element_bytes=4)
        return [Table(self.buffer, at + self.buffer.unsigned(at)) for at in range(start, start + 4 * count, 4)]


def root_table(data: bytes, *, identifier: bytes) -> Table:
    """Root of a FlatBuffers file that carries the four bytes `identifier`.

    Raises: DamageError if they are missing.
    """
    buffer = Buffer(data)
    if buffer.slice(4, 4) != identifier:
        raise damaged(f"it is no {identifier.decode('ascii')} file")
    return Table(buffer, buffer.unsigned(0))


def flexbuffer(data: bytes) -> Value:
    """Value of a FlexBuffers message: numbers, strings, vectors and maps of them.

    Raises: DamageError on anything else.
    """
    if len(data) < 3:
        raise damaged("an option block is too short")
    width = data[-1]
    if width not in _UNSIGNED:
        raise damaged(f"an option is {width} bytes wide")
    return _flex_value(Buffer(data), at=len(data) - 2 - width, width=width, packed=data[-2], depth=0)


def _flex_value(buffer: Buffer, *, at: int, width: int, packed: int, depth: int) -> Value:
    """Value in a slot of `width` bytes at `at`; `packed` = kind * 4 + log2(bytes of its own elements)."""
    if depth > _MAX_DEPTH:
        raise damaged("its options are nested too deeply")
    kind, child = packed >> 2, 1 << (packed & 3)
    if kind == 0:
        return None
    if kind in (_FLEX_INT, _FLEX_UINT, _FLEX_FLOAT, _FLEX_BOOL):
        return _flex_scalar(buffer, at=at, width=width, kind=kind)
    place = at - buffer.unsigned(at, width=width)
    if kind in (_FLEX_INDIRECT_INT, _FLEX_INDIRECT_UINT, _FLEX_INDIRECT_FLOAT):
        return _flex_scalar(buffer, at=place, width=child, kind=kind - 5)
    if kind == _FLEX_KEY:
        return _flex_key(buffer, place)
    return _flex_sequence(buffer, place=place, width=child, kind=kind, depth=depth)


def _flex_sequence(buffer: Buffer, *, place: int, width: int, kind: int, depth: int) -> Value:
    """String, vector or map at `place` with elements of `width` bytes; its length stands before it."""
    count = buffer.unsigned(place - width, width=width)
    if kind == _FLEX_STRING:
        return buffer.slice(place, count).decode("utf-8", errors="replace")
    buffer.slice(place, count * width)
    slots = range(place, place + count * width, width)
    if kind in (_FLEX_VECTOR_INT, _FLEX_VECTOR_UINT, _FLEX_VECTOR_FLOAT):
        return [_flex_scalar(buffer, at=slot, width=width, kind=kind - 10) for slot in slots]
    if kind not in (_FLEX_MAP, _FLEX_VECTOR):
        raise damaged(f"it has an option of the unknown kind {kind}")
    types = buffer.slice(place + count * width, count)
    values = [
        _flex_value(buffer, at=slot, width=width, packed=packed, depth=depth + 1)
        for slot, packed in zip(slots, types, strict=True)
    ]
    return values if kind == _FLEX_VECTOR else dict(zip(_flex_keys(buffer, place, width, count), values, strict=True))


def _flex_scalar(buffer: Buffer, *, at: int, width: int, kind: int) -> int | float:
    if kind == _FLEX_FLOAT:
        if width not in _FLOAT:
            raise damaged("an option is a one-byte float")
        return buffer.number(at, _FLOAT[width])
    return buffer.signed(at, width=width) if kind == _FLEX_INT else buffer.unsigned(at, width=width)


def _flex_keys(buffer: Buffer, place: int, width: int, count: int) -> list[str]:
    """Keys of the map whose values start at `place`: an offset to a vector of keys and its width stand before it."""
    at = place - 3 * width
    keys = at - buffer.unsigned(at, width=width)
    key_width = buffer.unsigned(at + width, width=width)
    if key_width not in _UNSIGNED or buffer.unsigned(keys - key_width, width=key_width) != count:
        raise damaged("an option map has another number of keys than values")
    slots = [keys + i * key_width for i in range(count)]
    return [_flex_key(buffer, slot - buffer.unsigned(slot, width=key_width)) for slot in slots]


def _flex_key(buffer: Buffer, at: int) -> str:
    """Zero-terminated key at `at`."""
    end = buffer.data.find(b"\0", at) if 0 <= at < len(buffer.data) else -1
    if end < 0:
        raise damaged("the name of an option has no end")
    return buffer.slice(at, end - at).decode("ascii", errors="replace")
