"""The clock of a talk, without motion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_talks import MS
from timeline_run import FLUSH, run, voice

from visavis_runtime.serve.engine.timeline import (
    BURST_AHEAD_S,
    GRAIN,
    PATIENCE,
    PHASE,
    Timeline,
)  # fmt: skip


def test_a_line_is_heard_whole_and_in_order() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(5000), received_ns=7)
    timeline.queue.end("a")
    heard = np.concatenate([samples for _, samples in run(timeline, until_ms=1000)])
    spoken = heard[heard > 0]
    np.testing.assert_array_equal(spoken, voice(5000))
    assert np.diff(np.flatnonzero(heard)).max() == 1


@pytest.mark.parametrize("chunk", [320, 640])
def test_every_chunk_of_a_line_is_heard_when_it_comes(chunk: int) -> None:
    timeline = Timeline(paced=True, now_ns=0)
    run(timeline, until_ms=203)
    now_ms, leads = 203, []
    for name in ("a", "b", "c"):
        for _ in range(20):
            now_ms += chunk // 16
            timeline.queue.feed(name, voice(chunk), received_ns=now_ms * MS)
            timeline.take(now_ms * MS, flush=FLUSH)
            assert timeline.queue.queued == 0
            assert (timeline.position - PHASE) % GRAIN == 0
        timeline.queue.feed(name, voice(80), received_ns=now_ms * MS)
        timeline.queue.end(name)
        now_ms += 5
        leads.append(timeline.position - timeline.clock.due(now_ms * MS))
    assert leads[1] == leads[2]  # lines in a row do not run ahead


def test_a_late_voice_is_waited_for_then_silence_stands_in() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(640), received_ns=7)
    run(timeline, until_ms=40 + PATIENCE // 16)
    assert not timeline.gaps
    assert timeline.position == PHASE + 640
    run(timeline, until_ms=300, start_ms=40 + PATIENCE // 16)
    (gap,) = timeline.gaps
    assert (gap.kind, gap.line.name, gap.sample, gap.heard) == ("UNDERRUN", "a", PHASE + 640, 640)
    assert timeline.position > 4000
    timeline.queue.feed("a", voice(640), received_ns=300 * MS)
    timeline.take(300 * MS, flush=FLUSH)
    assert (timeline.gaps[1].kind, timeline.gaps[1].sample) == ("RECOVERED", 4960)


@pytest.mark.parametrize("stall_ms", [0, 90, 300])
def test_a_line_that_comes_in_while_the_engine_is_busy_is_not_late_for_good(stall_ms: int) -> None:
    timeline = Timeline(paced=True, now_ns=0)
    run(timeline, until_ms=200)
    behind = []
    for now_ms in range(200, 1400, 5):
        if now_ms % 40 == 0 and now_ms >= 240:
            timeline.queue.feed("a", voice(640), received_ns=now_ms * MS)
        if not 230 < now_ms < 230 + stall_ms:
            timeline.take(now_ms * MS, flush=FLUSH)
            behind.append(timeline.clock.due(now_ms * MS) - timeline.position)
    assert timeline.segments[-1].sample == pytest.approx(240 * 16, abs=GRAIN)  # where its first audio came in
    assert max(behind[-160:]) == 80  # on time again at once: as without the stall
    assert not timeline.gaps


@pytest.mark.parametrize("told", [False, True])
def test_an_end_that_comes_late_is_no_gap(told: bool) -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(640), received_ns=0)
    run(timeline, until_ms=200)
    if told:
        assert timeline.gaps.popleft().kind == "UNDERRUN"
    timeline.queue.end("a")
    at = timeline.position
    timeline.take(200 * MS, flush=FLUSH)
    assert not timeline.gaps
    assert [(sample, line.name) for sample, line in timeline.ends] == [(at if told else PHASE + 640, "a")]
    assert timeline.segments[-1].line is None
    timeline.queue.feed("b", voice(640), received_ns=300 * MS)
    run(timeline, until_ms=230, start_ms=200)
    assert timeline.segments[-1].line is timeline.queue.current, "the next line begins as ever"


def test_a_chunk_too_short_to_begin_with_does_not_date_the_line_back() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(100), received_ns=0)
    run(timeline, until_ms=1000)
    for now_ms in range(1000, 1400, 20):
        timeline.queue.feed("a", voice(320), received_ns=now_ms * MS)
        timeline.take((now_ms + 4) * MS, flush=FLUSH)
    assert timeline.segments[-1].sample == pytest.approx(1000 * 16, abs=GRAIN)
    assert not timeline.gaps


def test_an_interrupt_forgets_the_line_for_good() -> None:
    timeline = Timeline(paced=True, now_ns=0)
    timeline.queue.feed("a", voice(16000), received_ns=7)
    timeline.queue.feed("b", voice(16000), received_ns=7)
    run(timeline, until_ms=100)
    dropped = timeline.interrupt(shown=600)
    assert [line.name for line in dropped] == ["a", "b"]
    timeline.queue.feed("a", voice(320), received_ns=8)
    heard = np.concatenate([samples for _, samples in run(timeline, until_ms=400, start_ms=100)])
    assert not heard.any()
    assert (timeline.segments[-1].sample, timeline.segments[-1].line) == (600, None)


def test_a_burst_has_no_silence_of_its_own() -> None:
    timeline = Timeline(paced=False, now_ns=0)
    assert run(timeline, until_ms=500) == []
    timeline.queue.feed("a", voice(20000), received_ns=7)
    timeline.queue.end("a")
    heard = np.concatenate([samples for _, samples in run(timeline, until_ms=600, start_ms=500)])
    np.testing.assert_array_equal(heard[:20000], voice(20000))
    assert heard.shape[0] == 20000 + FLUSH
    assert run(timeline, until_ms=1500, start_ms=600) == []


def test_a_burst_waits_for_its_reader() -> None:
    timeline = Timeline(paced=False, now_ns=0)
    most = int(BURST_AHEAD_S * 16000)
    timeline.queue.feed("a", voice(3 * most), received_ns=7)
    run(timeline, until_ms=2000)
    assert most - GRAIN <= timeline.position <= most
    timeline.read = 16000
    run(timeline, until_ms=4000, start_ms=2000)
    assert most + 16000 - GRAIN <= timeline.position <= most + 16000


def test_a_burst_is_heard_in_pieces_as_short_as_asked_for() -> None:
    timeline = Timeline(paced=False, now_ns=0)
    timeline.queue.feed("a", voice(20000), received_ns=7)
    pieces = [timeline.take(0, flush=FLUSH, most=most) for most in (8000, 1000, 1)]
    assert [piece.samples.shape[0] for piece in pieces if piece is not None] == [8000 - PHASE, 960, GRAIN]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3000)), min_size=1, max_size=30), st.booleans())
def test_nothing_of_a_line_is_lost_or_heard_twice(chunks: list[tuple[int, int]], paced: bool) -> None:
    timeline = Timeline(paced=paced, now_ns=0, echo=True)
    total = sum(count for _, count in chunks)
    every, heard, now_ms, at = voice(total), [], 0, 0
    for wait_ms, count in chunks:
        heard += run(timeline, until_ms=now_ms + wait_ms, start_ms=now_ms)
        now_ms += wait_ms
        timeline.queue.feed("a", every[at : at + count], received_ns=now_ms * MS)
        at += count
    timeline.queue.end("a")
    timeline.finish()
    heard += run(timeline, until_ms=now_ms + total // 16 + 2000, start_ms=now_ms)
    sound = np.concatenate([samples for _, samples in heard])
    np.testing.assert_array_equal(sound[sound > 0], every)
    assert timeline.position == sound.shape[0]
    assert timeline.done
    echoed = timeline.sound.take(timeline.position)
    np.testing.assert_array_equal(np.concatenate([one.samples for one in echoed]), sound)
    assert next(one.line_sample for one in echoed if one.line) == 0


@pytest.mark.parametrize("paced", [True, False])
def test_an_empty_line_is_passed_over(paced: bool) -> None:
    timeline = Timeline(paced=paced, now_ns=0)
    timeline.queue.end("empty")
    timeline.queue.feed("b", voice(640), received_ns=1)
    timeline.queue.end("b")
    heard = np.concatenate([samples for _, samples in run(timeline, until_ms=200)])
    np.testing.assert_array_equal(heard[heard > 0], voice(640))
    assert [line.name for _, line in timeline.ends] == ["empty", "b"]
