"""Runs a network description with torch: takes an NHWC tensor, gives the network's outputs.

Each operator becomes one closure over its (already transposed) weights, so that a run is a loop over closures. Inside,
4-D tensors are NCHW as torch wants them; at the borders they are NHWC as in the file. The three operators of the
attention model (Landmarks2TransformMatrix, TransformTensorBilinear, TransformLandmarks) follow the published semantics
of google-ai-edge/mediapipe, mediapipe/util/tflite/operations, "v2". Inference only, batch 1, float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from visavis_runtime.nets.flatbuffer import Value, damaged
from visavis_runtime.nets.tflite import Description, Operator

Step = Callable[..., torch.Tensor]
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
        step = build(operator, fixed, description.shapes[operator.outputs[0]])
    except (KeyError, IndexError, TypeError, RuntimeError) as error:
        raise damaged(f"an operator {operator.kind} lacks {error}") from error
    return _Bound(step, live, operator.outputs[0])


def _number(options: Mapping[str, Value], name: str) -> int:
    value = options[name]
    if not isinstance(value, (int, float)):
        raise TypeError(name)
    return int(value)


def _activated(step: Step, options: Mapping[str, Value]) -> Step:
    """The step with its fused activation behind it."""
    kind = _number(options, "activation")
    if kind == 0:
        return step
    activation = _ACTIVATIONS[kind]
    return lambda *xs: activation(step(*xs))


def _same(size: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int], *, fill: float) -> Step:
    """Padding "same": the surplus goes to the right and the bottom, as the file's runtime does."""

    def pad(x: torch.Tensor) -> torch.Tensor:
        margins: list[int] = []
        for length, k, s, d in zip(x.shape[:1:-1], size[::-1], stride[::-1], dilation[::-1], strict=True):
            total = max((-(-length // s) - 1) * s + (k - 1) * d + 1 - length, 0)
            margins += [total // 2, total - total // 2]
        return F.pad(x, margins, value=fill) if any(margins) else x

    return pad


def _convolution(operator: Operator, fixed: list[torch.Tensor | None], _: tuple[int, ...]) -> Step:
    options, depthwise = operator.options, operator.kind == "DEPTHWISE_CONV_2D"
    kernel, bias = _known(fixed[1]), fixed[2] if len(fixed) > 2 else None
    kernel = kernel.permute((3, 0, 1, 2) if depthwise else (0, 3, 1, 2)).contiguous()
    stride = (_number(options, "stride_y"), _number(options, "stride_x"))
    dilation = (_number(options, "dilation_y"), _number(options, "dilation_x"))
    groups = kernel.shape[0] if depthwise else 1
    same = _number(options, "padding") == _PADDING_SAME
    pad = _same((kernel.shape[2], kernel.shape[3]), stride, dilation, fill=0.0)

    def step(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(pad(x) if same else x, kernel, bias, stride, 0, dilation, groups)

    return _activated(step, options)


def _transposed_convolution(operator: Operator, fixed: list[torch.Tensor | None], _: tuple[int, ...]) -> Step:
    """Convolution2DTransposeBias: kernel [out, 2, 2, in] without overlap, so that its padding does not matter."""
    kernel, bias = _known(fixed[1]).permute(3, 0, 1, 2).contiguous(), _known(fixed[2])
    stride = (_number(operator.options, "stride_y"), _number(operator.options, "stride_x"))
    if stride != tuple(kernel.shape[2:]):
        raise TypeError("a stride equal to its kernel")
    return lambda x: F.conv_transpose2d(x, kernel, bias, stride=stride)


def _pool(operator: Operator, _: list[torch.Tensor | None], __: tuple[int, ...]) -> Step:
    options, largest = operator.options, operator.kind == "MAX_POOL_2D"
    size = (_number(options, "size_y"), _number(options, "size_x"))
    stride = (_number(options, "stride_y"), _number(options, "stride_x"))
    same = _number(options, "padding") == _PADDING_SAME
    pad = _same(size, stride, (1, 1), fill=-torch.inf)
    if same and not largest:
        # A padded mean counts only real pixels; none of our networks has one, so it is not written.
        raise TypeError("a padded average pool")
    if largest:
        return _activated(lambda x: F.max_pool2d(pad(x) if same else x, size, stride), options)
    return _activated(lambda x: F.avg_pool2d(x, size, stride), options)


def _prelu(_: Operator, fixed: list[torch.Tensor | None], __: tuple[int, ...]) -> Step:
    slope = _known(fixed[1]).reshape(-1)
    return lambda x: F.prelu(x, slope)


def _arithmetic(operator: Operator, fixed: list[torch.Tensor | None], shape: tuple[int, ...]) -> Step:
    combine = torch.add if operator.kind == "ADD" else torch.mul
    constant = next((c for c in fixed if c is not None), None)
    if constant is None:
        return _activated(combine, operator.options)
    if len(shape) == 4:  # broadcast as NHWC, then turn
        constant = _nchw(constant.reshape((1,) * (4 - constant.dim()) + tuple(constant.shape)))
    return _activated(lambda x: combine(x, constant), operator.options)


def _concatenation(operator: Operator, _: list[torch.Tensor | None], shape: tuple[int, ...]) -> Step:
    axis = _number(operator.options, "axis") % len(shape)
    axis = _NCHW_AXIS[axis] if len(shape) == 4 else axis
    return _activated(lambda *xs: torch.cat(xs, axis), operator.options)


def _reshape(_: Operator, __: list[torch.Tensor | None], shape: tuple[int, ...]) -> Step:
    return lambda x: _nchw(_nhwc(x).reshape(shape))


def _pad(_: Operator, fixed: list[torch.Tensor | None], __: tuple[int, ...]) -> Step:
    """PAD of a 4-D tensor: rows of the constant are (before, after) for batch, height, width, channels."""
    (_batch, height, width, channels) = _known(fixed[1]).tolist()
    margins = [*width, *height, *channels]
    return lambda x: F.pad(x, margins)


def _resize(operator: Operator, fixed: list[torch.Tensor | None], _: tuple[int, ...]) -> Step:
    size = [int(n) for n in _known(fixed[1]).tolist()]
    corners, half = _number(operator.options, "align_corners"), _number(operator.options, "half_pixel")
    if not corners and not half:
        raise TypeError("pixel centres in its resize")
    return lambda x: F.interpolate(x, size=size, mode="bilinear", align_corners=bool(corners))


def _strided_slice(operator: Operator, fixed: list[torch.Tensor | None], _: tuple[int, ...]) -> Step:
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


def _transform_matrix(operator: Operator, _: list[torch.Tensor | None], __: tuple[int, ...]) -> Step:
    """Landmarks2TransformMatrix: [1, 468, 3] -> [1, 4, 4], from cells of the output grid to landmark units.

    The grid lies over the box of a subset of the landmarks, turned with the line between two of them and enlarged.
    """
    options: dict[str, Any] = dict(operator.options)
    subset = torch.tensor(options["subset_idxs"], dtype=torch.long).reshape(-1)
    left, right = int(options["left_rotation_idx"]), int(options["right_rotation_idx"])
    enlarge = torch.tensor([float(options["scale_x"]), float(options["scale_y"])])
    cells = torch.tensor([float(options["output_width"]), float(options["output_height"])])
    turn = float(options["target_rotation_radians"])

    def step(landmarks: torch.Tensor) -> torch.Tensor:
        points = landmarks[0, :, :2]
        line = points[right] - points[left]
        angle = torch.atan2(line[1], line[0]) - turn
        cos, sin = torch.cos(angle), torch.sin(angle)
        rotation = torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])])
        inside = points[subset] @ rotation
        low, high = inside.amin(0), inside.amax(0)
        scaled = rotation * ((high - low) * enlarge / cells)
        matrix = torch.eye(4)
        matrix[:2, :2] = scaled
        matrix[:2, 3] = rotation @ ((low + high) / 2) - scaled @ (cells / 2)
        return matrix[None]

    return step


def _transform_tensor(operator: Operator, _: list[torch.Tensor | None], __: tuple[int, ...]) -> Step:
    """TransformTensorBilinear: crop of a feature map through the matrix; cell centres lie at + 0.5, outside is 0."""
    width, height = _number(operator.options, "output_width"), _number(operator.options, "output_height")
    ys, xs = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    centres = torch.stack([xs, ys], -1)

    def step(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        points = centres @ matrix[0, :2, :2].T + matrix[0, :2, 3]
        size = torch.tensor([float(x.shape[3]), float(x.shape[2])])
        return F.grid_sample(x, (points / size * 2 - 1)[None], align_corners=False)

    return step


def _transform_landmarks(_: Operator, __: list[torch.Tensor | None], ___: tuple[int, ...]) -> Step:
    """TransformLandmarks: points [1, N, 2] of the crop back to landmark units."""
    return lambda points, matrix: points @ matrix[0, :2, :2].T + matrix[0, :2, 3]


def _known(constant: torch.Tensor | None) -> torch.Tensor:
    if constant is None:
        raise TypeError("a constant")
    return constant


_BUILDERS: dict[str, Callable[[Operator, list[torch.Tensor | None], tuple[int, ...]], Step]] = {
    "ADD": _arithmetic,
    "AVERAGE_POOL_2D": _pool,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "Convolution2DTransposeBias": _transposed_convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "HARD_SWISH": lambda *_: F.hardswish,
    "LOGISTIC": lambda *_: torch.sigmoid,
    "Landmarks2TransformMatrix": _transform_matrix,
    "MAX_POOL_2D": _pool,
    "MUL": _arithmetic,
    "PAD": _pad,
    "PRELU": _prelu,
    "RELU": lambda *_: F.relu,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize,
    "STRIDED_SLICE": _strided_slice,
    "TransformLandmarks": _transform_landmarks,
    "TransformTensorBilinear": _transform_tensor,
}
