"""Takes a picture, gives the faces in it: boxes, scores and six key points each.

Network: face_detection_short_range (BlazeFace; Bazarevsky et al. 2019), 128 x 128, 896 anchors: a grid of 8 px with two
and a grid of 16 px with six for each cell. It sees faces between about a tenth and three quarters of its view, so that
three views are tried until one shows a face: the whole picture, the picture with a border (a face that fills it), and
overlapping tiles (small faces in a large picture). Each at score 0.5, then all again at 0.25 for drawings and statues.
Whether a find is a face at all is judged later, by the landmark network's presence.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.weights import load_network

SIDE_PX = 128
SURE_SCORE = 0.5
LEAST_SCORE = 0.25
MAX_OVERLAP = 0.3
BORDER_SHARE = 0.5
TILE_COUNTS = (2, 4)
MIN_TILE_PX = 192

F64 = npt.NDArray[np.float64]


class Face(NamedTuple):
    """A face found in a picture.

    box: x0, y0, x1, y1 in picture px, from the brows to the chin and from cheek to cheek. score 0..1. keypoints [6, 2]
    float64 px: the subject's right eye, left eye, nose tip, mouth, right ear, left ear.
    """

    box: tuple[float, float, float, float]
    score: float
    keypoints: F64

    @property
    def area(self) -> float:
        """Area of the box, px^2."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


class _View(NamedTuple):
    """A square part of the picture: its left top corner and its side, px (it may reach beyond the picture)."""

    x: float
    y: float
    side: float


def detect_faces(rgb: npt.NDArray[np.uint8]) -> list[Face]:
    """Faces in a picture [H, W, 3] uint8, the largest first; empty if there is none.

    Raises: WeightsError if the network cannot be had.
    """
    looked = []
    for views in _views(height=rgb.shape[0], width=rgb.shape[1]):
        finds = [face for view in views for face in _look(rgb, view)]
        looked += finds
        if sure := _separate([face for face in finds if face.score >= SURE_SCORE]):
            return sure
    return _separate(looked)


def _views(*, height: int, width: int) -> Iterator[list[_View]]:
    """Sets of views to try, one after the other."""
    longest, shortest = max(height, width), min(height, width)
    x, y = (width - longest) / 2, (height - longest) / 2
    yield [_View(x, y, longest)]
    margin = BORDER_SHARE * longest / 2
    yield [_View(x - margin, y - margin, longest + 2 * margin)]
    for count in TILE_COUNTS:
        side = 1.5 * longest / (count + 0.5)
        if side < MIN_TILE_PX:
            return
        rows, columns = (max(1, round((length - side) / (side / 3)) + 1) for length in (height, width))
        if longest > 3 * shortest:
            side = min(side, float(shortest))
        yield [
            _View(tx, ty, side)
            for ty in np.linspace(0, max(height - side, 0), rows)
            for tx in np.linspace(0, max(width - side, 0), columns)
        ]


def _look(rgb: npt.NDArray[np.uint8], view: _View) -> list[Face]:
    """Every anchor's find with at least the least score, in picture px."""
    network = load_network("face_detection_short_range")
    boxes, scores = network(torch.from_numpy(_sampled(rgb, view).astype(np.float32) / 127.5 - 1.0)[None])
    score = torch.sigmoid(scores[0, :, 0]).numpy().astype(np.float64)
    kept = np.flatnonzero(score >= LEAST_SCORE)
    raw = boxes[0].numpy().astype(np.float64)[kept] / SIDE_PX
    origin, anchors = np.array([view.x, view.y]), _anchors()[kept]
    centre = (raw[:, :2] + anchors) * view.side + origin
    half = raw[:, 2:4] * view.side / 2
    keypoints = (raw[:, 4:].reshape(-1, 6, 2) + anchors[:, None]) * view.side + origin
    corners = np.concatenate([centre - half, centre + half], axis=1)
    finds = [
        (tuple(box), float(s), points) for box, s, points in zip(corners.tolist(), score[kept], keypoints, strict=True)
    ]
    return [Face((box[0], box[1], box[2], box[3]), s, points) for box, s, points in finds]


def _sampled(rgb: npt.NDArray[np.uint8], view: _View) -> npt.NDArray[np.uint8]:
    """The view at the network's size; black outside the picture, as the network was trained."""
    height, width = rgb.shape[:2]
    x0, y0 = max(round(view.x), 0), max(round(view.y), 0)
    x1, y1 = min(round(view.x + view.side), width), min(round(view.y + view.side), height)
    scale = SIDE_PX / view.side
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    small = cv2.resize(rgb[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    out = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    left = min(max(round((x0 - view.x) * scale), 0), SIDE_PX - size[0])
    top = min(max(round((y0 - view.y) * scale), 0), SIDE_PX - size[1])
    out[top : top + size[1], left : left + size[0]] = small
    return out


@cache
def _anchors() -> F64:
    """Centres of the 896 anchors in view sides, [896, 2]."""
    parts = []
    for cells, repeats in ((SIDE_PX // 8, 2), (SIDE_PX // 16, 6)):
        ys, xs = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
        centres = (np.stack([xs, ys], axis=-1).reshape(-1, 2) + 0.5) / cells
        parts.append(np.repeat(centres, repeats, axis=0))
    return np.concatenate(parts)


def _separate(finds: list[Face]) -> list[Face]:
    """One face for each group of overlapping finds: their mean, weighted with the scores; the largest first."""
    rest = sorted(finds, key=lambda face: -face.score)
    faces = []
    while rest:
        group = [face for face in rest if overlap(face, rest[0]) > MAX_OVERLAP]
        rest = [face for face in rest if overlap(face, group[0]) <= MAX_OVERLAP]
        weight = np.array([face.score for face in group]) / sum(face.score for face in group)
        box = weight @ np.array([face.box for face in group])
        keypoints = np.tensordot(weight, np.array([face.keypoints for face in group]), axes=1)
        faces.append(Face((box[0], box[1], box[2], box[3]), group[0].score, keypoints))
    return sorted(faces, key=lambda face: -face.area)


def overlap(one: Face, other: Face) -> float:
    """Shared area of two boxes by the area of both together, 0..1."""
    a, b = one.box, other.box
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / max(one.area + other.area - shared, 1e-9)
