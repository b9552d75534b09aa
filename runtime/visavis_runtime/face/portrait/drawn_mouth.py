"""Takes a flat drawing and its landmarks, finds the mouth as it is drawn, and lays the lips on it.

Comics and anime draw a shut mouth as a stroke on bare skin, an open one as a dark or white shape with an outline. The
landmark network sees lips there that lie beside the stroke, or inside the shape, so a moving mouth would tear them into
shreds. But both are easy to find: the piece of ink nearest to the middle of the lips, if it is free on all sides. On a
stroke the seam of the lips is laid along its middle from end to end, on an open mouth the inner lips along its outline.
The rest of the lips and the skin round them move along, less the further they are. Drawn lips are neither and
keep their landmarks, as does every picture that is no flat drawing.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.drawn import COARSE_LEVELS, FLAT, SKIN_LEVELS, flatness

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

REACH, HALF_HEIGHT = 0.85, 0.65
"""Half width and half height of what is searched for the mouth, by the width of the mouth that the network sees."""
SHORTEST, LONGEST = 0.30, 1.45
"""Lengths of a drawn mouth by that width."""
THICKEST, TALLEST = 0.12, 0.45
"""Mean thickness and height of a stroke by its length: more is an open mouth or lips."""
INSIDE_SHOWN = 0.4
"""Share of an open mouth that is as dark as its outline or white; drawn lips have neither."""
DARK, WHITE, COLOURED = 0.25, 200, 40
"""How far a dark inside may be from the darkest ink towards the skin; least level and most colour of white."""
AS_DARK, INK = 0.75, 0.35
"""Ink is at most so light by the skin; a shape without an outline gets one so dark."""
RIM_PX, DARKEST, OUTLINE_PX = 4, 25, 4.5
"""Fine px of the outline that tell its colour, the darkest percents of them, which are not mixed with skin, and the
width of the line that it becomes."""
MARGIN_PX = 2.0
"""Skin that is taken for the soft edge of the line, picture px."""
FINE_PX = 128
"""Columns that the mouth the network sees is measured in."""
FADE, RIM_HOLDS = 0.45, 0.2
"""The move of the skin fades out within so many widths of the mouth, and so many before the outline of the face."""


class Drawn(NamedTuple):
    """A mouth as it is drawn.

    upper, lower [n, 2]: its edges in fine px from the middle of the mouth, left to right; a stroke has one, its middle
    line, twice. skin, ink [3]: the colours round it and of its line, 0..255. line_px: width of the line, picture px.
    outline [n, 2]: all round it, picture px.
    """

    upper: F64
    lower: F64
    skin: F64
    ink: F64
    line_px: float
    outline: F64


def find_mouth(picture: U8, *, points: npt.NDArray[np.floating]) -> Drawn | None:
    """The mouth of a flat drawing if it is a stroke or an open shape; None for lips and for any other picture.

    Args:
        picture: [N, N, 3] uint8 RGB.
        points: [478, 2 or more] landmarks in its px.
    """
    if flatness(picture, points=points) < FLAT:
        return None
    middle, axes = _axes(points)
    half = np.array([REACH * FINE_PX, HALF_HEIGHT * FINE_PX])
    size = (int(2 * half[0]) + 1, int(2 * half[1]) + 1)
    matrix = np.c_[axes, middle - axes @ half]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
    skin = _commonest(seen)
    away = np.abs(seen - skin).max(axis=2)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((away > SKIN_LEVELS).astype(np.uint8))
    for k in sorted(range(1, count), key=lambda k: _gap(labels == k, half)):
        x, y, width, height = (int(v) for v in stats[k, :4])
        if width < SHORTEST * FINE_PX:
            continue
        free = x > 0 and y > 0 and x + width < size[0] and y + height < size[1]
        found = _drawn(seen, skin, _filled(labels == k), weight=np.where(labels == k, away, 0)) if free else None
        if found is None or width > LONGEST * FINE_PX:
            return None
        line_px = found.line_px * float(np.linalg.norm(axes[:, 0]))
        upper, lower = found.upper - half, found.lower - half
        outline = middle + np.concatenate([upper, lower[::-1]]) @ axes.T
        return found._replace(upper=upper, lower=lower, line_px=line_px, outline=outline)
    return None


def _gap(shape: npt.NDArray[np.bool_], middle: F64) -> float:
    """How far a shape is from a place, px."""
    y, x = np.nonzero(shape)
    return float(np.hypot(x - middle[0], y - middle[1]).min())


def lips_as_drawn(picture: U8, *, points: F32) -> F32:
    """Landmarks [478, 3] px with the lips of a flat drawing on its mouth; others are returned as they are."""
    drawn = find_mouth(picture, points=points)
    if drawn is None:
        return points
    middle, axes = _axes(points)
    place = (points[:, :2] - middle) @ np.linalg.inv(axes).T
    out = points.copy()
    out[:, :2] += (_moves(place, drawn) @ axes.T).astype(np.float32)
    return out


def _axes(points: npt.NDArray[np.floating]) -> tuple[F64, F64]:
    """The middle of the mouth [2] px, and px per fine px along and across it [2, 2]."""
    corners = points[[61, 291], :2].astype(np.float64)
    along = (corners[1] - corners[0]) / FINE_PX
    return points[[13, 14], :2].mean(axis=0).astype(np.float64), np.stack([along, [-along[1], along[0]]], axis=1)


def _commonest(seen: F64) -> F64:
    """[3]: the commonest colour of a picture: what the mouth is drawn on, be it skin or beard."""
    pixels = seen.reshape(-1, 3)
    coarse = (pixels.astype(int) // COARSE_LEVELS) @ np.array([1024, 32, 1])
    return np.asarray(np.median(pixels[coarse == np.bincount(coarse).argmax()], axis=0), np.float64)


def _filled(shape: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A shape without its holes."""
    outlines, _ = cv2.findContours(shape.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros(shape.shape, np.uint8), outlines, -1, 1, cv2.FILLED) > 0)


