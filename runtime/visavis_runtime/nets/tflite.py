"""A .tflite network file as plain data: takes its bytes, gives a `Description` (operators, shapes, constants).

Why not a package: the flatbuffers runtime with its generated schema is far larger than the dozen fields needed here.
Field numbers follow the public TensorFlow Lite schema (tensorflow/lite/schema/schema.fbs, version 3). Constants that
the file only widens from float16 to float32 (DEQUANTIZE) are folded: they stay float16 here and are widened when the
network is built. Only the operators of our three networks are known; quantised or sparse tensors are refused.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.nets.flatbuffer import Table, Value, damaged, flexbuffer, root_table

_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
_CUSTOM = 32
_BUILTIN = {
    0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE",
    14: "LOGISTIC", 17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 22: "RESHAPE", 23: "RESIZE_BILINEAR", 34: "PAD",
    45: "STRIDED_SLICE", 54: "PRELU", 117: "HARD_SWISH",
}  # fmt: skip
# Options by operator: name -> (field number, bytes, default).
_CONV = {"padding": (0, 1, 0), "stride_x": (1, 4, 0), "stride_y": (2, 4, 0)}
_OPTIONS: dict[str, dict[str, tuple[int, int, int]]] = {
    "CONV_2D": _CONV | {"activation": (3, 1, 0), "dilation_x": (4, 4, 1), "dilation_y": (5, 4, 1)},
    "DEPTHWISE_CONV_2D": _CONV | {"activation": (4, 1, 0), "dilation_x": (5, 4, 1), "dilation_y": (6, 4, 1)},
    "MAX_POOL_2D": _CONV | {"size_x": (3, 4, 0), "size_y": (4, 4, 0), "activation": (5, 1, 0)},
    "AVERAGE_POOL_2D": _CONV | {"size_x": (3, 4, 0), "size_y": (4, 4, 0), "activation": (5, 1, 0)},
    "ADD": {"activation": (0, 1, 0)},
    "MUL": {"activation": (0, 1, 0)},
    "CONCATENATION": {"axis": (0, 4, 0), "activation": (1, 1, 0)},
    "RESIZE_BILINEAR": {"align_corners": (2, 1, 0), "half_pixel": (3, 1, 0)},
    "STRIDED_SLICE": {
        "begin_mask": (0, 4, 0), "end_mask": (1, 4, 0), "ellipsis_mask": (2, 4, 0), "new_axis_mask": (3, 4, 0),
        "shrink_mask": (4, 4, 0),
    },
}  # fmt: skip


class Operator(NamedTuple):
    """One step: `kind` of the operator, numbers of the tensors it reads (-1 = left out) and writes, its options."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Value]


