"""Combing: no fold is left in the widest mixes, and the shapes are hardly changed."""

from __future__ import annotations

import numpy as np
from rig_heads import frontal_camera, frontal_mesh

from visavis.latents import INDEX
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.limits import wished_ranges
from visavis_runtime.face.rig.shapes import solve_shapes
from visavis_runtime.face.rig.stretch import WIDEST, bodies, comb_shapes, mix_weights


def test_no_fold_is_left_and_little_is_changed() -> None:
    mesh, camera = frontal_mesh(), frontal_camera()
    shapes = solve_shapes(mesh)
    combed = comb_shapes(mesh, camera=camera, shapes=shapes, ranges=wished_ranges(0.0, 0.0))
    area = signed_areas(bodies(mesh, shapes=combed) * camera.scale, triangles=mesh.triangles[~mesh.cap])
    assert (area > 0).all()
    assert np.abs(combed - shapes).max() < 0.4


def test_mixes_are_of_known_shapes_and_rest_comes_first() -> None:
    weights = mix_weights(WIDEST, count=52)
    assert (weights[0] == 0).all()
    assert (weights[1:].sum(axis=1) > 0).all()
    assert weights.max() <= 1


def test_a_shape_is_not_combed_where_it_moves_nothing() -> None:
    """The pinned corner of one eye must not be shared with the blink of the other."""
    mesh, camera = frontal_mesh(), frontal_camera()
    combed = comb_shapes(mesh, camera=camera, shapes=solve_shapes(mesh), ranges=wished_ranges(0.0, 0.0))
    right_eye = [33, 133, 246, 247, 7]
    left_eye = [263, 362, 466, 467, 249]
    assert np.abs(combed[INDEX["eyeBlinkLeft"]][right_eye]).max() < 1e-4
    assert np.abs(combed[INDEX["eyeBlinkRight"]][left_eye]).max() < 1e-4
