"""Takes a drawing in flat colours and the network's mattes of it, gives the matte: every patch of one colour at once.

The network has seen few drawings: it takes long drawn hair for wall, and clouds beside a head for hair. But a drawing
in flat colours is made of patches, and a patch is the person's or the wall's as a whole. Each is judged by what the
network says of its whole area, and by its colour: hair that hangs down has the colour of hair that is surely hair, a
cloud that of the clouds further away. Pictures with shading everywhere, photos and paintings, are left to the network.
It finds no soft edges: that is `matting`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

EVEN = 0.53
"""Share of pixels that equal their neighbours, from which on a picture and the person in it are drawn in flat colours:
drawings have 0.62 (as JPEG) to 0.92; photos, paintings and filters of them at most 0.47, and 0.36 in the person."""
SPECK_PX = 5
"""Median that takes away the specks of JPEG."""
STEP_LEVELS = 4
"""Most difference between neighbours of one patch: slow blends of the sky are one."""
SAME_LEVELS = 8
"""Patches this alike have one colour."""
SURE, UNSURE = 0.9, 0.3
"""Share of a patch that the network gives to the person: surely the person's, and perhaps the wall's."""
HALF, SOME = 0.5, 0.2
"""A patch of a colour of its own is the person's from such a share on, or if so much of it is surely seen as such."""
LARGE_SHARE = 1e-3
"""Area of a patch whose colour tells about others, a share of the picture's."""
INK_SHARE = 0.012
"""Widest ink line, a share of the side."""
LINE_SHARE = 0.006
"""What is no wider is not judged but goes with what is near; a share of the side."""
HUGS = 0.8
"""Share of a patch that lies within the width of an ink line of the person, from which on it is the outline."""
INK_LEVELS, INK_LIGHTEST = 40, 110
"""What differs so much from the wall beside it and is so dark is the person's outline: books on a shelf are not."""
ROUNDS = 3


class _Patches(NamedTuple):
    """labels [H, W], 0 = none; for each label its colour [n, 3], area [n], share and sure [n] 0..1, edge and beyond
    [n] bool: at the picture's edge above the shoulders, and wholly outside the picture."""

    labels: I32
    colour: F32
    area: F32
    share: F32
    sure: F32
    edge: Mask
    beyond: Mask


def is_flat(picture: U8, *, matte: F32) -> bool:
    """Whether a picture [H, W, 3] uint8 is drawn in flat colours, by its smallest steps.

    The person counts by itself too: a photo before a white wall is even for the most part. `matte` [H, W] 0..1.
    """
    picture = np.asarray(cv2.medianBlur(picture, SPECK_PX), np.uint8)
    across = (picture[:-1, 1:] == picture[:-1, :-1]).all(axis=2)
    even = across & (picture[1:, :-1] == picture[:-1, :-1]).all(axis=2)
    person = matte[:-1, :-1] > SURE
    return bool(person.any() and min(np.mean(even), np.mean(even[person])) >= EVEN)


def drawn_matte(picture: U8, *, looks: tuple[F32, ...], inner: slice) -> F32:
    """The matte [H, W] float32 of a flat drawing, 0 or 1.

    Args:
        picture: [H, W, 3] uint8.
        looks: the network's mattes [H, W] 0..1, each of another cut of the picture.
        inner: rows and columns that the picture really shows; what lies beyond is made up.
    """
    patches = _patches(picture, matte=np.mean(looks, axis=0), inner=inner)
    person = _persons(patches)
    mask = person[patches.labels]
    wall = ~mask & (patches.labels > 0)
    if not mask.any() or not wall.any():
        return np.asarray(looks[0], np.float32)
    return _with_outline(picture, mask=mask, wall=wall).astype(np.float32)


def _patches(picture: U8, *, matte: F32, inner: slice) -> _Patches:
    """The patches of one colour that are large enough to be judged."""
    ring = np.ones((3, 3), np.uint8)
    steps = cv2.subtract(cv2.dilate(picture, ring), cv2.erode(picture, ring)).max(axis=2)
    even = (steps <= STEP_LEVELS).astype(np.uint8)
    count, labels = cv2.connectedComponents(even, connectivity=4)
    thick = cv2.distanceTransform(even, cv2.DIST_L2, 5) > LINE_SHARE * len(matte) / 2
    kept = np.bincount(labels.ravel(), thick.ravel(), count) > 0
    kept[0] = False
    number = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    labels = number[labels]
    count, flat = int(number.max()) + 1, labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count), 1).astype(np.float32)

    def mean(values: npt.NDArray[np.generic]) -> F32:
        return np.asarray(np.bincount(flat, values.ravel(), count) / area, np.float32)

    seen = labels[inner, inner]
    above = seen[: 2 * len(seen) // 3]
    edge = np.zeros(count, bool)
    edge[np.unique(np.concatenate([seen[0], above[:, 0], above[:, -1]]))] = True
    edge[0] = False
    beyond = np.bincount(seen.ravel(), minlength=count) == 0
    colour = np.stack([mean(picture[..., k]) for k in range(3)], axis=1)
    return _Patches(labels, colour, area, mean(matte), mean((matte > SURE).astype(np.float32)), edge, beyond)


def _persons(patches: _Patches) -> Mask:
    """[n]: the patches that are the person's."""
    height, dark = patches.labels.shape[0], patches.colour.max(axis=1) < INK_LIGHTEST
    large = patches.area >= LARGE_SHARE * patches.labels.size
    alike = np.abs(patches.colour[:, None] - patches.colour[None]).max(axis=2) < SAME_LEVELS
    np.fill_diagonal(alike, False)
    sure = patches.share >= SURE
    like_wall = (alike & (patches.edge & (patches.share < UNSURE) & large)[None]).any(axis=1)
    own = (patches.share >= HALF) | (patches.sure >= SOME)
    like_person = (alike & (sure & large)[None]).any(axis=1)
    person: Mask = sure | (own & ~like_wall) | (like_wall & like_person & (patches.share >= HALF))
    person[0] = False
    reach = 2 * round(INK_SHARE * height) + 5  # patches end a px before the line, on either side
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    for _ in range(ROUNDS):
        near = cv2.dilate(person[patches.labels].astype(np.uint8), disc) > 0
        beside = np.bincount(patches.labels.ravel(), near.ravel(), len(person)) / patches.area
        like_person = (alike & (person & large)[None]).any(axis=1)
        found = (((beside > 0) | patches.beyond) & like_person) | ((beside > HUGS) & dark)
        grown = np.asarray(person | (found & ~like_wall))
        grown[0] = False
        if np.array_equal(grown, person):
            break
        person = grown
    return person


def _with_outline(picture: U8, *, mask: Mask, wall: Mask) -> Mask:
    """The person's patches with the ink round them; what else belongs to no patch goes with the nearest."""
    to_person = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    to_wall, nearest = cv2.distanceTransformWithLabels(
        (~wall).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    of_label[nearest[wall]] = picture[wall]
    unlike = cv2.absdiff(picture, of_label[nearest]).max(axis=2) > INK_LEVELS
    ink = unlike & (picture.max(axis=2) < INK_LIGHTEST) & (to_person < INK_SHARE * len(mask))
    return np.asarray(mask | (~wall & ((to_person <= to_wall) | ink)))
