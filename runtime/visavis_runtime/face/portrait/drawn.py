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
from typing import Any, NamedTuple

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
LEVEL_SLOPE = 0.6
"""A place that changes by less than so many levels per px is even; `evenness` is the share of the face that is."""
EVEN_SHADED, EVEN_UNSHADED = 0.30, 0.44
"""The same bounds of evenness: comics with many flat colours have 0.41 to 0.86, photos and paintings up to 0.21."""
SKIN_LEVELS, SKIN_RUN = 30, 4
"""Difference at which a pixel is no skin, and how many px of skin in a row end an eye."""
FULLNESS = (0.9, 1.2)
"""The outline of a drawn eye against an oval, least and most."""
SIDEWAYS, DOWN = 0.5, 0.9
"""How far the outline of an eye may be, in distances of the eyes: beside it comes the other eye, above it hair, below
it nothing but skin, and landmarks may lie in the upper half of the iris."""
TALLEST = 1.4
"""Height of a drawn eye whose upper edge hair covers, in its widths, at the most."""
LOOKS = 4
"""How often the outline of an eye is looked for, each time from the middle that was found."""
LARGER = 1.2
"""An eye so much higher than its landmarks is spread."""
INK_HALVES = 0.15
"""Half the thickest line round a drawn eye, in halves of the eye's height."""
FADE = 1.7
"""The move of the neighbours fades out over so many times the growth of the eye."""


class _Extent(NamedTuple):
    """An eye: middle [2] and half axes [2], px."""

    middle: F64
    half: F64


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
    return None if flatness(picture, points=points) < FLAT else _skin(picture, points)


def spread_eyes(picture: U8, *, points: F32) -> F32:
    """Landmarks [478, 3] px with the eyes of a flat drawing spread to their outlines; others are returned as they are.

    Args:
        picture: [N, N, 3] uint8 RGB.
        points: [478, 3] float32 landmarks in its px.
    """
    skin = flat_skin(picture, points=points)
    if skin is None:
        return points
    drawn = {side: _outline(picture, points, side, skin=skin) for side in rings.EYES}
    found = {side: _landmarks_extent(points, rings.EYES[side]) for side in rings.EYES}
    grown = [drawn[side].half[1] / max(found[side].half[1], 1.0) for side in rings.EYES]
    if min(grown) < LARGER:
        return points
    out = points.copy()
    for side in rings.EYES:
        _spread(out, points, found=found[side], drawn=drawn[side])
    for side, eye in rings.EYES.items():  # when neither eye is moved along with the other any more
        _lay_lids(out, picture, eye, drawn[side], skin=skin)
        iris = [eye.iris, *eye.iris_ring]
        out[iris, :2] = _iris(picture, points, eye, drawn[side], skin=skin)
    return out


def _landmarks_extent(points: F32, eye: rings.Eye) -> _Extent:
    line = points[list(eye.lid_line), :2].astype(np.float64)
    low, high = line.min(axis=0), line.max(axis=0)
    return _Extent((low + high) / 2, np.maximum((high - low) / 2, 1.0))


def _reach(picture: U8, skin: F64, middle: F64, degrees: int, longest: float) -> float:
    """Distance from the middle of an eye to the skin in one direction; NaN if hair or the other eye comes first."""
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    steps = np.arange(1.0, longest)
    at = np.clip(np.rint(middle + steps[:, None] * way).astype(int), 0, picture.shape[0] - 1)
    bare = np.abs(picture[at[:, 1], at[:, 0]] - skin).max(axis=1) < SKIN_LEVELS
    runs = np.convolve(bare, np.ones(SKIN_RUN), "valid") >= SKIN_RUN
    return float(steps[runs.argmax()]) if runs.any() else float("nan")


def _outline(picture: U8, points: F32, side: str, *, skin: F64) -> _Extent:
    """The eye as it is drawn."""
    found = _landmarks_extent(points, rings.EYES[side])
    apart = float(np.linalg.norm(points[468, :2] - points[473, :2]))
    middle = found.middle
    for _ in range(LOOKS):  # first from where the landmarks think it is, then from its own middle
        reach = {
            d: _reach(picture, skin, middle, d, (DOWN if 45 < d < 135 else SIDEWAYS) * apart) for d in range(0, 360, 15)
        }
        right, left = _median(reach, (0, 15, 345)), _median(reach, (180, 165, 195))
        down, up = _median(reach, (75, 90, 105)), _median(reach, (255, 270, 285))
        right, left = _filled(right, left, otherwise=float(found.half[0]))
        if np.isnan(up) and not np.isnan(down):  # hair above: an eye is not much taller than it is wide
            up = min(down, max(TALLEST * (right + left) - down, 0.0))
        down, up = _filled(down, up, otherwise=float(found.half[1]))
        middle = middle + np.array([right - left, down - up]) / 2
    return _Extent(middle, np.array([right + left, down + up]) / 2)


