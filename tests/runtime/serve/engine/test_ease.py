"""The seam of a talk that goes on from another face."""

from __future__ import annotations

import numpy as np
from live_talks import Play, frames_of

from visavis.latents import INDEX
from visavis_runtime.serve.engine.ease import EASE_S, EaseIn
from visavis_runtime.serve.messages import TalkSpec


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


def test_a_new_talk_can_begin_where_another_face_was(play: Play) -> None:
    pose = np.zeros(64, np.float32)
    pose[INDEX["headYaw"]], pose[INDEX["jawOpen"]] = 0.2, 0.5
    samples, latents, _ = frames_of(play([], until_ms=1500, specs=[TalkSpec(seed=2, from_latents=pose)]))
    plain = frames_of(play([], until_ms=1500, specs=[TalkSpec(seed=2)]))[1]
    np.testing.assert_allclose(latents[0], pose, atol=1e-5)
    np.testing.assert_allclose(latents[samples >= 4800], plain[samples >= 4800], atol=1e-6)
    assert np.abs(np.diff(latents[:, INDEX["headYaw"]])).max() < 0.03
