"""The limits: what a source may turn, and that a fold shrinks them."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from rig_heads import frontal_camera, frontal_mesh

from visavis.latents import INDEX
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.limits import find_limits, wished_ranges
from visavis_runtime.face.rig.shapes import solve_shapes
from visavis_runtime.face.rig.stretch import posed


def test_a_frontal_source_may_turn_both_ways_alike() -> None:
    yaw, pitch, roll = wished_ranges(0.0, 0.0)
    for (low, high), least in ((yaw, 15), (pitch, 10), (roll, 10)):
        assert low == -high
        assert high >= math.radians(least)


def test_a_turned_source_turns_further_back_than_away() -> None:
    yaw, _, _ = wished_ranges(math.radians(-25), 0.0)
    assert -yaw[0] < math.radians(8) < math.radians(15) <= yaw[1]
    mirrored, _, _ = wished_ranges(math.radians(25), 0.0)
    np.testing.assert_allclose(mirrored, (-yaw[1], -yaw[0]))


def test_the_mean_head_keeps_its_whole_range() -> None:
    mesh = frontal_mesh()
    wished = wished_ranges(0.0, 0.0)
    still = np.zeros((52, len(mesh.vertices), 3), np.float32)
    limits = find_limits(
        mesh, rest=mesh.vertices, camera=frontal_camera(), shapes=still, wished=wished, visible=~mesh.cap
    )
    assert limits.yaw == wished[0]
    assert limits.pitch == wished[1]


def test_a_spike_shrinks_the_range() -> None:
    mesh = frontal_mesh()
    spiked = mesh.vertices.copy()
    spiked[50, 2] += 6.0
    wished = wished_ranges(0.0, 0.0)
    still = np.zeros((52, len(mesh.vertices), 3), np.float32)
    limits = find_limits(
        mesh._replace(vertices=spiked),
        rest=spiked,
        camera=frontal_camera(),
        shapes=still,
        wished=wished,
        visible=~mesh.cap,
    )
    assert limits.yaw[1] - limits.yaw[0] < 0.8 * (wished[0][1] - wished[0][0])


def test_a_head_that_is_moved_as_well_folds_nowhere() -> None:
    mesh = frontal_mesh()
    shapes = solve_shapes(mesh)
    wished = wished_ranges(0.0, 0.0)
    limits = find_limits(
        mesh, rest=mesh.vertices, camera=frontal_camera(), shapes=shapes, wished=wished, visible=~mesh.cap
    )
    assert limits.shift[1] == -limits.shift[0] > 0.02
    speaking = np.stack([mesh.vertices, mesh.vertices + 0.6 * shapes[INDEX["jawOpen"]]])
    for angles in product(limits.yaw, limits.pitch, limits.roll):
        rotation = rotation_from_angles(*angles)
        for x, y, z in product(limits.shift, repeat=3):
            place = posed(speaking, mesh=mesh, camera=frontal_camera(), rotation=rotation, shift=(x, y, z))
            assert (signed_areas(place, triangles=mesh.triangles[~mesh.cap]) >= 0).all(), (angles, x, y, z)
