"""Takes a drawing in flat colours and the network's mattes of it, gives the matte: every patch of one colour at once.

The network has seen few drawings: it takes long drawn hair for wall, clouds beside a head for hair, and of some plain
heads it sees nothing. But a drawing in flat colours is made of patches, and a patch is the person's or the wall's as a
whole. What lies in the face is the person's. Other patches are judged by what the network says of their whole area, and
by their colour: hair that hangs down has the colour of hair that is surely hair, a cloud that of the clouds further
away. Where the network does not even see the face, the drawing itself must tell: what touches the person, reaches no
side of the picture and has not the wall's colour is hair, ear, neck or collar. Before
a plain wall its edges are soft by the few px that their colours say, before others `matting` goes on from it. Pictures
with shading everywhere, photos and paintings, are left to the network.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.patches import SURE, Patches, patches_of

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

EVEN, FACE_EVEN = 0.53, 0.4
"""Share of pixels that equal their neighbours, from which on a picture and the face in it are drawn in flat colours:
faces of drawings have 0.47 (as JPEG) to 0.93, of photos, paintings and filters of them at most 0.23."""
SPECK_PX = 5
"""Median that takes away the specks of JPEG."""
SAME_LEVELS = 8
"""Patches this alike have one colour."""
UNSURE = 0.3
"""Share of a patch that the network gives to the person, below which it may be the wall's."""
HALF, SOME = 0.5, 0.2
"""A patch of a colour of its own is the person's from such a share on, or if so much of it is surely seen as such."""
LARGE_SHARE = 1e-3
"""Area of a patch whose colour tells about others, a share of the picture's."""
INK_SHARE = 0.012
"""Widest ink line, a share of the side."""
HUGS = 0.8
"""Share of a patch that lies within the width of an ink line of the person, from which on it is the outline."""
INK_LEVELS, INK_LIGHTEST = 40, 110
"""What differs so much from the wall beside it and is so dark is the person's outline: books on a shelf are not."""
OF_FACE, FILLS_FACE = 0.5, 0.1
"""A patch that lies so far within the face, or fills so much of it, is the person's: skin, beards, fringes."""
MERGED = 0.15
"""A patch that fills the face and lies in it by no more than this has run out into the wall."""
SEEN, PERHAPS = 0.7, 0.1
"""The network's matte in the face below which it does not see the person; a patch's share that then need not be."""
PLAIN, STRAND_LEVELS = 0.9, 20
"""Share of the wall that has one colour if it is plain; what differs so much from it belongs to the person."""
ROUNDS = 4
SOFT_PX, WINDOW_PX = 3, 2
"""How far from the mask's edge colours may mix, on either side, and how far away the person's colour is looked for."""
UNMIXED, APART_LEVELS = 14.0, 12.0
"""Levels by which a mix of person and wall may miss a pixel; least difference of the two that tells the mix."""


def is_flat(picture: U8, *, face: Mask) -> bool:
    """Whether a picture [H, W, 3] uint8 is drawn in flat colours, by its smallest steps.

    The face [H, W] counts by itself too: a photo before a white wall is even for the most part.
    """
    picture = np.asarray(cv2.medianBlur(picture, SPECK_PX), np.uint8)
    across = (picture[:-1, 1:] == picture[:-1, :-1]).all(axis=2)
    even = across & (picture[1:, :-1] == picture[:-1, :-1]).all(axis=2)
    inside = face[:-1, :-1]
    return bool(inside.any() and np.mean(even) >= EVEN and np.mean(even[inside]) >= FACE_EVEN)


class Drawn(NamedTuple):
    """matte [H, W] float32 0..1; exact: it is so to the pixel, before a plain wall; else it is 0 or 1 and coarse."""

    matte: F32
    exact: bool


