"""Changes of the controls at their sample."""

from __future__ import annotations

import numpy as np
import pytest
from live_talks import Play, frames_of, notices

from visavis.errors import InputError, LimitError
from visavis.latents import INDEX
from visavis_runtime.motion.controls import Controls
from visavis_runtime.serve.engine.steering import Steering
from visavis_runtime.serve.engine.timeline import Timeline
from visavis_runtime.serve.messages import EndLine, Feed, Steer, TalkSpec


def spoken(lines: dict[str, int], *, until_ms: int) -> Timeline:
    timeline = Timeline(paced=True, now_ns=0)
    for name, count in lines.items():
        timeline.queue.feed(name, np.ones(count, np.float32), received_ns=1)
        timeline.queue.end(name)
    for now_ms in range(0, until_ms, 5):
        timeline.take(now_ms * 1_000_000, flush=1906)
    return timeline


def test_now_is_now_and_what_is_unset_stays() -> None:
    steering = Steering(Controls(head_gain=0.5))
    steering.add(Steer(1, {"distance": 0.3}))
    controls = steering.at(0, Timeline(paced=True, now_ns=0))
    assert (controls.distance, controls.head_gain) == (0.3, 0.5)


def test_a_wish_waits_for_its_sample_of_the_talk() -> None:
    steering, timeline = Steering(Controls()), Timeline(paced=True, now_ns=0)
    steering.add(Steer(1, {"distance": 0.3}, sample=1000))
    assert steering.at(999, timeline).distance == 0.0
    assert steering.at(1000, timeline).distance == 0.3


def test_it_is_known_when_the_next_wish_is_due() -> None:
    steering, timeline = Steering(Controls()), Timeline(paced=False, now_ns=0)
    assert steering.next_due(timeline) is None
    for sample in (9000, 4000):
        steering.add(Steer(1, {"distance": 0.3}, sample=sample))
    assert steering.next_due(timeline) == 4000
    timeline.queue.feed("a", np.ones(16_000, np.float32), received_ns=1)
    steering.add(Steer(1, {"distance": 0.4}, sample=10, line="a"))
    assert steering.next_due(timeline) == 4000
    timeline.take(0, flush=1906)
    assert steering.next_due(timeline) == 10


def test_a_wish_waits_for_its_line() -> None:
    timeline = spoken({"a": 16000, "b": 16000}, until_ms=300)
    steering = Steering(Controls())
    steering.add(Steer(1, {"distance": 0.3}, sample=8000, line="b"))
    steering.add(Steer(1, {"head_gain": 0.1}, sample=100, line="a"))
    assert steering.at(4000, timeline) == Controls(head_gain=0.1)
    for now_ms in range(300, 1200, 5):
        timeline.take(now_ms * 1_000_000, flush=1906)
    assert steering.at(16160 + 7999, timeline).distance == 0.0
    assert steering.at(16160 + 8000, timeline).distance == 0.3


def test_a_wish_for_a_line_that_is_gone_comes_true_at_once() -> None:
    steering = Steering(Controls())
    steering.add(Steer(1, {"distance": 0.3}, sample=8000, line="never"))
    assert steering.at(0, Timeline(paced=True, now_ns=0)).distance == 0.3


def test_too_many_wishes_are_refused() -> None:
    steering = Steering(Controls())
    for sample in range(1000):
        steering.add(Steer(1, {"distance": 0.3}, sample=10**9 + sample))
    with pytest.raises(LimitError, match="1000"):
        steering.add(Steer(1, {"distance": 0.3}, sample=10**9))


def test_a_bad_wish_changes_nothing() -> None:
    steering = Steering(Controls())
    with pytest.raises(InputError):
        steering.add(Steer(1, {"distance": 3.0}, sample=8000))
    assert steering.at(9000, Timeline(paced=True, now_ns=0)) == Controls()


def test_controls_change_in_mid_line_at_their_sample(play: Play, voice: np.ndarray) -> None:
    steer = Steer(1, {"emotion": {"happy": 1.0}}, sample=16000, line="a")
    script = [(200, Feed(1, "a", voice[:48000], 1)), (200, EndLine(1, "a")), (200, steer)]
    told = play(script, until_ms=4000)
    samples, latents, _ = frames_of(told, line="a")
    cheek = latents[:, INDEX["cheekSquintLeft"]]
    at = notices(told, "LINE_STARTED")[0].sample + 16000
    assert cheek[samples < at - 640].max() < 0.1
    assert cheek[samples > at + 16 * 350].min() > 0.35
    assert np.abs(np.diff(cheek)).max() < 0.1


def test_controls_hold_from_the_start(play: Play) -> None:
    still = TalkSpec(seed=2, controls=Controls(head_gain=0.0, blink_rate=0.0))
    _, latents, _ = frames_of(play([], until_ms=3000, specs=[still]))
    assert latents[:, INDEX["eyeBlinkLeft"]].max() < 0.01
