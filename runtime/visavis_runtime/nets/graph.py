"""Runs a network description with torch: takes an NHWC tensor, gives the network's outputs.

Each operator becomes one closure over its (already transposed) weights, so that a run is a loop over closures. Inside,
4-D tensors are NCHW as torch wants them; at the borders they are NHWC as in the file. The three operators of the
attention model are in `attention`. Inference only, batch 1, float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from visavis_runtime.nets.attention import transform_landmarks, transform_matrix, transform_tensor
from visavis_runtime.nets.flatbuffer import Value, damaged
from visavis_runtime.nets.tflite import Description, Operator

Step = Callable[..., torch.Tensor]
Fixed = list[torch.Tensor | None]
"""The constant inputs of an operator, None where an input is computed."""
Shapes = tuple[tuple[int, ...], tuple[int, ...]]
"""Shape of an operator's first input and of its output, NHWC."""
_PADDING_SAME = 0
_ACTIVATIONS: dict[int, Callable[[torch.Tensor], torch.Tensor]] = {1: F.relu, 3: F.relu6}
_NCHW_AXIS = {0: 0, 1: 2, 2: 3, 3: 1}


class _Bound(NamedTuple):
    """A step with the numbers of the tensors it takes and gives."""

    step: Step
    inputs: tuple[int, ...]
    output: int


