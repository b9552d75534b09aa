"""Takes a matte and the wall behind the person, gives the matte with what it missed at the rim.

Where the wall is plain, what differs from it towards the person's colour belongs to the person: stray hair far from the
matte's own edge, the last percent of that edge, and the pale or tinted halo that lenses, brushes and JPEG leave beside
it. Left on the plate each of them would show as an outline at the head's old place. It finds no wall: see `inpaint`;
and no matte of its own: see `matting`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull

F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SURE = 0.6
"""Matte above which a pixel surely shows the person."""
THIRDS = np.full(3, 1 / 3, np.float32)
CALM_LEVELS = 8.0
"""Detail of the background, in levels, above which nothing can be told from it."""
STRAND_SHARE = 0.008
"""Half the width of the widest lock of stray hair as a share of the picture's side."""
STRAY_SHARE = 0.09
"""How far from the sure person stray hair is looked for, as a share of the picture."""
TRUST = 20.0
"""Levels: how far colours of person and wall must differ before they may tell a matte."""
FAINT_LEVELS = 3.0
"""Differences from the wall too small to be a hair."""
HALO_SHARE, HALO_MOST = 0.007, 0.4
"""Width of the halo beside an edge as a share of the picture's side; the most matte that it gets."""


def with_stray_hair(colour: F32, *, matte: F32, persons: tuple[F32, ...], wall: F32, calm: F32, known: Mask) -> F32:
    """The matte with the hair that it missed, where the wall is plain: what differs from it towards a person's colour.

    Faint pixels count only along with distinct ones that they touch, so that noise makes no specks.
    """
    noise = float(np.sqrt(np.median(_detail(colour)[known])))
    faint = max(FAINT_LEVELS, 2 * noise)
    away = cv2.distanceTransform((matte < SURE).astype(np.uint8), cv2.DIST_L2, 5)
    near = (away < STRAY_SHARE * len(matte)) & (calm > 0.68)
    gap = cv2.GaussianBlur(colour, (0, 0), 0.5) - wall
    strength = np.sqrt(_dot(gap, gap))
    maybe, found = np.zeros(near.shape, bool), np.zeros(near.shape, np.float32)
    for person in persons:
        span = person - wall
        length = np.maximum(np.sqrt(_dot(span, span)), 1)
        alike = near & (strength > faint) & (_dot(gap, span) > 0.8 * strength * length)
        share = _dot(colour - wall, span) / (length**2 + TRUST)
        found[alike] = np.maximum(found, np.clip(share, 0, 1))[alike]
        maybe |= alike
    strand = 2 * max(2, round(STRAND_SHARE * len(matte))) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (strand, strand))
    maybe &= cv2.morphologyEx((maybe & (matte < 0.5)).astype(np.uint8), cv2.MORPH_OPEN, disc) == 0
    distinct = maybe & (strength > 2 * faint) & _thin(colour, least=1.5 * faint)
    count, labels = cv2.connectedComponents((maybe | (matte > 0.5)).astype(np.uint8))
    kept = np.zeros(count, bool)
    kept[np.unique(labels[distinct])] = True
    kept[0] = False
    whole = cv2.GaussianBlur((maybe & kept[labels]).astype(np.float32), (0, 0), 0.8)
    return np.asarray(np.maximum(matte, found * np.minimum(1.6 * whole, 1)), np.float32)


def hair_colour(colour: F32, *, solid: Mask, face: Mask) -> F32:
    """[1, 1, 3]: the mean of what surrounds the face, above the chin."""
    rows = np.flatnonzero(face.any(axis=1))
    ring = solid & (cv2.dilate(face.astype(np.uint8), np.ones((round(len(face) / 10) | 1,) * 2, np.uint8)) > 0)
    ring &= cv2.dilate(face.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    ring[(rows[0] + 2 * rows[-1]) // 3 :] = False
    return np.asarray((colour[ring] if ring.any() else colour[face]).mean(axis=0), np.float32)[None, None]


def _thin(colour: F32, *, least: float) -> Mask:
    """Pixels of lines: unlike the median of their surroundings."""
    grey = np.asarray(np.rint(_dot(colour, THIRDS)), np.uint8)
    size = max(7, round(grey.shape[0] / 50)) | 1
    unlike = cv2.absdiff(grey, cv2.medianBlur(grey, size)) > least
    return np.asarray(cv2.dilate(unlike.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def with_fringe(colour: F32, *, matte: F32, person: F32, wall: F32) -> F32:
    """The matte with the last percent of its edge, which would stay on the wall as a thin outline."""
    near = (matte < 0.5) & (cv2.dilate(matte, np.ones((5, 5), np.uint8)) > 0.1)
    gap, span = colour - wall, person - wall
    along = _dot(gap, span)
    square = _dot(span, span)
    alike = along > 0.8 * np.sqrt(_dot(gap, gap)) * np.sqrt(square)
    most = cv2.GaussianBlur(matte, (0, 0), 1.5)
    found = np.minimum(along / (square + TRUST**2), most)
    return np.where(near & alike, np.maximum(matte, found), matte).astype(np.float32)


def dense_enough(colour: F32, *, matte: F32, person: F32, plate: F32, calm: F32) -> F32:
    """The soft matte at least so high that some colour before a calm plate gives the pixel, and a little beyond it.

    Lenses, brushes and JPEG leave a pale or tinted halo beside an edge; it belongs to the edge and moves with it.
    """
    gap, span = colour - plate, person - plate
    alike = _dot(gap, span) / np.maximum(np.sqrt(_dot(gap, gap)) * np.sqrt(_dot(span, span)), 1e-3)
    room = np.where(gap > 0, 255 - plate, plate)
    least = np.clip(largest(np.maximum(np.abs(gap) - FAINT_LEVELS, 0) / np.maximum(room, 1)), 0, 1)
    reach = HALO_SHARE * colour.shape[0]
    away = cv2.distanceTransform((matte < 0.3).astype(np.uint8), cv2.DIST_L2, 5)
    halo = np.where(alike > 0.5, 1, HALO_MOST / np.maximum(least, HALO_MOST)) * np.clip(2 - away / reach, 0, 1)
    believed = np.where((matte > 0) & (alike > 0.5), 1, halo)
    return np.where(matte < 1, np.clip(np.maximum(matte, 1.05 * least * calm * believed), 0, 1), 1).astype(np.float32)


def _detail(colour: F32) -> F32:
    """[H, W] squared levels: how much each pixel differs from its surroundings."""
    gap = colour - cv2.GaussianBlur(colour, (0, 0), 3)
    return _dot(gap, gap) / np.float32(3)


def calmness(colour: F32, *, known: Mask) -> F32:
    """[H, W] 0..1: how plain the background near each pixel is; on a plain wall a stray hair can be told from it."""
    detail = _detail(colour)
    inside = cv2.erode(known.astype(np.uint8), np.ones((9, 9))).astype(np.float32)
    spread = push_pull(detail[..., None], weight=inside)[..., 0] if inside.any() else detail
    return np.asarray(np.exp(-cv2.GaussianBlur(spread, (0, 0), 6) / CALM_LEVELS**2), np.float32)


def _dot(one: F32, two: F32) -> F32:
    """[H, W]: the product summed over the channels; NumPy's own sum over a short last axis is slow."""
    return np.asarray(np.einsum("hwc,c->hw" if two.ndim == 1 else "hwc,hwc->hw", one, two), np.float32)


def largest(colours: F32) -> F32:
    """[H, W]: the largest channel."""
    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])