class Description(NamedTuple):
    """A network as data. Tensors are numbered; `shapes` are as in the file (4-D = batch, height, width, channels)."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    operators: tuple[Operator, ...]
    constants: dict[int, npt.NDArray[np.generic]]


def read_tflite(data: bytes) -> Description:
    """Description of the network in the bytes of a .tflite file.

    Raises: DamageError if they are truncated, forged, or use something our networks do not.
    """
    model = root_table(data, identifier=b"TFL3")
    subgraphs = model.tables(2)
    if len(subgraphs) != 1:
        raise damaged(f"it has {len(subgraphs)} graphs instead of one")
    graph = subgraphs[0]
    tensors = graph.tables(0)
    shapes = tuple(_shape(tensor) for tensor in tensors)
    constants = _constants(model, tensors, shapes)
    codes = [_kind(code) for code in model.tables(1)]
    operators = []
    for table in graph.tables(3):
        operator = _operator(table, codes=codes, tensors=len(tensors))
        source = operator.inputs[0] if operator.inputs else -1
        if operator.kind == "DEQUANTIZE" and source in constants:
            constants[operator.outputs[0]] = constants.pop(source)
        else:
            operators.append(operator)
    description = Description(tuple(graph.integers(1)), tuple(graph.integers(2)), shapes, tuple(operators), constants)
    _check_order(description)
    return description


def _shape(tensor: Table) -> tuple[int, ...]:
    shape = tuple(tensor.integers(0))
    if len(shape) > 6 or any(size < 1 or size > 1 << 24 for size in shape):
        raise damaged(f"a tensor has the shape {list(shape)[:8]}")
    return shape


def _constants(
    model: Table, tensors: list[Table], shapes: tuple[tuple[int, ...], ...]
) -> dict[int, npt.NDArray[np.generic]]:
    """Tensors that have data in the file, by their number."""
    buffers = [buffer.raw(0) for buffer in model.tables(4)]
    constants: dict[int, npt.NDArray[np.generic]] = {}
    for number, tensor in enumerate(tensors):
        at = tensor.signed(2, width=4)
        if not 0 <= at < len(buffers):
            raise damaged(f"tensor {number} lies in buffer {at} of {len(buffers)}")
        if not buffers[at]:
            continue
        kind = _TYPES.get(tensor.signed(1, width=1))
        if kind is None or tensor.table(6) is not None:
            raise damaged(f"tensor {number} is quantised or sparse")
        dtype = np.dtype(kind)
        if math.prod(shapes[number]) * dtype.itemsize != len(buffers[at]):
            raise damaged(f"tensor {number} has {len(buffers[at])} bytes, not what its shape needs")
        constants[number] = np.frombuffer(buffers[at], dtype.newbyteorder("<")).astype(kind).reshape(shapes[number])
    return constants


def _kind(code: Table) -> str:
    """Name of an operator: newer files count past 127 in a second field."""
    number = max(code.signed(0, width=1), code.signed(3, width=4))
    if number == _CUSTOM:
        return code.raw(1).decode("ascii", errors="replace")
    if number not in _BUILTIN:
        raise damaged(f"it uses the unknown operator {number}")
    return _BUILTIN[number]


def _operator(table: Table, *, codes: list[str], tensors: int) -> Operator:
    code = table.signed(0, width=4)
    if not 0 <= code < len(codes):
        raise damaged(f"it uses operator {code} of {len(codes)}")
    kind = codes[code]
    inputs, outputs = tuple(table.integers(1)), tuple(table.integers(2))
    if any(not -1 <= number < tensors for number in inputs) or any(not 0 <= number < tensors for number in outputs):
        raise damaged(f"an operator {kind} uses a tensor that does not exist")
    if len(outputs) != 1 or not inputs:
        raise damaged(f"an operator {kind} has {len(inputs)} inputs and {len(outputs)} outputs")
    options: dict[str, Value] = {}
    if custom := table.raw(5):
        options = _custom_options(kind, custom)
    elif kind in _OPTIONS:
        fields = table.table(4)
        for name, (field, width, default) in _OPTIONS[kind].items():
            options[name] = default if fields is None else fields.signed(field, width=width, default=default)
    return Operator(kind, inputs, outputs, options)


def _custom_options(kind: str, data: bytes) -> dict[str, Value]:
    """Options of an operator outside the schema: a C struct for one of ours, a FlexBuffers map for the others."""
    if kind == "Convolution2DTransposeBias":
        if len(data) != 12:
            raise damaged(f"the options of {kind} have {len(data)} bytes")
        padding, stride_x, stride_y = struct.unpack("<3i", data)
        return {"padding": padding, "stride_x": stride_x, "stride_y": stride_y}
    found = flexbuffer(data)
    if not isinstance(found, dict):
        raise damaged(f"the options of {kind} are no map")
    return found


def _check_order(description: Description) -> None:
    """Every tensor is known before it is read, so that running the operators in order is enough."""
    known = set(description.inputs) | set(description.constants)
    for operator in description.operators:
        if any(number >= 0 and number not in known for number in operator.inputs):
            raise damaged(f"an operator {operator.kind} reads a tensor before it is made")
        known.update(operator.outputs)
    if not description.inputs or not description.outputs or not known.issuperset(description.outputs):
        raise damaged("its inputs or outputs are missing")
    if not all(0 <= number < len(description.shapes) for number in known):
        raise damaged("its inputs do not exist")
