"""Curves on the skin and the ribbons between them: square to the curve in every shape."""

from __future__ import annotations

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import UPPER_LID
from visavis_runtime.write.glb.ribbon import Curve, curve_along, normals_of, ribbon_between
from visavis_runtime.write.glb.skin import head_texture, skin_from_avatar


def _straight(count: int = 9) -> Curve:
    """Along +x; its first shape turns it upright."""
    points = np.stack([np.linspace(0, 4, count), np.zeros(count), np.zeros(count)], axis=1).astype(np.float32)
    shapes = np.zeros((52, count, 3), np.float32)
    shapes[0] = points[:, [1, 0, 2]] - points
    return Curve(points, shapes)


def test_a_curve_goes_through_its_landmarks_and_moves_with_them(drawn: Avatar) -> None:
    skin = skin_from_avatar(drawn, texture=head_texture(drawn))
    numbers = list(UPPER_LID["left"])
    curve = curve_along(skin, numbers)
    np.testing.assert_allclose(curve.points[[0, -1]], skin.points[[numbers[0], numbers[-1]]], atol=1e-5)
    np.testing.assert_allclose(curve.shapes[:, [0, -1]], skin.shapes[:, [numbers[0], numbers[-1]]], atol=1e-5)
    apart = np.linalg.norm(curve.points[:, None] - skin.points[None, numbers], axis=2).min(axis=0)
    assert apart.max() < 0.15, "of two points of the smooth curve one is left out"


def test_beside_is_equally_far_in_every_shape() -> None:
    curve = _straight()
    row = curve.beside(0.5, lift_cm=0.1)
    np.testing.assert_allclose(row.points - curve.points, np.broadcast_to([0, 0.5, 0.1], (9, 3)), atol=1e-6)
    for k in (0, 1):
        apart = (row.points + row.shapes[k]) - (curve.points + curve.shapes[k])
        np.testing.assert_allclose(np.linalg.norm(apart[:, :2], axis=1), 0.5, atol=1e-5)
    np.testing.assert_allclose(normals_of(curve.points + curve.shapes[0])[:, 0], -1, atol=1e-5)


def test_longer_draws_the_ends_out_and_run_measures() -> None:
    longer = _straight().longer(0.5)
    np.testing.assert_allclose(longer.points[[0, -1], 0], [-0.5, 4.5], atol=1e-6)
    run = longer.run()
    assert (run[0], run[-1]) == (0, 1)
    np.testing.assert_allclose(run[1], 0.1, atol=1e-6)


def test_a_ribbon_is_the_surface_between_its_rows() -> None:
    curve = _straight()
    uv = np.zeros((9, 2), np.float32)
    ribbon = ribbon_between([curve.beside(-0.5), curve.beside(0.5)], uv=[uv, uv])
    a, b, c = (ribbon.points[ribbon.triangles[:, k]] for k in range(3))
    area = np.cross(b - a, c - a)[:, 2] / 2
    assert (area > 0).all(), "it faces the viewer"
    np.testing.assert_allclose(area.sum(), 4.0, rtol=1e-5)
    assert ribbon.shapes.shape == (52, 18, 3)
