"""Takes the picture and a coarse matte, gives the two layers that a moving head needs: person and background.

texture = the person's own colours with a matte, plate = the background with the person removed. Composited at rest they
are the picture again to rounding, whatever the matte says: first the colours on both sides of the rim are guessed from
their sure neighbours, then the matte is nudged until the mix explains the pixel, and what is still missing goes into
the person's colour where the matte is high and into the plate where it is low.

The matte is refined by a colour guided filter (K. He et al., 2010). The hidden background is the mirrored picture
beyond the rim, fading into a smooth fill: only the first few dozen pixels are ever uncovered.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from visavis_runtime.face.fill import push_pull

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

TRUST = 40.0
"""Levels: how far colours must differ before they may correct the matte."""
PLATE_SHARE = 0.5
"""How willingly a lively plate takes a rest of the mix, against the person's colour; a calm one takes almost none."""
CALM_LEVELS = 5.0
"""Detail of the background, in levels, above which nothing can be told from it."""
SURE = 0.6
"""Matte above which a pixel surely shows the person."""
HAIR_SHARE = 0.022
"""How far from the sure person soft hair is believed whole, as a share of the picture; at twice that, no more."""
FAINT_LEVELS = 8.0
"""Differences from the plate too small to be a hair."""


class Cutout(NamedTuple):
    """texture [H, W, 4] uint8 (straight colour, matte) and plate [H, W, 3] uint8."""

    texture: U8
    plate: U8


def refined_matte(picture: U8, *, coarse: F32, face: Mask) -> F32:
    """Matte with the picture's own edges.

    Args:
        picture: [H, W, 3] uint8.
        coarse: [H, W] float32 0..1, the network's matte.
        face: [H, W] bool, surely person.

    Returns:
        [H, W] float32 0..1, exactly 0 and 1 where it is sure.
    """
    radius = max(3, round(picture.shape[0] * 9 / 700))
    guide = np.asarray(picture, np.float32) / np.float32(255)
    matte = _guided(guide, np.asarray(np.clip(coarse, 0, 1), np.float32), radius=radius, epsilon=1e-3)
    matte = np.clip((matte - 0.1) / 0.8, 0, 1)
    soft_face = cv2.GaussianBlur(face.astype(np.float32), (0, 0), picture.shape[0] / 230)
    matte = np.maximum(matte, soft_face * face)
    matte[matte < 0.05] = 0
    matte[matte > 0.96] = 1
    return np.asarray(matte, np.float32)


def cut_out(picture: U8, *, matte: F32, face: Mask) -> Cutout:
    """Person and background layers whose mix is the picture.

    Args:
        picture: [H, W, 3] uint8.
        matte: [H, W] float32 0..1.
        face: [H, W] bool, where the matte must be 1.
    """
    colour = np.asarray(picture, np.float32)
    matte = _attached(matte, face=face)
    reach = max(5, round(picture.shape[0] / 26)) | 1
    known = _known_background(matte, reach=reach)
    background = _background(colour, known=known)
    person = push_pull(colour, weight=(cv2.erode(matte, np.ones((3, 3))) > 0.9).astype(np.float32))
    calm = _calmness(colour, known=known)
    mixed = _explained(colour, matte=matte, person=person, plate=background, calm=calm * ~known)
    mixed[face] = 1
    alpha = np.rint(mixed * 255).astype(np.uint8)
    share = np.asarray(alpha, np.float32)[..., None] / np.float32(255)
    yielding = (PLATE_SHARE * (1 - calm) + 0.02)[..., None]
    front, plate = _balanced(colour, person=person, plate=background, share=share, yielding=yielding)
    return Cutout(np.dstack([front, alpha]), plate)


def _known_background(matte: F32, *, reach: int) -> Mask:
    """Pixels far enough from the person to show nothing of it."""
    known = np.asarray(cv2.dilate(matte, np.ones((reach, reach))) < 0.02)
    if known.mean() < 0.02:
        known[[0, -1]] = True
        known[:, [0, -1]] = True
    return known


def _calmness(colour: F32, *, known: Mask) -> F32:
    """[H, W] 0..1: how plain the background near each pixel is; on a plain wall a stray hair can be told from it."""
    grey = colour.mean(axis=2)
    detail = (grey - cv2.GaussianBlur(grey, (0, 0), 3)) ** 2
    inside = cv2.erode(known.astype(np.uint8), np.ones((9, 9))).astype(np.float32)
    spread = push_pull(detail[..., None], weight=inside)[..., 0] if inside.any() else detail
    return np.asarray(np.exp(-cv2.GaussianBlur(spread, (0, 0), 6) / CALM_LEVELS**2), np.float32)


def _background(colour: F32, *, known: Mask) -> F32:
    """The picture with the person filled in from the background."""
    smooth = push_pull(colour, weight=known.astype(np.float32))
    mirrored, depth = _mirrored(colour, known=known)
    span = colour.shape[0] / 12
    share = np.clip(1.5 - depth / span, 0, 1)[..., None]
    filled = np.where(np.isnan(mirrored), smooth, mirrored * share + smooth * (1 - share))
    return np.asarray(np.where(known[..., None], colour, filled), np.float32)


