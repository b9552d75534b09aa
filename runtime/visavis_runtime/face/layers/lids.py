"""Takes one eye cut out of the picture, gives the skin of its lid, without eyeball and lashes, and the lashes' colour.

Skin for a shut lid is filled in from around the eye; in a flat drawing it has one colour. The lashes themselves are
`lashes`, the ball is `eyeball`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import EyePatch, ramp
from visavis_runtime.face.layers.fill import push_pull

Float = npt.NDArray[np.float32]

CATCHES, MOST_LIFT = 0.88, 1.5
"""Light of a shut lid against the skin below the eye, and how much brighter it may become than its surroundings."""


def lid_of(patch: EyePatch) -> Float:
    """[S, S, 4]: skin over eyeball and lashes, and where it replaces the photo when the eye is shut."""
    opening, width = patch.opening, patch.width_px
    across = np.abs(opening.along)
    above, below = -opening.below_upper, -opening.above_lower
    shut = (opening.coverage < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32) / width
    # Lashes and liner reach further above the eye than below; a wide fade leaves no seam on the skin.
    upper = np.clip(0.5 + (above - below) / (0.2 * width), 0, 1)
    hidden = ramp(apart, 0.27, 0.10) * upper + ramp(apart, 0.17, 0.04) * (1 - upper)
    light = patch.photo.mean(axis=2)
    near = (above < 0.45 * width) & (below < 0.3 * width) & (across < 1.3)
    skin = ((hidden < 0.02) & near).astype(np.float32)
    if skin.sum() < 8:
        return np.dstack([patch.photo, np.zeros_like(light)]).astype(np.float32)
    # Brows, creases and loose lashes are darker than the skin around them: they must not bleed into the lid.
    reference = np.percentile(light[skin > 0], 70)
    skin = skin * np.clip(light / max(float(reference), 1.0), 0.05, 1) ** 6
    # A lid is a little darker towards its crease and lit on its bulge.
    bulge = 1.02 - 0.10 * np.clip(above / (0.2 * width) + 0.2, 0, 1)
    lid = push_pull(patch.photo, weight=skin)
    lid = lid * _lifted(lid, patch, below=below)[..., None]
    return np.dstack([np.clip(lid * bulge[..., None], 0, 255), hidden * 255]).astype(np.float32)


def _lifted(lid: Float, patch: EyePatch, *, below: Float) -> Float:
    """[S, S]: light that a shut lid catches beyond the skin it is filled in from.

    Above an open eye lies the shade of its socket, drawn or real; the lid comes out of it, about as light as the skin
    below the eye on the same side of the face.
    """
    width = patch.width_px
    cheek = (below > 0.12 * width) & (below < 0.32 * width) & (np.abs(patch.opening.along) < 0.9)
    if not cheek.any():
        return np.ones(lid.shape[:2], np.float32)
    wanted = CATCHES * float(np.percentile(patch.photo[cheek].mean(axis=1), 55))
    return np.asarray(np.clip(wanted / np.maximum(lid.mean(axis=2), 1), 1, MOST_LIFT), np.float32)


def flat_lid(patch: EyePatch, skin: npt.NDArray[np.floating]) -> Float:
    """[S, S, 4]: the lid of a flat drawing: one colour, close to the eye, since hair may hang just above it."""
    shut = (patch.opening.coverage < 0.5).astype(np.uint8)
    apart = cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / patch.width_px
    lid = np.broadcast_to(np.asarray(skin, np.float32), patch.photo.shape)
    return np.dstack([lid, ramp(np.asarray(apart, np.float32), 0.17, 0.13) * 255]).astype(np.float32)


def lash_colour(patch: EyePatch) -> Float:
    """[3]: the dark line along the upper lid."""
    edge = (np.abs(patch.opening.below_upper) < 0.05 * patch.width_px + 0.7) & (np.abs(patch.opening.along) < 0.8)
    if not edge.any():
        return np.full(3, 40, np.float32)
    colours = patch.photo[edge]
    dark = colours[colours.mean(axis=1) <= np.percentile(colours.mean(axis=1), 25)]
    return np.asarray(np.median(dark, axis=0), np.float32)
