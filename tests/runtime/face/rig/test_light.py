"""Light: found where it comes from, no change at rest, brighter towards it."""

from __future__ import annotations

import numpy as np
from rig_heads import SIZE, frontal_mesh

from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.light import MAX_CHANGE, fit_light, relit
from visavis_runtime.face.rig.normals import vertex_normals


def test_light_from_the_left_is_found_and_follows_a_turn() -> None:
    mesh = frontal_mesh()
    ramp = np.linspace(60, 220, SIZE)
    picture = np.broadcast_to(ramp[None, :, None], (SIZE, SIZE, 3)).astype(np.uint8)
    light, rest_light = fit_light(picture, mesh=mesh)
    assert light[1] > abs(light[2])
    normals = vertex_normals(mesh.vertices, triangles=mesh.triangles)
    np.testing.assert_allclose(relit(normals, light=light, rest_light=rest_light)[:468], 1, atol=1e-5)
    towards = relit(normals @ rotation_from_angles(0.2, 0, 0).T, light=light, rest_light=rest_light)
    assert towards[4] > 1
    assert towards.max() <= 1 + MAX_CHANGE + 1e-6


def test_a_flat_drawing_gets_no_sun() -> None:
    picture = np.full((SIZE, SIZE, 3), 140, np.uint8)
    light, _ = fit_light(picture, mesh=frontal_mesh())
    np.testing.assert_allclose(light[1:], 0, atol=2)
