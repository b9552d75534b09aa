"""Takes a flat drawing and its landmarks, lays the lips on the one line that its mouth is drawn as.

Comics and anime draw a shut mouth as a stroke on bare skin. The landmark network sees lips there that are wider than
the stroke and lie beside it, so an opening mouth would tear the stroke into shreds. But it is easy to find: the piece
of ink nearest to the middle of the lips, flat and free on all sides. The seam of the lips is laid along its middle from
end to end, so that it parts lengthwise into the outlines of both lips; the rest of the lips and the skin round them
move along, less the further they are. An open mouth and drawn lips are no stroke and keep their landmarks, as does
every picture that is no flat drawing.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.drawn import SKIN_LEVELS, flat_skin

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

REACH, HALF_HEIGHT = 0.85, 0.40
"""Half width and half height of what is searched for the stroke, by the width of the mouth that the network sees."""
SHORTEST, LONGEST = 0.30, 1.45
"""Lengths of a stroke by that width."""
THICKEST, TALLEST = 0.16, 0.45
"""Mean thickness and height of a stroke by its length: more is an open mouth or lips."""
FINE_PX = 128
"""Columns that the mouth the network sees is measured in."""
FADE = 0.45
"""The move of the skin fades out within so many widths of the mouth."""


def lips_on_stroke(picture: U8, *, points: F32) -> F32:
    """Landmarks [478, 3] px with the lips of a flat drawing on its stroke; others are returned as they are.

    Args:
        picture: [N, N, 3] uint8 RGB.
        points: [478, 3] float32 landmarks in its px.
    """
    skin = flat_skin(picture, points=points)
    if skin is None:
        return points
    corners = points[[61, 291], :2].astype(np.float64)
    along = (corners[1] - corners[0]) / FINE_PX
    across = np.array([-along[1], along[0]])
    axes = np.stack([along, across], axis=1)  # px of the picture per fine px
    middle = points[[13, 14], :2].mean(axis=0).astype(np.float64)
    stroke = _stroke(picture, skin, middle=middle, axes=axes)
    if stroke is None:
        return points
    place = (points[:, :2] - middle) @ np.linalg.inv(axes).T
    out = points.copy()
    out[:, :2] += (_moves(place, stroke) @ axes.T).astype(np.float32)
    return out


def _stroke(picture: U8, skin: F64, *, middle: F64, axes: F64) -> F64 | None:
    """[n, 2]: the middle line of the stroke in fine px from the middle of the mouth, left to right."""
    half = np.array([REACH * FINE_PX, HALF_HEIGHT * FINE_PX])
    matrix = np.c_[axes, middle - axes @ half]
    size = (int(2 * half[0]) + 1, int(2 * half[1]) + 1)
    seen = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=skin.tolist()
    )
    ink = np.abs(seen - skin).max(axis=2)
    count, labels, stats, middles = cv2.connectedComponentsWithStats((ink > SKIN_LEVELS).astype(np.uint8))
    best, nearest = 0, np.inf
    for k in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[k])
        free = x > 0 and y > 0 and x + width < size[0] and y + height < size[1]
        flat = height <= TALLEST * width and area <= THICKEST * width * width
        away = float(np.linalg.norm(middles[k] - half))
        if free and flat and SHORTEST * FINE_PX <= width <= LONGEST * FINE_PX and away < nearest:
            best, nearest = k, away
    if not best:
        return None
    weight = np.where(labels == best, ink, 0)
    columns = np.flatnonzero(weight.sum(axis=0))
    height = (weight * np.arange(size[1])[:, None]).sum(axis=0)[columns] / weight.sum(axis=0)[columns]
    smooth = np.poly1d(np.polyfit(columns, height, 4))(columns)
    return np.asarray(np.stack([columns, smooth], axis=1) - half, np.float64)


def _moves(place: F64, stroke: F64) -> F64:
    """[478, 2] fine px: how every landmark at `place` [478, 2] moves when the seam comes to the stroke [n, 2]."""
    moves = np.zeros_like(place)
    left, right = place[78, 0], place[308, 0]
    ratio = (stroke[-1, 0] - stroke[0, 0]) / max(right - left, 1e-6)
    for table in (rings.UPPER_RINGS, rings.LOWER_RINGS):
        for column in range(len(table[0])):
            seam = place[table[-1][column]]
            x = stroke[0, 0] + (seam[0] - left) * ratio
            there = np.array([x, np.interp(x, stroke[:, 0], stroke[:, 1])])
            for ring in table:
                moves[ring[column]] = there + (place[ring[column]] - seam) * ratio - place[ring[column]]
    lips = list(rings.LIPS)
    others = np.setdiff1d(np.arange(len(place)), lips)
    apart = np.linalg.norm(place[others, None] - place[None, lips], axis=2) / FINE_PX
    near = np.exp(-((apart / 0.12) ** 2)) + 1e-9
    t = np.clip(1 - apart.min(axis=1) / FADE, 0, 1)
    moves[others] = (near @ moves[lips]) / near.sum(axis=1, keepdims=True) * (t * t * (3 - 2 * t))[:, None]
    return moves
