"""Takes the picture and the network's coarse matte, gives the matte of the rim: hair by hair where the colours tell it.

Three steps. A trimap: what the network is sure of, less a band about as wide as loose hair. Sampling: each pixel of the
band is tried as a mix of colours seen on either side of it nearby, and is believed as far as a pair explains it
(J. Wang, M. Cohen, "Optimized color sampling for robust matting", 2007). Then the closed-form matting `laplacian`, with
the samples as a soft data term. It estimates no colours: see `cutout`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.cutout import attached
from visavis_runtime.face.layers.laplacian import solve_band

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SURE_PERSON, SURE_WALL = 0.9, 0.1
"""The network's matte beyond which it is believed away from the rim."""
INNER_SHARE, OUTER_SHARE = 0.009, 0.022
"""Width of the unknown band inside and outside the network's rim, as a share of the picture's side."""
SAMPLE_WEIGHT, NETWORK_WEIGHT, LEAST_NETWORK = 0.08, 0.03, 0.002
"""Weight of a perfect sample against the Laplacian, and of the network where samples tell nothing and where all."""
MISFIT = 0.03
"""Colour distance, 0..1, at which a pair of samples is no longer believed."""
ALIKE = 0.12
"""Distance of person and wall, 0..1, below which a sample tells little about the matte."""
JITTER = ((0, 0), (9, 3), (-4, 8), (-8, -5), (5, -9), (18, -6), (-16, 10))
"""Where nearby samples are looked for, px for a side of 704."""
EXTREME_REACH = 14
"""Share of the picture's side, one in so many, in which the wall's darkest and brightest colours are looked for."""
HAZE = 0.1
"""Matte too thin to be hair where the network sees no person."""
STRAND_SHARE, BLOB_SHARE = 0.004, 0.008
"""Half the width of the widest strand, and how far from the network's rim wider things end; shares of the side."""


def refined_matte(picture: U8, *, coarse: F32, face: Mask) -> F32:
    """The matte at the picture's resolution.

    Args:
        picture: [H, W, 3] uint8.
        coarse: [H, W] float32 0..1, the network's matte.
        face: [H, W] bool, surely person.

    Returns:
        [H, W] float32 0..1, exactly 0 and 1 where it is sure.
    """
    colour = np.asarray(picture, np.float32) / np.float32(255)
    coarse = attached(np.clip(coarse, 0, 1).astype(np.float32), face=face)
    person, wall = trimap(coarse, face=face)
    matte = person.astype(np.float32)
    band = ~(person | wall)
    if not band.any() or not person.any() or not wall.any():
        return matte
    guess, weight = _sampled(colour, person=person, wall=wall, coarse=coarse)
    matte[band] = guess
    solved = solve_band(colour, matte=matte, band=band, guess=guess, weight=weight)
    solved = (solved - 0.03) / 0.94
    matte[band] = np.clip(solved, 0, 1)
    return _without_blobs(matte, coarse=coarse)


