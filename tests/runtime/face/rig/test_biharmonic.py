"""The skin solver: handles are met exactly, held points stay, a common move moves everything alike."""

from __future__ import annotations

import numpy as np
import pytest
from rig_heads import frontal_mesh

from visavis_runtime.face.rig.biharmonic import SkinSolver


@pytest.fixture(scope="module")
def solver() -> SkinSolver:
    mesh = frontal_mesh()
    return SkinSolver(mesh.relief, triangles=mesh.triangles[~mesh.opening])


@pytest.mark.parametrize("membrane", [False, True])
def test_handles_are_met_exactly_and_held_points_stay(solver: SkinSolver, membrane: bool) -> None:
    rng = np.random.default_rng(1)
    handles = {v: rng.normal(size=3) for v in (61, 291, 0, 17, 152)}
    held = frozenset({10, 234, 454, 4})
    field = solver.solve([handles], held=held, membrane=membrane)[0]
    for v, move in handles.items():
        np.testing.assert_array_equal(field[v], move)
    assert (field[list(held)] == 0).all()
    assert np.isfinite(field).all()


def test_a_common_move_moves_all_skin_alike(solver: SkinSolver) -> None:
    move = np.array([0.3, -0.2, 0.5])
    field = solver.solve([dict.fromkeys((10, 152, 234, 454, 61, 291), move)], held=frozenset(), membrane=False)[0]
    moved = field[:468][np.abs(field[:468]).max(axis=1) > 0]
    np.testing.assert_allclose(moved, np.broadcast_to(move, moved.shape), atol=0.02)


def test_fields_with_other_handles_are_refused(solver: SkinSolver) -> None:
    with pytest.raises(ValueError, match="same handles"):
        solver.solve([{0: np.zeros(3)}, {1: np.zeros(3)}], held=frozenset())
