from __future__ import annotations

from pathlib import Path

import pytest

from visavis_runtime.bench.lipsync import Result
from visavis_runtime.bench.lipsync_conditions import QUICK
from visavis_runtime.bench.lipsync_evidence import evidence_of_track
from visavis_runtime.bench.lipsync_track import track_of_speech
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.reference.recordings import read_recordings


def test_every_set_hears_every_condition_and_stands_beside_floors(lipsync_result: Result) -> None:
    assert "espeak" in lipsync_result.spoken
    assert {"real", "lips"} <= set(lipsync_result.sets.missing)
    for name, by_condition in lipsync_result.spoken.items():
        assert tuple(by_condition) == QUICK
        assert {"loudness", "shuffled", "phone_table"} <= set(lipsync_result.floors[name])


def test_the_model_beats_the_mouth_of_another_line(lipsync_result: Result) -> None:
    for name, by_condition in lipsync_result.spoken.items():
        ours, floor = by_condition["clean"], lipsync_result.floors[name]["shuffled"]
        assert ours["viseme_accuracy"].value > floor["viseme_accuracy"].value + 0.2
        assert ours["closure_recall"].n >= 12


def test_level_changes_nothing(lipsync_result: Result) -> None:
    for by_condition in lipsync_result.spoken.values():
        quiet, clean = (by_condition[c]["viseme_accuracy"].value for c in ("minus_30_db", "clean"))
        assert quiet == pytest.approx(clean, abs=0.05)


def test_cost_and_latency_add_up(lipsync_result: Result) -> None:
    cost = lipsync_result.cost
    fixed_ms = 1000 * load_speech().latency_s + 20.0
    assert cost["latency_ms"].value == pytest.approx(fixed_ms + cost["compute_ms"].value)
    assert cost["rtf"].value > 0


@pytest.mark.material
def test_a_real_reader_is_followed(material: Path) -> None:
    reading = next(r for r in read_recordings(material, align=False) if r.name == "austen_0880")
    rows = evidence_of_track(track_of_speech(load_speech(), samples=reading.samples), segments=reading.segments)
    hits, frames = rows["viseme_accuracy"]
    assert hits / frames > 0.3
