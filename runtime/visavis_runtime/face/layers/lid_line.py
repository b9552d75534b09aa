"""Takes one eye of a drawing, gives coordinates of the edge of its upper lid, and the line that is drawn along it.

Along the edge and square to it, a line is straight whatever the lid does: so it is measured there, column by column.
What hangs together with the edge is the line, but no column is much thicker than is usual: brows, hair and dark irises
touch it. Beyond the corners lashes have tips. It draws nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.opening import Opening, opening_between, smooth_curve

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

ALONG, AWAY = 192, 72
"""Samples along the lid and square to it."""
ENDS, UP_WIDTHS, DOWN_WIDTHS = 1.5, 0.22, 0.26
"""They reach from -ENDS to ENDS along the eye, whose corners are at -1 and 1, and so far up and down from the lid's
edge, in widths of the eye."""
STEEPEST = 1.8
"""Most of the steepness of a drawn lid's edge that counts: near its corners nothing is square to it."""
DARK = 0.72
"""Light of ink at the most, by that of the skin."""
EDGE_WIDTHS, TIP_WIDTHS, TIPS = 0.05, 0.13, 0.36
"""How far from the edge of the lid its line, and beyond its corners the tips, are looked for, in widths of the eye, and
how far beyond, in halves of that."""
LEAST_PX = 2.0
"""The thinnest line."""
USUAL, THICKER = 25, 1.7
"""Percentile of its thickness that is usual, and how much thicker a column may be: brows and dark irises touch it."""
WHOLE, END, LEAST_TIP = 0.97, 1.02, 0.12
"""How far along the eye the line goes, where it has ended, and how far beyond the corner a tip reaches at least."""
WAVES = 2
"""Degree of the smooth curves that middle and thickness of the line are."""


class Strip(NamedTuple):
    """Coordinates of the lid's edge: where [AWAY, ALONG, 2] px of the patch; along and away [s, s], px of the strip."""

    where: Float
    along: Float
    away: Float

    def of(self, patch: npt.NDArray[np.generic]) -> Float:
        """A patch [s, s, ...] in these coordinates."""
        return _sampled(np.asarray(patch, np.float32), self.where)

    def back(self, strip: npt.NDArray[np.generic]) -> Float:
        """The inverse of `of`; nothing where the strip does not reach."""
        return _sampled(np.asarray(strip, np.float32), np.dstack([self.along, self.away]))


def _sampled(image: Float, where: Float) -> Float:
    # One map of two channels needs no second one; OpenCV's stubs do not know it.
    seen = cv2.remap(image, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]
    return np.asarray(seen, np.float32)


def strip_of(rest: Opening, *, upper: Float, width_px: float) -> Strip:
    """Lay the coordinates of the line on a patch."""
    way = (upper[-1] - upper[0]) / max(width_px, 1.0)
    down = np.array([-way[1], way[0]], np.float32)
    curve = smooth_curve(upper.astype(np.float32)) - upper[0]
    place = np.maximum.accumulate(curve @ way)
    run = (np.linspace(-ENDS, ENDS, ALONG, dtype=np.float32) + 1) * width_px / 2
    height = np.interp(run, place, curve @ down)
    rise = (np.interp(run + 1, place, curve @ down) - np.interp(run - 1, place, curve @ down)) / 2
    steep = np.minimum(np.sqrt(1 + rise**2), STEEPEST)
    away = np.linspace(-UP_WIDTHS, DOWN_WIDTHS, AWAY, dtype=np.float32)[:, None] * width_px
    where = upper[0] + run[None, :, None] * way + (height + away * steep)[..., None] * down
    along = (rest.along + ENDS) * ((ALONG - 1) / (2 * ENDS))
    far = (rest.below_upper / width_px + UP_WIDTHS) * ((AWAY - 1) / (UP_WIDTHS + DOWN_WIDTHS))
    return Strip(where.astype(np.float32), along.astype(np.float32), far.astype(np.float32))


class LidLine(NamedTuple):
    """A line in coordinates of the lid's edge: its coverage [AWAY, ALONG] 0..1, its tips, and how far it reaches above
    and below the edge, px."""

    cover: Float
    tips: Mask
    reach: tuple[float, float]


