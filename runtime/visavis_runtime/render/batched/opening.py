"""Takes edges of openings and windows round them, gives coverage and distances on their pixels, for a batch.

The curves are those of `face/layers/opening` and the coverage is its very function; only the reading of a curve at a
pixel is written for tensors here.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from visavis_runtime.face.arrays import towards
from visavis_runtime.face.layers.opening import coverage_between, smooth_curve, steepness
from visavis_runtime.render.batched.windows import Windows


class Openings(NamedTuple):
    """See `face.opening.Opening`; all [B, h, w] float32."""

    coverage: torch.Tensor
    below_upper: torch.Tensor
    above_lower: torch.Tensor
    along: torch.Tensor


def openings_between(
    upper: torch.Tensor,
    lower: torch.Tensor,
    *,
    window: Windows,
    soft_px: torch.Tensor,
    evenly: torch.Tensor | None = None,
    steepest: float = 0.0,
) -> Openings:
    """Openings between edges [B, n, 2] px of frames on the pixels of their windows; soft_px and evenly [B, 1, 1]."""
    axis = upper[:, -1] - upper[:, 0]
    length = torch.hypot(axis[:, 0], axis[:, 1]).clamp(min=1e-3)[:, None]
    way = axis / length
    ex, ey = way[:, :1, None], way[:, 1:, None]
    x, y = window.x - upper[:, :1, :1], window.y - upper[:, :1, 1:]
    along, across = x * ex + y * ey, y * ex - x * ey
    below_upper = across - _height(upper, way, along)
    above_lower = _height(lower, way, along) - across
    if evenly is not None:
        below_upper = below_upper / towards(1.0, steepness(below_upper, ex, ey, most=steepest), evenly)
        above_lower = above_lower / towards(1.0, steepness(above_lower, ex, -ey, most=steepest), evenly)
    coverage = coverage_between(below_upper, above_lower, soft_px=soft_px)
    return Openings(coverage, below_upper, above_lower, along * (2 / length)[..., None] - 1)


@cache
def _spline(count: int, device: torch.device) -> torch.Tensor:
    """The weights of `smooth_curve` as a matrix."""
    return torch.from_numpy(smooth_curve(np.eye(count, dtype=np.float32))).to(device)


def _height(edge: torch.Tensor, way: torch.Tensor, along: torch.Tensor) -> torch.Tensor:
    """Height of edges [B, n, 2] across the axes `way` [B, 2] at each place along them, [B, h, w]."""
    curve = torch.matmul(_spline(edge.shape[1], edge.device), edge - edge[:, :1])
    place = (curve * way[:, None]).sum(dim=2).cummax(dim=1).values
    height = curve[..., 1] * way[:, :1] - curve[..., 0] * way[:, 1:]
    at = along.flatten(1)
    after = torch.searchsorted(place, at, right=True).clamp(1, place.shape[1] - 1)
    start, stop = place.gather(1, after - 1), place.gather(1, after)
    share = ((at - start) / (stop - start).clamp(min=1e-9)).clamp(0, 1)
    low, high = height.gather(1, after - 1), height.gather(1, after)
    return torch.lerp(low, high, share).view(along.shape)
