"""Takes the moved mesh, gives a coarse map of texture coordinates and light: one cell for every few pixels.

Edges that matter at full sharpness (lids, lips) are drawn as overlays, so the map may be coarse and be enlarged
bilinearly, which is exact for the picture at rest because the coordinates are then linear. Every triangle is cut into
rows, every row into its exact run of cells; far triangles first, so that the last write is the nearest. All of it is
array arithmetic over some ten thousand numbers: no compiled extension. One cell of margin is kept on all sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Int = npt.NDArray[np.int32]

EDGE = np.float32(2e-3)
"""Cells by which a run is widened, so that rounding leaves no gap between neighbours."""
FLIPPED_BEHIND = np.float32(1e6)
"""Triangles that show their back are drawn before all others."""


class Grid(NamedTuple):
    """Cells of `cell` px each over a square picture of `size` px, one more on every side."""

    size: int
    cell: int

    @property
    def side(self) -> int:
        """Cells a side, the margin included."""
        return -(-self.size // self.cell) + 2

    def from_px(self, px: Float) -> Float:
        """Pixel coordinates -> cell coordinates."""
        return (px + np.float32(0.5)) * np.float32(1 / self.cell) + np.float32(0.5)


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
    y = corners[:, :, 1]
    first = np.maximum(np.ceil(y.min(axis=1) - EDGE), 0).astype(np.int32)
    last = np.minimum(np.floor(y.max(axis=1) + EDGE), side - 1).astype(np.int32)
    rows, row_triangle, step = _expand(np.maximum(last - first + 1, 0))
    del rows
    row_y = (first[row_triangle] + step).astype(np.float32)
    start, stop = _run(corners, row_triangle, row_y, side)
    _, of_row, step = _expand(np.maximum(stop - start + 1, 0))
    cells = row_y.astype(np.int32)[of_row] * side + start[of_row] + step
    return Runs(cells, order[row_triangle[of_row]].astype(np.int32))


def _far_to_near(points: Float, depth: Float, triangles: Int, front: float) -> npt.NDArray[np.intp]:
    """Drawing order of the triangles."""
    nearness = depth[triangles].sum(axis=1)
    nearness = nearness - FLIPPED_BEHIND * (areas(points, triangles) * front <= 0)
    return np.argsort(nearness, kind="stable")


def areas(points: Float, triangles: Int) -> Float:
    """[T]: twice the signed area of each triangle."""
    x, y = points[:, 0], points[:, 1]
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return np.asarray((x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]), np.float32)


def _expand(counts: Int) -> tuple[int, Int, Int]:
    """Total, owner and number within its owner of every element of groups of the given sizes."""
    total = int(counts.sum())
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    begins = np.cumsum(counts, dtype=np.int32) - counts
    return total, owner, np.arange(total, dtype=np.int32) - begins[owner].astype(np.int32)


def _run(corners: Float, owner: Int, row_y: Float, side: int) -> tuple[Int, Int]:
    """First and last cell of each row of each triangle (last < first where there is none).

    The row cuts the triangle between two of its three edges: the leftmost and the rightmost crossing.
    """
    left = np.full(len(owner), np.inf, np.float32)
    right = np.full(len(owner), -np.inf, np.float32)
    for k in range(3):
        one, two = corners[:, k], corners[:, (k + 1) % 3]
        rise = two[:, 1] - one[:, 1]
        flat = np.abs(rise) < 1e-6
        slope = (two[:, 0] - one[:, 0]) / np.where(flat, np.float32(1), rise)
        low, high = np.minimum(one[:, 1], two[:, 1]) - EDGE, np.maximum(one[:, 1], two[:, 1]) + EDGE
        packed = np.stack([one[:, 0], one[:, 1], slope, np.where(flat, np.inf, low), high], axis=1).astype(np.float32)
        here = packed[owner]
        x = here[:, 0] + (row_y - here[:, 1]) * here[:, 2]
        cuts = (row_y >= here[:, 3]) & (row_y <= here[:, 4])
        left = np.where(cuts, np.minimum(left, x), left)
        right = np.where(cuts, np.maximum(right, x), right)
    none = right < left
    left, right = np.where(none, np.float32(1), left), np.where(none, np.float32(0), right)
    start = np.maximum(np.ceil(left - EDGE), 0).astype(np.int32)
    stop = np.minimum(np.floor(right + EDGE), side - 1).astype(np.int32)
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
        The covered cells [n] (flat index, rising) and their values [n, C].
    """
    owner = np.full(side * side, -1, np.int32)
    owner[runs.cells] = runs.triangles
    cells = np.flatnonzero(owner >= 0).astype(np.int32)
    table = _gradients(points, values, triangles)[owner[cells]]
    count = values.shape[1]
    dx = (cells % side).astype(np.float32) - table[:, 0]
    dy = (cells // side).astype(np.float32) - table[:, 1]
    found = table[:, 2 : 2 + count] + table[:, 2 + count : 2 + 2 * count] * dx[:, None]
    found += table[:, 2 + 2 * count :] * dy[:, None]
    return cells, found


def _gradients(points: Float, values: Float, triangles: Int) -> Float:
    """[T, 2 + 3 C]: first corner, its values, their change per cell in x and in y."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    origin = points[a]
    one, two = points[b] - origin, points[c] - origin
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    safe = np.where(np.abs(area) < 1e-5, np.float32(1e9), area)[:, None]
    start = values[a]
    rise_one, rise_two = values[b] - start, values[c] - start
    in_x = (rise_one * two[:, 1:2] - rise_two * one[:, 1:2]) / safe
    in_y = (rise_two * one[:, 0:1] - rise_one * two[:, 0:1]) / safe
    return np.concatenate([origin, start, in_x, in_y], axis=1)
