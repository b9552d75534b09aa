"""Takes a picture and what is known of it, gives the shifts by which it repeats itself near its hole.

Bricks, boards, railings, a horizon: most walls go on when they are moved by the right amount, and few amounts serve a
whole wall (K. He, J. Sun, "Statistics of patch offsets for image completion", 2012). Left and right of the hole the
known picture is compared with itself at all shifts at once, by Fourier transforms at a third of its resolution. The
shifts with the least difference that also cover the hole are made exact to the pixel. It fills nothing: see `inpaint`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Waves = npt.NDArray[Any]  # complex64, a Fourier transform

SHRINK = 3
"""Px of the picture per px that is compared."""
EACH = 5
"""Shifts that are found for each side of the hole and each depth."""
LEAST_SHARE, MOST_SHARE = 0.03, 0.5
"""Shortest and longest shift as a share of the side."""
APART_SHARE = 0.012
"""Shifts that lie closer together count as one; a share of the side."""
COVERED = 0.15
"""Share of the hole that a shift must be able to fill."""
OVERLAP = 0.35
"""Share of the compared ring that must have something to be compared with."""
NEAR_PRICE = (180.0, 65.0)
"""Squared levels for a shift by the whole side, down and across: things beside are better than things above."""
OPEN_PRICE = 120.0
"""Squared levels for a hole that a shift leaves open."""
EXACT_SAMPLES = 1500


class _Picture(NamedTuple):
    """A picture [h, w, 3] about its mean, and what its comparison at all shifts needs of it, as transforms."""

    colour: F32
    wide: tuple[int, int]
    there: Waves
    squares: Waves
    channels: tuple[Waves, ...]


def shifts_of(colour: F32, *, known: Mask, holes: tuple[Mask, ...], ring: Mask) -> I64:
    """Shifts [k, 2] px (down, across): what lies at x + shift goes on at x.

    Args:
        colour: [H, W, 3] float32, 0..255.
        known: [H, W] bool, what may be shown elsewhere.
        holes: each [H, W] bool, a part of what shall be filled.
        ring: [H, W] bool, the known surroundings of the hole that must fit.
    """
    size = (known.shape[1] // SHRINK, known.shape[0] // SHRINK)

    def small(values: npt.NDArray[np.generic]) -> F32:
        return np.asarray(cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)

    picture = _transformed(small(colour), np.floor(small(known) + 1e-3))
    near, open_ = np.floor(small(ring) + 1e-3), [np.ceil(small(hole)) for hole in holes]
    middle = np.average(np.arange(size[0]), weights=np.sum(open_, axis=(0, 1)) + 1e-6)
    left = (np.arange(size[0]) < middle).astype(np.float32)
    found = [shifts for half in (left, 1 - left) for shifts in _best(picture, near * half, [o * half for o in open_])]
    shifts = np.unique(np.concatenate([np.zeros((0, 2), np.int64), *found]) * SHRINK, axis=0)
    return _exact(colour, shifts, known=known, ring=ring)


def _transformed(colour: F32, there: F32) -> _Picture:
    """A picture whose known part is `there` [h, w] 0 or 1."""
    wide = tuple(fft.next_fast_len(int(length * (1 + MOST_SHARE)), real=True) for length in there.shape)
    colour = colour - colour.mean(axis=(0, 1))
    channels = tuple(fft.rfft2(colour[..., k] * there, wide) for k in range(3))
    squares = fft.rfft2(np.einsum("hwc,hwc->hw", colour, colour) * there, wide)
    return _Picture(colour, (wide[0], wide[1]), fft.rfft2(there, wide), squares, channels)


def _best(picture: _Picture, ring: F32, holes: list[F32]) -> list[I64]:
    """For each hole [h, w] the shifts [k, 2] under which the ring [h, w] fits best."""
    colour, wide = picture.colour, picture.wide
    if ring.sum() < 1:
        return []
    own = fft.rfft2(ring, wide).conj()
    gap = fft.rfft2(np.einsum("hwc,hwc->hw", colour, colour) * ring, wide).conj() * picture.there
    gap += own * picture.squares
    for k, channel in enumerate(picture.channels):
        gap -= 2 * fft.rfft2(colour[..., k] * ring, wide).conj() * channel
    shared = fft.irfft2(own * picture.there, wide)
    down, across = ((np.arange(n) + n // 2) % n - n // 2 for n in wide)
    side = len(ring)
    y, x = np.abs(down[:, None]) / side, np.abs(across[None]) / side
    cost = fft.irfft2(gap, wide) / np.maximum(shared, 1) + NEAR_PRICE[0] * y + NEAR_PRICE[1] * x
    length = np.hypot(y, x)
    barred = (length < LEAST_SHARE) | (length > MOST_SHARE) | (shared < OVERLAP * ring.sum())
    out = []
    for hole in holes:
        if hole.sum() >= 1:
            covered = fft.irfft2(fft.rfft2(hole, wide).conj() * picture.there, wide) / hole.sum()
            priced = np.where(barred | (covered < COVERED), np.inf, cost + OPEN_PRICE * (1 - covered))
            out.append(_lowest(priced, down, across, apart=max(2, round(APART_SHARE * side))))
    return out


def _lowest(cost: npt.NDArray[np.floating], down: I64, across: I64, *, apart: int) -> I64:
    """Shifts [k, 2] of the lowest cost, none within `apart` of another."""
    out = []
    for _ in range(EACH):
        row, column = np.unravel_index(int(cost.argmin()), cost.shape)
        if not np.isfinite(cost[row, column]):
            break
        out.append((down[row], across[column]))
        rows = np.arange(row - apart, row + apart + 1) % cost.shape[0]
        columns = np.arange(column - apart, column + apart + 1) % cost.shape[1]
        cost[np.ix_(rows, columns)] = np.inf
    return np.array(out, np.int64).reshape(-1, 2)


def _exact(colour: F32, shifts: I64, *, known: Mask, ring: Mask) -> I64:
    """The shifts made exact to the pixel where the ring can tell."""
    if len(shifts) == 0:
        return shifts
    at = np.argwhere(ring)
    at = at[:: max(1, len(at) // EXACT_SAMPLES)]
    here, limit = colour[at[:, 0], at[:, 1]], np.array(known.shape) - 1
    best, cost = shifts.copy(), np.full(len(shifts), np.inf)
    for dy in range(-(SHRINK // 2), SHRINK // 2 + 1):
        for dx in range(-(SHRINK // 2), SHRINK // 2 + 1):
            tried = shifts + np.array([dy, dx])
            place = at[None] + tried[:, None]
            inside = ((place >= 0) & (place <= limit)).all(axis=2)
            row, column = np.moveaxis(np.clip(place, 0, limit), 2, 0)
            fits = inside & known[row, column]
            gap = colour[row, column] - here[None]
            mean = (np.einsum("knc,knc->kn", gap, gap) * fits).sum(axis=1) / np.maximum(fits.sum(axis=1), 1)
            better = mean < cost
            cost, best = np.where(better, mean, cost), np.where(better[:, None], tried, best)
    return np.asarray(np.unique(best, axis=0), np.int64)