class Graph:
    """An immutable network. Calling it with `x [1, H, W, C] float32` gives the outputs in the file's order."""

    def __init__(self, description: Description) -> None:
        constants = {number: _tensor(array) for number, array in description.constants.items()}
        self.input_shape = description.shapes[description.inputs[0]]
        self._input = description.inputs[0]
        self._outputs = description.outputs
        self._steps = [_bind(operator, description, constants) for operator in description.operators]

    @torch.inference_mode()
    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Outputs for `x [1, H, W, C] float32` (4-D ones as NHWC)."""
        if tuple(x.shape) != self.input_shape:
            raise ValueError(f"this network takes {self.input_shape}, not {tuple(x.shape)}")
        values = {self._input: _nchw(x)}
        for step, inputs, output in self._steps:
            values[output] = step(*[values[number] for number in inputs])
        return [_nhwc(values[number]).contiguous() for number in self._outputs]


def _tensor(array: Any) -> torch.Tensor:
    """Constant as torch has it: float16 of the file is widened once."""
    wide = array.astype(np.float32) if array.dtype == np.float16 else array
    return torch.from_numpy(np.array(wide))


def _nchw(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


def _nhwc(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def _bind(operator: Operator, description: Description, constants: Mapping[int, torch.Tensor]) -> _Bound:
    """The operator as a closure; its constant inputs are taken in, the others are named."""
    build = _BUILDERS.get(operator.kind)
    if build is None:
        raise damaged(f"it uses the unknown operator {operator.kind}")
    fixed = [constants.get(number) for number in operator.inputs]
    live = tuple(number for number in operator.inputs if number >= 0 and number not in constants)
    try:
        shapes = description.shapes[operator.inputs[0]], description.shapes[operator.outputs[0]]
        step = build(operator, fixed, shapes)
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise damaged(f"an operator {operator.kind} lacks {error}") from error
    return _Bound(step, live, operator.outputs[0])


def _number(options: Mapping[str, Value], name: str) -> int:
    value = options[name]
    if not isinstance(value, (int, float)):
        raise TypeError(name)
    if value < 1 and name.startswith(("stride", "dilation")):
        raise ValueError(name)
    return int(value)


def _activated(step: Step, options: Mapping[str, Value]) -> Step:
    """The step with its fused activation behind it."""
    kind = _number(options, "activation")
    if kind == 0:
        return step
    activation = _ACTIVATIONS[kind]
    return lambda *xs: activation(step(*xs))


def _margins(options: Mapping[str, Value], size: tuple[int, int], shape: tuple[int, ...]) -> list[int]:
    """Left, right, top, bottom of padding "same" for an input of `shape` (NHWC); the odd one goes right and down."""
    if _number(options, "padding") != _PADDING_SAME:
        return [0, 0, 0, 0]
    margins = []
    for axis, length, k in (("x", shape[2], size[1]), ("y", shape[1], size[0])):
        stride = _number(options, f"stride_{axis}")
        extent = (k - 1) * (_number(options, f"dilation_{axis}") if f"dilation_{axis}" in options else 1) + 1
        total = max((-(-length // stride) - 1) * stride + extent - length, 0)
        margins += [total // 2, total - total // 2]
    return margins


def _convolution(operator: Operator, fixed: Fixed, shapes: Shapes) -> Step:
    options, depthwise = operator.options, operator.kind == "DEPTHWISE_CONV_2D"
    kernel, bias = _known(fixed[1]), fixed[2] if len(fixed) > 2 else None
    kernel = kernel.permute((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)).contiguous()
    stride = (_number(options, "stride_y"), _number(options, "stride_x"))
    dilation = (_number(options, "dilation_y"), _number(options, "dilation_x"))
    groups = kernel.shape[0] if depthwise else 1
    left, right, top, bottom = margins = _margins(options, (kernel.shape[2], kernel.shape[3]), shapes[0])
    if left == right and top == bottom:  # the convolution pads by itself, without a copy
        inner = (top, left)
        return _activated(lambda x: F.conv2d(x, kernel, bias, stride, inner, dilation, groups), options)
    return _activated(lambda x: F.conv2d(F.pad(x, margins), kernel, bias, stride, 0, dilation, groups), options)


def _transposed_convolution(operator: Operator, fixed: Fixed, _: Shapes) -> Step:
    """Convolution2DTransposeBias: kernel [out, 2, 2, in] without overlap, so that its padding does not matter."""
    kernel, bias = _known(fixed[1]).permute(3, 0, 1, 2).contiguous(), _known(fixed[2])
    stride = (_number(operator.options, "stride_y"), _number(operator.options, "stride_x"))
    if stride != tuple(kernel.shape[2:]):
        raise TypeError("a stride equal to its kernel")
    return lambda x: F.conv_transpose2d(x, kernel, bias, stride=stride)


def _pool(operator: Operator, _: Fixed, shapes: Shapes) -> Step:
    options, largest = operator.options, operator.kind == "MAX_POOL_2D"
    size = (_number(options, "size_y"), _number(options, "size_x"))
    stride = (_number(options, "stride_y"), _number(options, "stride_x"))
    margins = _margins(options, size, shapes[0])
    if not any(margins):
        pool = F.max_pool2d if largest else F.avg_pool2d
        return _activated(lambda x: pool(x, size, stride), options)
    if not largest:
        # A padded mean counts only real pixels; none of our networks has one, so it is not written.
        raise TypeError("a padded average pool")
    return _activated(lambda x: F.max_pool2d(F.pad(x, margins, value=-torch.inf), size, stride), options)


def _prelu(_: Operator, fixed: Fixed, __: Shapes) -> Step:
    slope = _known(fixed[1]).reshape(-1)
    return lambda x: F.prelu(x, slope)


def _arithmetic(operator: Operator, fixed: Fixed, shapes: Shapes) -> Step:
    combine = torch.add if operator.kind == "ADD" else torch.mul
    constant = next((c for c in fixed if c is not None), None)
    if constant is None:
        return _activated(combine, operator.options)
    if len(shapes[1]) == 4:  # broadcast as NHWC, then turn
        constant = _nchw(constant.reshape((1,) * (4 - constant.dim()) + tuple(constant.shape)))
    return _activated(lambda x: combine(x, constant), operator.options)


def _concatenation(operator: Operator, _: Fixed, shapes: Shapes) -> Step:
    axis = _number(operator.options, "axis") % len(shapes[1])
    axis = _NCHW_AXIS[axis] if len(shapes[1]) == 4 else axis
    return _activated(lambda *xs: torch.cat(xs, axis), operator.options)


def _reshape(_: Operator, __: Fixed, shapes: Shapes) -> Step:
    return lambda x: _nchw(_nhwc(x).reshape(shapes[1]))


def _pad(_: Operator, fixed: Fixed, __: Shapes) -> Step:
    """PAD of a 4-D tensor: rows of the constant are (before, after) for batch, height, width, channels."""
    (_batch, height, width, channels) = _known(fixed[1]).tolist()
    margins = [*width, *height, *channels]
    return lambda x: F.pad(x, margins)


def _resize(operator: Operator, fixed: Fixed, _: Shapes) -> Step:
    size = [int(n) for n in _known(fixed[1]).tolist()]
    corners, half = _number(operator.options, "align_corners"), _number(operator.options, "half_pixel")
    if not corners and not half:
        raise TypeError("pixel centres in its resize")
    return lambda x: F.interpolate(x, size=size, mode="bilinear", align_corners=bool(corners))


def _strided_slice(operator: Operator, fixed: Fixed, _: Shapes) -> Step:
    begin, end, stride = (_known(fixed[i]).tolist() for i in (1, 2, 3))
    options = operator.options
    if any(_number(options, name) for name in ("ellipsis_mask", "new_axis_mask", "shrink_mask")):
        raise TypeError("a plain slice")
    masks = _number(options, "begin_mask"), _number(options, "end_mask")
    cut = tuple(
        slice(None if masks[0] >> i & 1 else begin[i], None if masks[1] >> i & 1 else end[i], stride[i])
        for i in range(len(begin))
    )
    return lambda x: _nchw(_nhwc(x)[cut])


def _known(constant: torch.Tensor | None) -> torch.Tensor:
    if constant is None:
        raise TypeError("a constant")
    return constant


_BUILDERS: dict[str, Callable[[Operator, Fixed, Shapes], Step]] = {
    "ADD": _arithmetic,
    "AVERAGE_POOL_2D": _pool,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "Convolution2DTransposeBias": _transposed_convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "HARD_SWISH": lambda *_: F.hardswish,
    "LOGISTIC": lambda *_: torch.sigmoid,
    "Landmarks2TransformMatrix": lambda operator, *_: transform_matrix(operator.options),
    "MAX_POOL_2D": _pool,
    "MUL": _arithmetic,
    "PAD": _pad,
    "PRELU": _prelu,
    "RELU": lambda *_: F.relu,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize,
    "STRIDED_SLICE": _strided_slice,
    "TransformLandmarks": lambda *_: transform_landmarks,
    "TransformTensorBilinear": lambda operator, *_: transform_tensor(operator.options),
}