def _filled(one: float, two: float, *, otherwise: float) -> tuple[float, float]:
    """Two reaches, an unknown one as long as the other."""
    if np.isnan(one) and np.isnan(two):
        return otherwise, otherwise
    return (two if np.isnan(one) else one), (one if np.isnan(two) else two)


def _median(reach: dict[int, float], degrees: tuple[int, ...]) -> float:
    values = np.array([reach[d] for d in degrees])
    return float("nan") if np.isnan(values).all() else float(np.nanmedian(values))


def _spread(out: F32, points: F32, *, found: _Extent, drawn: _Extent) -> None:
    """Move the landmarks of one eye to its outline, and those round it by less the further they are."""
    place = points[:, :2].astype(np.float64) - found.middle
    away = np.linalg.norm(place / found.half, axis=1)
    growth = drawn.half - found.half
    rim = place / np.maximum(away, 1.0)[:, None]  # where the ray through the point leaves the eye
    wide = 1 + FADE * float((growth / found.half).max())
    t = np.clip((away - 1) / max(wide - 1, 1e-6), 0, 1)
    move = rim / found.half * growth + (drawn.middle - found.middle)
    out[:, :2] += (move * (1 - t)[:, None]).astype(np.float32)


def _lay_lids(out: F32, picture: U8, eye: rings.Eye, drawn: _Extent, *, skin: F64) -> None:
    """Lids along the outline: those of a person's eye, spread, would cut its corners."""
    inwards = float(np.sign(out[eye.inner, 0] - out[eye.outer, 0]))
    turn = np.linspace(0, np.pi, len(eye.upper) + 2)
    for line, side in ((eye.upper, -1), (eye.lower, 1)):
        offset = np.stack([-np.cos(turn) * inwards * drawn.half[0], side * np.sin(turn) * drawn.half[1]], axis=1)
        length = np.linalg.norm(offset, axis=1)
        degrees = np.rint(np.degrees(np.arctan2(offset[:, 1], offset[:, 0]))).astype(int)
        reach = [_reach(picture, skin, drawn.middle, d, 1.3 * r) for d, r in zip(degrees, length, strict=True)]
        # Rounder or squarer than an oval, as it is drawn; hair that meets the outline says nothing.
        fuller = np.clip(np.nan_to_num(np.array(reach) / length, nan=1.0), *FULLNESS)
        fuller[[0, -1]] = 1.0
        fuller[1:-1] = np.median([fuller[:-2], fuller[1:-1], fuller[2:]], axis=0)
        out[[eye.outer, *line, eye.inner], :2] = (drawn.middle + offset * fuller[:, None]).astype(np.float32)


def _iris(picture: U8, points: F32, eye: rings.Eye, drawn: _Extent, *, skin: F64) -> F64:
    """[5, 2]: middle and rim of the iris: what is inside the outline and neither white nor skin."""
    side = picture.shape[0]
    mask = np.zeros((side, side), np.uint8)
    half = tuple((0.86 * drawn.half).tolist())
    cv2.ellipse(mask, (tuple(drawn.middle.tolist()), (2 * half[0], 2 * half[1]), 0.0), 1, -1)
    colour = picture.astype(np.float64)
    white = (colour.min(axis=2) > 200) & (np.ptp(colour, axis=2) < 40)
    inside = (mask > 0) & ~white & (np.abs(colour - skin).max(axis=2) > SKIN_LEVELS)
    # The line round an eye is thin beside its iris, and may touch it.
    thin = 2 * round(INK_HALVES * float(drawn.half.min())) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thin, thin))
    bold = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, _, stats, _ = cv2.connectedComponentsWithStats(bold)
    if count < 2:
        return np.asarray(points[[eye.iris, *eye.iris_ring], :2], np.float64)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    x, y, width, height = (int(v) for v in stats[largest, :4])
    middle = np.array([x + (width - 1) / 2, y + (height - 1) / 2])
    rim = [(width / 2, 0.0), (0.0, -height / 2), (-width / 2, 0.0), (0.0, height / 2)]
    return np.asarray([middle, *(middle + offset for offset in rim)], np.float64)
