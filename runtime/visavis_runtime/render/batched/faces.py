"""Takes a prepared `Scene`, gives the arrays of one face as they lie on the device, and names the stack of all faces.

The scene is the very one that the CPU back end draws: nothing is prepared twice. Ragged parts are written so that zero
padding means nothing: a triangle of three equal corners is none, neighbours are counted from 1. It draws nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.render.geometry import Rig
from visavis_runtime.render.scene import Scene

Array = npt.NDArray[Any]


class Faces(NamedTuple):
    """All resident faces, one row [N] each; V, T, T', T" and M are those of the largest."""

    vertices: torch.Tensor  # [N, V, 3] float32, head frame
    shapes: torch.Tensor  # [N, 52, V, 3] float32
    neutral: torch.Tensor  # [N, 3, V, 3] float32
    head_weight: torch.Tensor  # [N, V] float32
    pivot: torch.Tensor  # [N, 3] float32
    camera: torch.Tensor  # [N, 3, 3] float32
    uncamera: torch.Tensor  # [N, 2, 2] float32, inverse of the camera's upper left
    upright: torch.Tensor  # [N, 3, 3] float32
    offset: torch.Tensor  # [N, V, 2] float32
    head_width: torch.Tensor  # [N] float32
    triangles: torch.Tensor  # [N, T, 3] int64
    around: torch.Tensor  # [N, V, K] int64, triangles round each vertex, from 1; 0: none
    light: torch.Tensor  # [N, 4] float32
    rest_light: torch.Tensor  # [N, V] float32
    creases: torch.Tensor  # [N, 52, V] float32
    still: torch.Tensor  # [N, 3, side, side] float32, texture px and light of what never moves
    moving: torch.Tensor  # [N, T', 3] int64
    lips: torch.Tensor  # [N, T", 3] int64, none where the lips of the picture are shut
    texture_uv: torch.Tensor  # [N, V, 2] float32
    front: torch.Tensor  # [N] float32
    texture: torch.Tensor  # [N, M, M] int32, four bytes RGBA each
    texture_side: torch.Tensor  # [N] int64, the part of M that this face uses
    plate: torch.Tensor  # [N, S, S] int32, RGBA; [N, 0, 0] for a transparent background


def arrays_of_scene(scene: Scene) -> dict[str, Array]:
    """One row of `Faces`."""
    rig, stage, surface = scene.rig, scene.stage, scene.surface
    count = len(rig.vertices)
    plate = np.zeros((0, 0), np.int32) if surface.plate is None else _packed(surface.plate)
    return {
        "vertices": rig.vertices,
        "shapes": rig.shapes.reshape(-1, count, 3),
        "neutral": rig.neutral.reshape(-1, count, 3),
        "head_weight": rig.head_weight[:, 0],
        "pivot": rig.pivot,
        "camera": rig.camera,
        "uncamera": np.linalg.inv(rig.camera[:2, :2]).astype(np.float32),
        "upright": rig.upright,
        "offset": rig.offset,
        "head_width": np.array(rig.head_width, np.float32),
        "triangles": rig.triangles.astype(np.int64),
        "around": _around(rig),
        "light": rig.light,
        "rest_light": rig.rest_light,
        "creases": rig.creases,
        "still": np.concatenate([stage.uv.transpose(2, 0, 1), stage.shade[None]]),
        "moving": stage.moving.astype(np.int64),
        "lips": stage.lips.astype(np.int64),
        "texture_uv": stage.texture_uv,
        "front": np.array(stage.front, np.float32),
        "texture": _packed(surface.texture),
        "texture_side": np.array(surface.texture.shape[0], np.int64),
        "plate": plate,
    }  # fmt: skip


def _packed(picture: Array) -> npt.NDArray[np.int32]:
    """[h, w, 4] uint8 -> [h, w] int32: one load fetches a whole texel."""
    return np.ascontiguousarray(picture).view(np.int32)[..., 0]


def _around(rig: Rig) -> npt.NDArray[np.int64]:
    """[V, K]: the triangles at each vertex, from 1, so that 0 means none."""
    gather = rig.gather.tocsr()
    counts = np.diff(gather.indptr)
    out = np.zeros((len(counts), int(counts.max())), np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    out[owner, np.arange(len(owner)) - gather.indptr[owner]] = gather.indices + 1
    return out