def drawn_matte(picture: U8, *, looks: tuple[F32, ...], face: Mask, inner: slice) -> Drawn | None:
    """The matte of a flat drawing; None where person and wall do not come apart.

    Args:
        picture: [H, W, 3] uint8.
        looks: the network's mattes [H, W] 0..1, each of another cut of the picture.
        face: [H, W], the landmarks' face; its rim may reach a little beyond what is drawn.
        inner: rows and columns that the picture really shows; what lies beyond is made up.
    """
    seen = np.array([look[face].mean() for look in looks])
    matte = np.average(looks, axis=0, weights=seen**2 + 1e-6)
    patches = patches_of(picture, matte=matte, face=face, inner=inner)
    skin = int(patches.fills[1:].argmax()) + 1 if len(patches.fills) > 1 else 0
    if patches.faces[skin] < MERGED:
        return None
    blind = bool(seen.max() < SEEN)
    person = _persons(patches, skin=skin, blind=blind)
    mask = person[patches.labels]
    wall = ~mask & (patches.labels > 0)
    if blind and _over_forehead(wall, face=face):  # hair that fills the picture: better all of it moves than it tears
        return Drawn(np.ones_like(matte), True)
    if not mask.any() or not wall.any():
        return None
    plain = _is_plain(patches, person)
    mask = _with_outline(picture, mask=mask, wall=wall, plain=plain)
    return Drawn(_softened(picture, mask=mask) if plain else mask.astype(np.float32), plain)


def _over_forehead(wall: Mask, *, face: Mask) -> bool:
    """Whether most of what lies close above the forehead is taken for wall: a head goes on there."""
    rows, columns = np.flatnonzero(face.any(axis=1)), np.flatnonzero(face.any(axis=0))
    high, middle = (rows[-1] - rows[0]) / 20, int(columns.mean())
    above = slice(max(int(rows[0] - 2 * high), 0), max(int(rows[0] - high), 1))
    return bool(wall[above, int(middle - 2 * high) : int(middle + 2 * high)].mean() > HALF)


def _persons(patches: Patches, *, skin: int, blind: bool) -> Mask:
    """[n]: the patches that are the person's; `skin` fills most of the face, `blind`: the network does not see it."""
    height, dark = patches.labels.shape[0], patches.colour.max(axis=1) < INK_LIGHTEST
    large = patches.area >= LARGE_SHARE * patches.labels.size
    alike = np.abs(patches.colour[:, None] - patches.colour[None]).max(axis=2) < SAME_LEVELS
    np.fill_diagonal(alike, False)
    faces = (patches.faces >= OF_FACE) | ((patches.fills >= FILLS_FACE) & (patches.faces >= MERGED))
    sure = (patches.share >= SURE) | faces
    walls = (patches.sides if blind else patches.edge) & (patches.share < UNSURE) & ~faces
    like_wall = (alike & (walls & large)[None]).any(axis=1)
    paper = blind and bool(like_wall[skin])  # lines on white paper: colour tells nothing
    closed = like_wall & (paper | (patches.crown & (blind | (patches.share >= PERHAPS))))
    like_wall &= ~closed
    own = (patches.share >= HALF) | (patches.sure >= SOME)
    like_person = (alike & (sure & large)[None]).any(axis=1)
    person: Mask = sure | (own & ~like_wall) | (like_wall & like_person & (patches.share >= HALF))
    person[0] = False
    never = like_wall | (walls & (alike & closed[None]).any(axis=1))
    wall = walls | like_wall | (patches.sides & ~faces)
    joins = _reached(patches.labels, skin=skin, wall=wall)
    apart = large & ~joins & ~patches.beyond & (patches.share < UNSURE)
    joins &= (blind | (patches.share >= PERHAPS)) & ~(alike & apart[None]).any(axis=1)  # one of many clouds is a cloud
    reach = 2 * round(INK_SHARE * height) + 5  # patches end a px before the line, on either side
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    for _ in range(ROUNDS):
        near = cv2.dilate(person[patches.labels].astype(np.uint8), disc) > 0
        beside = np.bincount(patches.labels.ravel(), near.ravel(), len(person)) / patches.area
        like_person = (alike & (person & large)[None]).any(axis=1)
        found = (((beside > 0) | patches.beyond) & like_person) | ((beside > HUGS) & dark) | joins
        grown = np.asarray(person | (found & ~never))
        grown[0] = False
        if np.array_equal(grown, person):
            break
        person = grown
    return person


