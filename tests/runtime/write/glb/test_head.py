"""The whole head: arrays that fit together."""

from __future__ import annotations

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.head import Head, head_from_avatar, smooth_normals, unit_normals


def test_arrays_fit_together(head: Head) -> None:
    count = len(head.points)
    assert head.uv.shape == (count, 2)
    assert head.normals.shape == (count, 3)
    assert head.shapes.shape == (52, count, 3)
    assert head.head_weight.shape == (count,)
    assert max(head.solid.max(), head.soft.max()) < count < 2**16
    assert head.texture.shape == (512, 512, 4)
    for array in (head.points, head.uv, head.normals, head.shapes):
        assert np.isfinite(array).all()
    for part in head.parts.values():
        assert part.uv.shape == (len(part.points), 2)
        assert part.triangles.max() < len(part.points)
        assert 0 < part.uv.min() <= part.uv.max() < 1


def test_normals_are_unit_and_face_the_viewer_on_the_nose(head: Head) -> None:
    np.testing.assert_allclose(np.linalg.norm(head.normals, axis=1), 1, atol=1e-4)
    assert head.normals[4, 2] > 0.8


def test_folded_lids_are_lit_as_the_skin_they_lie_on(flat_head: Head) -> None:
    fringe = np.arange(np.unique(flat_head.soft[-40:]).min(), len(flat_head.points))
    apart = np.linalg.norm(flat_head.points[fringe, None] - flat_head.points[None, :468], axis=2)
    same = (flat_head.normals[fringe] * flat_head.normals[apart.argmin(axis=1)]).sum(axis=1)
    assert same.min() > 0.9


def test_smoothing_keeps_the_large_form() -> None:
    points = np.array([(x, y, -0.1 * x * x) for y in range(6) for x in range(-3, 4)], np.float32)
    faces = [(a, a + 1, a + 8) for r in range(5) for a in range(r * 7, r * 7 + 6)]
    triangles = np.array([*faces, *((a, c, c - 1) for a, _, c in faces)], np.int32)
    smooth = smooth_normals(points, triangles)
    assert smooth[7 * 3 + 6, 0] > 0.05
    assert smooth[7 * 3, 0] < -0.05
    assert np.abs(unit_normals(points, triangles)[:, 2]).min() > 0.5


def test_the_larger_texture_is_larger_only(head: Head, drawn: Avatar) -> None:
    larger = head_from_avatar(drawn, texture_px=1024)
    assert larger.texture.shape == (1024, 1024, 4)
    np.testing.assert_array_equal(larger.points, head.points)
