"""Takes one eye cut out of the picture, gives its ball: the white, the iris, and the light mirrored on it.

What the photo hides (the white behind the iris, the iris behind the lids) is filled from its visible neighbours. Lids
are `lids`, the whole eye is `eyes`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.opening import Opening

Float = npt.NDArray[np.float32]

IRIS_SOFT = (0.94, 1.24)
"""Where the iris fades into the sclera, in radii: the rim is wide because painters and lenses blur it."""
OVAL_IRIS = 1.25
"""Drawn irises may be ovals; the small differences that landmarks of people have are noise."""
RIM, RIM_LEVELS, WHOLE_LEVELS = (0.6, 0.95), 8.0, 255.0
"""Where the rim of an iris begins and is full, in radii; how much lighter than its rings rim and iris may be."""
BRIGHT_SHARE = 0.5
"""Of the white that the picture hides, the share of its brighter half: lids shade what is seen of it."""
RINGS = 12
GLINT_SHARE = 0.2
"""A mirrored light covers no more of the iris than this."""


DOT_WHITE = 0.12
"""Share of a drawn eye that is white, at the least; less is a gleam on a dot."""
DRAWN_LINE, DRAWN_SOFT_PX = 0.05, 1.2
"""Thickness of a line below a drawn eye, in its widths, at the most; half the soft edge of a drawn iris."""
MOST_BLUR_PX = 6.0


class EyePatch(NamedTuple):
    """One eye cut out of the picture, with what is where."""

    photo: Float  # [S, S, 3], 0..255
    opening: Opening
    radius: Float  # [S, S], distance from the iris centre in iris radii
    width_px: float
    radius_px: float


def iris_radii(points: Float) -> tuple[float, float]:
    """Half width and half height of an iris of which middle and rim [5, 2] are known: a circle, unless clearly none."""
    away = np.maximum(np.linalg.norm(points[1:] - points[0], axis=1), 1.0)
    across, down = float(away[[0, 2]].mean()), float(away[[1, 3]].mean())
    if max(across, down) < OVAL_IRIS * min(across, down):
        return float(away.mean()), float(away.mean())
    return across, down


def is_dot(patch: EyePatch) -> bool:
    """Whether a drawn eye is a dot or a bead: there is hardly any white in it."""
    inside = patch.opening.coverage > 0.5
    white = (patch.photo.min(axis=2) > 150) & (np.ptp(patch.photo, axis=2) < 45)
    return bool(white[inside].mean() < DOT_WHITE) if inside.any() else False


def sclera_of(patch: EyePatch, *, even: bool) -> Float:
    """[S, S, 3]: the white of the eye, filled in behind the iris and the lids; `even`: with one colour."""
    paper = (patch.opening.coverage > 0.5) & (patch.photo.min(axis=2) > 195) & (np.ptp(patch.photo, axis=2) < 45)
    if even and paper.sum() > 9:
        white = np.median(patch.photo[paper], axis=0)
        return np.broadcast_to(white, patch.photo.shape).astype(np.float32)
    # What the lids' edges and the iris blur into is darker than the white.
    nearest = np.minimum(patch.opening.below_upper, patch.opening.above_lower)
    clear = ramp(np.asarray(nearest / patch.width_px, np.float32), 0.01, 0.07)
    white = clear * (np.abs(patch.opening.along) < 0.9) * ramp(patch.radius, 1.05, 1.35)
    light = patch.photo.mean(axis=2)
    if (white > 0.3).sum() < 4 or light[white > 0.3].max() < 1:
        return _unseen_white(patch)
    seen, lights = patch.photo[white > 0.3], light[white > 0.3]
    order = np.argsort(lights)
    bright = seen[order[int(0.55 * len(order)) : max(int(0.95 * len(order)), int(0.55 * len(order)) + 1)]].mean(axis=0)
    white = white * np.clip((light / bright.mean() - 0.5) / 0.4, 1e-3, 1) ** 2
    known = push_pull(patch.photo, weight=np.minimum(white, 0.9))
    filled = np.asarray(cv2.GaussianBlur(known, (0, 0), 0.05 * patch.width_px), np.float32)
    return np.asarray(filled + (0.0 if even else BRIGHT_SHARE) * (bright - filled), np.float32)


def _unseen_white(patch: EyePatch) -> Float:
    """[S, S, 3]: the white of an eye that shows none: as light as the lightest of the eye, and of the skin's hue."""
    inside = patch.photo[patch.opening.coverage > 0.5]
    below = (patch.opening.above_lower < -0.1 * patch.width_px) & (np.abs(patch.opening.along) < 0.8)
    skin = np.median(patch.photo[below], axis=0) if below.any() else np.array([180.0, 160.0, 150.0])
    brightest = float(np.percentile(inside.mean(axis=1), 90)) if len(inside) else 150.0
    tone = skin / max(float(skin.mean()), 1.0) + np.array([1.03, 1.0, 0.97])
    white = tone / 2 * min(1.25 * brightest + 12, max(0.9 * float(skin.mean()), brightest))
    return np.broadcast_to(np.clip(white, 0, 255), patch.photo.shape).astype(np.float32)


