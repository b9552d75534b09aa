"""Takes arrays and pictures, gives one .glb file: the container, its accessors, nothing that knows a face.

glTF 2.0 keeps numbers in one binary buffer and describes them in JSON. Shapes touch few vertices, so their targets are
sparse accessors: only the vertices that move are stored, over one block of zeros that all share (without such a block
Godot 3 takes what lies in its memory). The same calls give the same bytes.
Source: Khronos Group, glTF 2.0 specification, 2021.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

STILL_M = 1e-5
"""Displacements below a hundredth of a millimetre are not stored."""
_COMPONENTS = {"uint8": 5121, "uint16": 5123, "uint32": 5125, "float32": 5126}
_SHAPES = {(): "SCALAR", (2,): "VEC2", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
_MAGIC, _VERSION, _JSON, _BINARY = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963


class Document:
    """A glTF document that grows by one entry at a time; `add` gives the entry's number.

    Entries are kept as the JSON objects of the specification under its own names (`nodes`, `meshes`, ...).
    """

    def __init__(self) -> None:
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}}
        self._binary = bytearray()
        self._zeros: dict[int, int] = {}

    def add(self, kind: str, entry: dict[str, Any]) -> int:
        """Append an entry, e.g. `add("nodes", {"name": "Head"})`; returns its number."""
        entries: list[dict[str, Any]] = self.json.setdefault(kind, [])
        entries.append(entry)
        return len(entries) - 1

    def accessor(self, values: Array, *, target: int | None = None, bounds: bool = False) -> int:
        """Numbers [n] or [n, 2..4] or [n, 4, 4] (row major); `bounds` adds the smallest and largest."""
        entry = self._entry(values)
        # glTF keeps matrices column by column.
        stored = values.transpose(0, 2, 1) if values.ndim == 3 else values
        entry["bufferView"] = self._view(np.ascontiguousarray(stored).tobytes(), target=target)
        if bounds:
            entry |= _bounds(values)
        return self.add("accessors", entry)

    def displacements(self, values: npt.NDArray[np.float32]) -> int:
        """Where a shape moves points to, [n, 3] float32 in metres, of which most are zero."""
        moving = np.flatnonzero(np.abs(values).max(axis=1) > STILL_M)
        kept = np.zeros_like(values)
        kept[moving] = values[moving]
        entry = self._entry(kept) | _bounds(kept) | {"bufferView": self._nothing(len(values))}
        if moving.size:
            entry["sparse"] = {
                "count": len(moving),
                "indices": {"bufferView": self._view(moving.astype(np.uint16).tobytes()), "componentType": 5123},
                "values": {"bufferView": self._view(np.ascontiguousarray(kept[moving]).tobytes())},
            }
        return self.add("accessors", entry)

    def _nothing(self, count: int) -> int:
        """A view of `count` zero vectors, shared."""
        if count not in self._zeros:
            self._zeros[count] = self._view(bytes(12 * count), target=ARRAY_BUFFER)
            self.json["bufferViews"][self._zeros[count]]["byteStride"] = 12
        return self._zeros[count]

    def image(self, png: bytes, *, name: str) -> int:
        """A PNG file inside the document."""
        return self.add("images", {"name": name, "mimeType": "image/png", "bufferView": self._view(png)})

    def to_bytes(self) -> bytes:
        """The whole file."""
        binary = bytes(self._binary) + b"\0" * (-len(self._binary) % 4)
        head = self.json | {"buffers": [{"byteLength": len(binary)}]}
        text = json.dumps(head, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        size = 12 + 8 + len(text) + 8 + len(binary)
        return b"".join(
            [
                struct.pack("<III", _MAGIC, _VERSION, size),
                struct.pack("<II", len(text), _JSON),
                text,
                struct.pack("<II", len(binary), _BINARY),
                binary,
            ]
        )

    def _entry(self, values: Array) -> dict[str, Any]:
        return {
            "componentType": _COMPONENTS[values.dtype.name],
            "count": len(values),
            "type": _SHAPES[values.shape[1:]],
        }

    def _view(self, data: bytes, *, target: int | None = None) -> int:
        self._binary += b"\0" * (-len(self._binary) % 4)
        view = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)}
        self._binary += data
        return self.add("bufferViews", view if target is None else view | {"target": target})


def _bounds(values: Array) -> dict[str, list[float]]:
    low, high = values.min(axis=0), values.max(axis=0)
    return {"min": np.atleast_1d(low).tolist(), "max": np.atleast_1d(high).tolist()}


def read_document(data: bytes) -> tuple[dict[str, Any], bytes]:
    """JSON and binary of a .glb file; ValueError if it is none."""
    magic, version, size = struct.unpack_from("<III", data)
    if (magic, version, size) != (_MAGIC, _VERSION, len(data)):
        raise ValueError("not a glTF 2.0 binary of the length that it names")
    length, kind = struct.unpack_from("<II", data, 12)
    if kind != _JSON:
        raise ValueError("its first chunk is not JSON")
    head: dict[str, Any] = json.loads(data[20 : 20 + length])
    return head, data[20 + length + 8 :]


def read_accessor(head: dict[str, Any], binary: bytes, number: int) -> Array:
    """The numbers of one accessor, [n, ...], sparse ones filled in; matrices row major."""
    entry = head["accessors"][number]
    dtype = np.dtype({code: name for name, code in _COMPONENTS.items()}[entry["componentType"]])
    shape = {name: axes for axes, name in _SHAPES.items()}[entry["type"]]
    values = np.zeros((entry["count"], *shape), dtype)
    if "bufferView" in entry:
        values[:] = _stored(head, binary, entry["bufferView"], dtype).reshape(values.shape)
    if "sparse" in entry:
        places = _stored(head, binary, entry["sparse"]["indices"]["bufferView"], np.dtype(np.uint16))
        values[places] = _stored(head, binary, entry["sparse"]["values"]["bufferView"], dtype).reshape(-1, *shape)
    return values.transpose(0, 2, 1) if shape == (4, 4) else values


def _stored(head: dict[str, Any], binary: bytes, view: int, dtype: np.dtype[Any]) -> Array:
    entry = head["bufferViews"][view]
    data = binary[entry["byteOffset"] : entry["byteOffset"] + entry["byteLength"]]
    return np.frombuffer(data, dtype)
