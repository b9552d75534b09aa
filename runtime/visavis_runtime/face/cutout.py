"""Takes the picture and its matte, gives the two layers that a moving head needs: person and background.

texture = the person's own colours with a matte, plate = the background with the person removed. Composited at rest
they are the picture again. The wall behind the person is laid with pieces of its own; stray hair that the matte missed
is found where the wall is plain enough to tell it; then the person's colours are solved from the mix, and what no
colour explains goes into the plate as little as possible: it would stay there as a ghost when the head moves.

The matte itself comes from `matting`, the pieces from `inpaint`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.fill import push_pull
from visavis_runtime.face.inpaint import fill_by_pieces, without_step

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

PLATE_SHARE, LEAST_PLATE_SHARE = 0.4, 0.0006
"""How willingly a lively plate, away from the person's edge, and any other takes the rest of the mix."""
HALO_SHARE, HALO_MOST = 0.007, 0.12
"""Width of the halo beside an edge as a share of the picture's side; the most matte that it gets."""
CALM_LEVELS = 5.0
"""Detail of the background, in levels, above which nothing can be told from it."""
SURE = 0.6
"""Matte above which a pixel surely shows the person."""
HAIR_SHARE = 0.022
"""How far from the sure person soft hair is believed whole, as a share of the picture; at twice that, no more."""
STRAND_SHARE = 0.008
"""Half the width of the widest lock of stray hair as a share of the picture's side."""
STRAY_SHARE = 0.06
"""How far from the sure person stray hair is looked for, as a share of the picture."""
TRUST = 20.0
"""Levels: how far colours of person and wall must differ before they may tell a matte."""
FAINT_LEVELS = 3.0
"""Differences from the wall too small to be a hair."""
LEAST_MATTE = 0.02
"""Matte that counts as the person."""
GROWN_SHARE, FAR_SHARE = 0.008, 0.02
"""Distance from the person at which the wall is taken as it is, and at which it surely has no stray hair."""


class Cutout(NamedTuple):
    """texture [H, W, 4] uint8 (straight colour, matte) and plate [H, W, 3] uint8."""

    texture: U8
    plate: U8


def cut_out(picture: U8, *, matte: F32, face: Mask, exact: bool = False) -> Cutout:
    """Person and background layers whose mix is the picture.

    Args:
        picture: [H, W, 3] uint8.
        matte: [H, W] float32 0..1.
        face: [H, W] bool, where the matte must be 1.
        exact: the matte is the picture's own and is kept as it is.
    """
    colour = np.asarray(picture, np.float32)
    matte = np.array(matte, np.float32)
    matte[face] = 1
    solid = cv2.erode(matte, np.ones((3, 3))) > 0.95
    person = push_pull(colour, weight=(solid if solid.any() else face).astype(np.float32))
    far = _away(matte, share=FAR_SHARE)
    calm = _calmness(colour, known=far)
    # Beside plain walls there may be stray hair; of lively ones every pixel that is known counts.
    wall = fill_by_pieces(colour, known=far | (_away(matte, share=GROWN_SHARE) & (calm < 0.5)))
    if not exact:
        matte = attached(matte, face=face)
        persons = person, _hair_colour(colour, solid=solid, face=face)
        matte = _with_stray_hair(colour, matte=matte, persons=persons, wall=wall, calm=calm, known=far)
        matte = _with_fringe(colour, matte=matte, person=person, wall=wall)
    plate = _plate(colour, matte=matte, wall=wall, calm=calm * (not exact))
    if not exact:
        matte = _dense_enough(colour, matte=matte, person=person, plate=plate, calm=calm)
    matte[face] = 1
    alpha = np.rint(matte * 255).astype(np.uint8)
    share = np.asarray(alpha, np.float32)[..., None] / np.float32(255)
    beyond = cv2.distanceTransform((matte < 0.9).astype(np.uint8), cv2.DIST_L2, 5) / (HALO_SHARE * len(matte))
    yielding = (PLATE_SHARE * (1 - calm) * np.clip(beyond - 0.5, 0, 1) + LEAST_PLATE_SHARE)[..., None]
    front, back = _balanced(colour, person=person, plate=plate, share=share, yielding=yielding)
    return Cutout(np.dstack([front, alpha]), back)


