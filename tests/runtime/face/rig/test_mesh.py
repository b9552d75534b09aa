"""The sheet: covers everything once, never moves at its border, keeps the picture at rest."""

from __future__ import annotations

import numpy as np
import pytest
from rig_heads import SIZE, frontal_camera, frontal_mesh, frontal_points

from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.portrait.pose import fit_pose, rotation_from_angles
from visavis_runtime.face.rig.depth import signed_areas, slopes
from visavis_runtime.face.rig.mesh import MAX_SLOPE, Mesh, build_mesh, combed, margin_px


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return frontal_mesh()


def test_the_sheet_covers_every_pixel_once(mesh: Mesh) -> None:
    area = signed_areas(mesh.uv * [1, -1], triangles=mesh.triangles)
    assert (area[~mesh.cap] > 0).all()
    whole = 2.0 * (SIZE + 2 * margin_px(SIZE) - 1) ** 2
    np.testing.assert_allclose(area.sum(), whole, rtol=1e-9)


def test_the_border_never_moves_and_the_face_moves_fully(mesh: Mesh) -> None:
    margin = margin_px(SIZE)
    border = ((mesh.uv <= -margin) | (mesh.uv >= SIZE + margin - 1)).any(axis=1)
    assert border.sum() > 40
    assert (mesh.head_weight[border] == 0).all()
    assert (mesh.head_weight[:478] == 1).all()
    assert ((mesh.head_weight >= 0) & (mesh.head_weight <= 1)).all()


def test_the_shoulders_are_still(mesh: Mesh) -> None:
    chin = mesh.vertices[152, 1]
    low = mesh.vertices[:, 1] < chin - 0.65 * mesh.face_height
    assert low.any()
    assert (mesh.head_weight[low] == 0).all()


def test_projection_at_rest_is_the_picture(mesh: Mesh) -> None:
    camera = frontal_camera()
    px = (mesh.vertices @ camera.rotation.T * camera.scale + camera.translation)[:, :2] * [1, -1]
    np.testing.assert_allclose(px, mesh.uv, atol=1e-6)


def test_no_triangle_is_too_steep(mesh: Mesh) -> None:
    assert slopes(mesh.vertices, triangles=mesh.triangles).max() <= MAX_SLOPE * 1.02


@pytest.mark.parametrize("yaw", [-30, -18, 12, 33])
def test_a_turned_head_is_combed_out(yaw: float) -> None:
    camera = frontal_camera()
    turned = canonical_head().points @ rotation_from_angles(np.radians(yaw), 0.05, 0.1).T * camera.scale
    points = ((turned + camera.translation) * [1, -1, -1]).astype(np.float32)
    fitted = fit_pose(points).camera
    mesh = build_mesh(points, camera=fitted, size=SIZE, face_triangles=canonical_head().triangles)
    area = signed_areas(mesh.uv * [1, -1], triangles=mesh.triangles)
    assert (area[~mesh.cap] > 0).all()
    px = (mesh.vertices @ fitted.rotation.T * fitted.scale + fitted.translation)[:, :2] * [1, -1]
    np.testing.assert_allclose(px, mesh.uv, atol=1e-3)


def test_combing_leaves_a_face_without_folds_alone() -> None:
    points = frontal_points()[:, :2].astype(np.float64)
    triangles = canonical_head().triangles
    wide = signed_areas(points * [1, -1], triangles=triangles) > 1.0
    np.testing.assert_array_equal(combed(points, triangles=triangles[wide], cap=np.zeros(wide.sum(), bool)), points)
