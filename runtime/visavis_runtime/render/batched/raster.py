"""Takes moved triangles of a batch, gives the nearest one at every cell of each map, and values across it.

The same rows and runs as `render/raster`, so both back ends cover the very same cells. Each triangle is cut into rows
and each row into cells in two expansions of a fixed length: element i finds its owner by binary search in the running
sum of the counts. Each cell keeps the largest key, nearness above and triangle below in one int64, which no order of
writing can change. Shapes depend on the `Room` alone; what did not fit is told, so the caller can draw again in a
larger one. The idea of packed keys is that of software rasterisers on GPUs (Laine and Karras, 2011).
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from visavis_runtime.render.batched.geometry import rows_at
from visavis_runtime.render.raster import EDGE, FLIPPED_BEHIND, SLIVER

NOTHING = torch.iinfo(torch.int64).min
TRIANGLE_BITS = 16
"""Bits of a key that hold the triangle."""


class Room(NamedTuple):
    """Longest lists that one frame may need: rows of triangles, and covered cells."""

    rows: int
    cells: int


class Owners(NamedTuple):
    """triangle [B, side * side] int64, the nearest at each cell, -1 where there is none; needed [B, 2]: see `Room`."""

    triangle: torch.Tensor
    needed: torch.Tensor


def owners_of_cells(
    points: torch.Tensor, depth: torch.Tensor, triangles: torch.Tensor, *, front: torch.Tensor, side: int, room: Room
) -> Owners:
    """The nearest triangle at every cell.

    Args:
        points: [B, V, 2] in cells.
        depth: [B, V], bigger is nearer.
        triangles: [B, T, 3] int64; three equal corners are no triangle.
        front: [B], sign of the area of a triangle that shows its front.
        side: cells a side of the map.
        room: lengths of the two expansions.
    """
    key = _keys(points, depth, triangles, front)
    corners = rows_at(points, triangles)
    by_height = corners[..., 1].argsort(dim=2, stable=True)
    corners = corners.gather(2, by_height[..., None].expand(-1, -1, -1, 2))
    first = (corners[:, :, 0, 1] - float(EDGE)).ceil().clamp(min=0).long()
    last = (corners[:, :, 2, 1] + float(EDGE)).floor().clamp(max=side - 1).long()
    heights = (last - first + 1).clamp(min=0) * (triangles[..., 0] != triangles[..., 1])
    owner, step, is_row, rows = _expanded(heights, room.rows)
    row = first.gather(1, owner) + step
    start, stop = _runs(rows_at(_slopes(corners), owner), row.float(), side)
    widths = (stop - start + 1).clamp(min=0) * is_row
    of_row, step, is_cell, cells = _expanded(widths, room.cells)
    place = (row * side + start).gather(1, of_row) + step
    # One cell more than there are takes what is none.
    place = torch.where(is_cell, place, side * side)
    best = key.new_full((len(key), side * side + 1), NOTHING)
    best.scatter_reduce_(1, place, key.gather(1, owner.gather(1, of_row)), "amax")
    best = best[:, :-1]
    triangle = torch.where(best == NOTHING, -1, best & ((1 << TRIANGLE_BITS) - 1))
    return Owners(triangle, torch.stack([rows, cells], dim=1))


def _keys(points: torch.Tensor, depth: torch.Tensor, triangles: torch.Tensor, front: torch.Tensor) -> torch.Tensor:
    """[B, T] int64: a nearer triangle has the larger key; of two equally near ones the later."""
    nearness = rows_at(depth[..., None], triangles)[..., 0].sum(dim=2)
    a, b, c = rows_at(points, triangles).unbind(2)
    area = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    nearness = nearness - float(FLIPPED_BEHIND) * (area * front[:, None] <= float(SLIVER))
    # The bits of a float32 order like the number itself once those of negative ones are turned over.
    bits = nearness.contiguous().view(torch.int32).long()
    rising = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    number = torch.arange(triangles.shape[1], device=points.device)
    return (rising << TRIANGLE_BITS) | number


def _expanded(counts: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Groups of the given sizes [B, n] as lists of a fixed length.

    Returns:
        owner and number within its owner of every element, whether the element exists (all [B, length]), and how many
        there are [B].
    """
    ends = counts.cumsum(dim=1)
    total = ends[:, -1]
    element = torch.arange(length, device=counts.device).expand(len(counts), -1).contiguous()
    owner = torch.searchsorted(ends, element, right=True).clamp(max=counts.shape[1] - 1)
    step = element - (ends - counts).gather(1, owner)
    return owner, step, element < total[:, None], total


def _slopes(corners: torch.Tensor) -> torch.Tensor:
    """[B, T, 8] as in `render.raster`: top x, y, middle x, y, x per row of three edges, bottom y."""
    top, middle, bottom = corners.unbind(2)
    slopes = [edge[..., 0] / edge[..., 1].clamp(min=1e-6) for edge in (bottom - top, middle - top, bottom - middle)]
    ends = [top[..., 0], top[..., 1], middle[..., 0], middle[..., 1]]
    return torch.stack([*ends, *slopes, bottom[..., 1]], dim=2)


def _runs(edges: torch.Tensor, row: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """First and last cell of each row of each triangle (last < first where there is none)."""
    top_x, top_y, middle_x, middle_y, long, upper, lower, bottom_y = edges.unbind(2)
    row = torch.minimum(torch.maximum(row, top_y), bottom_y)
    one = top_x + (row - top_y) * long
    two = torch.where(row < middle_y, top_x + (row - top_y) * upper, middle_x + (row - middle_y) * lower)
    start = (torch.minimum(one, two) - float(EDGE)).ceil().clamp(0, side)
    stop = (torch.maximum(one, two) + float(EDGE)).floor().clamp(-1, side - 1)
    return start.long(), stop.long()


def values_at(
    triangle: torch.Tensor, points: torch.Tensor, values: torch.Tensor, triangles: torch.Tensor, *, side: int
) -> torch.Tensor:
    """[B, C, side, side]: values [B, V, C] of the owning triangle at every cell; anything where there is none."""
    planes = _planes(rows_at(points, triangles), rows_at(values, triangles))
    start, in_x, in_y = rows_at(planes, triangle.clamp(min=0)).mT.chunk(3, dim=1)
    cell = torch.arange(side * side, device=points.device)
    found = start + in_x * (cell % side) + in_y * (cell // side)
    return found.view(len(found), -1, side, side)


def _planes(points: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """[B, T, 3 C]: heights at cell (0, 0), rises per cell in x, rises in y, of corners [B, T, 3, ...]."""
    origin, start = points[:, :, 0], values[:, :, 0]
    one, two = points[:, :, 1] - origin, points[:, :, 2] - origin
    area = one[..., :1] * two[..., 1:] - one[..., 1:] * two[..., :1]
    area = torch.where(area.abs() < 1e-5, 1e9, area)
    rise_one, rise_two = values[:, :, 1] - start, values[:, :, 2] - start
    in_x = (rise_one * two[..., 1:] - rise_two * one[..., 1:]) / area
    in_y = (rise_two * one[..., :1] - rise_one * two[..., :1]) / area
    return torch.cat([start - in_x * origin[..., :1] - in_y * origin[..., 1:], in_x, in_y], dim=2)
