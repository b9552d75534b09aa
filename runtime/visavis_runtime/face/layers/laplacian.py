"""Takes colours and what is guessed of a matte in a band, gives the matte there: as linear in colour as it can be.

The closed-form matting Laplacian (A. Levin, D. Lischinski, Y. Weiss, "A closed-form solution to natural image matting",
2008); the sparse system spans the band only, and conjugate gradients need a few dozen steps.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SMOOTHNESS = 2e-5
"""Levin's epsilon for colours 0..1: how exactly colours of a 3 x 3 window must lie on a line."""
STEPS, TOLERANCE = 60, 3e-3


class _Laplacian(NamedTuple):
    """Rows of the matting Laplacian: for pixel n its entries towards the 25 pixels of a 5 x 5 window."""

    rows: I64  # [n] flat index
    entries: F32  # [25, n]


def solve_band(colour: F32, *, matte: F32, band: Mask, guess: F32, weight: F32) -> F32:
    """The matte [n] of the band's pixels.

    Args:
        colour: [H, W, 3] float32 0..1.
        matte: [H, W] float32, right outside the band.
        band: [H, W] bool, what is to be found.
        guess: [n] float32, data term; weight: [n] float32 >= 0, its strength.
    """
    laplacian = _laplacian(colour, band=band)
    height, width = band.shape
    number = np.full(height * width, -1, np.int32)
    number[laplacian.rows] = np.arange(len(laplacian.rows), dtype=np.int32)
    row, column = np.divmod(laplacian.rows, width)
    indices = np.empty(laplacian.entries.shape, np.int32)
    entries, known = laplacian.entries, np.zeros(len(guess), np.float32)
    own = np.arange(len(guess), dtype=np.int32)
    for k in range(25):
        dy, dx = k // 5 - 2, k % 5 - 2
        other = np.clip(row + dy, 0, height - 1) * width + np.clip(column + dx, 0, width - 1)
        to = number[other]
        outside = to < 0
        known -= np.where(outside, entries[k] * matte.ravel()[other], 0)
        entries[k][outside] = 0
        indices[k] = np.where(outside, own, to)
    count = len(guess)
    matrix = sp.csr_matrix(
        (entries.T.ravel(), indices.T.ravel(), np.arange(0, 25 * count + 1, 25)), shape=(count, count)
    )
    return _conjugate_gradients(matrix, known + weight * guess, start=guess, extra=weight, diagonal=entries[12])


def _laplacian(colour: F32, *, band: Mask) -> _Laplacian:
    """The matting Laplacian's rows of the band."""
    height, width = band.shape
    centres = cv2.dilate(band.astype(np.uint8), np.ones((3, 3), np.uint8))
    centres[[0, -1]] = 0
    centres[:, [0, -1]] = 0
    middle = np.flatnonzero(centres)
    offsets = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    flat = np.ascontiguousarray(colour.reshape(-1, 3).T)
    around = [middle + dy * width + dx for dy, dx in offsets]
    windows = np.stack([flat[:, place] for place in around])  # [9, 3, w]
    windows -= windows.mean(axis=0)
    weights = _whitened(windows)
    rows = np.flatnonzero(band)
    number = np.full(height * width, len(rows), np.int64)
    number[rows] = np.arange(len(rows))
    entries = np.zeros((25, len(rows) + 1), np.float32)  # the last column takes what is outside the band
    for a, (ay, ax) in enumerate(offsets):
        to = number[around[a]]
        for b, (by, bx) in enumerate(offsets):
            entry = np.einsum("cw,cw->w", weights[a], windows[b])
            entry = (np.float32(a == b) - np.float32(1 / 9)) - entry * np.float32(1 / 9)
            entries[(by - ay + 2) * 5 + bx - ax + 2][to] += entry
    return _Laplacian(rows, np.ascontiguousarray(entries[:, :-1]))


def _whitened(windows: F32) -> F32:
    """Differences from the mean [9, 3, w] times the inverse covariance of each window."""
    # In single precision a window of one hue would have a negative determinant.
    r, g, b = (windows[:, k].astype(np.float64) for k in range(3))

    def mean(x: F64, y: F64) -> F64:
        return np.asarray(np.einsum("kw,kw->w", x, y) / 9)

    floor = SMOOTHNESS / 9
    rr, gg, bb = mean(r, r) + floor, mean(g, g) + floor, mean(b, b) + floor
    rg, rb, gb = mean(r, g), mean(r, b), mean(g, b)
    # The inverse of a symmetric 3 x 3 matrix, by cofactors: far cheaper than a solve for every window.
    c0, c1, c2 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c3, c4, c5 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c0 + rg * c1 + rb * c2)
    out = np.empty_like(windows)
    out[:, 0] = (r * c0 + g * c1 + b * c2) * scale
    out[:, 1] = (r * c1 + g * c3 + b * c4) * scale
    out[:, 2] = (r * c2 + g * c4 + b * c5) * scale
    return out


def _conjugate_gradients(matrix: sp.csr_matrix, right: F32, *, start: F32, extra: F32, diagonal: F32) -> F32:
    """Solve (matrix + diag(extra)) x = right; preconditioned by the diagonal."""
    inverse = 1 / np.maximum(diagonal + extra, 1e-6)
    x = start.copy()
    residual = right - (matrix @ x + extra * x)
    direction = inverse * residual
    power = float(residual @ direction)
    least = TOLERANCE**2 * max(power, 1e-12)
    for _ in range(STEPS):
        if power <= least:
            break
        moved = matrix @ direction + extra * direction
        step = np.float32(power / max(float(direction @ moved), 1e-20))
        x += step * direction
        residual -= step * moved
        scaled = inverse * residual
        new = float(residual @ scaled)
        direction = scaled + np.float32(new / power) * direction
        power = new
    return np.asarray(x, np.float32)
