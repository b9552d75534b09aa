"""Takes a portrait and its landmarks, says how far it wears a beard: its chin swings with the jaw, hair hides its lips.

The skin of chin and jaws has about the colour of the cheeks. A beard differs from it everywhere, and either much (one
dark or grey mass) or by many fine lines, which cheeks have not. Shade of one side and stubble are neither. A moustache
alone is no beard, and the hair of a fair beard as light and smooth as the skin is not seen.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

BEARDED = ((18, 83, 313, 208, 428, 176, 400, 152), (57, 136, 149, 32, 202), (287, 365, 378, 262, 422))
"""Landmarks round the chin and both sides of the jaw."""
CHEEKS = ((50, 101, 205, 36), (280, 330, 425, 266))
UNLIKE, ALIEN = (30.0, 42.0), (72.0, 90.0)
"""Difference of colour (CIE Lab of 8 bit) from the cheeks at which hair may begin and may be; and where it is sure."""
HAIRY = (2.7, 3.5)
"""Steepness of light, by the smoother cheek's, from which on it is hair. Faces without a beard have at most 2.4."""


def beard(picture: npt.NDArray[np.uint8], *, points: npt.NDArray[np.floating]) -> float:
    """0..1: how far the face in a picture [N, N, 3] uint8 with landmarks [478, 2 or more] px wears a beard."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    light = np.ascontiguousarray(lab[..., 0])
    steep = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 8))
    low, cheeks = ([_inside(points, part, lab.shape[0]) for part in parts] for parts in (BEARDED, CHEEKS))
    if not all(part.any() for part in (*low, *cheeks)):
        return 0.0
    skin = np.median(np.concatenate([lab[part] for part in cheeks]), axis=0)
    unlike = min(float(np.linalg.norm(np.median(lab[part], axis=0) - skin)) for part in low)
    smooth = max(min(float(np.median(steep[part])) for part in cheeks), 1.0)
    lines = min(float(np.median(steep[part])) for part in low) / smooth
    return max(_ramp(unlike, *UNLIKE) * _ramp(lines, *HAIRY), _ramp(unlike, *ALIEN))


def _inside(points: npt.NDArray[np.floating], part: tuple[int, ...], side: int) -> npt.NDArray[np.bool_]:
    """[side, side]: the hull of some landmarks."""
    hull = cv2.convexHull(np.asarray(points[list(part), :2], np.float32))
    out = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(out, np.rint(hull).astype(np.int32), 1)
    return out > 0


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
