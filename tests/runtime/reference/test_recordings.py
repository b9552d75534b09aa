from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis.errors import DamageError, InputError
from visavis_runtime.motion.phones import PHONE_INDEX, Segment
from visavis_runtime.reference.align import has_aligner
from visavis_runtime.reference.recordings import (
    TRAINING_READERS,
    is_free,
    read_recordings,
    segments_of_timings,
    speaker_of_name,
)

TIMINGS = {
    "w": [
        {"t": "<sil>", "b": 0.0, "d": 0.2, "w": [{"t": "SIL", "b": 0.0, "d": 0.2}]},
        {"t": "my", "b": 0.2, "d": 0.3, "w": [{"t": "M", "b": 0.2, "d": 0.1}, {"t": "AY", "b": 0.3, "d": 0.2}]},
        {"t": "[noise]", "b": 0.5, "d": 0.5, "w": [{"t": "+NSN+", "b": 0.5, "d": 0.5}]},
    ]
}


def _material(folder: Path, *, licence: str) -> Path:
    (folder / "speech").mkdir()
    sound = np.random.default_rng(0).normal(0, 0.1, 22050).astype(np.float32)
    for name in ("anna_01", "bert_02"):
        soundfile.write(folder / "speech" / f"{name}.wav", sound, 22050)
    (folder / "speech" / "anna_01.phone.json").write_text(json.dumps(TIMINGS), "utf-8")
    rows = [
        "file,kind,licence,transcript",
        f"speech/anna_01.wav,speech,{licence},My",
        f"speech/bert_02.wav,speech,{licence},",
        f"speech/anna_01.phone.json,phone timings,{licence},",
    ]
    (folder / "MANIFEST.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def test_timings_that_lie_beside_a_recording_are_its_own(tmp_path: Path) -> None:
    anna, bert = read_recordings(_material(tmp_path, licence="public domain"), align=True)
    assert (anna.name, anna.speaker, anna.source, anna.transcript) == ("anna_01", "anna", "own", "My")
    assert anna.samples.dtype == np.float32
    assert len(anna.samples) == 16000
    assert anna.segments == segments_of_timings(TIMINGS)
    assert (bert.source, bert.segments) == ("none", ())  # no transcript


def test_what_is_not_free_is_not_read(tmp_path: Path) -> None:
    assert read_recordings(_material(tmp_path, licence="research use only"), align=False) == []


@pytest.mark.parametrize(
    ("licence", "free"),
    [("US federal work, public domain", True), ("GRID corpus CC BY 4.0 (Zenodo)", True), ("CC-BY-NC 4.0", False),
     ("CC BY-ND 3.0", False), ("", False), ("unknown", False)],
)  # fmt: skip
def test_licences(licence: str, *, free: bool) -> None:
    assert is_free(licence) is free


def test_noises_are_silence_and_times_are_ends() -> None:
    segments = segments_of_timings(TIMINGS)
    assert segments[1] == Segment("M", 0.2, pytest.approx(0.3))
    assert segments[-1] == Segment("SIL", 0.5, 1.0)


@pytest.mark.parametrize(
    ("name", "speaker"), [("LJ001-0008", "LJ001"), ("austen_0870", "austen"), ("jfk", "jfk"), ("sonnet1", "sonnet1")]
)
def test_speaker_of_name(name: str, speaker: str) -> None:
    assert speaker_of_name(name) == speaker


def test_a_folder_without_a_manifest_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_recordings(tmp_path, align=False)
    assert caught.value.reason == "MATERIAL_MISSING"


@pytest.mark.material
def test_the_shared_recordings_keep_their_readers_apart(material: Path) -> None:
    recordings = read_recordings(material, align=False)
    speakers = {recording.speaker for recording in recordings}
    assert len(recordings) == 12
    assert speakers > TRAINING_READERS
    assert {"austen", "jfk", "sonnet1"} <= speakers - TRAINING_READERS
    assert sum(recording.source == "own" for recording in recordings) == 5


@pytest.mark.material
@pytest.mark.skipif(not has_aligner(), reason="pocketsphinx is not installed (extra `training`)")
def test_our_alignment_is_that_of_the_timings_beside_the_recording(material: Path) -> None:
    from visavis_runtime.reference.align import aligned

    recording = next(r for r in read_recordings(material, align=False) if r.name == "austen_0880")
    found = aligned(recording.samples, transcript=recording.transcript).segments
    assert [s.phone for s in found] == [s.phone for s in recording.segments]
    off_s = np.array([a.start_s - b.start_s for a, b in zip(found, recording.segments, strict=True)])
    assert np.median(np.abs(off_s)) <= 0.01
    assert all(s.phone in PHONE_INDEX for s in found)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", bytes(range(128, 256))])
def test_a_damaged_manifest_is_one_sentence(tmp_path, content):
    (tmp_path / "MANIFEST.csv").write_bytes(content)
    with pytest.raises(DamageError, match="columns") as caught:
        read_recordings(tmp_path)
    assert caught.value.reason == "MANIFEST_DAMAGED"
