"""Network files: a small one written here is read whole; a broken one is one clear error."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import DamageError
from visavis_runtime.nets.graph import Graph
from visavis_runtime.nets.tflite import read_tflite

Part = bytes | list["Part"] | dict[int, "Part"] | None


class _Writer:
    """Writes FlatBuffers front to back: tables are dicts of field number -> bytes (scalar), list or dict."""

    def __init__(self) -> None:
        self.data = bytearray()

    def table(self, fields: dict[int, Part | str]) -> int:
        count = max(fields, default=-1) + 1
        vtable = len(self.data)
        self.data += bytes(4 + 2 * count)
        self.data += bytes(-len(self.data) % 4)
        start = len(self.data)
        self.data += struct.pack("<i", start - vtable)
        places = {}
        for field, value in fields.items():
            places[field] = len(self.data)
            self.data += value.ljust(4, b"\0") if isinstance(value, bytes) else bytes(4)
        size = len(self.data) - start
        offsets = [places.get(field, start) - start for field in range(count)]
        struct.pack_into(f"<HH{count}H", self.data, vtable, 4 + 2 * count, size, *offsets)
        for field, value in fields.items():
            if not isinstance(value, bytes):
                struct.pack_into("<I", self.data, places[field], self.part(value) - places[field])
        return start

    def part(self, value: Part | str) -> int:
        self.data += bytes(-len(self.data) % 4)
        if isinstance(value, dict):
            return self.table(value)
        start = len(self.data)
        if isinstance(value, str):
            raw = bytes.fromhex(value)
            self.data += struct.pack("<I", len(raw)) + raw
        elif isinstance(value, list) and all(isinstance(item, bytes) for item in value):
            self.data += struct.pack("<I", len(value)) + b"".join(item for item in value if isinstance(item, bytes))
        elif isinstance(value, list):
            self.data += struct.pack("<I", len(value)) + bytes(4 * len(value))
            for i, item in enumerate(value):
                slot = start + 4 + 4 * i
                struct.pack_into("<I", self.data, slot, self.part(item) - slot)
        return start


def _ints(values: Sequence[int]) -> list[Part]:
    return [struct.pack("<i", value) for value in values]


def _int(value: int) -> bytes:
    return struct.pack("<i", value)


KERNEL = np.arange(18, dtype=np.float16).reshape(2, 1, 3, 3) / 8  # out, height, width, in
BIAS = np.array([0.5, -100.0], np.float16)


def small_network() -> bytes:
    """A 1 x 3 convolution with float16 weights (widened by DEQUANTIZE) and a fused ReLU, on [1, 2, 4, 3]."""

    def tensor(shape: Sequence[int], *, kind: int, buffer: int) -> Part:
        return {0: _ints(shape), 1: bytes([kind]), 2: _int(buffer)}

    tensors: list[Part] = [
        tensor([1, 2, 4, 3], kind=0, buffer=0),
        tensor([2, 1, 3, 3], kind=1, buffer=1),
        tensor([2, 1, 3, 3], kind=0, buffer=0),
        tensor([2], kind=1, buffer=2),
        tensor([2], kind=0, buffer=0),
        tensor([1, 2, 4, 2], kind=0, buffer=0),
    ]
    convolution: Part = {0: bytes([0]), 1: _int(1), 2: _int(1), 3: bytes([1])}
    operators: list[Part] = [
        {0: _int(0), 1: _ints([1]), 2: _ints([2])},
        {0: _int(0), 1: _ints([3]), 2: _ints([4])},
        {0: _int(1), 1: _ints([0, 2, 4]), 2: _ints([5]), 4: convolution},
    ]
    graph: Part = {0: tensors, 1: _ints([0]), 2: _ints([5]), 3: operators}
    buffers: list[Part] = [{}, {0: KERNEL.tobytes().hex()}, {0: BIAS.tobytes().hex()}]  # type: ignore[dict-item]
    codes: list[Part] = [{0: bytes([6])}, {0: bytes([3])}]
    writer = _Writer()
    writer.data += b"\0\0\0\0TFL3"
    struct.pack_into("<I", writer.data, 0, writer.table({1: codes, 2: [graph], 4: buffers}))
    return bytes(writer.data)


SMALL = small_network()


def test_description_of_a_small_network() -> None:
    description = read_tflite(SMALL)
    assert description.inputs == (0,)
    assert description.outputs == (5,)
    assert [operator.kind for operator in description.operators] == ["CONV_2D"]
    assert description.operators[0].options["activation"] == 1
    assert set(description.constants) == {2, 4}
    np.testing.assert_array_equal(description.constants[2], KERNEL)


def test_small_network_computes_what_its_weights_say() -> None:
    x = np.random.default_rng(0).random((1, 2, 4, 3), dtype=np.float32)
    (out,) = Graph(read_tflite(SMALL))(torch.from_numpy(x))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0)))
    windows = np.stack([padded[:, :, i : i + 3] for i in range(4)], axis=2)
    expected = np.einsum("bhwkc,okc->bhwo", windows, KERNEL[:, 0].astype(np.float32)) + BIAS.astype(np.float32)
    np.testing.assert_allclose(out.numpy(), np.maximum(expected, 0), atol=1e-5)
    assert out.numpy()[..., 1].max() == 0


@given(st.integers(0, len(SMALL) - 1))
def test_a_cut_file_is_damaged(length: int) -> None:
    with pytest.raises(DamageError):
        Graph(read_tflite(SMALL[:length]))


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes_give_a_network_or_a_damage_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for place, byte in changes:
        data[place] = byte
    with suppress(DamageError):
        Graph(read_tflite(bytes(data)))


@pytest.mark.parametrize("byte", [0, 1, 255])
def test_every_single_changed_byte_gives_a_network_or_a_damage_error(byte: int) -> None:
    for place in range(len(SMALL)):
        data = bytearray(SMALL)
        data[place] = byte
        with suppress(DamageError):
            Graph(read_tflite(bytes(data)))


@given(st.binary(max_size=400))
def test_garbage_is_damaged(data: bytes) -> None:
    with pytest.raises(DamageError):
        read_tflite(b"\x10\0\0\0TFL3" + data)
