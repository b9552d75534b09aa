"""Takes a picture and what is known of it, gives the unknown part as a quilt of pieces of the known one.

A moving head uncovers a strip of background a few dozen pixels wide. Smooth fills show there as fog, mirrored ones as
swirls; whole pieces of the same wall, sky or brickwork do not. The pieces come from the few shifts by which the wall
repeats itself (`repeats`), so that courses of bricks and edges of furniture go on in their own line. Which shift
serves which cell is a labelling problem: cells at the edge must fit what is seen, neighbours must agree on each other's
ground. It is solved by min-sum belief propagation (P. Felzenszwalb, D. Huttenlocher, "Efficient belief propagation for
early vision", 2006). The pieces are laid out with soft seams, and what is left of a step at the edge is spread smoothly
over them. Everything is deterministic. It invents nothing that the picture does not show, and knows nothing of the
person: the caller leaves a safe distance.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.repeats import shifts_of

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CELL_PX = 8
"""Side of a cell for a picture of 704 px."""
REACH_CELLS = 10
"""Depth of the strip that is made of pieces; what lies deeper is never uncovered and stays smooth."""
BAND_CELLS, RING_CELLS = ((0, 4), (4, 10)), 6
"""Depths of the hole for which shifts are looked for, and width of the known ring that tells them."""
SAMPLE_PX = 2
"""Every so manieth pixel of a cell is compared."""
AROUND, AROUND_WEIGHT, LEAST_AROUND = 5, 3.0, 0.3
"""Cells a side of the known surroundings that a cell at the edge must fit, their weight against a neighbour's, and the
share of them that a shift must be able to show."""
MISFIT = 4000.0
"""Squared levels of what a shift cannot show."""
ODD = 0.06
"""Weight of the distance from the smooth fill: what nothing around asks for, a lamp or a poster, is not repeated."""
SWEEPS = 6
FADE_CELLS = 2.0
"""On so many cells the pieces fade out before what no shift covers."""
FOG_NEAR = 6.0
"""What lies deeper has the colours of the nearest pieces: the fog has no edge."""
EDGE_SHARE = 0.012
"""How far along an edge steps are averaged, as a share of the side."""
BESIDE = ((0, 1), (0, -1), (1, 0), (-1, 0))
OPPOSITE = (1, 0, 3, 2)


class _Cells(NamedTuple):
    """What every shift shows in the cells that are to be filled, and what that costs.

    at [n, 2] row and column of the cells; unary [n, k] cost of a shift by itself; apart [n, k, k] mean squared
    difference of two shifts.
    """

    at: I64
    unary: F32
    apart: F32


def fill_by_pieces(colour: F32, *, known: Mask, inner: slice = slice(None)) -> F32:
    """The picture with its unknown part filled.

    Args:
        colour: [H, W, 3] float32, 0..255.
        known: [H, W] bool; must not be False everywhere.
        inner: rows and columns that are laid with pieces; the rest is filled smoothly.

    Returns:
        [H, W, 3] float32; equal to `colour` where it is known.
    """
    smooth = push_pull(colour, weight=known.astype(np.float32))
    cell = max(SAMPLE_PX, round(CELL_PX * colour.shape[0] / 704))
    depth = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5)
    away = cv2.distanceTransform(known.astype(np.uint8), cv2.DIST_L2, 5)
    seen = np.zeros(known.shape, bool)
    seen[inner, inner] = True
    given = known & _unmirrored(known, inner)
    bands = tuple(seen & (depth > low * cell) & (depth < high * cell) for low, high in BAND_CELLS)
    shifts = shifts_of(colour, known=given, holes=bands, ring=seen & known & (away < RING_CELLS * cell))
    if len(shifts) == 0:
        fog = push_pull(colour, weight=known.astype(np.float32), near=FOG_NEAR)
        return np.where(known[..., None], colour, fog).astype(np.float32)
    chosen = _chosen(colour, known, given, smooth, shifts, seen=seen, cell=cell)
    pieces, count = _laid_out(colour, given, chosen, shifts, cell=cell)
    open_ = cv2.distanceTransform((known | (count > 0.5)).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(REACH_CELLS - 1 - depth / cell, 0, 3) / 3 * np.clip(open_ / (FADE_CELLS * cell), 0, 1)
    share[count < 0.2] = 0
    pieces = without_step(pieces, colour=colour, edge=known & (share > 0.99))
    laid = np.where(known, 1, share)
    fog = push_pull(np.where(known[..., None], colour, pieces), weight=laid, near=FOG_NEAR)
    mixed = pieces * share[..., None] + fog * (1 - share[..., None])
    return np.where(known[..., None], colour, np.clip(mixed, 0, 255)).astype(np.float32)


def _unmirrored(known: Mask, inner: slice) -> Mask:
    """[H, W]: what a border that mirrors the inside does not take from something unknown: no piece of a second head."""
    low, high, _ = inner.indices(len(known))
    return np.pad(known[low:high, low:high], ((low, len(known) - high), (low, known.shape[1] - high)), mode="symmetric")


def _chosen(picture: F32, known: Mask, given: Mask, smooth: F32, shifts: I64, *, seen: Mask, cell: int) -> I64:
    """Which shift serves each cell [h, w]: -1 where it is known, too deep or not seen."""
    height, width = (-(-length // cell) for length in known.shape)
    more = (0, height * cell - known.shape[0]), (0, width * cell - known.shape[1])
    shape = (height, cell, width, cell)
    whole = np.asarray(np.pad(known, more, mode="edge").reshape(shape).all(axis=(1, 3)))
    shown = np.asarray(np.pad(seen, more, mode="edge").reshape(shape).any(axis=(1, 3)))
    depth = cv2.distanceTransform((~whole).astype(np.uint8), cv2.DIST_C, 3)
    wanted = (depth > 0) & (depth <= REACH_CELLS) & shown
    cells = _compared(picture, known, given, smooth, shifts, wanted=wanted, whole=whole, cell=cell)
    out = np.full((height, width), -1, np.int64)
    out[cells.at[:, 0], cells.at[:, 1]] = _agreed(cells, wanted)
    return out


def _compared(
    picture: F32, known: Mask, given: Mask, smooth: F32, shifts: I64, *, wanted: Mask, whole: Mask, cell: int
) -> _Cells:
    """The costs of all shifts in the cells that are wanted [h, w]; `whole` are the known ones."""
    ring = np.ones((AROUND, AROUND), np.uint8)
    used = wanted | (whole & (cv2.dilate(wanted.astype(np.uint8), ring) > 0))
    at, limit = np.argwhere(used), np.array(known.shape) - 1
    steps = np.arange(SAMPLE_PX // 2, cell, SAMPLE_PX)
    inside = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    here = np.minimum(at[:, None] * cell + inside, limit)  # [n, s, 2]
    there = here[:, None] + shifts[:, None]  # [n, k, s, 2]
    fits = ((there >= 0) & (there <= limit)).all(axis=3)
    place = np.where(fits, there[..., 0] * known.shape[1] + there[..., 1], 0)
    fits &= given.ravel()[place]
    shown = np.take(picture.reshape(-1, 3), place, axis=0)  # [n, k, s, 3]
    own, seen = picture[here[..., 0], here[..., 1]], known[here[..., 0], here[..., 1]]
    both = seen[:, None] & fits
    gap = shown - own[:, None]
    misfit = (np.einsum("nksc,nksc->nks", gap, gap) * both).sum(axis=2)
    around = [_summed(values, at, used.shape) for values in (misfit, both.sum(axis=2), seen.sum(axis=1)[:, None])]
    fit = np.where(around[1] >= LEAST_AROUND * around[2], around[0] / np.maximum(around[1], 1), MISFIT)
    odd = ((shown.mean(axis=2) - smooth[here[..., 0], here[..., 1]].mean(axis=1)[:, None]) ** 2).sum(axis=2)
    unary = AROUND_WEIGHT * fit * (around[2] > 0) + ODD * odd + 1e5 * (1 - fits.mean(axis=2))
    mine = wanted[at[:, 0], at[:, 1]]
    flat = shown[mine].reshape(int(mine.sum()), len(shifts), -1)
    product = np.matmul(flat, flat.transpose(0, 2, 1))
    square = np.einsum("nkk->nk", product)
    apart = np.maximum(square[:, :, None] + square[:, None] - 2 * product, 0) / len(inside)
    return _Cells(at[mine], unary[mine].astype(np.float32), apart.astype(np.float32))


def _summed(values: npt.NDArray[np.generic], at: I64, shape: tuple[int, ...]) -> F32:
    """Values [n, k] of cells summed over their surroundings."""
    grid = np.zeros((*shape, values.shape[1]), np.float32)
    grid[at[:, 0], at[:, 1]] = values
    down = sum(_moved(grid, step, axis=0) for step in range(-(AROUND // 2), AROUND // 2 + 1))
    whole = sum(_moved(np.asarray(down), step, axis=1) for step in range(-(AROUND // 2), AROUND // 2 + 1))
    return np.asarray(whole, np.float32)[at[:, 0], at[:, 1]]


def _moved(grid: F32, step: int, *, axis: int) -> F32:
    """A grid [h, w, k] moved along an axis; zeros come in."""
    out = np.zeros_like(grid)
    to, of = slice(max(step, 0), min(step, 0) or None), slice(max(-step, 0), min(-step, 0) or None)
    out[(slice(None),) * axis + (to,)] = grid[(slice(None),) * axis + (of,)]
    return out


def _agreed(cells: _Cells, wanted: Mask) -> I64:
    """The shift [n] of each cell on which neighbours agree best."""
    count, kinds = cells.unary.shape
    number = np.full((wanted.shape[0] + 2, wanted.shape[1] + 2), count)
    number[cells.at[:, 0] + 1, cells.at[:, 1] + 1] = np.arange(count)
    beside = [number[cells.at[:, 0] + 1 + dy, cells.at[:, 1] + 1 + dx] for dy, dx in BESIDE]
    between = [cells.apart + cells.apart[np.minimum(other, count - 1)] for other in beside]
    told = np.zeros((4, count + 1, kinds), np.float32)  # from each side; the last row takes what leaves the hole
    for _ in range(SWEEPS):
        for side, other in enumerate(beside):
            belief = cells.unary + told[:, :count].sum(axis=0) - told[side, :count]
            message = (belief[:, :, None] + between[side]).min(axis=1)
            told[OPPOSITE[side]][other] = message - message.min(axis=1, keepdims=True)
    return np.asarray((cells.unary + told[:, :count].sum(axis=0)).argmin(axis=1), np.int64)


def _laid_out(picture: F32, known: Mask, chosen: I64, shifts: I64, *, cell: int) -> tuple[F32, F32]:
    """The pieces at full resolution, seams softened over a cell, and how much is laid: [H, W, 3] and [H, W] 0..1."""
    height, width = known.shape
    # A little beyond the edge too, to see what step is left there.
    spread, held = chosen.copy(), chosen >= 0
    near = cv2.dilate(held.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    for step in ((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)):
        moved = np.roll(chosen, step, (0, 1))
        spread = np.where(near & (spread < 0) & (moved >= 0), moved, spread)
    wanted = np.repeat(np.repeat(near, cell, axis=0), cell, axis=1)[:height, :width]
    at = np.flatnonzero(wanted)
    row, column = np.divmod(at, width)
    total, weights = np.zeros((len(at), 3), np.float32), np.zeros(len(at), np.float32)
    up, left = (row + 0.5) / cell - 0.5, (column + 0.5) / cell - 0.5
    flat, sure = picture.reshape(-1, 3), known.ravel()
    for dy in (0, 1):
        y = np.floor(up).astype(np.int64) + dy
        for dx in (0, 1):
            x = np.floor(left).astype(np.int64) + dx
            kind = spread[np.clip(y, 0, len(spread) - 1), np.clip(x, 0, spread.shape[1] - 1)]
            to_row, to_column = row + shifts[kind, 0], column + shifts[kind, 1]
            fits = (kind >= 0) & (to_row >= 0) & (to_row < height) & (to_column >= 0) & (to_column < width)
            place = np.where(fits, to_row * width + to_column, 0)
            fits &= sure[place]
            weight = ((1 - np.abs(up - y)) * (1 - np.abs(left - x)) * fits).astype(np.float32)
            total += weight[:, None] * flat[place]
            weights += weight
    pieces, count = np.zeros_like(picture), np.zeros(known.shape, np.float32)
    pieces.reshape(-1, 3)[at] = total / np.maximum(weights, 1e-6)[:, None]
    count.ravel()[at] = weights
    return pieces, count


def without_step(filled: F32, *, colour: F32, edge: Mask) -> F32:
    """A fill moved smoothly so that along an edge [H, W] it agrees with the picture on the whole, not in details."""
    if not edge.any():
        return filled
    weight = edge.astype(np.float32)
    spread = EDGE_SHARE * len(edge)
    near = np.maximum(cv2.GaussianBlur(weight, (0, 0), spread), 1e-4)[..., None]
    step = cv2.GaussianBlur((colour - filled) * weight[..., None], (0, 0), spread)
    return np.asarray(filled + push_pull(step / near, weight=weight), np.float32)
