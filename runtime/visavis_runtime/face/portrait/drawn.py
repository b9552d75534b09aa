"""Takes a portrait and its landmarks, says how flat it is drawn, and finds the real outline of drawn eyes.

The landmark network has learnt people's eyes. In a drawing it finds a human eye inside the line round the eye, and
where eyes are a third of the face even inside the iris. But flat drawings are easy to read: skin is one colour, and
what is not skin round the middle of an eye is the eye. So where a face is flat, rays from the middle of each eye look
for the skin on all sides; if the eye is larger than its landmarks, they are spread to its outline, and their neighbours
are moved along by less and less, so that none crosses another. Photos and paintings are not flat and keep their
landmarks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

SAME_LEVELS = 6
"""Levels within which a pixel has the colour of the skin; `flatness` is the share of the face that has."""
COARSE_LEVELS = 8
"""Levels that are counted as one where the commonest colour is looked for."""
SUBNASALE = 2
"""Landmark under the nose: below it a beard may be commoner than skin."""
FLAT = 0.34
"""From here on a face is a flat drawing: photos, paintings, statues and shaded drawings reach at most 0.2."""
SHADED, UNSHADED = 0.25, 0.42
"""Flatness up to which soft shade is laid on, and from which on none is."""
EVEN = 0.6
"""Evenness from which on a face is flat too: white eyes may fill half of it."""
HAIR_ABOVE, HAIR_COARSE, HAIR_SHARE, INKY = 0.15, 24, 0.05, 60.0
"""Hair is looked for from so far above the face, in its heights, to the brows; levels that are one tone, the least
share of a tone, and the level below which it could be ink as well."""
LEVEL_SLOPE = 0.6
"""A place that changes by less than so many levels per px is even; `evenness` is the share of the face that is."""
EVEN_SHADED, EVEN_UNSHADED = 0.30, 0.44
"""The same bounds of evenness: comics with many flat colours have 0.41 to 0.86, photos and paintings up to 0.21."""
MANY_PIXELS, TONE_LEVELS, TONE_SHARE, TONES_FROM = 40, 16, 0.03, 0.35
"""Pixels that tell tones; levels that are one tone; the least share of a tone; where between eyes and mouth they are
looked for."""
SHADES, SHADE_SPREAD = (0.5, 1.12), 1.45
"""Channels of a tone by those of the commonest one, and by how much they may differ."""
SKIN_LEVELS = 30
"""Difference at which a pixel is no skin."""


def flatness(picture: U8, *, points: npt.NDArray[np.floating]) -> float:
    """Share 0..1 of the face in a picture [N, N, 3] uint8 that has exactly the colour of its skin."""
    pixels, skin = _face(picture, points), _skin(picture, points)
    if skin is None:
        return 0.0
    return float((np.abs(pixels - skin).max(axis=1) < SAME_LEVELS).mean())


def evenness(picture: U8, *, points: npt.NDArray[np.floating]) -> float:
    """Share 0..1 of the face in a picture [N, N, 3] uint8 whose light does not change from px to px."""
    light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 8))
    face = slope[_mask(picture, points)]
    return float((face < LEVEL_SLOPE).mean()) if len(face) else 0.0


def hair_tones(picture: U8, *, points: npt.NDArray[np.floating], skin: F32) -> F32:
    """[n, 3]: the colours of the hair above the face, commonest first; none if it is as dark as ink, or as skin."""
    low, high = points[list(rings.OVAL), :2].min(axis=0), points[list(rings.OVAL), :2].max(axis=0)
    brow = points[[v for eye in rings.EYES.values() for v in eye.brow], 1].min()
    top = max(int(low[1] - HAIR_ABOVE * (high[1] - low[1])), 0)
    seen = picture[top : max(int(brow), top + 1), max(int(low[0]), 0) : max(int(high[0]), 1)].reshape(-1, 3)
    pixels = seen[np.abs(seen[:, None].astype(np.float32) - skin).max(axis=2).min(axis=1) > SKIN_LEVELS].astype(
        np.int32
    )
    if len(pixels) < MANY_PIXELS:
        return np.zeros((0, 3), np.float32)
    coarse = (pixels // HAIR_COARSE) @ np.array([1024, 32, 1])
    kinds, counts = np.unique(coarse, return_counts=True)
    tones = [np.median(pixels[coarse == kind], axis=0) for kind, count in zip(kinds, counts, strict=True)
             if count >= HAIR_SHARE * len(pixels)]  # fmt: skip
    return np.asarray([tone for tone in tones if tone.mean() > INKY], np.float32).reshape(-1, 3)


def _skin(picture: U8, points: npt.NDArray[np.floating]) -> F64 | None:
    """[3]: the commonest colour of the face from the eyes to the mouth; None if the picture does not show it."""
    cheeks = _mask(picture, points)
    eyes = points[[eye.iris for eye in rings.EYES.values()], 1].mean()
    cheeks[: max(int(eyes), 0)] = False  # above it hair may be commoner than skin
    cheeks[max(int(points[SUBNASALE, 1]), 0) :] = False
    pixels = picture[cheeks].astype(np.int16)
    if not len(pixels):
        return None
    coarse = (pixels // COARSE_LEVELS) @ np.array([1024, 32, 1], np.int16)
    commonest = np.bincount(coarse).argmax()
    return np.asarray(np.median(pixels[coarse == commonest], axis=0), np.float64)


def _face(picture: U8, points: npt.NDArray[np.floating]) -> npt.NDArray[np.int16]:
    """[n, 3]: the pixels of the face."""
    return picture[_mask(picture, points)].astype(np.int16)


def _mask(picture: U8, points: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """[N, N]: the face."""
    face = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(face, [np.rint(points[list(rings.OVAL), :2]).astype(np.int32)], 1)
    return face > 0


def shaded(meta: Mapping[str, Any]) -> float:
    """0..1: how far soft light and shade belong to an avatar with this `meta`; not at all in flat colours."""
    return min(of_many_colours(meta), 1 - _ramp(meta, "evenness", EVEN_SHADED, EVEN_UNSHADED))


def of_many_colours(meta: Mapping[str, Any]) -> float:
    """0..1: how far the skin of an avatar with this `meta` has more than one colour."""
    return 1 - _ramp(meta, "flatness", SHADED, UNSHADED)


def _ramp(meta: Mapping[str, Any], name: str, low: float, high: float) -> float:
    return float(np.clip((float(meta.get(name, 0.0) or 0.0) - low) / (high - low), 0, 1))


def flat_skin(picture: U8, *, points: npt.NDArray[np.floating]) -> F64 | None:
    """[3]: the colour of the skin of a flat drawing, None for any other picture."""
    flat = flatness(picture, points=points) >= FLAT or evenness(picture, points=points) >= EVEN
    return _skin(picture, points) if flat else None


def is_drawn(meta: Mapping[str, Any]) -> bool:
    """Whether an avatar with this `meta` is a drawing of even colours, few or many: its eyes are ink on skin."""
    return float(meta.get("flatness", 0) or 0) >= FLAT or float(meta.get("evenness", 0) or 0) >= EVEN_UNSHADED


def is_flat(meta: Mapping[str, Any]) -> bool:
    """Whether it is one whose skin has one colour, see `flat_skin`."""
    return float(meta.get("flatness", 0) or 0) >= FLAT or float(meta.get("evenness", 0) or 0) >= EVEN


def skin_tones(picture: U8, *, points: npt.NDArray[np.floating]) -> F32:
    """[n, 3]: the colours of the skin between eyes and nose, commonest first: light ones and those of its shades."""
    across = points[[rings.EYES["right"].outer, rings.EYES["left"].outer], 0]
    low, high = points[[eye.lower[3] for eye in rings.EYES.values()], 1].max(), points[SUBNASALE, 1]
    mask = _mask(picture, points)
    mask[: max(int(low + TONES_FROM * (high - low)), 0)] = False
    mask[max(int(high), 0) :] = False
    mask[:, : max(int(across.min()), 0)] = False
    mask[:, max(int(across.max()), 0) :] = False
    pixels = picture[mask].astype(np.int32)
    if len(pixels) < MANY_PIXELS:
        skin = _skin(picture, points)
        return np.asarray([[128, 128, 128] if skin is None else skin], np.float32)
    coarse = (pixels // TONE_LEVELS) @ np.array([1024, 32, 1])
    kinds, counts = np.unique(coarse, return_counts=True)
    order = np.argsort(-counts)
    common = [kinds[k] for k in order if counts[k] >= TONE_SHARE * len(pixels)] or [kinds[order[0]]]
    tones = np.array([np.median(pixels[coarse == kind], axis=0) for kind in common])
    shade = tones / np.maximum(tones[0], 1)  # shades of one skin are darker alike in all channels
    alike = (shade.min(axis=1) > SHADES[0]) & (shade.max(axis=1) < SHADES[1])
    alike &= shade.max(axis=1) < SHADE_SPREAD * shade.min(axis=1)
    return np.asarray(tones[alike], np.float32)
