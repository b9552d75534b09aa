"""Takes a row of points of the skin, gives smooth curves along it and ribbons between them, with all their shapes.

A drawn line is as thick however the face moves. So a ribbon's edges stand square to the curve in every shape: what a
shape adds is where its curve turns to. What stands before what is `depth`; it paints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.face.layers.opening import smooth_curve
from visavis_runtime.write.glb.part import Float, Lining, sheet
from visavis_runtime.write.glb.skin import Skin

EVERY = 2
"""Of the points of a smooth curve one in so many is kept."""


class Curve(NamedTuple):
    """Points [n, 3] cm in a row, and their displacements [52, n, 3]."""

    points: Float
    shapes: Float

    def longer(self, by_cm: float) -> Curve:
        """The curve with its ends drawn out."""
        points, shapes = (
            np.pad(self.points, ((1, 1), (0, 0)), "edge"),
            np.pad(self.shapes, ((0, 0), (1, 1), (0, 0)), "edge"),
        )
        for end, next_one in ((0, 2), (-1, -3)):
            way = points[end] - points[next_one]
            points[end] += by_cm * way / max(float(np.linalg.norm(way)), 1e-6)
        return Curve(points, shapes)

    def run(self) -> Float:
        """[n]: how far along it every point is, 0..1."""
        steps = np.linalg.norm(np.diff(self.points[:, :2], axis=0), axis=1)
        return np.asarray(np.r_[0, np.cumsum(steps)] / max(float(steps.sum()), 1e-6), np.float32)

    def beside(self, away_cm: Float | float, *, lift_cm: Float | float = 0.0) -> Curve:
        """The curve so far to its left, as the viewer sees it, and before it; [n] or the same everywhere."""
        rest = normals_of(self.points)
        turned = normals_of(self.points + self.shapes) - rest
        away = np.broadcast_to(np.asarray(away_cm, np.float32), rest.shape[:1])[:, None]
        place = self.points + away * rest
        place[:, 2] += lift_cm
        return Curve(place.astype(np.float32), (self.shapes + away * turned).astype(np.float32))


def curve_along(skin: Skin, numbers: Sequence[int]) -> Curve:
    """The smooth curve through points of the skin."""
    row = list(numbers)
    shapes = np.stack([smooth_curve(way[row])[::EVERY] for way in skin.shapes])
    return Curve(np.asarray(smooth_curve(skin.points[row])[::EVERY], np.float32), shapes.astype(np.float32))


def normals_of(points: Float) -> Float:
    """[..., n, 3]: unit vectors square to curves [..., n, 3], to their left as the viewer sees them, z = 0."""
    way = np.gradient(points[..., :2], axis=-2)
    left = np.stack([-way[..., 1], way[..., 0], 0 * way[..., 0]], axis=-1)
    return np.asarray(left / np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-6), np.float32)


def ribbon_between(rows: Sequence[Curve], *, uv: Sequence[Float]) -> Lining:
    """The surface between curves, lowest first, with texture coordinates [n, 2] for each."""
    return Lining(
        points=np.concatenate([row.points for row in rows]),
        uv=np.concatenate(list(uv)),
        triangles=sheet(len(rows), len(rows[0].points)),
        shapes=np.concatenate([row.shapes for row in rows], axis=1),
    )