def drawn_iris(patch: EyePatch, sclera: Float, *, line: Float) -> tuple[Float, Float]:
    """The same of a drawing: to the pixel, with what is drawn on it; behind the line [S, S] 0..1 of its upper lid it
    goes on as beside it."""
    within = np.minimum(patch.opening.below_upper, patch.opening.above_lower - DRAWN_LINE * patch.width_px)
    seen = np.clip(within + 0.5, 0, 1) * (line < 0.05) * (np.abs(patch.opening.along) < 0.97)
    soft = DRAWN_SOFT_PX / patch.radius_px
    known = seen * (patch.radius < 1 - soft)
    whole = patch.photo * seen[..., None]
    if (known > 0.5).any():
        whole += push_pull(patch.photo, weight=known + 1e-6 * (known > 0)) * (1 - seen[..., None])
    alpha = ramp(patch.radius, 1 + soft, 1 - soft)
    needed = 1 - (whole / np.maximum(sclera, 1)).min(axis=2)
    alpha = np.maximum(alpha, np.clip(needed, 0, 1) * seen * ramp(patch.radius, 1 + 3 * soft, 1 + soft))
    colour = np.clip(whole - (1 - alpha[..., None]) * sclera, 0, 255 * alpha[..., None])
    return np.dstack([colour, alpha * 255]).astype(np.float32), np.zeros_like(patch.photo)


def iris_of(patch: EyePatch, sclera: Float, *, line_px: float) -> tuple[Float, Float]:
    """The whole iris [S, S, 4], premultiplied, and the light mirrored on it [S, S, 3].

    What the lids hide follows the visible rings; so does what lies within `line_px` of the upper lid, in the dark of
    its lashes, which goes with the lid.
    """
    clear = _inside(patch, 0.02 * patch.width_px + 0.5, upper_px=line_px)
    rings = np.full((RINGS, 3), np.nan)
    ring_of = patch.radius * (RINGS - 1) / IRIS_SOFT[1]
    for ring in range(RINGS):
        here = (clear > 0.5) & (np.abs(ring_of - ring) < 0.8)
        if here.sum() > 3:
            rings[ring] = np.median(patch.photo[here], axis=0)
    known = np.flatnonzero(~np.isnan(rings[:, 0]))
    if known.size == 0:
        rings[:], known = 60.0, np.arange(RINGS)
    even = np.stack([np.interp(ring_of, known, rings[known, c]) for c in range(3)], axis=2)
    glint = _glint(patch, even, clear)
    whole = (patch.photo - glint) * clear[..., None] + even * (1 - clear[..., None])
    alpha = ramp(patch.radius, IRIS_SOFT[1], IRIS_SOFT[0])
    # Premultiplied colour = photo - (1 - alpha) * sclera must not be negative: darker rims need more alpha.
    needed = 1 - (whole / np.maximum(sclera, 1)).min(axis=2)
    alpha = np.maximum(alpha, np.clip(needed, 0, 1) * ramp(patch.radius, IRIS_SOFT[1] + 0.06, IRIS_SOFT[1] - 0.06))
    # Towards its edge it is no lighter than its rings: white that it took along would be seen beside it.
    most = even + (WHOLE_LEVELS + (RIM_LEVELS - WHOLE_LEVELS) * ramp(patch.radius, *RIM))[..., None]
    colour = np.clip(whole - (1 - alpha[..., None]) * sclera, 0, np.minimum(most, 255) * alpha[..., None])
    return np.dstack([colour, alpha * 255]).astype(np.float32), glint


def _glint(patch: EyePatch, even: Float, clear: Float) -> Float:
    """[S, S, 3]: what is much brighter than its ring of the iris, if it is small: a mirrored lamp or window."""
    over = patch.photo - even
    light = over.mean(axis=2)
    seen, whole = (clear > 0.5) & (patch.radius < 1.0), patch.photo.mean(axis=2)
    if not seen.any():
        return np.zeros_like(over)
    # Brighter than its ring, and than nearly all of the iris.
    amount = ramp(light, 12, 40) * ramp(whole - np.percentile(whole[seen], 80), 4, 24) * seen
    if (amount > 0.5).sum() > GLINT_SHARE * seen.sum():
        return np.zeros_like(over)  # half of the iris is lit: that is its colour, not a mirror
    # Its soft edge belongs to it, else a faint ring would stay on the iris.
    amount = np.maximum(amount, cv2.GaussianBlur(amount, (0, 0), 0.12 * patch.radius_px) * (light > 0) * clear)
    return np.asarray(np.clip(over, 0, 255) * amount[..., None], np.float32)


def _inside(patch: EyePatch, margin_px: float, *, upper_px: float) -> Float:
    """1 where the eyeball is seen clear of lids and lashes, 0 within `margin_px` of a lid's edge, `upper_px` of the
    upper one's."""
    clear = np.minimum(patch.opening.below_upper + min(margin_px - upper_px, 0.0), patch.opening.above_lower)
    within = np.abs(patch.opening.along) < 0.94
    return np.asarray(np.clip(clear - margin_px + 0.5, 0, 1) * within, np.float32)


def ramp(values: Float, start: float, end: float) -> Float:
    """Smooth step from 0 at `start` to 1 at `end` (falling if end < start)."""
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def blur_px(photo: Float) -> float:
    """About how many px an edge takes in a picture of an eye [s, s, 3]: 1 where it is sharp."""
    light = photo.mean(axis=2)
    slope = np.hypot(*np.gradient(light))
    span = float(np.percentile(light, 98) - np.percentile(light, 2))
    return float(np.clip(span / max(2 * float(np.percentile(slope, 99.3)), 1e-3), 1, MOST_BLUR_PX))
