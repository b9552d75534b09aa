"""Triangles of tubes and sheets face the right way."""

from __future__ import annotations

import numpy as np

from visavis_runtime.write.glb.part import sheet, tube


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)


def test_the_front_of_a_sheet_is_where_it_is_seen_upright() -> None:
    points = np.array([(x, y, 0.0) for y in range(3) for x in range(4)])
    triangles = sheet(3, 4)
    assert triangles.shape == (12, 3)
    assert (_normals(points, triangles)[:, 2] > 0).all()


def test_the_front_of_a_tube_is_its_inside() -> None:
    turn = np.arange(8) * np.pi / 4
    points = np.array([(np.cos(t), np.sin(t), -z) for z in range(3) for t in turn] + [(0.0, 0.0, -3.0)])
    triangles = tube(3, 8, tip=True)
    assert triangles.shape == (2 * 2 * 8 + 8, 3)
    middles = points[triangles].mean(axis=1) * (1, 1, 0)
    assert ((_normals(points, triangles) * middles).sum(axis=1) < 0).all()
