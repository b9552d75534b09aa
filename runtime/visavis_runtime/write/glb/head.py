"""Takes an avatar, gives its native head complete: skin with its linings, eyes, teeth, tongue, and the one texture.

The one place where the makers meet; it holds no maths of its own and knows nothing of files.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.rig.normals import vertex_normals
from visavis_runtime.render.drives import SIDES
from visavis_runtime.write.glb.atlas import Layout, layout_for, paint_atlas
from visavis_runtime.write.glb.drawn_eyes import drawn_lids, still_lids
from visavis_runtime.write.glb.eyes import ball_behind, eye_lining, eye_part, eye_picture, lids_over_balls, sight_of
from visavis_runtime.write.glb.lashes import lash_fringe, lash_picture
from visavis_runtime.write.glb.mouth import (
    mouth_lining,
    mouth_pictures,
    scene_of_mouth,
    teeth_part,
    tone_of_lips,
)
from visavis_runtime.write.glb.mouth_line import CELL, behind_lips, evened_lips, line_picture, mouth_lines
from visavis_runtime.write.glb.part import Float, Int, Lining, Part
from visavis_runtime.write.glb.skin import Skin, head_texture, is_drawn, skin_from_avatar
from visavis_runtime.write.glb.tongue import tongue_part

SMOOTHING, BESIDE = 10, 8
"""Rounds in which a normal takes the mean of its neighbours; points of the skin that light what lies folded on it."""


class Head(NamedTuple):
    """A head ready to be written.

    points [n, 3] cm, uv [n, 2], normals [n, 3]; solid [t, 3] triangles are opaque, soft [s, 3] (the matte's edge, the
    lashes of shut eyes) blend; shapes [52, n, 3]; head_weight, body_weight [n]; parts by node name; texture [side,
    side, 4] uint8.
    """

    points: Float
    uv: Float
    normals: Float
    solid: Int
    soft: Int
    shapes: Float
    head_weight: Float
    body_weight: Float
    parts: dict[str, Part]
    texture: npt.NDArray[np.uint8]


def head_from_avatar(avatar: Avatar, *, texture_px: int) -> Head:
    """The native head with a texture of `texture_px` a side."""
    drawn, texture = is_drawn(avatar), head_texture(avatar)
    skin = skin_from_avatar(avatar, texture=texture)
    balls = {side: ball_behind(skin.points, side=side, sight=sight_of(avatar) if drawn else None) for side in SIDES}
    skin = lids_over_balls(skin, balls)
    layout = layout_for(skin, side=texture_px, drawn=drawn)
    scene = scene_of_mouth(avatar)
    pictures = mouth_pictures(scene, lips=tone_of_lips(skin, texture))
    pictures |= {side: eye_picture(avatar, side=side, size=layout.cells[side].width, drawn=drawn) for side in SIDES}
    eyes = {side: eye_part(balls[side], avatar=avatar, side=side, layout=layout) for side in SIDES}
    fringes: list[Lining] = []
    if drawn:
        falling, skin = skin, still_lids(skin)
        for side in SIDES:
            lid = drawn_lids(falling, skin, eyes[side], avatar=avatar, side=side, layout=layout)
            pictures |= lid.pictures
            fringes += lid.strips
    else:
        pictures |= {f"lash_{side}": lash_picture(avatar, side=side) for side in SIDES}
        fringes += [lash_fringe(skin, side=side, layout=layout) for side in SIDES]
    if drawn and not scene.lips:
        skin = evened_lips(skin)
        pictures[CELL] = line_picture(scene, skin)
        fringes += mouth_lines(skin, scene, avatar=avatar, layout=layout)
    inside = {
        "UpperTeeth": teeth_part(scene, upper=True, layout=layout),
        "LowerTeeth": teeth_part(scene, upper=False, layout=layout),
        "Tongue": tongue_part(scene, layout=layout),
    }
    mouth = mouth_lining(skin, scene, layout=layout)
    if drawn:
        mouth, inside = behind_lips(mouth, inside, skin, avatar=avatar)
    linings = [mouth]
    linings += [eye_lining(skin, balls[side], avatar=avatar, side=side, layout=layout, drawn=drawn) for side in SIDES]
    return _joined(
        skin,
        layout=layout,
        linings=linings,
        fringes=fringes,
        parts={
            **{f"Eye{side.capitalize()}": eyes[side] for side in SIDES},
            **inside,
        },
        texture=paint_atlas(skin, texture=texture, layout=layout, pictures=pictures),
    )


def _joined(
    skin: Skin,
    *,
    layout: Layout,
    linings: list[Lining],
    fringes: list[Lining],
    parts: dict[str, Part],
    texture: npt.NDArray[np.uint8],
) -> Head:
    """Skin, linings and fringes as one mesh; linings are opaque, fringes blend, both are wholly the skull's."""
    added = [*linings, *fringes]
    first = len(skin.points) + np.cumsum([0, *(len(one.points) for one in added)])
    more = [one.triangles + start for one, start in zip(added, first[:-1], strict=True)]
    points = np.concatenate([skin.points, *(one.points for one in added)])
    solid = np.concatenate([skin.solid, *more[: len(linings)]]).astype(np.int32)
    soft = np.concatenate([skin.soft, *more[len(linings) :]]).astype(np.int32)
    normals = smooth_normals(points, np.concatenate([solid, soft]))
    # Fringes lie folded at rest: they are lit as the skin is that they lie on.
    folded = np.arange(first[len(linings)], len(points))
    apart = np.linalg.norm(points[folded, None] - points[None, :FACE_POINTS], axis=2)
    lit = normals[np.argpartition(apart, BESIDE, axis=1)[:, :BESIDE]].mean(axis=1)
    normals[folded] = lit / np.linalg.norm(lit, axis=1, keepdims=True)
    return Head(
        points=points,
        uv=np.concatenate([layout.head_uv(skin.px), *(one.uv for one in added)]),
        normals=normals,
        solid=solid,
        soft=soft,
        shapes=np.concatenate([skin.shapes, *(one.shapes for one in added)], axis=1),
        head_weight=np.concatenate([skin.head_weight, np.ones(len(points) - len(skin.points), np.float32)]),
        body_weight=np.concatenate([skin.body_weight, np.zeros(len(points) - len(skin.points), np.float32)]),
        parts=parts,
        texture=texture,
    )


def unit_normals(points: Float, triangles: Int) -> Float:
    """[n, 3] unit normals; a point without a triangle gets the viewer's direction."""
    normals = vertex_normals(points, triangles=triangles)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    ahead = np.array([[0.0, 0.0, 1.0]])
    return np.where(length > 0.5, normals / np.maximum(length, 1e-9), ahead).astype(np.float32)


def smooth_normals(points: Float, triangles: Int) -> Float:
    """[n, 3] unit normals of the large forms: the picture brings the light of the small ones itself.

    A mesh fitted to landmarks is bumpy where lids and lips are fine; lit a second time the bumps would show.
    """
    normals = unit_normals(points, triangles)
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    count = len(points)
    ones = np.ones(len(edges), np.float32)
    around = sp.csr_matrix((ones, (edges[:, 0], edges[:, 1])), (count, count))
    around = around + around.T + sp.identity(count, dtype=np.float32, format="csr")
    for _ in range(SMOOTHING):
        normals = np.asarray(around @ normals, np.float32)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    return np.asarray(normals, np.float32)
