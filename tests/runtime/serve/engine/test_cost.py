"""What talks cost by measure."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from visavis_runtime.serve.engine.cost import Costs, Meter
from visavis_runtime.serve.messages import PictureSpec, TalkSpec


def test_costs_follow_what_was_measured() -> None:
    costs = Costs(capacity=0.8)
    for _ in range(2000):
        costs.measured_motion(0.004, talk_s=0.4)
        costs.measured_picture(0.032, size_px=1024)
    assert costs.of(TalkSpec(seed=1)) == pytest.approx(0.01, rel=1e-3)
    small = TalkSpec(seed=1, pictures=PictureSpec(Path("x"), fps=25, size_px=512))
    assert costs.of(small) == pytest.approx(0.01 + 25 * 0.008, rel=1e-3)


def test_what_a_step_costs_anyway_is_no_talks_cost() -> None:
    costs = Costs(capacity=0.8)
    costs.step_s, costs.motion = 0.002, 0.005
    for _ in range(2000):
        costs.measured_motion(0.004, talk_s=0.4)
    assert costs.of(TalkSpec(seed=1)) == pytest.approx(0.005, rel=1e-3)
    assert costs.least == pytest.approx(0.1)


def test_a_talk_alone_does_not_make_the_next_look_dear() -> None:
    costs = Costs(capacity=0.8)
    costs.step_s, costs.motion = 0.002, 0.004
    for _ in range(2000):
        costs.measured_motion(0.003, talk_s=0.02)  # half as long again as in a row of hot steps
    assert 0.004 < costs.of(TalkSpec(seed=1)) < 0.0061
    for _ in range(2000):
        costs.measured_motion(0.002 + 0.008 * 64 * 0.02, talk_s=64 * 0.02)
    assert costs.of(TalkSpec(seed=1)) * 64 + costs.step_s / 0.02 == pytest.approx(0.008 * 64 + 0.1, rel=1e-3)


def test_ticks_are_as_often_as_the_talks_leave_time_for() -> None:
    costs = Costs(capacity=0.8)
    costs.step_s = 0.0016
    assert costs.tick_s(0.0) == costs.tick_s(0.1) == pytest.approx(0.0016 / 0.15)
    assert costs.tick_s(0.2) == pytest.approx(0.008)
    assert costs.tick_s(0.35) == costs.tick_s(0.6) == 0.005
    assert costs.tick_s(0.9) == pytest.approx(0.016)
    assert costs.tick_s(1.0) == costs.tick_s(1.2) == 0.02
    costs.step_s = 0.0035
    assert costs.tick_s(0.35) == costs.tick_s(0.65) == pytest.approx(0.01)


def test_a_meter_tells_percentiles_and_begins_anew() -> None:
    meter = Meter()
    for i in range(100):
        meter.tick(stepped_s=i / 1000, cpu_s=0.0)
    for size in (1, 2, 3, 33, 64):
        meter.batch(size)
    (p50, p99), batches, _ = meter.take()
    assert (p50, p99) == (50.0, 99.0)
    assert batches == {1: 1, 2: 1, 4: 1, 64: 2}
    assert meter.take()[:2] == ((0.0, 0.0), {})
    assert not meter.saturated


@pytest.mark.parametrize(
    ("ticks", "stepped_s", "bursting", "full"),
    [(24, 0.025, False, True), (24, 0.025, True, False), (60, 0.01, False, False), (1, 100.0, False, False)],
)
def test_only_long_ticks_one_after_the_other_saturate(ticks: int, stepped_s: float, bursting: bool, full: bool) -> None:
    meter = Meter()

    def look() -> bool:
        time.sleep(0.6)
        for _ in range(ticks):  # one of 100 s is a machine that stood still, a burst takes what others leave
            meter.tick(stepped_s=stepped_s, cpu_s=0.01, bursting=bursting)
        meter.take()
        return meter.saturated

    assert not look()  # one bad second alone refuses nobody
    assert look() is full
    meter.take()
    assert not meter.saturated
