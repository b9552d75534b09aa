"""Gives the shared shape of the inside of a mouth: two rows of teeth as flat maps in centimetres, drawn once by code.

A map holds, per texel, the brightness of the tooth, the share of gum and the coverage; `mouth` colours it in the tones
of the portrait and bends it along the dental arch. Widths are those of a front view (the arch foreshortens the side
teeth); sizes after common dental averages, scaled to a mouth of 5 cm. The teeth are nobody's.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

TEXELS_PER_CM = 40
FINE = 2
"""Supersampling while drawing."""
HALF_WIDTH_CM, HEIGHT_CM, EDGE_CM = 3.25, 2.625, 1.425
"""Half the width of a map, its height, and the height of the biting edge above its bottom (upper row)."""
ARCH = 0.24
"""The arch runs back by `ARCH * x**2` cm at x cm from the middle."""


class Tooth(NamedTuple):
    """One tooth of a row in front view, cm."""

    width: float
    height: float
    lift: float  # how far its biting edge is withdrawn
    round: float  # 0 square .. 1 round corners
    light: float


UPPER_ROW = (
    Tooth(0.84, 1.00, 0.00, 0.30, 1.00),
    Tooth(0.64, 0.88, 0.06, 0.50, 0.98),
    Tooth(0.62, 0.96, 0.02, 0.80, 0.94),
    Tooth(0.46, 0.84, 0.06, 0.65, 0.87),
    Tooth(0.36, 0.78, 0.09, 0.60, 0.78),
    Tooth(0.34, 0.72, 0.13, 0.50, 0.66),
)
LOWER_ROW = (
    Tooth(0.50, 0.80, 0.00, 0.28, 0.96),
    Tooth(0.54, 0.80, 0.01, 0.34, 0.95),
    Tooth(0.56, 0.86, -0.02, 0.70, 0.92),
    Tooth(0.46, 0.78, 0.03, 0.60, 0.84),
    Tooth(0.40, 0.72, 0.07, 0.60, 0.74),
    Tooth(0.36, 0.66, 0.10, 0.50, 0.64),
)


@cache
def tooth_row(*, upper: bool) -> Float:
    """[h, w, 4] float32, read-only: tooth light, gum share, incisal warmth, coverage, all 0..1.

    Texel (x, y) is at x cm = (x + 0.5) / TEXELS_PER_CM - HALF_WIDTH_CM; the biting edge is the line y cm = 0, at
    `EDGE_CM` from the side that faces the other row; the gum side is on top for the upper row, at the bottom for the
    lower one.
    """
    fine = TEXELS_PER_CM * FINE
    width, height = round(2 * HALF_WIDTH_CM * fine), round(HEIGHT_CM * fine)
    x = ((np.arange(width) + 0.5) / fine - HALF_WIDTH_CM)[None].astype(np.float32)
    y = (HEIGHT_CM - EDGE_CM - (np.arange(height) + 0.5) / fine)[:, None].astype(np.float32)  # > 0 towards the gum
    row = np.zeros((height, width, 4), np.float32)
    # Gum behind everything, its edge scalloped later by the teeth.
    row[..., 0], row[..., 1] = 0.8 - 0.05 * np.abs(x), 1
    row[..., 3] = np.clip((y - 0.55) * 6, 0, 1) * np.clip((2.75 - np.abs(x)) * 6, 0, 1)
    # Between the teeth one sees their shaded flanks, not the dark behind them.
    flank = (
        np.clip((y - 0.07 - 0.03 * np.abs(x)) * 9, 0, 1)
        * np.clip((0.80 - y) * 9, 0, 1)
        * np.clip(2.6 - np.abs(x), 0, 1)
    )
    row[..., 0] = row[..., 0] * (1 - flank) + 0.80 * (1 - 0.11 * np.abs(x)) * flank
    row[..., 1] *= 1 - flank
    row[..., 3] = np.maximum(row[..., 3], flank)
    for side in (-1, 1):
        begin = 0.0
        for tooth in UPPER_ROW if upper else LOWER_ROW:
            _draw(row, tooth, side * x - (begin + tooth.width / 2), y, fine)
            begin += tooth.width
    size = (width // FINE, height // FINE)
    small = np.asarray(cv2.resize(row, size, interpolation=cv2.INTER_AREA), np.float32)
    small = small if upper else np.ascontiguousarray(small[::-1])
    small.setflags(write=False)
    return small


def _draw(row: Float, tooth: Tooth, x: Float, y: Float, fine: int) -> None:
    """Draw one tooth over a row; x is measured from its middle away from the row's middle."""
    half = tooth.width / 2 - 0.008
    up = y - tooth.lift
    # Necks are narrower than edges, and the corner away from the middle is rounder.
    waist = half * (1 - 0.16 * np.clip(up / tooth.height, 0, 1.2) ** 2)
    corner = tooth.round * (0.09 + 0.05 * np.clip(x / half, -1, 1))
    across = np.abs(x) / waist
    bottom = corner * np.clip(across, 0, 1) ** 4
    inside = np.minimum((waist - np.abs(x)), up - bottom)
    neck = tooth.height - 0.16 * np.clip(across, 0, 1) ** 2
    cover = np.clip(inside * fine * 0.5 + 0.5, 0, 1)
    gum = np.clip((up - neck) * 12 + 0.5, 0, 1)
    enamel = cover * (1 - gum)
    t = np.clip(up / tooth.height, 0, 1)
    light = tooth.light * (1 - 0.16 * np.clip(across, 0, 1.05) ** 4) * (0.93 + 0.09 * np.sin(np.pi * t) - 0.04 * t)
    # A soft gleam down the face of each tooth, a little towards the middle of the row.
    light = light + 0.05 * np.exp(-(((across - 0.25) / 0.3) ** 2) - (((t - 0.45) / 0.3) ** 2))
    row[..., 0] = row[..., 0] * (1 - enamel) + light * enamel
    row[..., 1] *= 1 - enamel
    row[..., 2] = row[..., 2] * (1 - enamel) + np.clip(1 - t * 4, 0, 1) * enamel
    row[..., 3] = np.maximum(row[..., 3], cover)
