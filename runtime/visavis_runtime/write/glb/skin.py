"""Takes an avatar, gives the skin of its native head: the sheet without background, with real openings.

- Lips that the picture shows shut meet in one line, so that nothing of the mouth is seen between them at rest; the
  renderer draws them together in the same way.
- The fold of the upper lid gets one more row of points just above the lashes. It goes all the way down with the lid, so
  a blink stretches plain skin and not the lashes.
- A bust fades out before the picture ends, so that it has no hard edge; what the border mirrors beside and below it is
  no part of the person. Hair that the picture cuts goes on in the border, and fades out there.

What lies inside the openings is made by `eyes` and `mouth`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER, OPEN_SHARE
from visavis_runtime.face.portrait.drawn import FLAT, shaded
from visavis_runtime.face.rings import EYES, LOWER_RINGS, UPPER_RINGS
from visavis_runtime.render.bare_lips import texture_without_mouth, texture_without_teeth
from visavis_runtime.write.glb.matte import free_of_wall
from visavis_runtime.write.glb.part import Float, Int

LASH_SHARE = 0.075
"""Height of lashes and liner above the edge of the upper lid, in widths of the eye."""
LASHES_SHUT = 0.3
"""What is left of that height when the eye is shut."""
OPAQUE, VISIBLE = 250, 6
"""Levels of the matte: a triangle that never falls below the first is solid, one that never reaches the second is not
there at all."""
LIP_EDGE_PX, LID_EDGE_PX = 0.9, 0.6
"""Widths of the soft edges of lips and lids before the dark of the mouth and the white of the eye."""
BUST_FADE = 0.08
"""Share of the picture on which the bust fades out."""
SHADED = 0.5
"""A picture that is shaded less is a drawing."""
CHIN = 152
_STEPS = 7
"""Samples along the side of a triangle."""


class Skin(NamedTuple):
    """The person's surface.

    points [n, 3] cm head frame; px [n, 2] texture px; solid [t, 3] and soft [s, 3] triangles (opaque everywhere,
    and with some of the matte's edge); shapes [52, n, 3]; head_weight, body_weight [n].
    """

    points: Float
    px: Float
    solid: Int
    soft: Int
    shapes: Float
    head_weight: Float
    body_weight: Float


def rest_vertices(avatar: Avatar) -> Float:
    """[V, 3] cm: where the vertices are when all shapes are 0."""
    return np.asarray(avatar.vertices + avatar.neutral.sum(axis=0), np.float32)


def texture_px(avatar: Avatar) -> Float:
    """[V, 2]: the avatar's texture coordinates in pixels of `head_texture`, centres on integers."""
    return avatar.texture_px


def head_texture(avatar: Avatar) -> npt.NDArray[np.uint8]:
    """[M, M, 4]: colour and matte; the matte fades out over the border outside the picture, the bust's before it."""
    bare = texture_without_mouth(avatar) if is_drawn(avatar) else texture_without_teeth(avatar)
    texture = free_of_wall(avatar, bare[0])
    place = (np.arange(texture.shape[0], dtype=np.float32) + 0.5) / avatar.texture_scale - 0.5 - avatar.margin
    beyond = np.maximum(-place, place - (avatar.size - 1))
    hair = _step(1 - np.maximum(beyond[:, None], beyond[None]) / max(avatar.margin, 1))
    below = place - (avatar.size - 1)
    bust = _step(-np.maximum(below[:, None], beyond[None]) / (BUST_FADE * avatar.size))
    chin = (avatar.texture_px[CHIN, 1] + 0.5) / avatar.texture_scale - 0.5 - avatar.margin
    body = _step((place - chin) / (BUST_FADE * avatar.size))[:, None]
    texture[..., 3] = np.rint(texture[..., 3] * (hair + (np.minimum(bust, hair) - hair) * body))
    return texture


def is_drawn(avatar: Avatar) -> bool:
    """Whether the picture is drawn in flat colours, one for the skin or many: its eyes are white, iris and ink."""
    return float(avatar.meta.get("flatness", 0.0) or 0.0) >= FLAT or shaded(avatar.meta) < SHADED


def _step(share: Float) -> Float:
    """0..1 smoothly, both ends without a kink."""
    inside = np.clip(share, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)


def skin_from_avatar(avatar: Avatar, *, texture: npt.NDArray[np.uint8]) -> Skin:
    """The skin, textured by `head_texture(avatar)`."""
    points, px = _lips_together(avatar)
    triangles = avatar.triangles[~opening_triangles(avatar.triangles)]
    skin = Skin(points, px, triangles, triangles[:0], avatar.shapes, avatar.head_weight, avatar.body_weight)
    for eye in EYES.values():
        # The very edge of a lid is half eyeball: a shut lid would carry a bright line along.
        for lid, fold in ((eye.upper, eye.crease), (eye.lower, eye.below)):
            away = skin.px[list(fold)].mean(axis=0) - skin.px[list(lid)].mean(axis=0)
            skin.px[list(lid)] += LID_EDGE_PX * avatar.texture_scale * away / max(float(np.linalg.norm(away)), 1.0)
    for side in EYES:
        skin = _with_lash_row(skin, avatar=avatar, side=side)
    lowest, highest = _matte_of_triangles(texture[..., 3], skin.px[skin.solid])
    solid = skin.solid[lowest >= OPAQUE]
    soft = skin.solid[(lowest < OPAQUE) & (highest >= VISIBLE)]
    return _without_strays(skin._replace(solid=solid, soft=soft))


def opening_triangles(triangles: Int) -> npt.NDArray[np.bool_]:
    """[T]: triangles that close the mouth or an eye."""
    openings = [set(UPPER_RINGS[-1]) | set(LOWER_RINGS[-1]), *(set(eye.lid_line) for eye in EYES.values())]
    return np.array([any(opening.issuperset(face) for opening in openings) for face in triangles.tolist()])


def _lips_together(avatar: Avatar) -> tuple[Float, Float]:
    """Points and texture px with the inner lips on one line where they are nearly so."""
    points, px = rest_vertices(avatar).copy(), texture_px(avatar).copy()
    upper, lower = list(INNER_UPPER), list(INNER_LOWER)
    width = np.linalg.norm(points[61] - points[291])
    if np.linalg.norm(points[upper] - points[lower], axis=1).max() < OPEN_SHARE * width:
        points[upper] = points[lower] = (points[upper] + points[lower]) / 2
        if avatar.neutral[0].any():
            # The picture shows them parted: what it shows in between belongs to neither lip, nor do their soft edges.
            way = px[lower] - px[upper]
            away = LIP_EDGE_PX * avatar.texture_scale * way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1)
            px[upper], px[lower] = px[upper] - away, px[lower] + away
        else:
            px[upper] = px[lower] = (px[upper] + px[lower]) / 2
    return points, px


