"""Figures of records that are written down here: what is late, what is lost, what was refused."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import sample_of_frame
from visavis_runtime.bench.talk_figures import failures, lateness_ms, lost_frames, texture_fps, was_refused
from visavis_runtime.bench.talk_record import NS_PER_SAMPLE, Record, TalkPlan

BEGAN_NS = 5_000_000_000
LINE = 16_000
LATENCY_MS = 100.0


def record(*, kind: str = "motion", late_ms: float = 10.0, without: tuple[int, ...] = ()) -> Record:
    """A talk that lived for 30 frames and then spoke for a second; frames come in pairs."""
    made = Record(TalkPlan(kind, seed=1, open_ns=0, end_ns=0), status="OK", latency_ms=LATENCY_MS, fps=60, ready=True)
    made.lines.append((BEGAN_NS, LINE))
    begins = sample_of_frame(30, fps=60) - 100
    frames = [k for k in range(90) if k not in without]
    for first in range(0, len(frames), 2):
        pair = [sample_of_frame(k, fps=60) for k in frames[first : first + 2]]
        spoken = pair[0] >= begins
        made.counts.append(len(pair))
        made.line_numbers.append(0 if spoken else -1)
        made.samples.extend(pair)
        made.line_samples.extend(sample - begins if spoken else -1 for sample in pair)
        newest = BEGAN_NS + (pair[-1] - begins) * NS_PER_SAMPLE
        made.arrived_ns.append(newest + int((LATENCY_MS + late_ms) * 1e6))
    return made


def test_each_frame_of_a_message_is_late_by_itself() -> None:
    late = np.sort(lateness_ms(record(late_ms=10.0), since_ns=0))
    assert late.size == 60
    assert late[:30] == pytest.approx(10.0, abs=0.1)
    assert late[30:] == pytest.approx(10.0 + 1000 / 60, abs=0.1)


def test_idle_life_and_what_came_before_do_not_count() -> None:
    half = lateness_ms(record(), since_ns=BEGAN_NS + 610_000_000)
    assert half.size == 30


def test_a_whole_talk_has_lost_nothing() -> None:
    assert lost_frames(record()) == 0


@pytest.mark.parametrize("without", [(10, 11), (40, 41), (88, 89), (30, 31)])
def test_gaps_are_lost_frames_wherever_they_are(without: tuple[int, ...]) -> None:
    assert lost_frames(record(without=without)) >= 2


def test_a_line_that_never_came_is_lost_whole() -> None:
    silent = record()
    silent.lines.append((BEGAN_NS + LINE * NS_PER_SAMPLE, LINE))
    assert lost_frames(silent) == 60


def test_drops_that_the_server_told_of_count() -> None:
    dropped = record()
    dropped.dropped = 7
    assert lost_frames(dropped) == 7


def test_refused_and_failed_are_two_things() -> None:
    refused = Record(TalkPlan("motion", seed=1, open_ns=0, end_ns=0), status="RESOURCE_EXHAUSTED", reason="CAPACITY")
    broken = record()
    broken.status, broken.reason = "UNAVAILABLE", "ENGINE_RESTART"
    assert was_refused(refused)
    assert not was_refused(broken)
    assert lost_frames(refused) == 0
    assert failures([refused, broken, record()]) == {"UNAVAILABLE ENGINE_RESTART": 1}


def test_pictures_are_counted_in_their_window() -> None:
    made = record(kind="texture")
    made.pictures = [(i * 40_000_000, 0, 0) for i in range(100)]
    assert texture_fps(made, since_ns=1_000_000_000, until_ns=3_000_000_000) == 25
