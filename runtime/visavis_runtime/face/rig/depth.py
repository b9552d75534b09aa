"""Takes a mesh in camera space, gives the same mesh without depth steps that would fold when the head turns.

A flat picture on a mesh may only turn as far as no triangle turns over. In a scaled orthographic view a triangle whose
depth rises by g per unit of the picture plane turns over when the line of sight tilts by atan(1 / g). So the gradient
of every triangle is held below a slope: the deeper corners of a triangle that is too steep are raised until it is not.
Corners are only ever raised and never above the highest, so the passes settle. It costs relief where the true face is
steeper (ears, the far side of the nose) and buys that no slit opens there.

It does not touch x and y, so the rest picture stays as it was.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]


def signed_areas(points: npt.NDArray[np.floating], *, triangles: I32) -> F64:
    """Twice the signed area of every triangle.

    Args:
        points: [..., V, 2 or more] positions, only x and y count.
        triangles: [T, 3] int32.

    Returns:
        [..., T] float64.
    """
    # Coordinate by coordinate: gathering numbers is several times faster than gathering pairs of them.
    x, y = (np.ascontiguousarray(points[..., axis], np.float64) for axis in (0, 1))
    (xa, xb, xc), (ya, yb, yc) = ([values.take(triangles[:, k], axis=-1) for k in range(3)] for values in (x, y))
    result: F64 = (xb - xa) * (yc - ya) - (yb - ya) * (xc - xa)
    return result


def slopes(points: npt.NDArray[np.floating], *, triangles: I32) -> F64:
    """Depth gradient of every triangle: rise of z per unit of the x-y plane, [T] float64."""
    a, b, c = (points[triangles[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    flat = np.hypot(normal[:, 0], normal[:, 1])
    result: F64 = flat / np.maximum(np.abs(normal[:, 2]), 1e-9)
    return result


def limit_slope(
    points: npt.NDArray[np.floating], *, triangles: I32, max_slope: float, passes: int = 400, tolerance: float = 1.01
) -> F64:
    """Raise deep vertices until no triangle is steeper than `max_slope`.

    Args:
        points: [V, 3] camera space, z towards the viewer.
        triangles: [T, 3] int32 that must stay within the slope.
        max_slope: largest depth gradient, for example 2.3 for 23.5 degrees from the line of sight.
        passes: at most this many sweeps.
        tolerance: settled when every slope is below `max_slope * tolerance`.

    Returns:
        [V, 3] float64, x and y unchanged, z raised where needed.
    """
    out = points.astype(np.float64)
    for _ in range(passes):
        gradient = slopes(out, triangles=triangles)
        steep = gradient > max_slope * tolerance
        if not steep.any():
            break
        faces = triangles[steep]
        height = out[faces, 2]
        top = height.max(axis=1, keepdims=True)
        raised = top - (top - height) * (max_slope / gradient[steep])[:, None]
        level = out[:, 2].copy()
        np.maximum.at(level, faces.ravel(), raised.ravel())
        out[:, 2] = level
    return out
