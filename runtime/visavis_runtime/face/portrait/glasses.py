"""Takes a portrait and its landmarks, says whether it wears glasses, and keeps them stiff.

Frames are painted on the sheet like everything else, and a frown or a smile would bend them. A face without glasses has
no line across the bridge of its nose and none below its eyes; frames have both. So the picture is searched along short
rays for thin lines there. Where they are found, shapes of brows, cheeks and nose move the skin round the eyes much
less; lids keep their whole motion behind the lenses, but the skin above them does not come along.

It knows no lens: reflections stay painted. Rimless glasses may be missed, and then bend a little.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis_runtime.face import rings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

LINES, RIMS = 0.26, 0.11
"""Least strength of the lines at bridge and rims together, and at the weaker rim, in spreads of the face's lightness.

Measured on fourteen portraits: at most 0.17 and 0.09 without glasses, at least 0.29 and 0.12 with drawn frames.
"""
BRIDGE = 0.05
"""Least strength of the line at the bridge alone: below drawn eyes lies their own outline, which is no rim."""
STIFF = 0.8
"""Share of their motion that the shapes lose inside the frames."""
INNER, OUTER = 0.75, 1.25
"""Distances from the middle of an eye, in its widths, inside which skin is stiff and outside which it is free."""
LIDS = ("eyeBlink", "eyeLookDown", "eyeLookUp", "eyeWide")
LID_REACH, LIDS_STIFF = (0.10, 0.30), 0.9
"""Distance from the lids, in widths of the eye, at which their skin begins to hold still and does; how far it does."""
BENDING = ("brow", "cheek", "nose", "mouth", "eyeSquint")
"""Beginnings of the names of shapes that would bend frames."""


def wears_glasses(picture: npt.NDArray[np.uint8], *, points: npt.NDArray[np.floating]) -> bool:
    """Whether the face in a picture [N, N, 3] uint8 with landmarks [478, 2 or more] px wears glasses."""
    grey = cv2.GaussianBlur(picture.mean(axis=2).astype(np.float32), (0, 0), picture.shape[0] / 512)
    flat = np.asarray(points, np.float64)[:, :2]
    low, high = np.clip(flat[[234, 10]].min(axis=0), 0, None), flat[[454, 152]].max(axis=0)
    face = grey[int(low[1]) : int(high[1]) + 1, int(low[0]) : int(high[0]) + 1]
    spread = max(float(face.std()), 8.0) if face.size else 8.0
    bridge, rims = _bridge(grey, flat) / spread, _rims(grey, flat) / spread
    return bool(bridge > BRIDGE and rims > RIMS and bridge + rims > LINES)


def _eyes(points: F64) -> list[tuple[F64, float]]:
    """Middle and width of each eye, px; the subject's right eye first."""
    pairs = [(points[eye.outer], points[eye.inner]) for eye in (rings.EYES["right"], rings.EYES["left"])]
    return [((a + b) / 2, float(np.linalg.norm(a - b))) for a, b in pairs]


def _axes(points: F64) -> tuple[F64, F64, float]:
    """Unit vectors along and down across the line of the eyes, and the distance of their middles."""
    (right, _), (left, _) = _eyes(points)
    apart = max(float(np.linalg.norm(left - right)), 1.0)
    along = (left - right) / apart
    return along, np.array([-along[1], along[0]]), apart


def _bridge(grey: F32, points: F64) -> float:
    """Strength of a line that crosses the bridge of the nose."""
    along, down, apart = _axes(points)
    middle = (_eyes(points)[0][0] + _eyes(points)[1][0]) / 2
    starts = [middle + along * x * apart for x in np.linspace(-0.09, 0.09, 9)]
    return float(np.median([_line(grey, start, down * apart, -0.16, 0.22) for start in starts]))


def _rims(grey: F32, points: F64) -> float:
    """Strength of the weaker of the lines below the eyes."""
    along, down, _ = _axes(points)
    turns = np.radians(np.linspace(50, 130, 13))
    eyes = [
        [_line(grey, middle, (along * np.cos(a) + down * np.sin(a)) * width, 0.48, 1.15) for a in turns]
        for middle, width in _eyes(points)
    ]
    return float(min(np.median(eye) for eye in eyes))


def _line(grey: F32, start: F64, way: F64, begin: float, end: float, steps: int = 40) -> float:
    """Largest difference between a ray from `begin` to `end` times `way` and the same ray smoothed."""
    places = (start + np.linspace(begin, end, steps)[:, None] * way).astype(np.float32)
    ray = cv2.remap(grey, places[None, :, 0], places[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return float(np.abs(ray - cv2.GaussianBlur(ray, (0, 0), 4))[0, 3:-3].max())


def stiffened(shapes: F32, *, points: F64) -> F32:
    """Shapes [52, V, 3] that leave frames on a face with vertices `points` [V, 3] nearly alone."""
    free = np.ones(len(points))
    for middle, width in _eyes(points[:, :2]):
        away = np.linalg.norm(points[:, :2] - middle, axis=1) / max(width, 1e-6)
        t = np.clip((away - INNER) / (OUTER - INNER), 0, 1)
        free = np.minimum(free, 1 - STIFF * (1 - t * t * (3 - 2 * t)))
    out = shapes.copy()
    bending = [i for i, name in enumerate(ARKIT_NAMES) if name.startswith(BENDING)]
    out[bending] *= free[:, None].astype(np.float32)
    lids = [i for i, name in enumerate(ARKIT_NAMES) if name.startswith(LIDS)]
    out[lids] *= _near_lids(points)[:, None].astype(np.float32)
    return out


def _near_lids(points: F64) -> F64:
    """[V]: 1 on the lids, less the further away: a frame above an eye does not come down with its lid."""
    near = np.zeros(len(points))
    for eye in rings.EYES.values():
        width = max(float(np.linalg.norm(points[eye.outer, :2] - points[eye.inner, :2])), 1e-6)
        apart = np.linalg.norm(points[:, None, :2] - points[None, list(eye.lid_line), :2], axis=2).min(axis=1) / width
        t = np.clip((apart - LID_REACH[0]) / (LID_REACH[1] - LID_REACH[0]), 0, 1)
        near = np.maximum(near, 1 - LIDS_STIFF * t * t * (3 - 2 * t))
    return near
