"""The reader of untrusted bytes: it gives values, or one DamageError, and nothing else."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import DamageError
from visavis_runtime.nets.flatbuffer import Buffer, flexbuffer, root_table

# {"idx": [7, 8, 9], "n": 3, "scale": 1.5} as FlexBuffers, written by hand: keys, vector, key table, map, root.
_KEYS = b"idx\0n\0scale\0"
_VECTOR = b"\x03\x07\x08\x09"


def _map() -> bytes:
    data = bytearray(_KEYS + _VECTOR)
    vector = len(_KEYS) + 1
    data += b"\0" * (-len(data) % 4)
    data.append(3)
    keys = len(data)
    data += bytes([keys - 0, keys + 1 - 4, keys + 2 - 6])
    data += b"\0" * (-len(data) % 4)
    data += struct.pack("<III", len(data) - keys, 1, 3)
    start = len(data)
    data += struct.pack("<IIf", start - vector, 3, 1.5)
    data += bytes([11 << 2 | 0, 1 << 2 | 2, 3 << 2 | 2])
    data += bytes([len(data) - start, 9 << 2 | 2, 1])
    return bytes(data)


def test_map_of_numbers_and_a_vector() -> None:
    assert flexbuffer(_map()) == {"idx": [7, 8, 9], "n": 3, "scale": 1.5}


@given(st.integers(0, 60), st.integers(0, 255))
def test_a_changed_byte_gives_a_value_or_a_damage_error(place: int, byte: int) -> None:
    data = bytearray(_map())
    data[place % len(data)] = byte
    with suppress(DamageError):
        flexbuffer(bytes(data))


@given(st.binary(max_size=200))
def test_garbage_options_never_crash(data: bytes) -> None:
    with suppress(DamageError):
        flexbuffer(data)


def test_a_map_that_contains_itself_ends() -> None:
    with pytest.raises(DamageError, match="nested too deeply"):
        flexbuffer(bytes([1, 0, 40, 2, 40, 1]))


@given(st.binary(max_size=64), st.integers(-100, 100), st.integers(-100, 100))
def test_slices_stay_inside(data: bytes, at: int, size: int) -> None:
    inside = at >= 0 and size >= 0 and at + size <= len(data)
    if inside:
        assert Buffer(data).slice(at, size) == data[at : at + size]
    else:
        with pytest.raises(DamageError):
            Buffer(data).slice(at, size)


def test_a_file_of_another_kind_is_named() -> None:
    with pytest.raises(DamageError, match="no TFL3 file"):
        root_table(b"\x08\0\0\0NOPE" + bytes(16), identifier=b"TFL3")
