"""Takes an avatar whose picture laughs, gives the folds beside the nose that its skin has there.

Such a face is brought to rest, but its folds are painted on the skin. So they are measured: a fold is a line that is
darker than what lies on both sides of it, which a morphological closing fills. `folds` takes that much darkness away,
of each colour its share, as the smile goes, and gives it back as it comes. It knows only the folds from the nose to the
corners of the mouth, where a laugh makes them; wrinkles elsewhere belong to the person.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.opening import smooth_curve
from visavis_runtime.face.portrait.canonical import FACE_POINTS

Float = npt.NDArray[np.float32]

WIDEST_CM, REACH_CM = 0.55, 0.42
"""Width up to which a dark line is a fold, and how far from the line through the landmarks it may run."""
MOST = 0.4
"""Most of its light that skin in a fold gets back."""
LEAST_LIGHT = 24.0
TINTS = (0.4, 2.0)
"""How much more or less of a fold's darkness one colour may have than all together."""


def seen_fold(
    avatar: Avatar, line: Float, *, start: Float, texels: float, shape: tuple[int, int], uv: Float
) -> tuple[Float, Float]:
    """[h, w] 0..`MOST`: how much lighter the skin along a fold would be without it, and each colour's share [3].

    Args:
        avatar: whose skin.
        line: [n, 2] texels of the map along the fold.
        start: [2] px of the first texel in a texture whose vertices are at `uv` [V, 2].
        texels: texels of the map per px of that texture.
        shape: height and width of the map.
        uv: see start.
    """
    one, other = avatar.texture_px[:FACE_POINTS], uv[:FACE_POINTS]
    scale = float(np.ptp(one[:, 0]) / max(float(np.ptp(other[:, 0])), 1e-3))
    shift = one.mean(axis=0) - other.mean(axis=0) * scale + start * scale
    matrix = np.array([[scale / texels, 0, shift[0]], [0, scale / texels, shift[1]]], np.float32)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    skin = cv2.warpAffine(avatar.texture[..., :3], matrix, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)
    skin = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 0.7)
    per_cm = avatar.camera.scale * avatar.texture_scale * texels / scale
    side = max(round(WIDEST_CM * per_cm), 3) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    colours = np.dstack([skin, skin.mean(axis=2)])
    filled = cv2.GaussianBlur(cv2.morphologyEx(colours, cv2.MORPH_CLOSE, disc), (0, 0), side / 5)
    missing = np.clip(filled / np.maximum(colours, LEAST_LIGHT) - 1, 0, MOST)
    near = np.zeros(shape, np.uint8)
    curve = np.rint(smooth_curve(line.astype(np.float32)) * 8).astype(np.int32)
    cv2.polylines(near, [curve], False, 255, thickness=max(round(1.2 * REACH_CM * per_cm), 1), shift=3)
    soft = cv2.GaussianBlur(near.astype(np.float32) / 255, (0, 0), 0.4 * REACH_CM * per_cm)
    lacking = missing[..., 3] * soft
    tint = np.einsum("ij,ijc->c", lacking, missing[..., :3]) / max(float(np.vdot(lacking, missing[..., 3])), 1e-6)
    return np.asarray(lacking, np.float32), np.clip(tint, *TINTS).astype(np.float32)
