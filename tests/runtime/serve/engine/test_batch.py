"""Talks stepped together: the same as alone, and nobody harms anybody."""

from __future__ import annotations

import numpy as np
import pytest
from live_talks import Play, feed, frames_of

from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.talker import Talker
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.messages import (
    Closed,
    Feed,
    Notice,
    TalkSpec,
)  # fmt: skip


def test_a_talk_alone_and_in_a_full_batch_are_the_same(play: Play, voice: np.ndarray) -> None:
    script = feed(1, "a", voice[:24000], at_ms=200)
    alone = frames_of(play(script, until_ms=1800, specs=[TalkSpec(seed=7)]))
    others = [
        command
        for talk in range(2, 41)
        for command in feed(talk, "x", voice[talk * 900 : talk * 900 + 20000], at_ms=50 + 7 * talk, chunk=320 + talk)
    ]
    specs = [TalkSpec(seed=7), *(TalkSpec(seed=100 + i, motion_fps=(60, 30, 25)[i % 3]) for i in range(39))]
    crowd = frames_of(play(script + others, until_ms=1800, specs=specs))
    np.testing.assert_array_equal(alone[0], crowd[0])
    np.testing.assert_allclose(alone[1], crowd[1], atol=1e-4)


def test_numbers_gone_wrong_stay_in_their_talk(play: Play, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """One talk's latents turn to NaN once, as a broken voice could make them."""
    whole = Talker.step_many
    spoiled = []

    def spoil(self: Talker, samples: list, controls: list, states: list) -> list:  # type: ignore[type-arg]
        results = whole(self, samples, controls, states)
        for i, state in enumerate(states):
            if state.gesture.seed == 13 and not spoiled and state.frame > 30 and results[i][0].shape[0]:
                spoiled.append(i)
                results[i] = (np.full_like(results[i][0], np.nan), results[i][1])
        return results

    script = feed(1, "a", voice[:24000], at_ms=200) + feed(2, "b", voice[:24000], at_ms=200)
    specs = [TalkSpec(seed=7), TalkSpec(seed=13)]
    clean = play(script, until_ms=2000, specs=specs)
    monkeypatch.setattr(Talker, "step_many", spoil)
    told = play(script, until_ms=2000, specs=specs)
    assert spoiled
    np.testing.assert_allclose(frames_of(told, 1)[1], frames_of(clean, 1)[1], atol=1e-5)
    samples, latents, _ = frames_of(told, 2)
    assert np.isfinite(latents).all()
    assert (np.diff(samples) > 0).all()
    assert [report.reason for _, report in told if isinstance(report, Notice) and report.kind == "WARNING"] == [
        "MOTION_RESTARTED"
    ]
    assert np.abs(np.diff(latents[:, 52:55], axis=0)).max() < 0.05  # the head does not jump where it began again


def test_samples_that_no_network_can_hear_end_their_talk_alone(play: Play, voice: np.ndarray) -> None:
    bad = np.full(640, np.nan, np.float32)
    script = [*feed(1, "a", voice[:16000], at_ms=100), (400, Feed(2, "b", bad, 1))]
    told = play(script, until_ms=1500, specs=[TalkSpec(seed=1), TalkSpec(seed=2)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.code, one.reason) for one in closed] == [(2, "INVALID_ARGUMENT", "SAMPLES_UNFIT")]
    assert frames_of(told, 1)[0][-1] > 1.2 * 16000


def test_a_bug_in_one_talk_is_told_without_its_trace(
    play: Play, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = Talker.step_many

    def fail(self: Talker, samples: list, controls: list, states: list) -> list:  # type: ignore[type-arg]
        if any(state.gesture.seed == 5 and state.frame > 20 for state in states):
            raise ZeroDivisionError("secret")
        return whole(self, samples, controls, states)

    monkeypatch.setattr(Talker, "step_many", fail)
    told = play([], until_ms=900, specs=[TalkSpec(seed=i) for i in range(3, 8)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.code, one.reason) for one in closed] == [(3, "INTERNAL", "TALK_FAILED")]
    assert "secret" not in closed[0].message
    assert "secret" in caplog.text
    assert frames_of(told, 1)[0][-1] > 0.7 * 16000


def test_costs_are_measured_before_anybody_comes() -> None:
    engine = Engine(EngineConfig(), report=[].append)
    engine.costs.motion = 123.0
    engine.warm_up()
    assert 0.0005 < engine.costs.motion < 0.5


def test_talks_on_torch_are_those_of_onnxruntime(play: Play, voice: np.ndarray) -> None:
    """What an engine on a GPU does with its voices, here without one; qualities share the network."""
    specs = [TalkSpec(seed=7), TalkSpec(seed=8, quality="fast"), TalkSpec(seed=9)]
    script = [*feed(1, "a", voice[:24000], at_ms=100), *feed(3, "b", voice[8000:24000], at_ms=350, chunk=320)]
    usual = play(script, until_ms=1800, specs=specs)
    told = play(script, until_ms=1800, specs=specs, speech=load_speech(backend="torch"))
    for talk in (1, 2, 3):
        ours, theirs = frames_of(told, talk), frames_of(usual, talk)
        assert len(ours[0]) > 90
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_allclose(ours[1], theirs[1], atol=1e-4)
