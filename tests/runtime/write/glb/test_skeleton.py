"""Joints: a chain, weights that sum to one, the head's own share kept."""

from __future__ import annotations

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.skeleton import joint_weights, joints_of


def test_the_head_turns_about_the_pivot(drawn: Avatar) -> None:
    joints = joints_of(drawn)
    assert [(joint.name, joint.parent) for joint in joints] == [("Root", -1), ("Neck", 0), ("Head", 1)]
    np.testing.assert_array_equal(joints[2].place, drawn.pivot)
    heights = [float(joint.place[1]) for joint in joints]
    assert heights == sorted(heights)


def test_weights_sum_to_one_and_keep_the_heads_share() -> None:
    head = np.linspace(0, 1, 101, dtype=np.float32)
    weights = joint_weights(head)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(weights[:, 2], head, atol=1e-6)
    assert weights.min() >= 0
    assert weights[0].tolist() == [1, 0, 0, 0]
    assert weights[-1].tolist() == [0, 0, 1, 0]
