"""The depth filter: no triangle steeper than asked, nothing but depth changed, nothing lowered."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from visavis_runtime.face.rig.depth import limit_slope, signed_areas, slopes


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), depth=st.floats(0.1, 40.0), limit=st.floats(0.5, 3.0))
def test_no_triangle_is_steeper_than_the_limit(seed: int, depth: float, limit: float) -> None:
    rng = np.random.default_rng(seed)
    points = np.c_[rng.uniform(0, 10, (60, 2)), rng.uniform(0, depth, 60)]
    triangles = Delaunay(points[:, :2]).simplices.astype(np.int32)
    out = limit_slope(points, triangles=triangles, max_slope=limit, passes=3000)
    assert slopes(out, triangles=triangles).max() <= limit * 1.02
    assert (out[:, :2] == points[:, :2]).all()
    assert (out[:, 2] >= points[:, 2] - 1e-12).all()
    assert out[:, 2].max() <= points[:, 2].max()


def test_every_edge_keeps_the_lipschitz_bound() -> None:
    rng = np.random.default_rng(3)
    points = np.c_[rng.uniform(0, 10, (80, 2)), rng.uniform(0, 12, 80)]
    triangles = Delaunay(points[:, :2]).simplices.astype(np.int32)
    out = limit_slope(points, triangles=triangles, max_slope=2.0, passes=3000)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        edge = out[triangles[:, a]] - out[triangles[:, b]]
        assert (np.abs(edge[:, 2]) <= 2.05 * np.hypot(edge[:, 0], edge[:, 1])).all()


def test_a_gentle_surface_is_left_alone() -> None:
    rng = np.random.default_rng(5)
    flat = rng.uniform(0, 10, (40, 2))
    points = np.c_[flat, 0.3 * flat[:, 0]]
    triangles = Delaunay(flat).simplices.astype(np.int32)
    np.testing.assert_array_equal(limit_slope(points, triangles=triangles, max_slope=2.0), points)


def test_area_is_positive_anticlockwise() -> None:
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_allclose(signed_areas(corners, triangles=np.array([[0, 1, 2], [0, 2, 1]], np.int32)), [1, -1])
