from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visavis.errors import InputError
from visavis_runtime.motion.phones import Segment
from visavis_runtime.reference.align import has_aligner
from visavis_runtime.reference.lips import held_out_names
from visavis_runtime.reference.recordings import TRAINING_READERS
from visavis_runtime.training.labels import corpus_of_utterances
from visavis_runtime.training.real import draw_lines, make_real
from visavis_runtime.training.real_clips import SaidClip, SaidWord

RATE_HZ = 16000
PHONE_OF_TONE = {300: "AA", 500: "B", 800: "IY", 1200: "M", 2000: "S"}


def _clip(reader: str, *, tones: list[int], bad: int | None = None) -> SaidClip:
    """Words of 0.2 s, one tone each, after 0.2 s of silence; every word is named after its tone."""
    t_s = np.arange(RATE_HZ // 5) / RATE_HZ
    sound = np.concatenate([np.zeros(RATE_HZ // 5), *(0.3 * np.sin(2 * np.pi * hz * t_s) for hz in tones)])
    words = tuple(
        SaidWord(str(hz), (Segment(PHONE_OF_TONE[hz], 0.2 * i + 0.2, 0.2 * i + 0.4),), i != bad)
        for i, hz in enumerate(tones)
    )
    return SaidClip(reader, sound.astype(np.float32), words)


CLIPS = [
    *[_clip("a", tones=[300, 500, 300, 800])] * 4,
    _clip("a", tones=[300, 1200, 300]),
    _clip("b", tones=[300, 2000, 500], bad=1),
]


def test_labels_follow_the_sound_through_cuts_joins_and_warps() -> None:
    lines = draw_lines(CLIPS, random=np.random.default_rng(1), seconds=60)
    assert len(lines) >= 6
    right = total = 0
    for line in lines:
        rates = {phone: hz for hz, phone in PHONE_OF_TONE.items()}
        spoken = [s for s in line.segments if s.phone != "SIL"]
        warp = 0.2 / float(np.median([s.end_s - s.start_s for s in spoken]))
        for phone, start_s, end_s in spoken:
            piece = line.samples[round((start_s + 0.03) * RATE_HZ) : round((end_s - 0.03) * RATE_HZ)]
            spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 8192))
            hz = float(spectrum.argmax()) * RATE_HZ / 8192
            right += abs(hz - rates[phone] * warp) < 0.06 * hz
            total += 1
    assert right == total


def test_segments_cover_the_line_without_gaps() -> None:
    for line in draw_lines(CLIPS, random=np.random.default_rng(2), seconds=20):
        ends = [0.0, *(s.end_s for s in line.segments)]
        assert [s.start_s for s in line.segments] == pytest.approx(ends[:-1], abs=0.03)
        assert ends[-1] == pytest.approx(len(line.samples) / RATE_HZ, abs=0.03)


def test_rare_words_are_drawn_as_often_as_frequent_ones() -> None:
    lines = draw_lines(CLIPS[:5], random=np.random.default_rng(3), seconds=300)
    said = [s.phone for line in lines for s in line.segments if s.phone != "SIL"]
    assert said.count("M") > 0.5 * said.count("B")  # 1 occurrence against 4


def test_words_that_are_not_trusted_are_never_heard() -> None:
    lines = draw_lines(CLIPS, random=np.random.default_rng(4), seconds=200)
    assert {line.voice for line in lines} == {"a", "b"}
    assert "S" not in {s.phone for line in lines for s in line.segments}


def test_lines_become_frames_and_are_the_same_again() -> None:
    first, second = (draw_lines(CLIPS, random=np.random.default_rng(5), seconds=10) for _ in range(2))
    assert [line.segments for line in first] == [line.segments for line in second]
    corpus = corpus_of_utterances(first)
    assert corpus.closures[:, 0].max() == 1.0
    assert len(corpus.phones) == pytest.approx(sum(len(line.samples) for line in first) / 160, abs=3 * len(first))


def test_without_material_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        make_real(tmp_path / "data", material=tmp_path, seed=1)
    assert caught.value.reason == "MATERIAL_MISSING"


def test_material_without_speech_for_training_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("file,kind,licence,transcript\nspeech/x.wav,speech,unknown,\n", "utf-8")
    with pytest.raises(InputError, match="no speech that training may hear"):
        make_real(tmp_path / "data", material=tmp_path, seed=1)


@pytest.mark.material
@pytest.mark.skipif(not has_aligner(), reason="pocketsphinx is not installed (extra `training`)")
def test_shards_of_real_speech(material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from visavis_runtime.training import real_clips
    from visavis_runtime.training.labels import load_corpus

    all_words, all_readers = real_clips.grid_words, real_clips._reader_sources  # all of it would take a minute
    monkeypatch.setattr(real_clips, "grid_words", lambda folder: dict(list(all_words(folder).items())[:4]))
    monkeypatch.setattr(
        real_clips, "_reader_sources", lambda folder: sorted(all_readers(folder), key=lambda s: len(s.samples))[:2]
    )
    paths = make_real(tmp_path, material=material, seed=1, hours=0.02)
    corpus = load_corpus(paths[0])
    assert [path.name for path in paths] == ["real-00-of-01-seed1.npz"]
    assert set(corpus.voices.tolist()) <= {"grid-s1", *TRAINING_READERS}
    assert corpus.hours >= 0.02
    assert len(set(corpus.phones.tolist())) > 15
    before = paths[0].stat().st_mtime_ns
    assert make_real(tmp_path, material=material, seed=1, hours=0.02) == paths
    assert paths[0].stat().st_mtime_ns == before


@pytest.mark.material
def test_held_out_clips_and_the_readers_of_benches_are_not_among_the_sources(material: Path) -> None:
    from visavis_runtime.training import real_clips

    names = {path.stem for path in (material / "lips_grid_s1" / "audio").glob("*.flac")}
    used = set(real_clips.grid_words(material / "lips_grid_s1"))
    assert len(names) == len(used) + 100
    assert not held_out_names(sorted(names)) & used
    assert {source.reader for source in real_clips._reader_sources(material)} == TRAINING_READERS
