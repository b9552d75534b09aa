"""An average head as 478 named points, bent into a character and posed on the canvas.

Takes head_points.npy (our own symmetric mean head, centimetres, x to the picture's right, y up, z to the viewer) and
gives pixel points. Every painted feature hangs on these points, so lips, lids and brows sit where a face tracker looks
for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from canvas import Array, spline

OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152]
OVAL += [148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]
LIP_TOP = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291]
LIP_BOTTOM = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291]
SEAM_TOP = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
SEAM_BOTTOM = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
# Sides are the subject's: the right eye lies at the picture's left. Curves run from the outer to the inner corner.
LID_TOP = {"right": [33, 246, 161, 160, 159, 158, 157, 173, 133], "left": [263, 466, 388, 387, 386, 385, 384, 398, 362]}
LID_BOTTOM = {
    "right": [33, 7, 163, 144, 145, 153, 154, 155, 133],
    "left": [263, 249, 390, 373, 374, 380, 381, 382, 362],
}
IRIS = {"right": [468, 469, 470, 471, 472], "left": [473, 474, 475, 476, 477]}
BROW_TOP = {"right": [70, 63, 105, 66, 107], "left": [300, 293, 334, 296, 336]}
BROW_BOTTOM = {"right": [46, 53, 52, 65, 55], "left": [276, 283, 282, 295, 285]}
SIDES = {"right": -1.0, "left": 1.0}


class Bend(NamedTuple):
    """A local change of the mean head: scale and shift about a centre, faded by a Gaussian; mirrored unless x is 0."""

    centre: tuple[float, float, float]
    radius: float
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Head(NamedTuple):
    """A posed head: pixel points (z to the viewer, in pixels too), the camera, and the canvas size."""

    points: Array  # [478, 3]
    rotation: Array  # [3, 3]
    px_per_cm: float
    centre: Array  # [2] px of the head's origin
    size: int

    def place(self, points_cm: object) -> Array:
        """Head centimetres [n, 3] -> pixels [n, 3]."""
        turned = np.atleast_2d(np.asarray(points_cm, np.float32)) @ self.rotation.T * self.px_per_cm
        return np.column_stack([turned[:, 0] + self.centre[0], self.centre[1] - turned[:, 1], turned[:, 2]]).astype(
            np.float32
        )

    def curve(self, indices: list[int], *, count: int = 80, closed: bool = False) -> Array:
        return spline(self.points[indices, :2], count=count, closed=closed)

    def cm(self, length_cm: float) -> float:
        """A length in pixels."""
        return length_cm * self.px_per_cm

    def seam(self, *, count: int = 120) -> Array:
        """The line where the closed lips meet, corner to corner."""
        middle = (self.points[SEAM_TOP, :2] + self.points[SEAM_BOTTOM, :2]) / 2
        ends = self.points[[61, 291], :2]
        return spline(np.vstack([ends[:1], middle, ends[1:]]), count=count)


def close_lips(points: Array) -> Array:
    """The mean mouth stands slightly open: brings the lips together, the lower one more."""
    out = points.copy()
    gap = points[SEAM_TOP] - points[SEAM_BOTTOM]
    out[SEAM_TOP] -= 0.4 * gap
    out[SEAM_BOTTOM] += 0.6 * gap
    out[LIP_TOP[1:-1], 1] -= 0.3 * gap[1:-1, 1]
    out[LIP_BOTTOM[1:-1], 1] += 0.5 * gap[1:-1, 1]
    return out


def bend(points: Array, bends: list[Bend]) -> Array:
    out = points.astype(np.float64)
    for change in bends:
        sides = (-1.0, 1.0) if change.centre[0] else (1.0,)
        delta = np.zeros_like(out)
        for side in sides:
            mirror = np.array([side, 1, 1])
            offset = out - np.array(change.centre) * mirror
            weight = np.exp(-0.5 * (offset**2).sum(1) / change.radius**2)[:, None]
            delta += weight * (offset * (np.array(change.scale) - 1) + np.array(change.shift) * mirror)
        out = out + delta
    return out.astype(np.float32)


def rotation(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Array:
    """yaw > 0 turns to the picture's right, pitch > 0 looks up, roll > 0 tips the crown to the picture's left."""
    cy, sy, cp, sp = np.cos(yaw_rad), np.sin(yaw_rad), np.cos(pitch_rad), np.sin(pitch_rad)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tip = np.array([[np.cos(roll_rad), -np.sin(roll_rad), 0], [np.sin(roll_rad), np.cos(roll_rad), 0], [0, 0, 1]])
    return (turn @ nod @ tip).astype(np.float32)


def pose_head(
    bends: list[Bend],
    *,
    size: int,
    face_height: float = 0.43,
    centre: tuple[float, float] = (0.5, 0.47),
    yaw_rad: float = 0.0,
    pitch_rad: float = 0.0,
    roll_rad: float = 0.0,
) -> Head:
    """The bent head on a square canvas; `face_height`: chin to hairline as a share, `centre`: the head's origin."""
    mean = np.load(Path(__file__).with_name("head_points.npy"))
    shape = bend(close_lips(mean), bends)
    px_per_cm = face_height * size / 16.4
    turn = rotation(yaw_rad, pitch_rad, roll_rad)
    head = Head(np.empty((0, 3), np.float32), turn, px_per_cm, np.array(centre, np.float32) * size, size)
    return head._replace(points=head.place(shape))
