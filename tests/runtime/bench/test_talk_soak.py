"""A soak of some seconds: visitors of every kind come and go, and leave nothing behind."""

from __future__ import annotations

from visavis_runtime.bench.talk_soak import _growth_percent, measure_soak


def test_visitors_leave_nothing_behind() -> None:
    told: list[str] = []
    figures = measure_soak(minutes=0.1, sessions=10, pictures=False, tell_s=2.0, told=told.append)
    assert figures["visits"] >= 8
    assert figures["unexpected"] == {}
    assert (figures["stuck_slots"], figures["engine_restarts"], figures["errors_in_log"]) == (0, 0, 0)
    assert "slots" in told[-1]


def test_growth_counts_from_the_warm_state_on() -> None:
    assert _growth_percent([50.0] * 4 + [100.0] * 8 + [110.0] * 8) == 10.0
    assert _growth_percent([100.0, 200.0]) is None
