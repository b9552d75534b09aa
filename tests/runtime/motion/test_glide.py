from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.motion.glide import Glide, glide_course, glide_to, resting


def _course(frames: np.ndarray, glide: Glide) -> np.ndarray:
    return glide_course(frames, [glide], of=np.zeros(len(frames), np.int64))


def test_a_move_from_rest_is_minimum_jerk_and_arrives() -> None:
    glide = glide_to([1.0, -2.0], axes=slice(0, 2), frame=10, frames=50.0, glide=resting(3))
    course = _course(np.arange(100.0), glide)
    x = np.clip((np.arange(100.0) - 10) / 50, 0, 1)
    np.testing.assert_allclose(course[:, 0], 10 * x**3 - 15 * x**4 + 6 * x**5, atol=1e-12)
    np.testing.assert_allclose(course[60:, 1], -2.0)
    np.testing.assert_array_equal(course[:, 2], 0.0)


@given(st.lists(st.tuples(st.integers(1, 80), st.integers(20, 90), st.floats(-1, 1)), min_size=2, max_size=6))
def test_new_goals_in_mid_move_never_jerk(moves: list[tuple[int, int, float]]) -> None:
    glide, at, parts = resting(1), 0, []
    for wait, frames, goal in moves:
        parts.append(_course(np.arange(at, at + wait, dtype=np.float64), glide))
        at += wait
        glide = glide_to([goal], axes=slice(0, 1), frame=at, frames=float(frames), glide=glide)
    parts.append(_course(np.arange(at, at + 100, dtype=np.float64), glide))
    course = np.concatenate(parts)[:, 0]
    assert abs(course[-1] - moves[-1][2]) < 1e-9
    # The largest acceleration of such a move over 2 in 20 frames is 2 * 5.8 / 400 a frame squared; twice for the joint.
    assert np.abs(np.diff(course, 2)).max() < 0.08
