"""Takes the outline of a drawn eye, finds its iris: by the white that is seen on both sides of it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

TALLEST, ROUND = 1.7, 0.04
"""Height of a drawn iris in its widths, at the most, and px that it may miss its rows for each px nearer to round."""
WHITE_LEVELS, WHITE_RUN, LEAST_ROWS = 45, 2, 5
"""Levels from the white at which an iris begins, px of white beside it, and rows that tell its size."""


def iris_of(picture: U8, line: F64) -> F64 | None:
    """[5, 2]: middle and rim of the iris inside an opening [n, 2], by the white to its left and right; None if no
    white is seen there."""
    low, high = line.min(axis=0), line.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(line * 16).astype(np.int32)], 1, shift=4)
    colour = picture.astype(np.float32)
    inside = mask > 0
    bright = inside & (np.ptp(colour, axis=2) < 48) & (colour.min(axis=2) > 150)
    if bright.sum() < 8:
        return None
    white = np.median(colour[bright & (colour.min(axis=2) >= np.percentile(colour[bright].min(axis=1), 60))], axis=0)
    clear = (np.abs(colour - white).max(axis=2) < WHITE_LEVELS) & inside
    rows = []
    for y in range(max(int(middle[1] - half[1]), 0), min(int(middle[1] + half[1]) + 1, picture.shape[0])):
        row = np.flatnonzero(inside[y])
        if len(row) < 6:
            continue
        solid = ~clear[y, row[0] : row[-1] + 1]
        runs = np.flatnonzero(np.diff(np.r_[0, clear[y, row[0] : row[-1] + 1].astype(int), 0]))
        whites = [(a, b) for a, b in zip(runs[::2], runs[1::2], strict=True) if b - a >= WHITE_RUN]
        x = middle[0] - row[0]
        left = [b for a, b in whites if b <= x and (a < 0.3 * x or b - a > 3)]
        right = [a for a, b in whites if a >= x]
        if left and right and solid[left[0] : right[-1]].mean() > 0.5:
            rows.append((y, row[0] + left[0], row[0] + right[-1]))
    if len(rows) < LEAST_ROWS:
        return None
    seen = np.array(rows, np.float64)
    x, y = round(float(np.median(seen[:, 1:].mean(axis=1)))), round(float(np.median(seen[:, 0])))
    ends = np.flatnonzero(clear[y:, x] | ~inside[y:, x])
    return _oval(seen, low=float(y + ends[0] - 1) if len(ends) else float(middle[1] + half[1]))


def _oval(rows: F64, *, low: float) -> F64:
    """[5, 2]: the upright oval that ends at `low` and whose widths at some rows [n, 3] (y, left, right) are seen."""
    y, wide = rows[:, 0], (rows[:, 2] - rows[:, 1]) / 2
    x = float(np.median(rows[:, 1] + rows[:, 2]) - 1) / 2
    across = float(np.percentile(wide, 85)) * np.linspace(0.92, 1.12, 9)[:, None, None]
    down = across * np.linspace(0.8, TALLEST, 21)[:, None]
    seen = across * np.sqrt(np.clip(1 - ((y - (low + 0.5 - down)) / down) ** 2, 0, 1))
    off = np.median(np.abs(seen - wide), axis=2) + ROUND * np.abs(down - across)[..., 0]
    a, d = np.unravel_index(int(off.argmin()), off.shape)
    size = np.array([across[a, 0, 0], down[a, d, 0]])
    return _round(np.array([x, low + 0.5 - size[1]]), size)


def _round(middle: F64, half: F64) -> F64:
    """[5, 2]: middle and rim of an upright oval."""
    rim = [(half[0], 0.0), (0.0, -half[1]), (-half[0], 0.0), (0.0, half[1])]
    return np.asarray([middle, *(middle + np.array(offset) for offset in rim)], np.float64)
