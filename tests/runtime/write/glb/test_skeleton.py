"""Joints: a chain, weights that sum to one, the head's own share kept."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.skeleton import joint_weights, joints_of


def test_the_head_turns_about_the_pivot(drawn: Avatar) -> None:
    joints = joints_of(drawn)
    assert [(joint.name, joint.parent) for joint in joints] == [("Root", -1), ("Chest", 0), ("Neck", 1), ("Head", 2)]
    np.testing.assert_array_equal(joints[3].place, drawn.pivot)
    heights = [float(joint.place[1]) for joint in joints]
    assert heights == sorted(heights)


def test_weights_sum_to_one_and_keep_the_avatars_shares() -> None:
    head = np.linspace(0, 1, 101, dtype=np.float32)
    body = 0.3 * (1 - head)
    weights = joint_weights(head, body)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(weights[:, 3], head, atol=1e-6)
    np.testing.assert_allclose(weights[:, 1:3].sum(axis=1), body, atol=1e-6)
    assert weights.min() >= 0
    assert weights[0].tolist() == pytest.approx([0.7, 0.3, 0, 0])
    assert weights[-1].tolist() == [0, 0, 0, 1]
