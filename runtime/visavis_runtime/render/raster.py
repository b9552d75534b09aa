"""Takes the moved mesh, gives a coarse map of texture coordinates and light: one cell for every few pixels.

Edges that matter at full sharpness (lids, lips) are drawn as overlays, so the map may be coarse and be enlarged
bilinearly, which is exact for the picture at rest because the coordinates are then linear. Every triangle is cut into
rows, every row into its exact run of cells; far triangles first, so that the last write is the nearest. All of it is
array arithmetic over some ten thousand numbers: no compiled extension. One cell of margin is kept on all sides.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Int = npt.NDArray[np.int32]
Points = TypeVar("Points", bound=Any)

EDGE = np.float32(2e-3)
"""Cells by which a run is widened, so that rounding leaves no gap between neighbours."""
FLIPPED_BEHIND = np.float32(1e6)
"""Triangles that show their back are drawn before all others."""
SLIVER = np.float32(2e-3)
"""Doubled area in cells below which a triangle counts as showing its back: shut lips must not flicker."""


class Grid(NamedTuple):
    """Cells of `cell` px each over a square picture of `size` px, one more on every side."""

    size: int
    cell: int

    @property
    def side(self) -> int:
        """Cells a side, the margin included."""
        return -(-self.size // self.cell) + 2

    def from_px(self, px: Points) -> Points:
        """Pixel coordinates -> cell coordinates, of an array or a tensor."""
        cells: Points = (px + 0.5) * (1 / self.cell) + 0.5
        return cells


class Runs(NamedTuple):
    """Which triangle covers which cells, in drawing order."""

    cells: Int  # [n] flat index of the covered cells
    triangles: Int  # [n] row of `Mesh.triangles` for each


def runs_of_triangles(points: Float, depth: Float, triangles: Int, *, side: int, front: float) -> Runs:
    """Cells of every triangle.

    Args:
        points: [V, 2] in cells.
        depth: [V], bigger is nearer.
        triangles: [T, 3].
        side: cells a side of the map.
        front: sign of the area of a triangle that shows its front.
    """
    order = _far_to_near(points, depth, triangles, front)
    corners = points[triangles[order]]
    by_height = np.argsort(corners[:, :, 1], axis=1, kind="stable")
    corners = np.take_along_axis(corners, by_height[:, :, None], axis=1)
    first = np.maximum(np.ceil(corners[:, 0, 1] - EDGE), 0).astype(np.int32)
    last = np.minimum(np.floor(corners[:, 2, 1] + EDGE), side - 1).astype(np.int32)
    of_triangle, step = _expand(np.maximum(last - first + 1, 0))
    row = first[of_triangle] + step
    start, stop = _run(_slopes(corners)[of_triangle], row.astype(np.float32), side)
    of_row, step = _expand(np.maximum(stop - start + 1, 0))
    cells = (row * side + start)[of_row] + step
    return Runs(cells, order.astype(np.int32)[of_triangle][of_row])


def _far_to_near(points: Float, depth: Float, triangles: Int, front: float) -> npt.NDArray[np.intp]:
    """Drawing order of the triangles."""
    nearness = depth[triangles].sum(axis=1)
    nearness = nearness - FLIPPED_BEHIND * (areas(points, triangles) * front <= SLIVER)
    return np.argsort(nearness, kind="stable")


def areas(points: Float, triangles: Int) -> Float:
    """[T]: twice the signed area of each triangle."""
    x, y = points[:, 0], points[:, 1]
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return np.asarray((x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]), np.float32)


def _expand(counts: Int) -> tuple[Int, Int]:
    """Owner and number within its owner of every element of groups of the given sizes."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    begins = np.cumsum(counts, dtype=np.int32) - counts
    return owner, np.arange(len(owner), dtype=np.int32) - begins[owner]


def _slopes(corners: Float) -> Float:
    """[T, 8] of triangles whose corners rise in y: top x, y, middle x, y, x per row of three edges, bottom y."""
    top, middle, bottom = corners[:, 0], corners[:, 1], corners[:, 2]
    edges = [(bottom - top), (middle - top), (bottom - middle)]
    slopes = [edge[:, 0] / np.maximum(edge[:, 1], np.float32(1e-6)) for edge in edges]
    return np.stack([top[:, 0], top[:, 1], middle[:, 0], middle[:, 1], *slopes, bottom[:, 1]], axis=1)


def _run(edges: Float, row: Float, side: int) -> tuple[Int, Int]:
    """First and last cell of each row of each triangle (last < first where there is none).

    The row meets the long edge, and one of the two short ones.
    """
    top_x, top_y, middle_x, middle_y, long, upper, lower, bottom_y = edges.T
    row = np.clip(row, top_y, bottom_y)
    one = top_x + (row - top_y) * long
    two = np.where(row < middle_y, top_x + (row - top_y) * upper, middle_x + (row - middle_y) * lower)
    start = np.maximum(np.ceil(np.minimum(one, two) - EDGE), 0).astype(np.int32)
    stop = np.minimum(np.floor(np.maximum(one, two) + EDGE), side - 1).astype(np.int32)
    return start, stop


def values_at(runs: Runs, points: Float, values: Float, triangles: Int, *, side: int) -> tuple[Int, Float]:
    """Values of the nearest triangle at every covered cell.

    Args:
        runs: of the same mesh.
        points: [V, 2] in cells.
        values: [V, C] per vertex.
        triangles: [T, 3].
        side: cells a side.

    Returns:
        The covered cells [n] (flat index, rising) and their values [C, n].
    """
    owner = np.full(side * side, -1, np.int32)
    owner[runs.cells] = runs.triangles
    cells = np.flatnonzero(owner >= 0).astype(np.int32)
    owner = owner[cells]
    row = cells // side
    x, y = (cells - row * side).astype(np.float32), row.astype(np.float32)
    found = np.empty((values.shape[1], len(cells)), np.float32)
    for value, (start, in_x, in_y) in zip(found, _planes(points, values, triangles), strict=True):
        np.take(start, owner, out=value)
        value += in_x.take(owner) * x
        value += in_y.take(owner) * y
    return cells, found


def _planes(points: Float, values: Float, triangles: Int) -> Float:
    """[C, 3, T]: each value as a plane over the cells, its height at cell (0, 0) and its rise per cell in x and y."""
    a, b, c = triangles.T
    origin = points[a]
    one, two = (points[b] - origin).T, (points[c] - origin).T
    area = one[0] * two[1] - one[1] * two[0]
    area = np.where(np.abs(area) < 1e-5, np.float32(1e9), area)
    planes = np.empty((values.shape[1], 3, len(triangles)), np.float32)
    for plane, value in zip(planes, values.T, strict=True):
        start = value[a]
        rise_one, rise_two = value[b] - start, value[c] - start
        plane[1] = (rise_one * two[1] - rise_two * one[1]) / area
        plane[2] = (rise_two * one[0] - rise_one * two[0]) / area
        plane[0] = start - plane[1] * origin[:, 0] - plane[2] * origin[:, 1]
    return planes
