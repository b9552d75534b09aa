"""Takes a picture and a face in it, gives 478 landmarks: skin, refined lips and lids, irises.

Network: face_landmark_with_attention (Grishchenko et al. 2020, "Attention Mesh"), 192 x 192. The face is cut out
upright and square, 1.5 times its box: first by the detector's box, then by the landmarks themselves. How the cut falls
moves the result by about 1 % of the distance between the eyes, so that the second look is repeated with slightly moved
cuts and the median is kept. Presence is the least of the looks' medians: how sure the network is that this is a face.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.face.portrait.canonical import FACE_POINTS, LANDMARKS
from visavis_runtime.face.portrait.detect import Face
from visavis_runtime.face.portrait.refinement import LEFT_EYE, LEFT_IRIS, LID_POINTS, OUTPUTS, RIGHT_EYE, RIGHT_IRIS
from visavis_runtime.weights import load_network

SIDE_PX = 192
ENLARGE = 1.5
_RIGHT_CORNER, _LEFT_CORNER = 33, 263
# Moved cuts: shift x, shift y and growth in shares of the side, turn in radians. They balance around the first.
_CUTS = (
    (0.0, 0.0, 0.0, 0.0),
    (0.02, 0.015, 0.03, 0.035),
    (-0.02, -0.015, 0.03, -0.035),
    (0.02, -0.015, -0.03, -0.035),
    (-0.02, 0.015, -0.03, 0.035),
)


class Landmarks(NamedTuple):
    """points [478, 3] float32, picture px (x right, y down, z negative towards the viewer); presence 0..1."""

    points: npt.NDArray[np.float32]
    presence: float


class _Cut(NamedTuple):
    """A turned square of the picture: centre and side in px, the turn of its upper edge in radians."""

    x: float
    y: float
    side: float
    turn: float


def landmarks(rgb: npt.NDArray[np.uint8], face: Face) -> Landmarks:
    """Landmarks of `face` in the picture [H, W, 3] uint8.

    Raises: WeightsError if the network cannot be had.
    """
    first = first_look(rgb, face)
    cut = _cut_round(first.points)
    looks = [_look(rgb, _moved(cut, move)) for move in _CUTS]
    median = np.median([look.points for look in looks], axis=0).astype(np.float32)
    return Landmarks(median, float(min(first.presence, np.median([look.presence for look in looks]))))


def first_look(rgb: npt.NDArray[np.uint8], face: Face) -> Landmarks:
    """One run of the network on the detector's box: enough to judge whether there is a face, less exact.

    Raises: WeightsError if the network cannot be had.
    """
    eyes = face.keypoints[1] - face.keypoints[0]
    x0, y0, x1, y1 = face.box
    side = ENLARGE * max(x1 - x0, y1 - y0)
    return _look(rgb, _Cut((x0 + x1) / 2, (y0 + y1) / 2, side, math.atan2(eyes[1], eyes[0])))


def _cut_round(points: npt.NDArray[np.floating]) -> _Cut:
    """Cut round landmarks, upright along the line of the eyes."""
    line = points[_LEFT_CORNER, :2] - points[_RIGHT_CORNER, :2]
    turn = math.atan2(line[1], line[0])
    axes = _turned(turn)
    inside = points[:FACE_POINTS, :2] @ axes
    low, high = inside.min(0), inside.max(0)
    x, y = axes @ ((low + high) / 2)
    return _Cut(float(x), float(y), ENLARGE * float((high - low).max()), turn)


def _moved(cut: _Cut, move: tuple[float, float, float, float]) -> _Cut:
    dx, dy, growth, turn = move
    return _Cut(cut.x + dx * cut.side, cut.y + dy * cut.side, cut.side * (1 + growth), cut.turn + turn)


def _turned(turn: float) -> npt.NDArray[np.float64]:
    """Axes of a cut in the picture, as columns."""
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array([[cos, -sin], [sin, cos]])


def _look(rgb: npt.NDArray[np.uint8], cut: _Cut) -> Landmarks:
    """One run of the network."""
    network = load_network("face_landmark_with_attention")
    view, matrix, offset = _sampled(rgb, cut)
    mesh, *refined, presence = network(torch.from_numpy(view.astype(np.float32) / 255.0)[None])
    points = np.zeros((LANDMARKS, 3))
    points[:FACE_POINTS] = mesh.reshape(FACE_POINTS, 3).numpy()
    for numbers, output in zip(OUTPUTS, refined, strict=True):
        points[list(numbers), :2] = output.reshape(-1, 2).numpy()
    for iris, eye in ((RIGHT_IRIS, RIGHT_EYE), (LEFT_IRIS, LEFT_EYE)):
        points[list(iris), 2] = points[list(eye[:LID_POINTS]), 2].mean()
    # The network counts from the corner of its view; picture px have their centres on integers.
    points[:, :2] = points[:, :2] @ matrix.T + offset - 0.5
    points[:, 2] *= cut.side / SIDE_PX
    return Landmarks(points.astype(np.float32), float(torch.sigmoid(presence.reshape(-1)[0])))


def _sampled(
    rgb: npt.NDArray[np.uint8], cut: _Cut
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The cut at the network's size, and the map (matrix, offset) from its corner-based px to those of the picture."""
    matrix = _turned(cut.turn) * (cut.side / SIDE_PX)
    offset = np.array([cut.x + 0.5, cut.y + 0.5]) - matrix @ np.full(2, SIDE_PX / 2)
    shrink = max(int(cut.side / SIDE_PX), 1)
    source: Any = rgb
    x0, y0 = 0, 0
    if shrink > 1:
        # A large face is averaged down first, or single pixels of its grain would decide.
        reach = 0.75 * cut.side
        x0, y0 = max(int(cut.x - reach), 0), max(int(cut.y - reach), 0)
        part = rgb[y0 : int(cut.y + reach) + 1, x0 : int(cut.x + reach) + 1]
        part = part[: max(part.shape[0] // shrink, 1) * shrink, : max(part.shape[1] // shrink, 1) * shrink]
        size = max(part.shape[1] // shrink, 1), max(part.shape[0] // shrink, 1)
        source = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    inner = matrix / shrink
    corner = (offset - np.array([x0, y0])) / shrink
    warp = np.c_[inner, corner + inner @ np.full(2, 0.5) - 0.5]
    view: npt.NDArray[np.uint8] = cv2.warpAffine(
        source,
        warp,
        (SIDE_PX, SIDE_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return view, matrix, offset