def attached(matte: F32, *, face: Mask) -> F32:
    """The matte without what does not belong to the head: islands, and doubts far from the sure person.

    A person matte is unsure of lively backgrounds: half of a cloud or of a wall would move with the head. Hair is
    soft only near the body that it grows from.
    """
    away = distance_from_person(matte, face=face)
    if away is None:
        return matte
    hair = HAIR_SHARE * matte.shape[0]
    return np.asarray(matte * np.clip(2 - away / hair, 0, 1), np.float32)


def distance_from_person(matte: F32, *, face: Mask) -> F32 | None:
    """[H, W] px from the connected sure person that holds the face; None if there is none."""
    core = cv2.morphologyEx((matte > SURE).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    core = np.maximum(np.asarray(core, np.uint8), face.astype(np.uint8))
    count, labels = cv2.connectedComponents(core)
    if count <= 1 or not face.any():
        return None
    main = int(np.bincount(labels[face], minlength=count)[1:].argmax()) + 1
    return np.asarray(cv2.distanceTransform((labels != main).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _away(matte: F32, *, share: float) -> Mask:
    """Pixels at least a share of the picture's side away from anything of the person."""
    radius = max(2, round(share * matte.shape[0]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    known = cv2.dilate((matte > LEAST_MATTE).astype(np.uint8), disc) == 0
    if known.mean() < 0.02:
        known[[0, -1]] = True
        known[:, [0, -1]] = True
    return np.asarray(known)


def _detail(colour: F32) -> F32:
    """[H, W] squared levels: how much each pixel differs from its surroundings."""
    return np.asarray(((colour - cv2.GaussianBlur(colour, (0, 0), 3)) ** 2).mean(axis=2), np.float32)


def _calmness(colour: F32, *, known: Mask) -> F32:
    """[H, W] 0..1: how plain the background near each pixel is; on a plain wall a stray hair can be told from it."""
    detail = _detail(colour)
    inside = cv2.erode(known.astype(np.uint8), np.ones((9, 9))).astype(np.float32)
    spread = push_pull(detail[..., None], weight=inside)[..., 0] if inside.any() else detail
    return np.asarray(np.exp(-cv2.GaussianBlur(spread, (0, 0), 6) / CALM_LEVELS**2), np.float32)


def _with_stray_hair(colour: F32, *, matte: F32, persons: tuple[F32, ...], wall: F32, calm: F32, known: Mask) -> F32:
    """The matte with the hair that it missed, where the wall is plain: what differs from it towards a person's colour.

    Faint pixels count only along with distinct ones that they touch, so that noise makes no specks.
    """
    noise = float(np.sqrt(np.median(_detail(colour)[known])))
    faint = max(FAINT_LEVELS, 2 * noise)
    away = cv2.distanceTransform((matte < SURE).astype(np.uint8), cv2.DIST_L2, 5)
    near = (away < STRAY_SHARE * len(matte)) & (calm > 0.5)
    gap = cv2.GaussianBlur(colour, (0, 0), 0.5) - wall
    strength = np.linalg.norm(gap, axis=2)
    maybe, found = np.zeros(near.shape, bool), np.zeros(near.shape, np.float32)
    for person in persons:
        span = person - wall
        length = np.maximum(np.linalg.norm(span, axis=2), 1)
        alike = near & (strength > faint) & ((gap * span).sum(axis=2) > 0.8 * strength * length)
        share = ((colour - wall) * span).sum(axis=2) / (length**2 + TRUST)
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
    return np.where(maybe & kept[labels], np.maximum(matte, found), matte).astype(np.float32)


def _hair_colour(colour: F32, *, solid: Mask, face: Mask) -> F32:
    """[1, 1, 3]: the mean of what surrounds the face, above the chin."""
    rows = np.flatnonzero(face.any(axis=1))
    ring = solid & (cv2.dilate(face.astype(np.uint8), np.ones((round(len(face) / 10) | 1,) * 2, np.uint8)) > 0)
    ring &= cv2.dilate(face.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    ring[(rows[0] + 2 * rows[-1]) // 3 :] = False
    return np.asarray((colour[ring] if ring.any() else colour[face]).mean(axis=0), np.float32)[None, None]


def _thin(colour: F32, *, least: float) -> Mask:
    """Pixels of lines: unlike the median of their surroundings."""
    grey = np.asarray(np.rint(colour.mean(axis=2)), np.uint8)
    size = max(7, round(grey.shape[0] / 50)) | 1
    unlike = cv2.absdiff(grey, cv2.medianBlur(grey, size)) > least
    return np.asarray(cv2.dilate(unlike.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _with_fringe(colour: F32, *, matte: F32, person: F32, wall: F32) -> F32:
    """The matte with the last percent of its edge, which would stay on the wall as a thin outline."""
    near = (matte < 0.5) & (cv2.dilate(matte, np.ones((5, 5), np.uint8)) > 0.1)
    gap, span = colour - wall, person - wall
    along = (gap * span).sum(axis=2)
    square = (span**2).sum(axis=2)
    alike = along > 0.8 * np.linalg.norm(gap, axis=2) * np.sqrt(square)
    most = cv2.GaussianBlur(matte, (0, 0), 1.5)
    found = np.minimum(along / (square + TRUST**2), most)
    return np.where(near & alike, np.maximum(matte, found), matte).astype(np.float32)


def _plate(colour: F32, *, matte: F32, wall: F32, calm: F32) -> F32:
    """The wall everywhere: the picture where the matte is 0, pieces of the wall behind the person."""
    reach = HALO_SHARE * colour.shape[0]
    filled, bare = wall, matte <= 0
    away = cv2.distanceTransform((matte < 0.3).astype(np.uint8), cv2.DIST_L2, 5)
    believed = (np.clip(away / reach - 1, 0, 1) * bare)[..., None]
    believed = np.where(bare[..., None], 1 - calm[..., None] * (1 - believed), 0)
    # The pieces begin some pixels away from the person; what is seen between is the wall itself.
    ring = bare & (cv2.dilate((~bare).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    if ring.any():
        filled = without_step(filled, colour=colour, edge=ring)
    return np.asarray(np.clip(filled + believed * (colour - filled), 0, 255), np.float32)


def _dense_enough(colour: F32, *, matte: F32, person: F32, plate: F32, calm: F32) -> F32:
    """The soft matte at least so high that some colour before a calm plate gives the pixel, and a little beyond it.

    Lenses, brushes and JPEG leave a pale or tinted halo beside an edge; it belongs to the edge and moves with it.
    """
    gap, span = colour - plate, person - plate
    alike = (gap * span).sum(axis=2) / np.maximum(np.linalg.norm(gap, axis=2) * np.linalg.norm(span, axis=2), 1e-3)
    room = np.where(gap > 0, 255 - plate, plate)
    least = np.clip((np.maximum(np.abs(gap) - FAINT_LEVELS, 0) / np.maximum(room, 1)).max(axis=2), 0, 1)
    reach = HALO_SHARE * colour.shape[0]
    away = cv2.distanceTransform((matte < 0.3).astype(np.uint8), cv2.DIST_L2, 5)
    halo = np.where(alike > 0.5, 1, HALO_MOST / np.maximum(least, HALO_MOST)) * np.clip(2 - away / reach, 0, 1)
    believed = np.where((matte > 0) & (alike > 0.5), 1, halo)
    return np.where(matte < 1, np.clip(np.maximum(matte, 1.05 * least * calm * believed), 0, 1), 1).astype(np.float32)


def _balanced(colour: F32, *, person: F32, plate: F32, share: F32, yielding: F32) -> tuple[U8, U8]:
    """Both layers corrected so that their mix is the picture, as 8-bit colours; `yielding`: how much the plate may."""
    for _ in range(2):
        rest = colour - share * person - (1 - share) * plate
        weight = np.maximum(share**2 + yielding * (1 - share) ** 2, 1e-6)
        person = np.clip(person + rest * share / weight, 0, 255)
        plate = np.clip(plate + yielding * rest * (1 - share) / weight, 0, 255)
    whole = np.rint(person)
    exact = (colour - share * whole) / np.maximum(1 - share, 1e-3)
    plate = np.where((share < 0.7) & (np.abs(exact - plate) < 2), np.clip(exact, 0, 255), plate)
    return whole.astype(np.uint8), np.rint(plate).astype(np.uint8)
