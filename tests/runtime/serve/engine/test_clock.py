"""A talk keeps to real time: ahead by its lead and no more, late for no longer than it must be."""

from __future__ import annotations

import numpy as np
import pytest
from live_talks import MS
from timeline_run import FLUSH, run, voice

from visavis_runtime.serve.engine.timeline import CATCH_UP, GRAIN, IDLE_GRAIN, LEAD, Timeline


def test_silence_runs_in_real_time() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    heard = run(timeline, until_ms=1001)
    assert timeline.position == 15840
    assert not np.concatenate([samples for _, samples in heard]).any()
    assert {samples.shape[0] for _, samples in heard[1:]} == {IDLE_GRAIN}


def test_a_line_runs_ahead_of_real_time_by_the_lead_and_no_more() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(16000), received_ns=7)
    for now_ms in range(0, 700, 5):
        timeline.take(now_ms * MS, flush=FLUSH)
        assert timeline.position - timeline.clock.due(now_ms * MS) <= LEAD
    assert timeline.position - timeline.clock.due(695 * MS) > LEAD - GRAIN - 80


def test_after_a_line_that_ran_ahead_no_frame_is_missed() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(3200), received_ns=7)
    timeline.queue.end("a")
    heard = run(timeline, until_ms=4000)
    waits_ms = np.diff([now_ms for now_ms, _ in heard])
    assert waits_ms[:8].max() <= 25  # while the last frames of the line come out
    assert waits_ms.max() <= 45
    assert timeline.position - timeline.clock.due(3995 * MS) <= 0


def test_after_a_long_standstill_a_line_is_heard_in_pieces() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(80_000), received_ns=0)
    timeline.take(0, flush=FLUSH)
    pieces = [timeline.take(4000 * MS, flush=FLUSH) for _ in range(30)]
    sizes = [piece.samples.shape[0] for piece in pieces if piece is not None]
    assert max(sizes) <= CATCH_UP
    assert timeline.position == pytest.approx(timeline.clock.due(4000 * MS) + LEAD, abs=GRAIN)
    assert not timeline.gaps


@pytest.mark.parametrize("open_line", [False, True])
def test_silence_that_was_missed_is_left_out(open_line: bool) -> None:
    timeline = Timeline(paced=True, now_ns=0)
    if open_line:  # whose audio does not come
        timeline.queue.feed("a", voice(640), received_ns=0)
    run(timeline, until_ms=500)
    before = timeline.position
    heard = run(timeline, until_ms=4100, start_ms=4000)
    assert sum(samples.shape[0] for _, samples in heard) <= CATCH_UP + 1600
    assert timeline.position - before <= CATCH_UP + 1600
    assert timeline.clock.due(4095 * MS) - timeline.position < IDLE_GRAIN


def test_a_parked_clock_goes_on_where_it_stood() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    run(timeline, until_ms=500)
    before = timeline.position
    timeline.resume(now_ns=5000 * MS)
    assert timeline.clock.due(5000 * MS) == before
    run(timeline, until_ms=5101, start_ms=5000)
    assert 0 < timeline.position - before <= 1600
