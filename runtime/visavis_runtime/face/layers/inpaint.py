"""Takes a picture and what is known of it, gives the unknown part as a quilt of pieces of the known one.

A moving head uncovers a strip of background a few dozen pixels wide. Smooth fills show there as fog, mirrored ones as
swirls; whole pieces of the same wall, sky or brickwork do not. Coarsely, from the edge inwards, every cell takes the
place in the picture whose surroundings look most like its own, favouring what continues its neighbours' piece
(A. Criminisi et al., "Region filling and object removal by exemplar-based image inpainting", 2004; M. Ashikhmin,
"Synthesizing natural textures", 2001). The places are refined once at double resolution (C. Barnes et al.,
"PatchMatch", 2009), the pieces are laid out at full resolution with soft seams, and what is left of a step at the edge
is spread smoothly over them. Everything is deterministic. It invents nothing that the picture does not show, and knows
nothing of the person: the caller leaves a safe distance.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CELL_PX = 8
"""Side of a coarse cell for a picture of 704 px; the places are refined on cells of half the side."""
REACH_CELLS = 12
"""Depth of the strip that is made of pieces; what lies deeper is never uncovered and stays smooth."""
HALF, SPAN = 2, 5
"""Surroundings that are compared, in cells: 5 x 5, `HALF` on each side."""
REFINEMENTS = 2
EDGE_SHARE = 0.012
"""How far along an edge steps are averaged, as a share of the side."""
NEAR = np.array([2.5, 0.7], np.float32)
"""Price of a piece from far away, in levels per 100 px down and across: things beside are better than things above."""
BUSY = 0.05
"""Price of a piece's own variance: what nothing around asks for, a lamp or a poster, is not repeated."""
COHERENCE = 0.6
"""What a place is discounted to that continues a neighbour's piece."""
FEWEST = 60
"""Places to choose from below which a smooth fill is better."""
AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]


def fill_by_pieces(colour: F32, *, known: Mask) -> F32:
    """The picture with its unknown part filled.

    Args:
        colour: [H, W, 3] float32, 0..255.
        known: [H, W] bool; must not be False everywhere.

    Returns:
        [H, W, 3] float32; equal to `colour` where it is known.
    """
    smooth = push_pull(colour, weight=known.astype(np.float32))
    half_cell = max(1, round(CELL_PX * colour.shape[0] / 704 / 2))
    places = _coarse_places(colour, known, cell=2 * half_cell)
    if places is None:
        return np.where(known[..., None], colour, smooth).astype(np.float32)
    places = _refined_places(colour, known, smooth, places, cell=half_cell)
    pieces, share = _laid_out(colour, known, places, cell=half_cell)
    pieces = _without_steps(pieces, share, colour=colour, known=known)
    mixed = pieces * share[..., None] + smooth * (1 - share[..., None])
    return np.where(known[..., None], colour, np.clip(mixed, 0, 255)).astype(np.float32)


