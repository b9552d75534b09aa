"""The mean head: symmetric, closed, the right way round."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.rings import EYES


def test_sizes() -> None:
    head = canonical_head()
    assert head.points.shape == (478, 3)
    assert head.triangles.shape == (898, 3)
    assert int(head.cap.sum()) == 46


def test_frame_and_scale() -> None:
    points = canonical_head().points
    assert np.linalg.norm(points[263] - points[33]) == pytest.approx(8.9, abs=0.05)
    assert points[263, 0] > 0 > points[33, 0]  # the subject's left eye is on the right of the picture
    assert points[10, 1] > points[152, 1]  # forehead above chin
    assert points[4, 2] > points[[234, 454], 2].max()  # nose towards the viewer


def test_mirror_is_exact() -> None:
    head = canonical_head()
    np.testing.assert_array_equal(head.mirror[head.mirror], np.arange(478))
    np.testing.assert_allclose(head.points[head.mirror] * [-1, 1, 1], head.points, atol=1e-5)
    for left, right in zip(EYES["left"].lid_line, EYES["right"].lid_line, strict=True):
        assert head.mirror[left] == right


def test_triangles_face_the_viewer_and_leave_no_hole() -> None:
    head = canonical_head()
    corners = head.points[head.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals[:, 2] > 0).all()
    edges = np.sort(head.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    assert int((counts == 1).sum()) == 36  # only the outline of the face is open


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        canonical_head().points[0, 0] = 1.0
