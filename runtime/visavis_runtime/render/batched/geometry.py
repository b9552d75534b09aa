"""Takes drives and the resident faces, gives where every vertex of every frame is on the screen and how it is lit.

The arithmetic is that of `render/geometry`, row by row, for a batch [B]; limits and couplings are not repeated here,
drives come from there. No value is read back, no shape depends on one. It draws nothing.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from visavis_runtime.render import drives as given
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.patches import applied
from visavis_runtime.render.geometry import CHIN_BY_PITCH, DARKEST, LIGHT_GAIN, LIGHT_RANGE

PARTS = {"shapes": (52,), "neutral": (3,), "rotation": (3, 3), "shift": (3,), "zoom": (), "gaze": (2, 3)}
"""What one row of packed drives holds, in this order, and its shapes."""


class Drives(NamedTuple):
    """What the rigs are told to do, see `render.given.Drives`."""

    shapes: torch.Tensor
    neutral: torch.Tensor
    rotation: torch.Tensor
    shift: torch.Tensor
    zoom: torch.Tensor
    gaze: torch.Tensor


class Moved(NamedTuple):
    """Faces in their poses, output px; see `render.geometry.Moved`."""

    px: torch.Tensor  # [B, V, 2]
    depth: torch.Tensor  # [B, V]
    shade: torch.Tensor  # [B, V]
    skull: torch.Tensor  # [B, 2, 3]
    turn: torch.Tensor  # [B, 2, 2]
    pivot: torch.Tensor  # [B, 3], head frame
    pivot_px: torch.Tensor  # [B, 2], where the camera sees it now
    drives: Drives


def packed(drives: given.Drives) -> torch.Tensor:
    """[B, 74] float32 on the CPU: everything that changes from frame to frame, for one upload."""
    rows = [getattr(drives, name).reshape(len(drives.zoom), -1) for name in PARTS]
    return torch.from_numpy(np.concatenate(rows, axis=1, dtype=np.float32))


def unpacked(rows: torch.Tensor) -> Drives:
    """The inverse of `packed`, views into rows [B, 74]."""
    widths = [int(np.prod(shape)) for shape in PARTS.values()]
    pieces = torch.split(rows, widths, dim=1)
    return Drives(*(piece.view(-1, *shape) for piece, shape in zip(pieces, PARTS.values(), strict=True)))


def move(faces: Faces, slots: torch.Tensor, drives: Drives) -> Moved:
    """Every vertex of the faces `slots` [B] int64 in one pose each."""
    batch = len(slots)
    shaped = faces.vertices[slots] + torch.bmm(drives.shapes[:, None], faces.shapes[slots].flatten(2)).view(
        batch, -1, 3
    )
    shaped = shaped + torch.bmm(drives.neutral[:, None], faces.neutral[slots].flatten(2)).view(batch, -1, 3)
    rigid = drives.rotation * drives.zoom[:, None, None]
    pivot, camera, weight = faces.pivot[slots], faces.camera[slots], faces.head_weight[slots]
    shift = applied(faces.upright[slots], drives.shift) * faces.head_width[slots][:, None]
    turned = torch.bmm(shaped - pivot[:, None], rigid.mT) + (pivot + shift)[:, None]
    placed = shaped + weight[..., None] * (turned - shaped) + faces.body_weight[slots][..., None] * shift[:, None]
    projected = torch.bmm(placed, camera.mT)
    ratio = _light(faces, slots, shaped, drives.rotation) / faces.rest_light[slots].clamp(min=DARKEST) - 1
    shade = 1 + weight * LIGHT_GAIN * LIGHT_RANGE * torch.tanh(ratio / LIGHT_RANGE)
    shade = shade + torch.bmm(drives.shapes[:, None], faces.creases[slots])[:, 0]
    shade = shade + faces.chin_shade[slots] * (CHIN_BY_PITCH * drives.rotation[:, 1, 2:])
    skull = torch.bmm(camera, rigid)[:, :2]
    turn = torch.bmm(skull[..., :2], faces.uncamera[slots])
    pivot_px = applied(camera[:, :2], pivot + shift)
    px = projected[..., :2] + faces.offset[slots]
    return Moved(px, projected[..., 2], shade, skull, turn, pivot, pivot_px, drives)


def skull_px(moved: Moved, points: torch.Tensor, *, offset: torch.Tensor) -> torch.Tensor:
    """Where points [B, 3] that are fixed to the skulls appear, [B, 2] px; `offset` [B, 2] as of a vertex near them."""
    return applied(moved.skull, points - moved.pivot) + moved.pivot_px + offset


@cache
def fixed(numbers: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Numbers that never change, [n] int64, put on the device once."""
    return torch.tensor(numbers, device=device)


def rows_at(values: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Rows of values [B, V, C] by index [B, ...] -> [B, ..., C]."""
    flat = index.flatten(1)[..., None].expand(-1, -1, values.shape[2])
    return values.gather(1, flat).view(*index.shape, values.shape[2])


def _light(faces: Faces, slots: torch.Tensor, vertices: torch.Tensor, rotation: torch.Tensor) -> torch.Tensor:
    """[B, V]: brightness of white faces in the portraits' light."""
    a, b, c = rows_at(vertices, faces.triangles[slots]).unbind(2)
    facing = torch.linalg.cross(b - a, c - a)
    nothing = facing.new_zeros(len(facing), 1, 3)
    summed = rows_at(torch.cat([nothing, facing], dim=1), faces.around[slots]).sum(dim=2)
    length = torch.sqrt((summed * summed).sum(dim=2)) + 1e-6
    light = faces.light[slots]
    towards = torch.bmm(rotation.mT, light[:, 1:, None])
    return (light[:, :1] + torch.bmm(summed, towards)[..., 0] / length).clamp(min=DARKEST)