def _with_lash_row(skin: Skin, *, avatar: Avatar, side: str) -> Skin:
    """The skin with one more row of points between the upper lid and its crease."""
    eye = EYES[side]
    lid, crease = set(eye.upper), set(eye.crease)
    edges = {
        (a, b) if a in lid else (b, a)
        for face in skin.solid.tolist()
        for a, b in ((face[0], face[1]), (face[1], face[2]), (face[2], face[0]))
        if (a in lid and b in crease) or (b in lid and a in crease)
    }
    first = len(skin.points)
    number = {edge: first + i for i, edge in enumerate(sorted(edges))}
    from_lid, to_crease = (np.array([edge[k] for edge in number]) for k in range(2))
    up = skin.points[list(eye.crease)].mean(axis=0) - skin.points[list(eye.upper)].mean(axis=0)
    height = (skin.points[to_crease] - skin.points[from_lid]) @ (up / np.linalg.norm(up))
    width = np.linalg.norm(skin.points[eye.outer] - skin.points[eye.inner])
    share = np.clip(LASH_SHARE * width / np.maximum(height, 1e-3), 0.2, 0.7)[:, None].astype(np.float32)

    def between(values: Float) -> Float:
        return np.asarray(values[from_lid] * (1 - share) + values[to_crease] * share, np.float32)

    added = np.stack([between(shape) for shape in skin.shapes])
    for shape in ("Blink", "LookDown", "LookUp", "Squint", "Wide"):
        name = INDEX[f"eye{shape}{side.capitalize()}"]
        added[name] = skin.shapes[name][from_lid]
    # Lashes of a shut eye are seen from above, as a line, not as they stand before an open one.
    blink = INDEX[f"eyeBlink{side.capitalize()}"]
    added[blink] -= (1 - LASHES_SHUT) * (between(skin.points) - skin.points[from_lid])
    return Skin(
        points=np.concatenate([skin.points, between(skin.points)]),
        px=np.concatenate([skin.px, between(skin.px)]),
        solid=np.array([part for face in skin.solid.tolist() for part in _split(face, number)], np.int32),
        soft=skin.soft,
        shapes=np.concatenate([skin.shapes, added], axis=1),
        head_weight=np.concatenate([skin.head_weight, np.ones(len(number), np.float32)]),
        body_weight=np.concatenate([skin.body_weight, np.zeros(len(number), np.float32)]),
    )


def _split(face: list[int], number: dict[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """A triangle cut where points were put on its sides (none, one or two of them)."""
    for _ in range(3):
        a, b, c = face
        ab, ac = (number.get((a, x), number.get((x, a))) for x in (b, c))
        bc = number.get((b, c), number.get((c, b)))
        if ab is not None and ac is not None:
            return [(a, ab, ac), (ab, b, c), (ab, c, ac)]
        if ab is not None and ac is None and bc is None:
            return [(a, ab, c), (ab, b, c)]
        face = [b, c, a]
    return [(face[0], face[1], face[2])]


def _matte_of_triangles(matte: npt.NDArray[np.uint8], corners: Float) -> tuple[Int, Int]:
    """Lowest and highest matte [T] of triangles whose corners [T, 3, 2] are px."""
    i, j = np.array([(i, j) for i in range(_STEPS) for j in range(_STEPS - i)], np.float32).T / (_STEPS - 1)
    weights = np.stack([i, j, 1 - i - j], axis=1)
    places = np.clip(np.rint(np.einsum("sk,tkx->tsx", weights, corners)), 0, matte.shape[0] - 1).astype(int)
    ring = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(matte, ring), cv2.dilate(matte, ring)
    column, row = places[..., 0], places[..., 1]
    return low[row, column].min(axis=1).astype(np.int32), high[row, column].max(axis=1).astype(np.int32)


def _without_strays(skin: Skin) -> Skin:
    """The skin without points that no triangle uses; the face's own keep their landmark numbers."""
    keep = np.zeros(len(skin.points), bool)
    keep[:468] = True
    keep[np.concatenate([skin.solid, skin.soft]).ravel()] = True
    number = np.cumsum(keep).astype(np.int32) - 1
    return Skin(
        points=skin.points[keep],
        px=skin.px[keep],
        solid=number[skin.solid],
        soft=number[skin.soft],
        shapes=np.ascontiguousarray(skin.shapes[:, keep]),
        head_weight=skin.head_weight[keep],
        body_weight=skin.body_weight[keep],
    )
