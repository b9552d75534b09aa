"""The bytes themselves: requests built and answers taken apart by the field numbers of the tables, with no messages."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from ace_client import AGGREGATE_TYPE, TALK_PATH, AceClient

pytestmark = pytest.mark.xdist_group("ace")


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def put(number: int, value: int | float | bytes | str, *, double: bool = False) -> bytes:
    """A field: integers as varints, floats in 4 or 8 bytes, everything else with its length."""
    if isinstance(value, bool | int):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value) if double else (
            varint(number << 3 | 5) + struct.pack("<f", value)
        )  # fmt: skip
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def entry(key: str, value: float | bytes | int) -> bytes:
    return put(1, key) + put(2, value)


def fields(data: bytes) -> dict[int, list[Any]]:
    """Field number -> values: integers, 4 or 8 raw bytes, or bytes."""
    found: dict[int, list[Any]] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = number()
        kind = tag & 7
        value: Any
        if kind == 0:
            value = number()
        else:
            size = {1: 8, 5: 4}.get(kind) or number()
            value, at = data[at : at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def floats(packed: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(packed) // 4}f", packed)


def test_bytes_built_from_the_tables_are_understood(client: AceClient, speech: bytes) -> None:
    audio_part = put(2, 1) + put(3, 16_000) + put(4, 16)
    face = put(1, entry("faceMaskLevel", 0.6)) + put(2, entry("seed", 7)) + put(3, entry("curve", put(1, b"\0\0\0\0")))
    post = put(1, 1.0) + put(2, 0.7) + put(3, True) + put(4, 0.5) + put(5, 1.0) + put(6, 3)
    blend = put(1, entry("JawOpen", 0.0)) + put(2, entry("JawOpen", 1.5)) + put(3, True)
    feeling = put(1, 0.5) + put(2, entry("joy", 1.0))
    head = put(1, put(1, audio_part) + put(2, face) + put(3, post) + put(4, blend) + put(5, feeling))
    timed = put(1, 1.0, double=True) + put(2, entry("fear", 1.0))
    chunk = put(2, put(1, speech) + put(2, timed))
    end = put(3, b"")
    raw = client.channel.stream_stream(TALK_PATH)
    answers = [fields(data) for data in raw(iter([head, chunk, end]), timeout=20)]

    first = fields(answers[0][1][0])
    assert fields(first[1][0]) == {2: [1], 3: [16_000], 4: [16]}
    names = fields(first[2][0])
    assert names[1][17] == b"JawOpen"
    assert names[2] == [b"Head", b"LeftEye", b"RightEye"]

    frames = [fields(answer[2][0]) for answer in answers if 2 in answer]
    assert len(frames) == 75
    skeleton = fields(frames[30][1][0])
    row = fields(skeleton[1][0])
    assert struct.unpack("<d", row[1][0]) == (1.0,)
    assert len(floats(row[2][0])) == 52
    assert floats(row[2][0])[17] == 1.0  # 0 * w + 1.5, clamped
    assert [len(fields(skeleton[part][0])[2]) for part in (2, 3)] == [3, 3]
    assert b"".join(fields(frame[2][0])[2][0] for frame in frames) == speech
    ((key, box),) = [(fields(one)[1][0], fields(fields(one)[2][0])) for one in frames[30][4]]
    assert (key, box[1][0].decode()) == (b"emotion_aggregate", AGGREGATE_TYPE)
    aggregate = fields(box[2][0])
    assert set(aggregate) == {1, 3}
    assert len(fields(aggregate[3][0])[2]) == 10

    assert answers[-2] == {3: [b""]}  # END_OF_A2F_AUDIO_PROCESSING is 0, which is not sent
    (last,) = fields(answers[-1][4][0]).values()  # the code of SUCCESS is 0, which is not sent
    assert last[0].startswith(b"SUCCESS. Accepted, without effect here: ")