def _reached(labels: I32, *, skin: int, wall: Mask) -> Mask:
    """[n]: the patches that hang together with the skin without any wall between: over each other and over lines."""
    _, parts = cv2.connectedComponents((~wall[labels]).astype(np.uint8), connectivity=4)
    part = np.bincount(parts[labels == skin]).argmax()
    reached: Mask = np.bincount(labels[parts == part], minlength=len(wall)) > 0
    return reached


def _with_outline(picture: U8, *, mask: Mask, wall: Mask, plain: bool) -> Mask:
    """The person's patches with the ink round them; what else belongs to no patch goes with the nearest. Before a plain
    wall, whatever is unlike it and hangs together with the person is a strand, a tip or an aerial."""
    to_person = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    to_wall, nearest = cv2.distanceTransformWithLabels(
        (~wall).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    of_label[nearest[wall]] = picture[wall]
    unlike = cv2.absdiff(picture, of_label[nearest]).max(axis=2)
    ink = (unlike > INK_LEVELS) & (picture.max(axis=2) < INK_LIGHTEST) & (to_person < INK_SHARE * len(mask))
    person = mask | (~wall & ((to_person <= to_wall) | ink))
    if not plain:
        return np.asarray(person)
    person |= ~wall & (unlike > STRAND_LEVELS)
    _, parts = cv2.connectedComponents(person.astype(np.uint8))
    held = np.bincount(parts[mask], minlength=int(parts.max()) + 1) > 0
    return np.asarray(person & held[parts])


def _is_plain(patches: Patches, person: Mask) -> bool:
    """Whether almost all of the wall has one colour, or is one slow blend."""
    area = np.where(person, 0, patches.area)
    area[0] = 0
    most = int(area.argmax())
    alike = np.abs(patches.colour - patches.colour[most]).max(axis=1) < SAME_LEVELS
    return bool(area[alike].sum() > PLAIN * area.sum())


def _softened(picture: U8, *, mask: Mask) -> F32:
    """The matte of a mask: next to its edge, how far a pixel's colour is the person's and how far the wall's."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * SOFT_PX + 1, 2 * SOFT_PX + 1))
    whole = mask.astype(np.uint8)
    outside = cv2.dilate(whole, disc) == 0
    band = np.flatnonzero(~outside & (cv2.erode(whole, np.ones((5, 5), np.uint8)) == 0))
    matte = mask.astype(np.float32)
    if not len(band) or not outside.any():
        return matte
    _, nearest = cv2.distanceTransformWithLabels(
        (~outside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colour, inside = picture.reshape(-1, 3).astype(np.float32), mask.ravel()
    of_label = np.zeros((int(nearest.max()) + 1, 3), np.float32)
    of_label[nearest[outside]] = picture[outside]
    here, wall = colour[band], of_label[nearest.ravel()[band]]
    person, most = here.copy(), np.full(len(band), -1.0, np.float32)
    rows, columns = np.divmod(band, mask.shape[1])
    for down in range(-WINDOW_PX, WINDOW_PX + 1):
        for right in range(-WINDOW_PX, WINDOW_PX + 1):  # the person's colour is the one that is least like the wall
            row = np.clip(rows + down, 0, mask.shape[0] - 1)
            place = row * mask.shape[1] + np.clip(columns + right, 0, mask.shape[1] - 1)
            apart = np.where(inside[place], np.abs(colour[place] - wall).sum(axis=1), -1)
            person = np.where((apart > most)[:, None], colour[place], person)
            most = np.maximum(most, apart)
    span = person - wall
    share = np.clip(((here - wall) * span).sum(axis=1) / np.maximum((span**2).sum(axis=1), 1e-3), 0, 1)
    missed = np.abs(wall + share[:, None] * span - here).max(axis=1)
    told = (missed < UNMIXED) & (np.abs(span).max(axis=1) > APART_LEVELS) & (most >= 0)
    matte.ravel()[band] = np.where(told, share, matte.ravel()[band])
    return matte
