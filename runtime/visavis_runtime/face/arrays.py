"""Takes an array, gives the functions for its kind: one formula serves one frame in numpy and a batch in torch.

Formulas of pixels are written once, with operators and the functions of `namespace`. On the CPU pixels are arrays
[h, w] and the numbers of a frame are floats; in a batch pixels are tensors [B, h, w] and such numbers are tensors that
broadcast with them, [B, 1, 1]. Torch is loaded only by those who hold tensors already. It computes nothing by itself.
"""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

Array = Any
"""numpy.ndarray, or torch.Tensor with a batch in front."""
Number = Any
"""float, or torch.Tensor that broadcasts with pixels."""


def namespace(values: Array) -> Any:
    """numpy for its arrays; for tensors the same names over torch, as many as the formulas use."""
    return np if isinstance(values, np.ndarray) else _over_torch()


@cache
def _over_torch() -> SimpleNamespace:
    import torch

    return SimpleNamespace(
        abs=torch.abs,
        asarray=lambda values, _: values,
        clip=torch.clip,
        exp=torch.exp,
        hypot=torch.hypot,
        maximum=lambda one, other: one.clamp(min=other),
        minimum=lambda one, other: one.clamp(max=other),
        sqrt=torch.sqrt,
        where=torch.where,
    )


def at_least(number: Number, bound: float) -> Number:
    """The larger of the two."""
    return max(number, bound) if isinstance(number, float | int) else number.clamp(min=bound)


def at_most(number: Number, bound: float) -> Number:
    """The smaller of the two."""
    return min(number, bound) if isinstance(number, float | int) else number.clamp(max=bound)


def exp_of(number: Number) -> Number:
    """e to the power of a number."""
    return math.exp(number) if isinstance(number, float | int) else number.exp()


def towards(value: Array, plain: Number, share: Number) -> Array:
    """A value on its way to a plain one."""
    return value + (plain - value) * share


def sampled(image: Any, x: Array, y: Array) -> Array:
    """Pixels of an image at its px x, y; nothing outside. An image of a batch knows how (`render.batched.patches`)."""
    if isinstance(image, np.ndarray):
        return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return image.at(x, y)