def _mirrored(colour: F32, *, known: Mask) -> tuple[F32, F32]:
    """Unknown pixels as the mirror image across the nearest known one, NaN where that is unknown too; and the depth."""
    depth, nearest = distance_transform_edt(~known, return_indices=True)
    rows, columns = np.indices(known.shape, dtype=np.float32)
    offset_y = cv2.GaussianBlur((nearest[0] - rows).astype(np.float32), (0, 0), 4)
    offset_x = cv2.GaussianBlur((nearest[1] - columns).astype(np.float32), (0, 0), 4)
    map_x, map_y = columns + 2 * offset_x, rows + 2 * offset_y
    weight = cv2.remap(known.astype(np.float32), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    out = cv2.remap(colour, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.where(weight[..., None] > 0.99, out, np.nan).astype(np.float32), depth.astype(np.float32)


def _explained(colour: F32, *, matte: F32, person: F32, plate: F32, calm: F32) -> F32:
    """The matte moved towards the mix that gives the pixel's colour: in the soft rim, and for hair before plain walls.

    Where the background is calm the matte is also at least so high that some colour in front of the plate gives the
    pixel: then the plate needs no trace of the person. Hair is thin and of the person's colour; a lamp is neither.
    """
    span = person - plate
    rest = colour - plate - matte[..., None] * span
    step = (rest * span).sum(axis=2) / ((span**2).sum(axis=2) + TRUST**2)
    gap = colour - plate
    strength = np.abs(gap).max(axis=2)
    alike = (gap * span).sum(axis=2) / np.maximum(np.linalg.norm(gap, axis=2) * np.linalg.norm(span, axis=2), 1e-3)
    hair = (calm > 0.5) & _thin(colour) & (alike > 0.8) & (strength > FAINT_LEVELS)
    rim = (matte > 0) & (matte < 1)
    soft = rim | (hair & (matte < 1))
    out = np.where(soft, np.clip(matte + np.clip(step, -0.35, 0.35), 0, 1), matte)
    room = np.where(gap > 0, 255 - plate, plate)
    least = np.clip(1.1 * (np.abs(gap) / np.maximum(room, 1)).max(axis=2), 0, 1) * calm
    out = np.where((rim & (alike > 0.5)) | hair, np.maximum(out, least), out)
    return np.asarray(np.where((strength < FAINT_LEVELS) & (matte < 0.1), 0, out), np.float32)


def _thin(colour: F32) -> Mask:
    """Pixels of lines: unlike the median of their surroundings."""
    grey = np.asarray(np.rint(colour.mean(axis=2)), np.uint8)
    size = max(7, round(grey.shape[0] / 70)) | 1
    unlike = cv2.absdiff(grey, cv2.medianBlur(grey, size)) > FAINT_LEVELS
    return np.asarray(cv2.dilate(unlike.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _attached(matte: F32, *, face: Mask) -> F32:
    """The matte without what does not belong to the head: islands, and doubts far from the sure person.

    A person matte is unsure of lively backgrounds: half of a cloud or of a wall would move with the head. Hair is
    soft only near the body that it grows from.
    """
    core = cv2.morphologyEx((matte > SURE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    core = np.maximum(np.asarray(core, np.uint8), face.astype(np.uint8))
    count, labels = cv2.connectedComponents(core)
    if count <= 1 or not face.any():
        return matte
    main = int(np.bincount(labels[face], minlength=count)[1:].argmax()) + 1
    away = cv2.distanceTransform((labels != main).astype(np.uint8), cv2.DIST_L2, 5)
    hair = HAIR_SHARE * matte.shape[0]
    return np.asarray(matte * np.clip(2 - away / hair, 0, 1), np.float32)


def _balanced(colour: F32, *, person: F32, plate: F32, share: F32, yielding: F32) -> tuple[U8, U8]:
    """Both layers corrected so that their mix is the picture, as 8-bit colours; `yielding`: how much the plate may."""
    for _ in range(2):
        rest = colour - share * person - (1 - share) * plate
        weight = np.maximum(share**2 + yielding * (1 - share) ** 2, 1e-6)
        person = np.clip(person + rest * share / weight, 0, 255)
        plate = np.clip(plate + yielding * rest * (1 - share) / weight, 0, 255)
    whole = np.rint(person)
    exact = (colour - share * whole) / np.maximum(1 - share, 1e-3)
    plate = np.where((share < 0.7) & (np.abs(exact - plate) < 6), np.clip(exact, 0, 255), plate)
    return whole.astype(np.uint8), np.rint(plate).astype(np.uint8)


def _guided(guide: F32, values: F32, *, radius: int, epsilon: float) -> F32:
    """Colour guided filter of one channel: [H, W, 3] guide 0..1, [H, W] values."""

    def mean(x: F32) -> F32:
        return np.asarray(cv2.blur(x, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT_101), np.float32)

    average, level = mean(guide), mean(values)
    cross = mean(guide * values[..., None]) - average * level[..., None]
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    products = np.dstack([guide[..., i] * guide[..., j] for i, j in pairs])
    moments = np.dstack([mean(products[..., :3]), mean(products[..., 3:])])
    rr, rg, rb, gg, gb, bb = (moments[..., k] - average[..., i] * average[..., j] for k, (i, j) in enumerate(pairs))
    rr, gg, bb = rr + epsilon, gg + epsilon, bb + epsilon
    # The inverse of a symmetric 3 x 3 matrix, by cofactors: far cheaper than a solve for every pixel.
    c0, c1, c2 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c3, c4, c5 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c0 + rg * c1 + rb * c2)
    x, y, z = cross[..., 0], cross[..., 1], cross[..., 2]
    slope = np.dstack([c0 * x + c1 * y + c2 * z, c1 * x + c3 * y + c4 * z, c2 * x + c4 * y + c5 * z]) * scale[..., None]
    offset = level - (slope * average).sum(axis=2)
    return np.asarray((mean(slope.astype(np.float32)) * guide).sum(axis=2) + mean(offset), np.float32)
