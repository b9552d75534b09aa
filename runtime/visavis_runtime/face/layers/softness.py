"""Takes a picture and its landmarks, gives how soft it is: the blur of its own edges round eyes and mouth.

What is drawn anew inside a face has to be as soft as the face: teeth that are crisper than the portrait look pasted.
The blur of an edge is told by how much weaker one more known blur makes it, which no contrast and no colour changes.
After S. Zhuo and T. Sim, "Defocus map estimation from a single image", 2011; one number for the whole face, since
all of it lies at one depth. It blurs nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

AGAIN_PX = 1.0
"""The known blur."""
STRONGEST = 97
"""Percentile of the slopes from which on they count as edges."""
CRISP_PX = 0.8
"""What the measure gives for edges that nothing but the pixels has blurred."""
MOST_PX = 2.5
FEATURES = (33, 263, 130, 359, 105, 334, 61, 291, 17)
"""Landmarks that span brows, eyes and mouth."""
BORDER_PX = 8


def blur_of(picture: npt.NDArray[np.uint8], *, points: Float) -> float:
    """Standard deviation of the blur of the picture's edges, px of the picture, 0 (crisp) .. `MOST_PX`.

    Args:
        picture: [N, N, 3] uint8.
        points: [478 or more, 2 or more] landmarks, px.
    """
    low = np.maximum(points[list(FEATURES), :2].min(axis=0) - BORDER_PX, 0).astype(int)
    high = np.ceil(points[list(FEATURES), :2].max(axis=0) + BORDER_PX).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]].astype(np.float32).mean(axis=2)
    slope, softer = _slope(part), _slope(cv2.GaussianBlur(part, (0, 0), AGAIN_PX))
    edges = slope >= max(float(np.percentile(slope, STRONGEST)), 1e-3)
    if not edges.any():
        return MOST_PX
    ratio = slope[edges] / np.maximum(softer[edges], 1e-3)
    blur = AGAIN_PX / np.sqrt(np.maximum(ratio**2 - 1, 1e-3))
    return float(np.sqrt(np.clip(np.median(blur) ** 2 - CRISP_PX**2, 0, MOST_PX**2)))


def _slope(light: npt.NDArray[np.floating]) -> Float:
    """[h, w]: levels per px."""
    x, y = (cv2.Sobel(np.asarray(light, np.float32), cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(x, y), np.float32)
