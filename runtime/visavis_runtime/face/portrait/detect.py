"""Takes a picture, gives the faces in it: boxes, scores and six key points each.

Network: face_detection_short_range (BlazeFace; Bazarevsky et al. 2019), 128 x 128, 896 anchors: a grid of 8 px with
two and a grid of 16 px with six for each cell. It sees faces between about a tenth and three quarters of its view. So
a picture is searched in passes, each only if those before it showed no face: the picture as a whole (a long one in
squares too), the picture with a border (a face that fills it), then smaller and smaller overlapping tiles (a small
face in a large picture). Finds count from score 0.25 on, since drawings and statues score low; whether a find is a
face at all is judged by the landmark network's presence (`subject`), which also decides whether to go on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.weights import load_network

SIDE_PX = 128
LEAST_SCORE = 0.25
MAX_OVERLAP = 0.3
LONG_RATIO = 1.3
BORDER_SHARE = 0.5
TILE_SHARE = 0.6
MIN_TILE_PX = 400
NETWORK = "face_detection_short_range"

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


def search_faces(rgb: npt.NDArray[np.uint8]) -> Iterator[list[Face]]:
    """Finds of each pass over a picture [H, W, 3] uint8, the best score first; a pass may be empty.

    Raises: WeightsError if the network cannot be had.
    """
    for views in _passes(height=rgb.shape[0], width=rgb.shape[1]):
        yield _separate([face for view in views for face in _look(rgb, view)])


def detect_faces(rgb: npt.NDArray[np.uint8]) -> list[Face]:
    """Finds of the first pass that has any, the best score first; empty if there is none.

    Raises: WeightsError if the network cannot be had.
    """
    return next((faces for faces in search_faces(rgb) if faces), [])


def score_upside_down(rgb: npt.NDArray[np.uint8], face: Face) -> float:
    """Score 0..1 that the detector gives to the surroundings of `face` when they are turned by half a turn."""
    side = 2.0 * max(face.box[2] - face.box[0], face.box[3] - face.box[1])
    view = _View((face.box[0] + face.box[2] - side) / 2, (face.box[1] + face.box[3] - side) / 2, side)
    _, scores = load_network(NETWORK)(_tensor(_sampled(rgb, view)[::-1, ::-1]))
    return float(torch.sigmoid(scores.max()))


def _passes(*, height: int, width: int) -> Iterator[list[_View]]:
    """Views of each pass."""
    longest, shortest = float(max(height, width)), float(min(height, width))
    whole = _View((width - longest) / 2, (height - longest) / 2, longest)
    first = [whole]
    if longest > LONG_RATIO * shortest:
        first += _tiles(height=height, width=width, side=shortest)
    yield first
    margin = BORDER_SHARE * longest / 2
    yield [_View(whole.x - margin, whole.y - margin, longest + 2 * margin)]
    side = TILE_SHARE * longest
    while side >= MIN_TILE_PX:
        yield _tiles(height=height, width=width, side=side)
        side /= 2


def _tiles(*, height: int, width: int, side: float) -> list[_View]:
    """Squares of `side` px that cover the picture and overlap by at least a third."""
    starts = []
    for length in (height, width):
        last = max(length - side, 0.0)
        starts.append(np.linspace(0.0, last, math.ceil(last / (side * 2 / 3)) + 1))
    return [_View(float(x), float(y), side) for y in starts[0] for x in starts[1]]


def _look(rgb: npt.NDArray[np.uint8], view: _View) -> list[Face]:
    """Every anchor's find with at least the least score, in picture px."""
    boxes, scores = load_network(NETWORK)(_tensor(_sampled(rgb, view)))
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


def _tensor(view: npt.NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(view.astype(np.float32) / 127.5 - 1.0)[None]


def _sampled(rgb: npt.NDArray[np.uint8], view: _View) -> npt.NDArray[np.uint8]:
    """The view at the network's size; black outside the picture, as the network was trained."""
    height, width = rgb.shape[:2]
    x0, y0 = max(round(view.x), 0), max(round(view.y), 0)
    x1, y1 = min(round(view.x + view.side), width), min(round(view.y + view.side), height)
    scale = SIDE_PX / view.side
    out = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    if x1 <= x0 or y1 <= y0:
        return out
    size = tuple(min(max(round(length * scale), 1), SIDE_PX) for length in (x1 - x0, y1 - y0))
    small = cv2.resize(rgb[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
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
    """One face for each group of overlapping finds: their mean, weighted with the scores; the best first."""
    rest = sorted(finds, key=lambda face: -face.score)
    faces = []
    while rest:
        group = [face for face in rest if overlap(face, rest[0]) > MAX_OVERLAP]
        rest = [face for face in rest if overlap(face, group[0]) <= MAX_OVERLAP]
        weight = np.array([face.score for face in group]) / sum(face.score for face in group)
        box = weight @ np.array([face.box for face in group])
        keypoints = np.tensordot(weight, np.array([face.keypoints for face in group]), axes=1)
        faces.append(Face((box[0], box[1], box[2], box[3]), group[0].score, keypoints))
    return faces


def overlap(one: Face, other: Face) -> float:
    """Shared area of two boxes by the area of both together, 0..1."""
    a, b = one.box, other.box
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / max(one.area + other.area - shared, 1e-9)
