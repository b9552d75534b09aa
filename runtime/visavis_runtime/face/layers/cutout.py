"""Takes the picture and its matte, gives the two layers that a moving head needs: person and background.

texture = the person's own colours with a matte, plate = the background with the person removed. Composited at rest
they are the picture again. The wall behind the person is laid with pieces of its own; stray hair that the matte missed
is found where the wall is plain enough to tell it (`rim`); then the person's colours are solved from the mix, and what
no colour explains goes into the plate as little as possible: it would stay there as a ghost when the head moves.

The matte itself comes from `matting`, the pieces from `inpaint`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.inpaint import fill_by_pieces, without_step
from visavis_runtime.face.layers.rim import (
    HALO_SHARE,
    SURE,
    calmness,
    dense_enough,
    hair_colour,
    largest,
    with_fringe,
    with_stray_hair,
)

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

PLATE_SHARE, LEAST_PLATE_SHARE = 0.4, 0.0006
"""How willingly a lively plate, away from the person's edge, and any other takes the rest of the mix."""
HAIR_SHARE = 0.022
"""How far from the sure person soft hair is believed whole, as a share of the picture; at twice that, no more."""
TONE_SHARE, MOST_TONE = 0.008, 14.0
"""Blur of the tone that a laid wall takes from the picture, a share of the side; the largest such step, levels."""
UNFORESEEN, LINE_SHARE = 26.0, 0.01
"""Levels by which a laid wall differs from the bare one, and how widely, a share of the side, if nothing is to be told
from it."""
WIDE_HALO = 2.5
"""How much wider the halo of a drawing may be: enlarged and pressed ones ring for long."""
LEAST_MATTE = 0.02
"""Matte that counts as the person."""
GROWN_SHARE, FAR_SHARE = 0.008, 0.02
"""Distance from the person at which the wall is taken as it is, and at which it surely has no stray hair."""


class Cutout(NamedTuple):
    """texture [H, W, 4] uint8 (straight colour, matte) and plate [H, W, 3] uint8."""

    texture: U8
    plate: U8


def cut_out(
    picture: U8, *, matte: F32, face: Mask, exact: bool = False, own: bool = False, inner: slice = slice(None)
) -> Cutout:
    """Person and background layers whose mix is the picture.

    Args:
        picture: [H, W, 3] uint8.
        matte: [H, W] float32 0..1.
        face: [H, W] bool, where the matte must be 1.
        exact: nothing of the person is missing in the matte, and the wall is plain.
        own: it is the picture's own transparency and is kept as it is.
        inner: rows and columns within the border; only there the wall is laid with pieces.
    """
    colour = np.asarray(picture, np.float32)
    matte = np.array(matte, np.float32)
    matte[face] = 1
    solid = cv2.erode(matte, np.ones((3, 3))) > 0.95
    person = push_pull(colour, weight=(solid if solid.any() else face).astype(np.float32))
    far = _away(matte, share=FAR_SHARE)
    calm = calmness(colour, known=far)
    # Beside plain walls there may be stray hair; of lively ones every pixel that is known counts.
    if exact:  # a plain wall, or none: shades and blends go on by themselves
        wall = push_pull(colour, weight=far.astype(np.float32))
    else:
        wall = fill_by_pieces(colour, known=far | (_away(matte, share=GROWN_SHARE) & (calm < 0.75)), inner=inner)
    calm = calm * foreseen(wall, colour=colour, matte=matte)
    wall = _in_tone(wall, colour=colour, matte=matte, calm=calm)
    if not exact:
        matte = attached(matte, face=face)
        persons = person, hair_colour(colour, solid=solid, face=face)
        matte = with_stray_hair(colour, matte=matte, persons=persons, wall=wall, calm=calm, known=far)
        matte = with_fringe(colour, matte=matte, person=person, wall=wall)
    plate = _plate(colour, matte=matte, wall=wall, calm=calm, exact=exact)
    if not own:
        matte = dense_enough(colour, matte=matte, person=person, plate=plate, calm=calm)
    matte[face] = 1
    alpha = np.rint(matte * 255).astype(np.uint8)
    share = np.asarray(alpha, np.float32)[..., None] / np.float32(255)
    beyond = cv2.distanceTransform((matte < 0.9).astype(np.uint8), cv2.DIST_L2, 5) / (HALO_SHARE * len(matte))
    yielding = (PLATE_SHARE * (1 - calm) ** 2 * np.clip(beyond - 0.5, 0, 1) + LEAST_PLATE_SHARE)[..., None]
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


def foreseen(wall: F32, *, colour: F32, matte: F32) -> F32:
    """[H, W] 0..1: how well a laid wall agrees with the bare wall near by: walls out of focus are smooth, yet are not
    foreseen. What differs in lines only is hair that the matte missed."""
    differs = (matte < LEAST_MATTE) & (largest(np.abs(colour - wall)) > UNFORESEEN)
    line, reach = round(LINE_SHARE * len(matte)) | 1, 4 * round(FAR_SHARE * len(matte)) + 1
    wide = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_OPEN, np.ones((line, line), np.uint8))
    near = cv2.dilate(wide, np.ones((reach, reach), np.uint8)).astype(np.float32)
    return np.asarray(1 - cv2.blur(near, (reach, reach)), np.float32)


def _in_tone(wall: F32, *, colour: F32, matte: F32, calm: F32) -> F32:
    """A laid wall with the picture's own tone where that shows the bare wall, between and beside stray hair."""
    gap = colour - wall
    spread = TONE_SHARE * len(matte)
    bare = ((matte < LEAST_MATTE) & (largest(np.abs(gap)) < MOST_TONE)).astype(np.float32)
    near = cv2.GaussianBlur(bare, (0, 0), spread)
    tone = cv2.GaussianBlur(gap * bare[..., None], (0, 0), spread) / (near + 0.05)[..., None]
    return np.asarray(wall + tone * calm[..., None], np.float32)


def _plate(colour: F32, *, matte: F32, wall: F32, calm: F32, exact: bool) -> F32:
    """The wall everywhere: the picture where the matte is 0, pieces of the wall behind the person and, on a plain wall,
    in the halo round it."""
    reach = (WIDE_HALO if exact else 1) * HALO_SHARE * colour.shape[0]
    filled, bare = wall, matte <= 0
    away = cv2.distanceTransform((matte < 0.3).astype(np.uint8), cv2.DIST_L2, 5)
    believed = (np.clip(away / reach - 1, 0, 1) * bare)[..., None]
    believed = np.where(bare[..., None], 1 - calm[..., None] * (1 - believed), 0)
    # The pieces begin some pixels away from the person; what is seen between is the wall itself.
    ring = bare & (cv2.dilate((~bare).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    if ring.any() and not exact:  # before a plain wall the ring is halo
        filled = without_step(filled, colour=colour, edge=ring)
    return np.asarray(np.clip(filled + believed * (colour - filled), 0, 255), np.float32)


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
