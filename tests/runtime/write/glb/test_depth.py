"""Pushing pieces before and behind the skin."""

from __future__ import annotations

import numpy as np

from visavis_runtime.write.glb.depth import Surface, cleared, depth_at, room_behind
from visavis_runtime.write.glb.part import Float, Int, Lining, Part, sheet


def _roof(size: int = 9) -> tuple[Float, Int]:
    """A sheet over -2..2 that rises to 1 cm in its middle."""
    x, y = np.meshgrid(np.linspace(-2, 2, size), np.linspace(-2, 2, size))
    points = np.stack([x, y, 1 - np.hypot(x, y) / 3], axis=-1).reshape(-1, 3).astype(np.float32)
    return points, sheet(size, size)


def _surface() -> Surface:
    """The roof; its shape 3 lifts it by 1 cm."""
    points, triangles = _roof()
    shapes = np.zeros((52, len(points), 3), np.float32)
    shapes[3, :, 2] = 1
    return Surface(points, shapes, triangles, np.eye(3, dtype=np.float32))


def _flat_piece(z: float) -> Lining:
    """A coarse flat sheet over -1..1."""
    points = np.array([(x, y, z) for y in (-1, 0, 1) for x in (-1, 0, 1)], np.float32)
    return Lining(points, np.zeros((9, 2), np.float32), sheet(3, 3), np.zeros((52, 9, 3), np.float32))


def test_depth_is_that_of_the_foremost_triangle() -> None:
    points, triangles = _roof()
    both = np.concatenate([points, points - np.array([0, 0, 5], np.float32)])
    faces = np.concatenate([triangles, triangles + len(points)])
    z = depth_at(np.array([[0, 0], [1, 0], [7, 0]], np.float32), both, faces)
    np.testing.assert_allclose(z[:2], [1, 2 / 3], atol=1e-5)
    assert np.isnan(z[2])


def test_a_piece_is_pushed_before_the_skin_at_rest_and_in_a_shape() -> None:
    surface, piece = _surface(), _flat_piece(-1.0)
    pushed = cleared(piece, surface, by_cm=0.1, shapes=[3])
    np.testing.assert_array_equal(pushed.points[:, :2], piece.points[:, :2])
    for share in (0.0, 0.5, 1.0):
        place = pushed.points + share * pushed.shapes[3]
        middles = np.concatenate([place, place[pushed.triangles].mean(axis=1)])
        there = surface.points + share * surface.shapes[3]
        assert (middles[:, 2] - depth_at(middles, there, surface.triangles) > 0.05).all(), share
    assert np.abs(pushed.shapes[[0, 7]]).max() == 0


def test_a_piece_is_pushed_behind_the_skin_but_for_what_is_fixed() -> None:
    surface, piece = _surface(), _flat_piece(2.0)
    pushed = cleared(piece, surface, by_cm=0.1, shapes=[], behind=True, fixed=3)
    np.testing.assert_array_equal(pushed.points[:3], piece.points[:3])
    assert (pushed.points[3:, 2] < depth_at(pushed.points[3:], surface.points, surface.triangles)).all()


def test_what_is_clear_already_stays() -> None:
    piece = _flat_piece(3.0)
    np.testing.assert_array_equal(cleared(piece, _surface(), by_cm=0.1, shapes=[3]).points, piece.points)


def test_parts_go_back_together() -> None:
    points, triangles = _roof()
    low, high = (Part(points + np.array([0, 0, z], np.float32), points[:, :2], triangles, points[0]) for z in (-3, 0.4))
    way = room_behind([low, high], _surface(), by_cm=0.1, shapes=[("jawOpen", 3)])
    np.testing.assert_allclose(way, [0, 0, -0.5], atol=0.02)