def _cells(colour: F32, known: Mask, cell: int) -> tuple[F32, Mask]:
    """The picture and what is wholly known of it, in cells."""
    height, width = (length // cell for length in known.shape)
    cut = slice(0, height * cell), slice(0, width * cell)
    small = cv2.resize(colour[cut], (width, height), interpolation=cv2.INTER_AREA)
    whole = known[cut].reshape(height, cell, width, cell).all(axis=(1, 3))
    return np.asarray(small, np.float32), np.asarray(whole)


def _coarse_places(colour: F32, known: Mask, *, cell: int) -> I64 | None:
    """Where each cell is taken from: [h, w, 2] offsets in cells (row, column), 0 where it is known or too deep."""
    small, whole = _cells(colour, known, cell)
    source = cv2.erode(whole.astype(np.uint8), np.ones((SPAN, SPAN), np.uint8), borderValue=0) > 0
    at = np.argwhere(source)
    if len(at) < FEWEST:
        return None
    depth = cv2.distanceTransform((~whole).astype(np.uint8), cv2.DIST_C, 3)
    padded = np.pad(small, ((HALF, HALF), (HALF, HALF), (0, 0)), mode="edge")
    filled = np.pad(whole, HALF)
    look = _patches(padded, at)
    price, busy = (NEAR * cell / 100) ** 2, BUSY * look.var(axis=1).mean(axis=1, keepdims=True)
    places = np.hstack([(look**2).sum(axis=2), look.reshape(len(at), -1), at**2, at, busy]).astype(np.float32).T
    number = np.full(whole.shape, -1, np.int64)
    number[source] = np.arange(len(at))
    offsets, done = np.zeros((*whole.shape, 2), np.int64), np.zeros(whole.shape, bool)
    for layer in range(1, REACH_CELLS + 1):
        todo = np.argwhere((depth > layer - 1) & (depth <= layer))
        if not len(todo):
            break
        mask = _patches(filled[..., None].astype(np.float32), todo)
        mask /= np.maximum(3 * mask.sum(axis=1, keepdims=True), 1)
        here = _patches(padded, todo)
        # Squared differences and distances to all places and their price, written out as one product.
        ones = np.ones((len(todo), 1))
        left = [mask[..., 0], (-2 * here * mask).reshape(len(todo), -1), price * ones, -2 * price * todo, ones]
        fixed = (here**2 * mask).sum(axis=(1, 2)) + (price * todo**2).sum(axis=1)
        cost = np.maximum(np.hstack(left).astype(np.float32) @ places + fixed[:, None].astype(np.float32), 0)
        _favour_neighbours(cost, todo, offsets, done, number)
        best = at[cost.argmin(axis=1)]
        row, column = todo.T
        offsets[row, column] = best - todo
        done[row, column] = True
        padded[row + HALF, column + HALF] = small[best[:, 0], best[:, 1]]
        filled[row + HALF, column + HALF] = True
    return offsets


def _favour_neighbours(cost: F32, todo: I64, offsets: I64, done: Mask, number: I64) -> None:
    """Discount, in place, the places that continue a neighbour's piece."""
    size = np.array(done.shape)
    for step in AROUND:
        beside = todo + step
        inside = ((beside >= 0) & (beside < size)).all(axis=1)
        beside = np.clip(beside, 0, size - 1)
        place = todo + offsets[beside[:, 0], beside[:, 1]]
        inside &= done[beside[:, 0], beside[:, 1]] & ((place >= 0) & (place < size)).all(axis=1)
        place = np.clip(place, 0, size - 1)
        index = number[place[:, 0], place[:, 1]]
        rows = np.flatnonzero(inside & (index >= 0))
        cost[rows, index[rows]] *= COHERENCE


def _patches(padded: F32, at: I64) -> F32:
    """Surroundings [n, 25, C] of cells; `padded` has `HALF` cells more on every side."""
    width = padded.shape[1]
    flat = padded.reshape(-1, padded.shape[2])
    steps = np.array([dy * width + dx for dy in range(SPAN) for dx in range(SPAN)])
    return np.asarray(flat[(at[:, 0] * width + at[:, 1])[:, None] + steps], np.float32)


def _refined_places(colour: F32, known: Mask, smooth: F32, coarse: I64, *, cell: int) -> I64:
    """The places on cells of half the side: [h, w, 2] offsets in those cells."""
    small, whole = _cells(colour, known, cell)
    size = np.array(whole.shape)
    rows, columns = (np.minimum(np.arange(n) // 2, m - 1) for n, m in zip(size, coarse.shape[:2], strict=True))
    offsets = coarse[rows][:, columns] * 2
    todo = np.argwhere((offsets != 0).any(axis=2) & ~whole)
    row, column = todo.T
    source = cv2.erode(whole.astype(np.uint8), np.ones((SPAN - 2, SPAN - 2), np.uint8), borderValue=0) > 0
    picture = np.where(whole[..., None], small, _cells(smooth, known, cell)[0])
    border = ((HALF, HALF), (HALF, HALF), (0, 0))
    for _ in range(REFINEMENTS):
        place = np.clip(todo + offsets[row, column], 0, size - 1)
        picture[row, column] = small[place[:, 0], place[:, 1]]
        padded = np.pad(picture, border, mode="edge")
        looks = np.lib.stride_tricks.sliding_window_view(padded, (SPAN, SPAN), axis=(0, 1)).reshape(-1, 3 * SPAN**2)
        squares = np.einsum("nc,nc->n", looks, looks)
        here = looks[row * size[1] + column]
        best, chosen = np.full(len(todo), np.inf, np.float32), offsets[row, column]
        tries = [chosen, *(chosen + step for step in AROUND)]
        for step in ((0, 2), (2, 0), (0, -2), (-2, 0)):
            beside = np.clip(todo + step, 0, size - 1)
            tries.append(offsets[beside[:, 0], beside[:, 1]])
        for offset in tries:
            place = todo + offset
            fits = ((place >= 0) & (place < size)).all(axis=1) & (offset != 0).any(axis=1)
            place = np.clip(place, 0, size - 1)
            index = place[:, 0] * size[1] + place[:, 1]
            fits &= source.ravel()[index]
            cost = squares[index] - 2 * np.einsum("nc,nc->n", looks[index], here)
            better = fits & (cost < best)
            best = np.where(better, cost, best)
            chosen = np.where(better[:, None], offset, chosen)
        offsets[row, column] = chosen
    return np.asarray(offsets)


def _laid_out(colour: F32, known: Mask, places: I64, *, cell: int) -> tuple[F32, F32]:
    """The pieces at full resolution, seams softened over a cell, and where they count: [H, W, 3] and [H, W] 0..1."""
    height, width = known.shape
    held = (places != 0).any(axis=2)
    # A little beyond the edge too, to see what step is left there.
    near = cv2.dilate(held.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    spread = places.copy()
    for step in AROUND:
        moved, there = np.roll(places, step, (0, 1)), np.roll(held, step, (0, 1))
        take = near & ~held & there & (spread == 0).all(axis=2)
        spread[take] = moved[take]
    wanted = cv2.resize(near.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    at = np.flatnonzero(wanted)
    row, column = np.divmod(at, width)
    flat, sure = colour.reshape(-1, 3), known.ravel()
    total, weights = np.zeros((len(at), 3), np.float32), np.zeros(len(at), np.float32)
    up, left = (row + 0.5) / cell - 0.5, (column + 0.5) / cell - 0.5
    cells_high, cells_wide = places.shape[:2]
    for dy in (0, 1):
        y = np.floor(up).astype(np.int64) + dy
        for dx in (0, 1):
            x = np.floor(left).astype(np.int64) + dx
            cells = np.clip(y, 0, cells_high - 1) * cells_wide + np.clip(x, 0, cells_wide - 1)
            offset = spread.reshape(-1, 2)[cells] * cell
            to_row, to_column = row + offset[:, 0], column + offset[:, 1]
            fits = (
                (offset != 0).any(axis=1) & (to_row >= 0) & (to_row < height) & (to_column >= 0) & (to_column < width)
            )
            place = np.where(fits, to_row * width + to_column, 0)
            fits &= sure[place]
            weight = ((1 - np.abs(up - y)) * (1 - np.abs(left - x)) * fits).astype(np.float32)
            total += weight[:, None] * flat[place]
            weights += weight
    pieces, count = np.zeros_like(colour), np.zeros(known.shape, np.float32)
    pieces.reshape(-1, 3)[at] = total / np.maximum(weights, 1e-6)[:, None]
    count.ravel()[at] = weights
    depth = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5) / (2 * cell)
    return pieces, np.clip(REACH_CELLS - 1 - depth, 0, 3) / 3 * np.clip(4 * count - 0.5, 0, 1)


def _without_steps(pieces: F32, share: F32, *, colour: F32, known: Mask) -> F32:
    """The pieces with the smooth part of their step against the known edge taken out."""
    return without_step(pieces, colour=colour, edge=known & (share > 0.99))


def without_step(filled: F32, *, colour: F32, edge: Mask) -> F32:
    """A fill moved smoothly so that along an edge [H, W] it agrees with the picture on the whole, not in details."""
    if not edge.any():
        return filled
    weight = edge.astype(np.float32)
    spread = EDGE_SHARE * len(edge)
    near = np.maximum(cv2.GaussianBlur(weight, (0, 0), spread), 1e-4)[..., None]
    step = cv2.GaussianBlur((colour - filled) * weight[..., None], (0, 0), spread)
    return np.asarray(filled + push_pull(step / near, weight=weight), np.float32)
