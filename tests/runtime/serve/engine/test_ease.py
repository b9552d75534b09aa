"""The seam of a talk that goes on from another face."""

from __future__ import annotations

import numpy as np

from visavis_runtime.serve.engine.ease import EASE_S, EaseIn


def test_it_begins_at_the_pose_and_leaves_it_smoothly_at_any_chunking() -> None:
    random = np.random.default_rng(1)
    latents, pose = random.random((60, 64), dtype=np.float32), random.random(64, dtype=np.float32)
    samples = np.arange(60) * 266 + 5000
    whole = EaseIn(pose).apply(latents, samples=samples)
    ease = EaseIn(pose)
    pieces = [ease.apply(latents[i : i + 7], samples=samples[i : i + 7]) for i in range(0, 60, 7)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-6)
    np.testing.assert_allclose(whole[0, 52:], pose[52:], atol=1e-6)
    after = samples - samples[0] > EASE_S * 16000
    np.testing.assert_array_equal(whole[after], latents[after])
    assert whole[:, :52].min() >= 0.0
    assert whole[:, :52].max() <= 1.0


def test_without_a_pose_nothing_is_touched() -> None:
    latents = np.ones((3, 64), np.float32)
    ease = EaseIn(None)
    assert ease.apply(latents, samples=np.arange(3)) is latents
    assert ease.last is not None
