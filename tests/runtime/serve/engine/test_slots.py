"""Many talks in one engine: the full are refused, the parked are taken up, the closed forgotten."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from live_talks import MS, Play, frames_of

from visavis_runtime.motion.speech import load_speech
from visavis_runtime.serve.engine.slots import Engine, EngineConfig
from visavis_runtime.serve.messages import (
    Close,
    Closed,
    EndLine,
    Feed,
    Finish,
    Open,
    Opened,
    Park,
    Parked,
    Refused,
    Report,
    Steer,
    TalkSpec,
)  # fmt: skip


def test_a_control_out_of_range_ends_its_talk(play: Play) -> None:
    told = play([(100, Steer(1, {"distance": 9.0}))], until_ms=300, specs=[TalkSpec(seed=1), TalkSpec(seed=2)])
    closed = [report for _, report in told if isinstance(report, Closed)]
    assert [(one.talk, one.reason) for one in closed] == [(1, "CONTROL_RANGE")]


def test_an_engine_that_is_full_says_so_at_once() -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(capacity=0.5), report=reports.append)
    engine.costs.motion = 0.2
    for talk in range(4):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
    assert [type(report) for report in reports] == [Opened, Opened, Refused, Refused]
    refused = reports[-1]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == ("RESOURCE_EXHAUSTED", "CAPACITY")
    assert refused.retry_s > 0
    engine.obey(Close(0), now_ns=0)
    engine.obey(Open(9, TalkSpec(seed=9)), now_ns=0)
    assert isinstance(reports[-1], Opened)


def test_a_talk_that_is_taken_up_finds_its_place_in_a_full_engine() -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(capacity=0.5), report=reports.append)
    engine.costs.motion = 0.1
    for talk in range(1, 7):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
        engine.tick(now_ns=0)
    assert isinstance(reports[-1], Refused)
    engine.obey(Park(1), now_ns=0)
    parked = reports[-1]
    assert isinstance(parked, Parked)
    engine.obey(Open(7, TalkSpec(seed=7)), now_ns=0)  # somebody new is quicker
    for _ in range(2):
        engine.meter.tick(stepped_s=1e3, cpu_s=0.0)
        engine.load()
    assert engine.meter.saturated
    engine.obey(Open(8, TalkSpec(seed=8)), now_ns=0)
    assert isinstance(reports[-1], Refused)
    engine.obey(Open(9, TalkSpec(seed=1), parked=parked.state), now_ns=0)
    assert isinstance(reports[-1], Opened)


@pytest.mark.parametrize(("motion", "taken"), [(0.01, True), (0.06, False)])
def test_ticks_that_others_make_long_refuse_nobody_while_few_talk(motion: float, taken: bool) -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(), report=reports.append)
    engine.costs.motion = motion
    for talk in (1, 2):
        engine.obey(Open(talk, TalkSpec(seed=talk)), now_ns=0)
        engine.tick(now_ns=0)
    for _ in range(2):
        engine.meter.tick(stepped_s=1e3, cpu_s=0.0)
        load = engine.load()
    assert load.saturated
    assert load.light is taken
    engine.obey(Open(3, TalkSpec(seed=3)), now_ns=0)
    assert isinstance(reports[-1], Opened if taken else Refused)


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_a_talk_can_be_parked_and_goes_on_in_another_engine(play: Play, voice: np.ndarray, backend: str) -> None:
    script = [(100, Feed(1, "a", voice[:32000], 1)), (100, EndLine(1, "a"))]
    whole = frames_of(play(script, until_ms=3000, specs=[TalkSpec(seed=7)]))
    specs = [TalkSpec(seed=7), TalkSpec(seed=8)]
    first = play([*script, (1000, Park(1))], until_ms=1100, specs=specs, speech=load_speech(backend=backend))
    parked = next(report for _, report in first if isinstance(report, Parked))
    sent = pickle.dumps(parked.state)
    assert len(sent) < 400_000
    reports: list[Report] = []
    other = Engine(EngineConfig(), report=reports.append)
    samples, latents, _ = frames_of(first)
    for now_ms in range(0, 2500, 5):
        if now_ms == 0:
            other.obey(Open(1, TalkSpec(seed=7), parked=pickle.loads(sent)), now_ns=50_000 * MS)
        other.tick(now_ns=(50_000 + now_ms) * MS)
    second = frames_of([(0, report) for report in reports])
    samples, latents = np.concatenate([samples, second[0]]), np.concatenate([latents, second[1]])
    count = min(samples.shape[0], whole[0].shape[0])
    assert count > 150
    np.testing.assert_array_equal(samples[:count], whole[0][:count])
    np.testing.assert_allclose(latents[:count], whole[1][:count], atol=1e-4)


def test_closed_talks_are_forgotten(play: Play, voice: np.ndarray) -> None:
    reports: list[Report] = []
    engine = Engine(EngineConfig(), report=reports.append)
    play([(200, Close(1)), (210, Feed(1, "a", voice[:640], 1)), (300, Finish(2))], until_ms=600, engine=engine,
         specs=[TalkSpec(seed=1), TalkSpec(seed=2)])  # fmt: skip
    assert not engine.busy
    assert engine.planned == 0
