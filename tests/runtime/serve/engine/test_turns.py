"""Whose turn it is in an engine with many talks."""

from __future__ import annotations

import numpy as np
import pytest
from live_talks import MS, Play, frames_of

from visavis_runtime.serve.engine.batch import BATCH_MOST
from visavis_runtime.serve.engine.session import Session
from visavis_runtime.serve.engine.turns import BURSTS_BESIDE
from visavis_runtime.serve.messages import (
    Closed,
    EndLine,
    Feed,
    TalkSpec,
)  # fmt: skip


def test_everybody_has_a_turn_when_there_are_more_than_a_batch(play: Play) -> None:
    told = play([], until_ms=600, specs=[TalkSpec(seed=i) for i in range(BATCH_MOST + 20)])
    last = {talk: frames_of(told, talk)[0][-1] for talk in range(1, BATCH_MOST + 21)}
    assert min(last.values()) > 0.4 * 16000


def test_bursts_take_small_steps_beside_live_talks(play: Play, voice: np.ndarray) -> None:
    burst = TalkSpec(seed=3, paced=False)
    script = [(0, command) for talk in (1, 2) for command in (Feed(talk, "a", voice[:48000], 1), EndLine(talk, "a"))]
    alone = play(script, until_ms=50, specs=[burst, burst])
    beside = play(script, until_ms=50, specs=[burst, burst, TalkSpec(seed=4)])
    later = play(script, until_ms=500, specs=[burst, burst, TalkSpec(seed=4)])
    for talk in (1, 2):
        whole = frames_of(alone, talk)
        assert whole[0].shape[0] == 180
        assert frames_of(beside, talk)[0].max(initial=0) <= 10 * BURSTS_BESIDE // 2
        np.testing.assert_allclose(frames_of(later, talk)[1], whole[1], atol=1e-3)


def test_a_talk_that_fails_between_steps_is_closed_alone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    take = Session.take

    def fail(self: Session, now_ns: int, **named: int) -> object:
        if self.spec.seed == 5 and now_ns > 300 * MS:
            raise ZeroDivisionError("secret")
        return take(self, now_ns, **named)

    monkeypatch.setattr(Session, "take", fail)
    told = play([], until_ms=900, specs=[TalkSpec(seed=4), TalkSpec(seed=5)])
    assert [report.talk for _, report in told if isinstance(report, Closed)] == [2]
    assert frames_of(told, 1)[0][-1] > 0.7 * 16000