def lid_line(dark: Mask, *, hidden: Mask, width_px: float) -> LidLine:
    """The line of the upper lid in a dark strip [AWAY, ALONG] of which columns [ALONG] are `hidden` by hair.

    It is drawn anew, as thick in each column as it is seen, and where it is not, as to the left and right of that.
    """
    per_row = (UP_WIDTHS + DOWN_WIDTHS) * width_px / (AWAY - 1)
    edge = round(UP_WIDTHS * width_px / per_row)
    along = np.linspace(-ENDS, ENDS, ALONG)
    inside = np.abs(along) < WHOLE
    first, last = _runs(dark, edge, within=max(round((EDGE_WIDTHS * width_px + 1) / per_row), 1))
    seen = inside & (first > 0) & (last >= first) & ~hidden
    if not seen.any():  # hair lies all along it: the line begins at the edge
        first = np.maximum(first, edge)
        seen = inside & (last >= first) & ~hidden
    if not seen.any():
        return LidLine(np.zeros(dark.shape, np.float32), np.zeros_like(dark), (0.0, 0.0))
    thick = (last - first + 1).astype(np.float64)
    usual = max(float(np.percentile(thick[seen], USUAL)), LEAST_PX / per_row)
    known = np.flatnonzero(seen & (thick <= THICKER * usual))
    middle = _smooth(along, known, (first + last)[known] / 2)
    half = np.clip(_smooth(along, known, thick[known]), 0, 1.2 * np.percentile(thick[known], 90)) / 2
    middle = middle - np.maximum(middle - half - edge, 0)  # nothing of the white shows above it on a lid that falls
    cover = np.clip(half + 0.5 - np.abs(np.arange(AWAY)[:, None] - middle), 0, 1) * np.clip((half - 0.3) / 0.5, 0, 1)
    cover *= np.clip((END - np.abs(along)) / (END - WHOLE), 0, 1)
    up, down = edge - float((middle - half)[inside].min()), float((middle + half)[inside].max()) - edge
    tips = _tips(dark, along, middle, usual, width_px / per_row)
    return LidLine(cover.astype(np.float32), tips, (up * per_row, down * per_row))


def _runs(dark: Mask, edge: int, *, within: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """First and last row of the dark run nearest to a row in each column of [AWAY, ALONG]; last < first if there is
    none `within` so many rows."""
    first, last = np.full(ALONG, edge), np.full(ALONG, edge - 1)
    for column in range(ALONG):
        rows = np.flatnonzero(dark[edge - within : edge + within + 1, column]) + edge - within
        if len(rows):
            row = int(rows[np.abs(rows - edge).argmin()])
            breaks = np.flatnonzero(~dark[:, column])
            first[column] = breaks[breaks < row].max(initial=-1) + 1
            last[column] = breaks[breaks > row].min(initial=AWAY) - 1
    return first, last


def _smooth(along: npt.NDArray[np.floating], columns: npt.NDArray[np.intp], values: npt.NDArray[np.floating]) -> Float:
    """A smooth curve [ALONG] through values that are known in some columns, which those that are off do not bend."""
    powers = np.polynomial.legendre.legvander(np.clip(along, -1, 1), min(WAVES, max(len(columns) // 8, 0)))
    weight = np.ones(len(columns))
    fit = powers[:, 0] * float(np.median(values))
    for _ in range(10):
        seen = powers[columns]
        left = seen.T @ (seen * weight[:, None]) + 1e-2 * np.eye(seen.shape[1])
        fit = powers @ np.linalg.solve(left, seen.T @ (weight * values))
        weight = 1 / (1 + np.abs(values - fit[columns]) ** 2)
    return np.asarray(fit, np.float32)


def _tips(dark: Mask, along: npt.NDArray[np.floating], middle: Float, usual: float, width: float) -> Mask:
    """What hangs together with the ends of the line beyond the corners of the eye, whose width is `width` rows."""
    out = np.abs(along) - WHOLE
    cone = 0.7 * usual + np.maximum(out, 0) * width / 2  # a tip goes outwards as well as up or down
    ends = np.where(along < 0, middle[np.argmax(out < 0)], middle[ALONG - 1 - np.argmax(out[::-1] < 0)])
    far = np.abs(np.arange(AWAY)[:, None] - ends) < np.minimum(cone, TIP_WIDTHS * width)
    tips = dark & (out >= 0) & (out < TIPS) & far
    _, pieces = cv2.connectedComponents(tips.astype(np.uint8))
    first, beyond = (out >= 0) & (out < 0.06), np.abs(along) > 1 + LEAST_TIP
    held = [n for n in np.unique(pieces[:, first]) if n and (pieces[:, beyond] == n).any()]
    return np.asarray(np.isin(pieces, held))


def drawn_line(photo: Float, upper: Float, lower: Float, *, skin: Float, width_px: float) -> Float:
    """[s, s] 0..1: where the line along the upper lid of a drawn eye covers it, with its soft edge.

    Args:
        photo: [s, s, 3], 0..255.
        upper, lower: [n, 2] px of the patch, the edges of the lids from the picture's left corner to the right one.
        skin: [3], its colour.
        width_px: of the eye.
    """
    shape = (photo.shape[0], photo.shape[1])
    rest = opening_between(upper, lower, origin=(0, 0), shape=shape, evenly=1.0, steepest=STEEPEST)
    strip = strip_of(rest, upper=upper, width_px=width_px)
    dark = strip.of(photo.mean(axis=2) < DARK * float(skin.mean())) > 0.5
    line = lid_line(dark, hidden=np.zeros(ALONG, bool), width_px=width_px)
    return np.asarray(cv2.dilate(strip.back(np.maximum(line.cover, line.tips)), np.ones((5, 5), np.uint8)), np.float32)
