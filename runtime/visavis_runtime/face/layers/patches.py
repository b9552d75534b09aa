"""Takes a drawing in flat colours, gives its patches of one colour, and of each what tells the person from the wall.

A patch is connected and changes by no more than slow blends do; lines thinner than a patch belong to none. It judges
nothing: that is `drawn_matte`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

SURE = 0.9
"""Matte of the network that is surely the person's."""
STEP_LEVELS = 4
"""Most difference between neighbours of one patch: slow blends of the sky are one."""
LINE_SHARE = 0.006
"""What is no wider is not judged but goes with what is near; a share of the side."""
CROWN = 0.15
"""A patch of the wall's colour that is closed in, begins above the eyes and has so much of the face's area is hair."""
SPAN = 0.85
"""What spans so much of the picture's width beside the head is a ground that the head is drawn on."""


class Patches(NamedTuple):
    """labels [H, W], 0 = none; for each label its colour [n, 3], area [n], share and sure [n] 0..1, faces [n] 0..1: how
    far it lies in the face, fills [n]: how much of the face it fills; crown, edge, sides and beyond [n]
    bool: large beside the face and not wholly below its middle, at the picture's edge above the shoulders, at its
    sides there, and wholly outside the picture."""

    labels: I32
    colour: F32
    area: F32
    share: F32
    sure: F32
    faces: F32
    fills: F32
    crown: Mask
    edge: Mask
    sides: Mask
    beyond: Mask


def patches_of(picture: U8, *, matte: F32, face: Mask, inner: slice) -> Patches:
    """The patches of one colour that are large enough to be judged."""
    ring = np.ones((3, 3), np.uint8)
    steps = cv2.subtract(cv2.dilate(picture, ring), cv2.erode(picture, ring)).max(axis=2)
    even = (steps <= STEP_LEVELS).astype(np.uint8)
    count, labels = cv2.connectedComponents(even, connectivity=4)
    thick = cv2.distanceTransform(even, cv2.DIST_L2, 5) > LINE_SHARE * len(matte) / 2
    kept = np.bincount(labels.ravel(), thick.ravel(), count) > 0
    kept[0] = False
    number = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    labels = number[labels]
    count, flat = int(number.max()) + 1, labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1).astype(np.float32)

    def mean(values: npt.NDArray[np.generic]) -> F32:
        return np.asarray(np.bincount(flat, values.ravel(), count) / area, np.float32)

    colour = np.stack([mean(picture[..., k]) for k in range(3)], axis=1)
    faces = mean(face)
    fills = np.asarray(faces * area / max(int(face.sum()), 1), np.float32)
    fills[0] = 0
    edge, sides = _at_edge(labels[inner, inner], count)
    beyond = np.bincount(labels[inner, inner].ravel(), minlength=count) == 0
    sure = mean((matte > SURE).astype(np.float32))
    rows = np.flatnonzero(face.any(axis=1))
    above = np.bincount(labels[: (rows[0] + rows[-1]) // 2].ravel(), minlength=count) > 0
    crown = above & (area > CROWN * face.sum()) & ~edge
    return Patches(labels, colour, area, mean(matte), sure, faces, fills, crown, edge, sides, beyond)


def _at_edge(seen: I32, count: int) -> tuple[Mask, Mask]:
    """[count]: the labels of a picture [N, N] that meet its edge above the shoulders, and those that meet its sides
    there or span it from near one to near the other."""
    above = seen[: 2 * len(seen) // 3]
    edge, sides = np.zeros(count, bool), np.zeros(count, bool)
    sides[np.unique(above[:, [0, -1]])] = True
    edge[np.unique(seen[0])] = True
    columns = np.broadcast_to(np.arange(seen.shape[1]), above.shape)
    first, last = np.full(count, seen.shape[1]), np.zeros(count, int)
    np.minimum.at(first, above, columns)
    np.maximum.at(last, above, columns)
    spans = last - first > SPAN * seen.shape[1]
    edge |= sides
    sides |= spans
    edge[0] = sides[0] = False
    return edge, sides
