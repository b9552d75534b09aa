from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from visavis.errors import InputError
from visavis_runtime.bench import lipsync_sets
from visavis_runtime.bench.lipsync_sets import Clip, cut_at_pauses, read_sets, readers_trained_on
from visavis_runtime.motion.phones import BILABIAL, PHONE_INDEX, Segment
from visavis_runtime.reference.voices import HELD_OUT_FLITE_VOICE, HELD_OUT_VARIANTS


def spoken(pauses_s: list[float], *, length_s: float) -> Clip:
    """AA all along, with pauses of 0.4 s."""
    segments, at_s = [], 0.0
    for pause_s in pauses_s:
        segments += [Segment("AA", at_s, pause_s), Segment("SIL", pause_s, pause_s + 0.4)]
        at_s = pause_s + 0.4
    segments.append(Segment("AA", at_s, length_s))
    return Clip("a", "b", np.arange(length_s * 16_000, dtype=np.float32), tuple(segments))


def test_a_short_recording_stays_whole() -> None:
    clip = spoken([5.0], length_s=11.0)
    assert cut_at_pauses(clip) == [clip]


def test_a_long_one_is_cut_in_pauses_and_nothing_is_lost() -> None:
    clip = spoken([2.0, 5.0, 6.5, 14.0, 18.0], length_s=20.0)
    parts = cut_at_pauses(clip)
    assert [part.name for part in parts] == ["a@0.0", "a@5.2", "a@14.2"]
    np.testing.assert_array_equal(np.concatenate([part.samples for part in parts]), clip.samples)
    for part in parts:
        assert part.segments[0].start_s == pytest.approx(0.0)
        assert part.segments[-1].end_s == pytest.approx(len(part.samples) / 16_000)
        assert len(part.samples) >= 4 * 16_000


def test_who_was_trained_on_is_read_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps({"readers_trained_on": ["ann"]}), "utf-8")
    assert readers_trained_on(tmp_path / "m.onnx") == {"ann"}
    (tmp_path / "m.json").write_text("{}", "utf-8")
    assert "LJ001" in readers_trained_on(tmp_path / "m.onnx")


def test_without_anything_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> object:
        raise InputError("no synthesiser", reason="ESPEAK_MISSING")

    monkeypatch.setattr(lipsync_sets, "_flite_lines", refused)
    monkeypatch.setattr(lipsync_sets, "_espeak_lines", refused)
    with pytest.raises(InputError, match="VISAVIS_MATERIAL") as caught:
        read_sets(None, quick=True)
    assert caught.value.reason == "NOTHING_TO_MEASURE"


def test_a_folder_without_material_is_told(tmp_path: Path, espeak: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lipsync_sets, "QUICK_CLOSURES", 1)
    found = read_sets(tmp_path, quick=True)
    assert "MANIFEST.csv" in found.missing["real"]
    assert "lips" in found.missing


def test_synthesised_lines_are_of_held_out_voices_and_always_the_same(
    espeak: object, has_flite: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lipsync_sets, "QUICK_CLOSURES", 8)
    first, second = (read_sets(None, quick=True).spoken for _ in range(2))
    for name, clips in first.items():
        assert sum(s.phone in BILABIAL for clip in clips for s in clip.segments) >= lipsync_sets.QUICK_CLOSURES
        assert [clip.speaker for clip in clips] == [clip.speaker for clip in second[name]]
        for clip in clips:
            assert clip.samples.dtype == np.float32
            assert {s.phone for s in clip.segments} <= set(PHONE_INDEX)
    assert {clip.speaker for clip in first["flite"]} == {HELD_OUT_FLITE_VOICE}
    assert {clip.speaker.partition("+")[2] for clip in first["espeak"]} <= HELD_OUT_VARIANTS


@pytest.mark.material
def test_real_readers_of_the_training_are_left_out(material: Path) -> None:
    found = read_sets(material, quick=True)
    assert "LJ001-0001" in found.left_out
    assert {clip.speaker for clip in found.spoken["real"]} >= {"austen"}
    assert not any(clip.name.startswith("LJ") for clip in found.spoken["real"])
    assert len(found.lips) == lipsync_sets.QUICK_LIPS