def _drawn(seen: F64, skin: F64, shape: npt.NDArray[np.bool_], *, weight: F64) -> Drawn | None:
    """What a piece of ink is, in fine px of `seen`: a stroke, an open mouth, or None for anything else."""
    columns = np.flatnonzero(shape.any(axis=0))
    width, area = len(columns), int(shape.sum())
    height = int(shape.any(axis=1).sum())
    if height <= TALLEST * width and area <= THICKEST * width * width:
        middle = (weight * np.arange(len(seen))[:, None]).sum(axis=0)[columns] / weight.sum(axis=0)[columns]
        line = np.stack([columns, np.poly1d(np.polyfit(columns, middle, 4))(columns)], axis=1)
        ink = np.median(seen[weight > 0.7 * weight.max()], axis=0)
        if ink.mean() > AS_DARK * skin.mean():
            return None
        return Drawn(line, line, skin, ink, float(weight.sum() / np.abs(ink - skin).max() / width), line)
    inside = cv2.erode(shape.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=RIM_PX) > 0
    rim = seen[shape & ~inside]
    if not inside.any():
        return None
    light, base = seen.mean(axis=2), float(skin.mean())
    darkest = float(np.percentile(light[shape], 3))
    white = (seen.min(axis=2) > WHITE) & (np.ptp(seen, axis=2) < COLOURED)
    dark = light < darkest + DARK * max(base - darkest, 0.0)
    if (dark | white)[inside].mean() < INSIDE_SHOWN:
        return None
    ink = np.median(rim[rim.mean(axis=1) <= np.percentile(rim.mean(axis=1), DARKEST)], axis=0)
    ink = ink if ink.mean() < AS_DARK * base else INK * skin
    upper, lower = (
        np.stack([columns, _smooth(edge)], axis=1)
        for edge in (
            shape[:, columns].argmax(axis=0) - 1.0,
            len(shape) - shape[::-1, columns].argmax(axis=0) + 0.0,
        )
    )
    return Drawn(upper, lower, skin, ink, OUTLINE_PX, upper)


def _smooth(edge: F64) -> F64:
    """An edge without the steps of its pixels."""
    far = np.pad(edge, 3, mode="edge")
    return np.convolve(far, np.ones(7) / 7, "valid")


def _moves(place: F64, drawn: Drawn) -> F64:
    """[478, 2] fine px: how every landmark at `place` [478, 2] moves when the inner lips come to a drawn mouth."""
    moves = np.zeros_like(place)
    left, right = place[78, 0], place[308, 0]
    ratio = (drawn.upper[-1, 0] - drawn.upper[0, 0]) / max(right - left, 1e-6)
    for table, edge in ((rings.UPPER_RINGS, drawn.upper), (rings.LOWER_RINGS, drawn.lower)):
        for column in range(len(table[0])):
            seam = place[table[-1][column]]
            x = edge[0, 0] + (seam[0] - left) * ratio
            y = np.interp(x, edge[:, 0], edge[:, 1])
            if column in (0, len(table[0]) - 1):
                end = 0 if column == 0 else -1
                y = (drawn.upper[end, 1] + drawn.lower[end, 1]) / 2
            for ring in table:
                moves[ring[column]] = np.array([x, y]) + (place[ring[column]] - seam) * ratio - place[ring[column]]
    lips = list(rings.LIPS)
    # The outline of the face is where it is, however near a mouth is drawn to it.
    rim = np.linalg.norm(place[:, None] - place[None, list(rings.OVAL)], axis=2).min(axis=1) / FINE_PX
    others = np.setdiff1d(np.arange(len(place)), lips)
    apart = np.linalg.norm(place[others, None] - place[None, lips], axis=2) / FINE_PX
    near = np.exp(-((apart / 0.12) ** 2)) + 1e-9
    t = np.clip(1 - apart.min(axis=1) / FADE, 0, 1) * np.clip(rim[others] / RIM_HOLDS, 0, 1)
    moves[others] = (near @ moves[lips]) / near.sum(axis=1, keepdims=True) * (t * t * (3 - 2 * t))[:, None]
    return moves


def cover_of_drawn(drawn: Drawn, *, shape: tuple[int, int], px_per_px: float = 1.0, start: F32 | None = None) -> F32:
    """[h, w] 0..1: what a drawn mouth covers of a window that begins at picture px `start` [2], with a soft margin.

    `px_per_px`: px of the window per px of the picture.
    """
    begin = np.zeros(2) if start is None else start
    outline = np.rint((drawn.outline - begin + 0.5) * px_per_px * 16 - 8).astype(np.int32)
    cover = np.zeros(shape, np.uint8)
    cv2.fillPoly(cover, [outline], 255, shift=4)
    width = round((drawn.line_px + 2 * MARGIN_PX) * px_per_px)
    cv2.polylines(cover, [outline], True, 255, thickness=max(width, 1), shift=4)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.5 * MARGIN_PX * px_per_px)
    return np.asarray(soft, np.float32) / np.float32(255)
