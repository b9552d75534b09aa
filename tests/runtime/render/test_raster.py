from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.render.raster import Grid, runs_of_triangles, values_at

SIDE = 40


def grid_mesh(steps: int, jitter: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A square sheet of triangles over the whole map, its inner vertices shaken."""
    place = np.linspace(-1.0, SIDE, steps)
    points = np.stack(np.meshgrid(place, place), axis=2).reshape(-1, 2)
    inner = (np.abs(points - (SIDE - 1) / 2) < (SIDE + 1) / 2 - 1e-6).all(axis=1)
    points[inner] += np.random.default_rng(seed).uniform(-jitter, jitter, (int(inner.sum()), 2)) * SIDE / steps
    corner = np.arange(steps * steps).reshape(steps, steps)[:-1, :-1].ravel()
    one = np.stack([corner, corner + 1, corner + steps], axis=1)
    two = np.stack([corner + 1, corner + steps + 1, corner + steps], axis=1)
    return points.astype(np.float32), np.concatenate([one, two]).astype(np.int32)


@settings(max_examples=30, deadline=None)
@given(steps=st.integers(2, 20), seed=st.integers(0, 1000))
def test_a_sheet_covers_every_cell_with_its_own_coordinates(steps: int, seed: int) -> None:
    points, triangles = grid_mesh(steps, 0.2, seed)
    depth = np.zeros(len(points), np.float32)
    runs = runs_of_triangles(points, depth, triangles, side=SIDE, front=1.0)
    cells, values = values_at(runs, points, points, triangles, side=SIDE)
    assert len(cells) == SIDE * SIDE
    np.testing.assert_allclose(values[0], cells % SIDE, atol=2e-2)
    np.testing.assert_allclose(values[1], cells // SIDE, atol=2e-2)


def test_the_nearest_triangle_wins_and_backs_lose() -> None:
    points = np.array([[0, 0], [30, 0], [0, 30]] * 3, np.float32)
    triangles = np.array([[0, 1, 2], [3, 4, 5], [6, 8, 7]], np.int32)  # the last one shows its back
    depth = np.repeat(np.array([1, 2, 3], np.float32), 3)
    value = np.repeat(np.array([[10], [20], [30]], np.float32), 3, axis=0)
    runs = runs_of_triangles(points, depth, triangles, side=SIDE, front=1.0)
    _, found = values_at(runs, points, value, triangles, side=SIDE)
    assert np.allclose(found, 20, atol=1e-4)


def test_triangles_outside_or_without_area_draw_nothing() -> None:
    points = np.array([[-9, -9], [-5, -9], [-9, -5], [3.2, 3.3], [3.2, 3.3], [3.2, 3.3]], np.float32)
    triangles = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    runs = runs_of_triangles(points, np.zeros(6, np.float32), triangles, side=SIDE, front=1.0)
    assert len(runs.cells) == 0


def test_cells_lie_over_their_pixels() -> None:
    grid = Grid(512, 4)
    assert grid.side == 130
    np.testing.assert_allclose(grid.from_px(np.array([-0.5, 1.5, 511.5], np.float32)), [0.5, 1.0, 128.5])
