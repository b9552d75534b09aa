"""Takes the upper and the lower edge of an opening in the face (lids, inner lips), gives its anti-aliased coverage.

The two edges are curves over the axis through the corners, so the covered part of a pixel is a difference of two
heights: exact, differentiable and zero for a shut opening. A polygon filler is none of these (OpenCV draws a line one
pixel wide for an empty polygon, which makes the lips pop apart). It does not handle openings that fold back.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.arrays import Array, Number, at_least, namespace, towards

Float = npt.NDArray[np.float32]

STEPS = 5
"""Points of the smooth curve for each piece between two landmarks."""


class Opening(NamedTuple):
    """An opening on a pixel grid; all [h, w] float32, lengths in px.

    `coverage` is 0..1, `below_upper` and `above_lower` are the distances to the edges across the axis or square to them
    (negative outside), `along` is the place between the corners (-1 at the picture's left corner, 1 at the right).
    """

    coverage: Float
    below_upper: Float
    above_lower: Float
    along: Float


@cache
def _spline(count: int) -> Float:
    """[(count - 1) * STEPS + 1, count]: Catmull-Rom weights of an open curve through `count` points."""
    t = np.arange(STEPS) / STEPS
    basis = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
    )
    weights = np.zeros(((count - 1) * STEPS + 1, count))
    for piece in range(count - 1):
        for k in range(4):
            column = min(max(piece - 1 + k, 0), count - 1)
            weights[piece * STEPS : (piece + 1) * STEPS, column] += basis[:, k]
    weights[-1, -1] = 1
    out = weights.astype(np.float32)
    out.setflags(write=False)
    return out


def smooth_curve(points: Float) -> Float:
    """[n, 2] points -> [(n - 1) * STEPS + 1, 2] points of the smooth open curve through them."""
    return _spline(len(points)) @ points


def opening_between(
    upper: Float,
    lower: Float,
    *,
    origin: tuple[int, int],
    shape: tuple[int, int],
    soft_px: float = 0.5,
    evenly: float = 0.0,
    steepest: float = 0.0,
) -> Opening:
    """Coverage of the pixels of one window by the opening between two edges.

    Args:
        upper: [n, 2] px from the picture's left corner to the right one.
        lower: [n, 2] px, the same corners.
        origin: x, y of the window's first pixel.
        shape: height and width of the window.
        soft_px: half the width of the soft edge, at least 0.5: a sharp edge, box filtered.
        evenly: 0..1, how far distances are measured square to the edge instead of across the axis: there all that
            depends on them has steps where the edge is steep.
        steepest: most of the steepness that counts, 0 for all of it.
    """
    axis = upper[-1] - upper[0]
    length = max(float(np.hypot(axis[0], axis[1])), 1e-3)
    ex, ey = float(axis[0]) / length, float(axis[1]) / length
    x = np.arange(shape[1], dtype=np.float32) + np.float32(origin[0] - upper[0, 0])
    y = (np.arange(shape[0], dtype=np.float32) + np.float32(origin[1] - upper[0, 1]))[:, None]
    along = x * np.float32(ex) + y * np.float32(ey)
    across = y * np.float32(ex) - x * np.float32(ey)
    top = _height(upper, ex, ey, along)
    bottom = _height(lower, ex, ey, along)
    below_upper, above_lower = across - top, bottom - across
    if evenly > 0:
        below_upper = below_upper / towards(1.0, steepness(below_upper, ex, ey, most=steepest), evenly)
        above_lower = above_lower / towards(1.0, steepness(above_lower, ex, -ey, most=steepest), evenly)
    coverage = coverage_between(below_upper, above_lower, soft_px=soft_px)
    return Opening(coverage, below_upper, above_lower, along * np.float32(2 / length) - 1)


def steepness(far: Array, ex: Number, ey: Number, *, most: float = 0.0) -> Array:
    """How much longer an edge is than its shadow on the axis (ex, ey), at every pixel of `far`, the px from it;
    at the most, if that is given."""
    rise = 0 * far
    rise[..., 1:-1] = ((far[..., 2:] - far[..., :-2]) / 2 + ey) / ex
    xp = namespace(far)
    steep = xp.sqrt(1 + rise * rise)
    return xp.minimum(steep, most) if most else steep


def coverage_between(below_upper: Array, above_lower: Array, *, soft_px: Number) -> Array:
    """Coverage 0..1 of pixels by their distances to both edges, px; for arrays and for tensors."""
    spread = 2 * soft_px - 1
    covered = _share_below(above_lower, spread) - _share_below(-below_upper, spread)
    return namespace(covered).clip(covered, 0, 1)


def _share_below(height: Array, spread: Number) -> Array:
    """Share of a pixel's filter that lies below `height` px over its middle.

    The filter is a box of one pixel blurred by `spread` px: shifted copies of it add up to one, so the covered area is
    right wherever the edge lies between the pixels.
    """
    near = namespace(height).clip(height, -1 - spread, 1 + spread)
    return _ramp_integral(near + 0.5, spread) - _ramp_integral(near - 0.5, spread)


def _ramp_integral(t: Array, spread: Number) -> Array:
    """Integral of a step at 0 that is spread over `spread` px."""
    xp, half = namespace(t), at_least(spread, 1e-3) / 2
    inside = xp.clip(t, -half, half) + half
    return inside * inside / (4 * half) + xp.maximum(t - half, 0)


def _height(edge: Float, ex: float, ey: float, along: Float) -> Float:
    """Height of an edge across the axis at each place along it, [h, w]."""
    curve = smooth_curve(edge - edge[0])
    place = np.maximum.accumulate(curve[:, 0] * ex + curve[:, 1] * ey)
    height = curve[:, 1] * ex - curve[:, 0] * ey
    return np.interp(along, place, height).astype(np.float32)