def _without_blobs(matte: F32, *, coarse: F32) -> F32:
    """The matte with nothing but strands where the network sees no person: wide patches there are the wall's."""
    strand, fade = max(2, round(matte.shape[0] * STRAND_SHARE)), BLOB_SHARE * matte.shape[0]
    wide = cv2.morphologyEx(matte, cv2.MORPH_OPEN, _disc(strand))
    away = cv2.distanceTransform((coarse < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    allowed = np.maximum(np.clip(1.5 - away / fade, 0, 1), coarse)
    strands = matte - np.maximum(wide - allowed, 0)
    haze = HAZE * (1 - allowed)
    return np.asarray(np.clip((strands - haze) / (1 - haze), 0, 1), np.float32)


def trimap(coarse: F32, *, face: Mask) -> tuple[Mask, Mask]:
    """Surely person and surely wall, both [H, W]; the rest is the band."""
    side = coarse.shape[0]
    inner, outer = max(2, round(side * INNER_SHARE)), max(3, round(side * OUTER_SHARE))
    person = cv2.erode((coarse > SURE_PERSON).astype(np.uint8), _disc(inner)) > 0
    wall = cv2.dilate((coarse > SURE_WALL).astype(np.uint8), _disc(outer)) == 0
    return person | face, wall & ~face


def _disc(radius: int) -> U8:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def _sampled(colour: F32, *, person: Mask, wall: Mask, coarse: F32) -> tuple[F32, F32]:
    """Matte [n] of the band's pixels by the best pair of samples, and its weight [n] in the solve."""
    band = np.flatnonzero(~(person | wall))
    here = colour.reshape(-1, 3)[band]
    fronts = [colour.reshape(-1, 3)[place] for place in _near(person, band)]
    backs = [colour.reshape(-1, 3)[place] for place in _near(wall, band)]
    extremes = [extreme.reshape(-1, 3)[band] for extreme in _extremes(colour, wall=wall)]
    backs += extremes
    network = coarse.ravel()[band]
    best = np.full(len(band), np.inf, np.float32)
    matte, apart = network.copy(), np.zeros(len(band), np.float32)
    for back in backs:
        gap = here - back
        square = np.einsum("nc,nc->n", gap, gap)
        for front in fronts:
            span = front - back
            length = np.einsum("nc,nc->n", span, span)
            share = np.clip(np.einsum("nc,nc->n", gap, span) / (length + 1e-4), 0, 1)
            misfit = square - share * (2 * np.einsum("nc,nc->n", gap, span) - share * length)
            # Among pairs that explain the pixel alike: colours that differ more, a matte nearer to the network's.
            cost = misfit + 4e-4 * (share - network) ** 2 + 2e-5 / (length + 0.01)
            better = cost < best
            best = np.where(better, cost, best)
            matte = np.where(better, share, matte)
            apart = np.where(better, length, apart)
    for back in backs[: len(JITTER)]:  # what mixes two colours of the wall is a line on the wall
        gap, span = here - back, extremes[0] - back
        share = np.clip(np.einsum("nc,nc->n", gap, span) / (np.einsum("nc,nc->n", span, span) + 1e-4), 0, 1)
        off = gap - share[:, None] * span
        misfit = np.einsum("nc,nc->n", off, off)
        cost = misfit + 4e-4 * network**2 + 1e-4
        better = cost < best
        best = np.where(better, cost, best)
        matte = np.where(better, 0, matte)
        apart = np.where(better, ALIKE**2, apart)
    trust = np.exp(-np.maximum(best, 0) / MISFIT**2) * apart / (apart + ALIKE**2)
    prior = NETWORK_WEIGHT * (1 - trust) ** 2 + LEAST_NETWORK
    weight = SAMPLE_WEIGHT * trust + prior
    guess = (SAMPLE_WEIGHT * trust * matte + prior * network) / weight
    return guess.astype(np.float32), weight.astype(np.float32)


def _extremes(colour: F32, *, wall: Mask) -> tuple[F32, F32]:
    """The darkest and the brightest of the wall near each pixel: ink lines, lamps; mid grey where there is none."""
    reach = np.ones((round(colour.shape[0] / EXTREME_REACH) | 1,) * 2, np.uint8)
    unknown = ~wall[..., None]
    dark = cv2.erode(np.where(unknown, np.float32(2), colour), reach)
    bright = cv2.dilate(np.where(unknown, np.float32(-1), colour), reach)
    return np.where(dark > 1, 0.5, dark).astype(np.float32), np.where(bright < 0, 0.5, bright).astype(np.float32)


def _near(known: Mask, places: I64) -> list[I64]:
    """Flat indices of known pixels near each place, one array per entry of `JITTER`."""
    height, width = known.shape
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    flat = np.flatnonzero(known)
    of_label = np.zeros(int(labels.max()) + 1, np.int64)
    of_label[labels.ravel()[flat]] = flat
    rows, columns = np.divmod(places, width)
    unit = height / 704
    out = []
    for x, y in JITTER:
        row = np.clip(rows + round(y * unit), 0, height - 1)
        column = np.clip(columns + round(x * unit), 0, width - 1)
        out.append(of_label[labels[row, column]])
    return out
