"""Takes moved faces, gives for every pixel of their frames where it is in the texture, and its light.

A coarse map of what moves over that of what does not, enlarged bilinearly as on the CPU; lips that the picture shows
parted are mapped pixel by pixel, since they meet where the texture is torn. It reads no texture.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from visavis_runtime.render.batched import windows
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.geometry import Moved, rows_at
from visavis_runtime.render.batched.raster import Room, owners_of_cells, values_at
from visavis_runtime.render.batched.windows import Box, windows_at
from visavis_runtime.render.raster import Grid


class Sheet(NamedTuple):
    """uv_shade [B, 3, S, S] float32: texture px x and y, light; needed [B, ...] int64: what the rooms should hold."""

    uv_shade: torch.Tensor
    needed: torch.Tensor


def map_sheet(faces: Faces, slots: torch.Tensor, moved: Moved, *, grid: Grid, room: Room) -> Sheet:
    """The map of each frame at full size; needed [B, 2] as `Room`."""
    points = grid.from_px(moved.px)
    triangles, side = faces.moving[slots], grid.side
    owners = owners_of_cells(points, moved.depth, triangles, front=faces.front[slots], side=side, room=room)
    found = values_at(owners.triangle, points, _values(faces, slots, moved), triangles, side=side)
    covered = (owners.triangle >= 0).view(-1, 1, side, side)
    coarse = torch.where(covered, found, faces.still[slots])
    wide = torch.nn.functional.interpolate(coarse, scale_factor=grid.cell, mode="bilinear", align_corners=False)
    inner = slice(grid.cell, grid.cell + grid.size)
    return Sheet(wide[..., inner, inner].contiguous(), owners.needed)


def refine(sheet: Sheet, faces: Faces, slots: torch.Tensor, moved: Moved, *, room: Room, side_px: int) -> Sheet:
    """The sheet with the lips of faces that have torn ones mapped pixel by pixel.

    `side_px`: side of the square that holds a mouth. needed [B, 3]: as `Room`, and the side.
    """
    triangles = faces.lips[slots]
    batch, size = len(triangles), sheet.uv_shade.shape[-1]
    real = (triangles[..., :1] != triangles[..., 1:2])[..., None]
    corners = rows_at(moved.px, triangles)
    low = torch.where(real, corners, torch.inf).flatten(1, 2).amin(dim=1).floor()
    high = torch.where(real, corners, -torch.inf).flatten(1, 2).amax(dim=1).ceil() + 1
    window = windows_at(low, high, box=Box(side_px, side_px), size=size)
    local = moved.px - torch.cat([window.x[:, 0, :1], window.y[:, :1, 0]], dim=1)[:, None]
    owners = owners_of_cells(local, moved.depth, triangles, front=faces.front[slots], side=side_px, room=room)
    found = values_at(owners.triangle, local, _values(faces, slots, moved), triangles, side=side_px)
    covered = (owners.triangle >= 0).view(batch, 1, side_px, side_px)
    windows.write(sheet.uv_shade, window, torch.where(covered, found, windows.read(sheet.uv_shade, window)))
    needed = torch.cat([owners.needed, window.needed.amax(dim=1, keepdim=True)], dim=1)
    return Sheet(sheet.uv_shade, needed)


def _values(faces: Faces, slots: torch.Tensor, moved: Moved) -> torch.Tensor:
    """[B, V, 3]: what is carried across the triangles."""
    return torch.cat([faces.texture_uv[slots], moved.shade[..., None]], dim=2)
