"""Takes an avatar and an output size, gives a `Scene`: everything of the face that does not depend on the latents.

Made once when a face is loaded, never changed, shared by any number of talks. What is painted comes from `surface`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.softness import blur_of
from visavis_runtime.face.rings import LIPS
from visavis_runtime.render.composite import Surface
from visavis_runtime.render.creases import chin_shade, creases_of
from visavis_runtime.render.drives import SIDES
from visavis_runtime.render.eyes import EyeScene, eye_scene
from visavis_runtime.render.folds import Folds, folds_of
from visavis_runtime.render.geometry import Rig, rig_from_avatar
from visavis_runtime.render.mouth_scene import MouthScene, mouth_scene
from visavis_runtime.render.raster import Grid, areas, runs_of_triangles, values_at
from visavis_runtime.render.surface import surface_from_avatar, surface_px_per_px

Float = npt.NDArray[np.float32]


class Stage(NamedTuple):
    """The coarse map of what never moves, and the triangles that may.

    uv [side, side, 2] px of the surface's texture and shade [side, side] at rest; moving [T', 3]; lips [T", 3]: those
    of lips that the picture shows parted; texture_uv [V, 2] px of the surface's texture; front: sign of a triangle's
    area that shows its front.
    """

    uv: Float
    shade: Float
    covered: npt.NDArray[np.bool_]
    moving: npt.NDArray[np.int32]
    lips: npt.NDArray[np.int32]
    texture_uv: Float
    front: float


@dataclass(frozen=True, eq=False)
class Scene:
    """One face, resident and ready for any latents at one output size and background."""

    grid: Grid
    surface: Surface
    rig: Rig
    stage: Stage
    folds: Folds
    eyes: tuple[EyeScene, ...]
    mouth: MouthScene
    shown: npt.NDArray[np.bool_]  # [T] triangles of the skin that show something of the person


def scene_from_avatar(avatar: Avatar, *, size: int, cell: int, transparent: bool) -> Scene:
    """Prepare a face for frames of `size` px on a map of `cell` px."""
    px_per_px = size / avatar.size
    rig = rig_from_avatar(avatar, px_per_px=px_per_px, creases=creases_of(avatar), chin_shade=chin_shade(avatar))
    grid = Grid(size, cell)
    blur = blur_of(avatar.picture, points=avatar.uv - avatar.margin)
    stage, texture_px = _stage(avatar, rig, grid, px_per_px), surface_px_per_px(avatar, size=size)
    return Scene(
        grid=grid,
        surface=surface_from_avatar(avatar, size=size, transparent=transparent),
        rig=rig,
        stage=stage,
        folds=folds_of(avatar, texture_uv=stage.texture_uv, px_per_cm=avatar.camera.scale * texture_px),
        eyes=tuple(eye_scene(avatar, rig=rig, side=side, px_per_px=px_per_px, blur=blur) for side in SIDES),
        mouth=mouth_scene(avatar, rig=rig, px_per_px=px_per_px),
        shown=_shown(avatar),
    )


def _shown(avatar: Avatar) -> npt.NDArray[np.bool_]:
    """[T]: not a cap of eyes or mouth, and not all background."""
    soft = cv2.dilate(avatar.texture[..., 3], np.ones((round(4 * avatar.texture_scale) | 1,) * 2, np.uint8))
    corners = avatar.texture_px[avatar.triangles]
    places = np.concatenate([corners, corners.mean(axis=1, keepdims=True)], axis=1)
    column, row = np.clip(np.rint(places), 0, soft.shape[0] - 1).astype(int).transpose(2, 0, 1)
    return np.asarray((soft[row, column] > 0).any(axis=1) & ~avatar.cap)


def _stage(avatar: Avatar, rig: Rig, grid: Grid, px_per_px: float) -> Stage:
    """Draw what never moves and sort out what may."""
    scale = surface_px_per_px(avatar, size=grid.size)
    texture_uv = ((avatar.uv + 0.5) * scale - 0.5).astype(np.float32)
    shaped = np.abs(avatar.shapes).max(axis=(0, 2)) + np.abs(avatar.neutral).max(axis=(0, 2))
    loose = (avatar.head_weight > 0) | (rig.body_weight[:, 0] > 0) | (shaped > 1e-6)
    moves = loose[avatar.triangles].any(axis=1)
    rest_px = rig.vertices @ rig.camera[:2].T + rig.offset
    front = float(np.sign(np.median(areas(rest_px, avatar.triangles))))
    side = grid.side
    middle = ((np.arange(side) - 0.5) * grid.cell / px_per_px + avatar.margin) * scale - 0.5
    uv = np.stack(np.meshgrid(middle, middle), axis=2)
    covered = np.zeros(side * side, bool)
    points, still = grid.from_px(rest_px), avatar.triangles[~moves]
    if len(still):
        runs = runs_of_triangles(points, np.zeros(len(points), np.float32), still, side=side, front=front)
        cells, values = values_at(runs, points, texture_uv, still, side=side)
        uv.reshape(-1, 2)[cells] = values.T
        covered[cells] = True
    return Stage(
        uv=uv.astype(np.float32),
        shade=np.ones((side, side), np.float32),
        covered=covered,
        moving=np.ascontiguousarray(avatar.triangles[moves]),
        lips=_torn_lips(avatar),
        texture_uv=texture_uv,
        front=front,
    )


def _torn_lips(avatar: Avatar) -> npt.NDArray[np.int32]:
    """Triangles of the lips if rest lays lips on each other that are apart in the picture, else none."""
    lips = np.isin(avatar.triangles, LIPS).all(axis=1) & avatar.neutral[0].any()
    return np.ascontiguousarray(avatar.triangles[lips])
