"""Takes an avatar's texture and its wall, gives the texture for a head that stands before any other wall.

In our own frames a scrap of a lively wall that the matte took for hair stays where it was and is hardly seen. Before a
plain ground it is the first thing that one sees. So beside a lively wall only what hangs together with the sure person
is kept; before a plain wall, where hair can be told from it, all stays. What is not sure gets the person's own colours:
the wall's would shine. It finds no hair: that is `face/layers/matting`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.cutout import distance_from_person
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.rim import calmness

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

SURE = 235
"""Matte, 0..255, of what is believed wholly."""
KNOWN_BELOW = 0.02
RIM_PX, FADE_PX = 1.0, 2.5
"""Width of the rim that is kept beside a lively wall, and on which it ends; px of the texture per picture px."""
LIVELY = 2.0
"""How soon a wall counts as lively: what it leaves of itself on a head is seen before any other ground."""
ISLAND_MATTE = 0.25
"""Matte that joins hair to the person; what only thinner matte joins is an island."""
NECK_PX = 2
"""Half the width of what may join a scrap to the person."""


def free_of_wall(avatar: Avatar, texture: U8) -> U8:
    """The texture [M, M, 4] without scraps of the wall."""
    lively = np.minimum(LIVELY * (1 - _calm(avatar, side=texture.shape[0])), 1)
    matte = texture[..., 3].astype(np.float32) / np.float32(255)
    neck = max(2, round(NECK_PX * avatar.texture_scale))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * neck + 1, 2 * neck + 1))
    sure = cv2.morphologyEx((texture[..., 3] >= SURE).astype(np.uint8), cv2.MORPH_OPEN, disc)
    away = distance_from_person(sure.astype(np.float32), face=_face(avatar, side=texture.shape[0]))
    if away is None:
        return texture.copy()
    scale = np.float32(avatar.texture_scale)
    kept = np.clip((RIM_PX + FADE_PX - away / scale) / FADE_PX, 0, 1)
    cleared = matte * (1 - lively * (1 - kept)) * _joined(matte, person=away <= 0)
    own = push_pull(texture[..., :3], weight=(away <= 0).astype(np.float32))
    stain = np.clip(away / scale, 0, 1)[..., None]
    colour = texture[..., :3] + (own - texture[..., :3]) * stain
    return np.dstack([np.rint(np.clip(colour, 0, 255)), np.rint(cleared * 255)]).astype(np.uint8)


def _joined(matte: F32, *, person: npt.NDArray[np.bool_]) -> F32:
    """[M, M] 0..1: 0 for islands, whatever the wall; their soft edges go with them."""
    _, labels = cv2.connectedComponents((matte > ISLAND_MATTE).astype(np.uint8))
    island = (labels > 0) & ~np.isin(labels, np.unique(labels[person]))
    wide = cv2.dilate(island.astype(np.float32), np.ones((7, 7), np.uint8))
    return np.asarray(1 - cv2.GaussianBlur(wide, (0, 0), 1.0), np.float32)


def _face(avatar: Avatar, *, side: int) -> npt.NDArray[np.bool_]:
    """[M, M]: pixels of the face."""
    mask = np.zeros((side, side), np.uint8)
    hull = cv2.convexHull(np.rint(avatar.texture_px[:468]).astype(np.int32))
    return np.asarray(cv2.fillConvexPoly(mask, hull, 1) > 0)


def _calm(avatar: Avatar, *, side: int) -> F32:
    """[M, M] 0..1: how plain the wall is near each px of the texture."""
    size, margin, scale = avatar.size, avatar.margin, avatar.texture_scale
    place = (np.arange(side, dtype=np.float32) + 0.5) / np.float32(scale) - np.float32(0.5 + margin)
    x, y = np.meshgrid(place, place)
    own = ((np.arange(size, dtype=np.float32) + margin + 0.5) * scale - 0.5).astype(np.float32)
    columns, rows = np.meshgrid(own, own)
    matte = cv2.remap(avatar.texture[..., 3].astype(np.float32) / 255, columns, rows, cv2.INTER_LINEAR)
    known = cv2.erode((matte < KNOWN_BELOW).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    calm = calmness(avatar.plate.astype(np.float32), known=known)
    return np.asarray(cv2.remap(calm, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
