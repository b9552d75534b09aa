"""Reads OSC packets, written from the OSC 1.0 specification: shares no code with the sender."""

from __future__ import annotations

import struct
from typing import Any


def read_packet(data: bytes) -> list[tuple[str, list[Any]]]:
    """Messages of a packet in order, as (address, values); asserts that every byte is accounted for."""
    assert len(data) % 4 == 0
    if not data.startswith(b"#bundle\0"):
        return [_message(data)]
    messages, at = [], 16
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        assert 0 < size <= len(data) - at - 4
        messages += read_packet(data[at + 4 : at + 4 + size])
        at += 4 + size
    assert at == len(data)
    return messages


def _message(data: bytes) -> tuple[str, list[Any]]:
    address, at = _string(data, 0)
    tags, at = _string(data, at)
    assert address.startswith("/")
    assert tags.startswith(",")
    values: list[Any] = []
    for tag in tags[1:]:
        if tag == "s":
            value, at = _string(data, at)
            values.append(value)
            continue
        values.append(struct.unpack_from({"i": ">i", "f": ">f"}[tag], data, at)[0])
        at += 4
    assert at == len(data)
    return address, values


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    after = at + (end - at) // 4 * 4 + 4
    assert data[end:after] == b"\0" * (after - end)
    return data[at:end].decode(), after


def blends(messages: list[tuple[str, list[Any]]]) -> dict[str, float]:
    return {values[0]: values[1] for address, values in messages if address == "/VMC/Ext/Blend/Val"}


def bones(messages: list[tuple[str, list[Any]]]) -> dict[str, list[float]]:
    """Position and quaternion [7] by the bone's name."""
    return {values[0]: values[1:] for address, values in messages if address == "/VMC/Ext/Bone/Pos"}
