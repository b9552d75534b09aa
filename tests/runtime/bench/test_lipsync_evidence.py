from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.bench.lipsync_evidence import (
    OPEN_VOWELS,
    ROUND,
    SPREAD,
    STATISTICS,
    evidence_of_track,
    runs,
    shut_lips,
    silence,
    with_loss,
)
from visavis_runtime.bench.lipsync_figures import Figure, figures
from visavis_runtime.bench.lipsync_floors import shortened, track_of_loudness, wrong_pairs
from visavis_runtime.bench.lipsync_track import Track, track_of_segments
from visavis_runtime.motion.phones import BILABIAL, LABIODENTAL, PHONES, Segment

Line = tuple[Segment, ...]


def line(seed: int, *, phones: int = 60) -> Line:
    """Random phones of 50 to 140 ms between two silences."""
    random = np.random.default_rng(seed)
    said = [Segment("SIL", 0.0, 0.6)]
    for phone in random.choice(PHONES[1:], size=phones):
        start_s = said[-1].end_s
        said.append(Segment(str(phone), start_s, start_s + random.uniform(0.05, 0.14)))
    return (*said, Segment("SIL", said[-1].end_s, said[-1].end_s + 0.8))


def perfect(said: Line) -> Track:
    return track_of_segments(said, frames=round(said[-1].end_s * 100))


def scored(*pairs: tuple[Track, Line]) -> dict[str, Figure]:
    return figures([evidence_of_track(track, segments=said) for track, said in pairs], statistics=STATISTICS)


def ideal(said: Line) -> Track:
    """A mouth drawn by hand: shut for p b m and pauses, wide for open vowels, half open for all else."""
    frames = round(said[-1].end_s * 100)
    aperture, width = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    bite = np.zeros(frames, bool)
    for phone, start_s, end_s in said:
        when = slice(round(start_s * 100), round(end_s * 100))
        shut = phone in BILABIAL or phone == "SIL"
        aperture[when] = 0.0 if shut else 1.0 if phone in OPEN_VOWELS else 0.4
        bite[when] = phone in LABIODENTAL
        width[when] = float(phone in SPREAD) - float(phone in ROUND)
    return Track(aperture, width, bite, perfect(said).visemes)


def test_an_ideal_mouth_scores_one() -> None:
    lines = [line(seed) for seed in range(8)]
    found = scored(*((ideal(said), said) for said in lines))
    for name in (
        "viseme_accuracy", "closure_recall", "closure_precision", "closure_precision_with_pauses",
        "labiodental_recall", "labiodental_precision", "vowel_open", "spread_round_sign",
    ):  # fmt: skip
        assert found[name].value == 1.0
    assert found["wide_narrow_gap"].value == pytest.approx(0.6)
    assert found["silence_std"].value == 0.0


def test_the_mouth_of_the_table_is_its_own_reference() -> None:
    lines = [line(seed) for seed in range(4)]
    found = scored(*((perfect(said), said) for said in lines))
    assert found["closure_recall"].value == 1.0
    assert found["labiodental_recall"].value == 1.0
    assert found["viseme_accuracy"].value == 1.0
    assert found["lag_ms"].value == pytest.approx(0.0, abs=0.5)
    assert found["jerk_ratio"].value == pytest.approx(1.0)


def test_the_mouth_of_another_line_is_far_from_it() -> None:
    lines = [line(seed) for seed in range(8)]
    tracks = [perfect(said) for said in lines]
    right = scored(*zip(tracks, lines, strict=True))
    wrong = []
    for a, b in wrong_pairs([len(track.aperture) for track in tracks]):
        frames = min(len(tracks[a].aperture), len(tracks[b].aperture))
        wrong.append((shortened(tracks[a], frames=frames), lines[b]))
    floor = scored(*wrong)
    assert floor["viseme_accuracy"].value < 0.2
    for name in ("closure_recall", "closure_precision", "labiodental_recall"):
        assert floor[name].value < right[name].value - 0.2


def test_a_late_mouth_says_how_late() -> None:
    said = line(3)
    track = perfect(said)
    late = track._replace(aperture=np.concatenate([np.zeros(5, np.float32), track.aperture[:-5]]))
    assert scored((late, said))["lag_ms"].value == pytest.approx(50.0, abs=1.0)


@given(seed=st.integers(0, 50), power=st.integers(-4, 3))
@settings(max_examples=8)
def test_scores_do_not_depend_on_the_size_of_the_mouth(seed: int, power: int) -> None:
    said = line(seed, phones=15)
    track = ideal(said)
    larger = track._replace(aperture=track.aperture * np.float32(2.0**power))
    before, after = (evidence_of_track(mouth, segments=said) for mouth in (track, larger))
    for name, row in before.items():
        np.testing.assert_allclose(after[name], row, rtol=1e-5)


def test_a_shut_mouth_finds_every_closure_and_no_vowel() -> None:
    said = (Segment("SIL", 0.0, 0.5), Segment("M", 0.5, 0.6), Segment("AA", 0.6, 0.8), Segment("SIL", 0.8, 1.5))
    still = Track(np.zeros(150, np.float32), None, np.zeros(150, bool), None)
    found = scored((still, said))
    assert found["closure_recall"].value == 1.0
    assert found["vowel_open"].value == 0.0
    assert "viseme_accuracy" not in found
    assert "spread_round_sign" not in found


def test_thirty_ms_count_and_forty_do_not() -> None:
    said = (Segment("AA", 0.0, 0.5), Segment("M", 0.5, 0.6), Segment("AA", 0.6, 1.2))
    for first, hits in ((0.57, 1), (0.62, 1), (0.64, 0)):
        aperture = np.ones(120, np.float32)
        aperture[round(first * 100) : round(first * 100) + 3] = 0.0
        rows = evidence_of_track(Track(aperture, None, np.zeros(120, bool), None), segments=said)
        assert rows["closure_recall"].tolist() == [hits, 1]
        assert rows["closure_precision"].tolist() == [hits, 1]


def test_a_run_in_a_pause_is_neither_right_nor_wrong() -> None:
    said = (Segment("AA", 0.0, 0.5), Segment("SIL", 0.5, 0.8), Segment("AA", 0.8, 1.2))
    aperture = np.ones(120, np.float32)
    aperture[60:70] = aperture[100:105] = 0.0
    rows = evidence_of_track(Track(aperture, None, np.zeros(120, bool), None), segments=said)
    assert rows["closure_precision"].tolist() == [0, 1]
    assert rows["closure_precision_with_pauses"].tolist() == [1, 2]


def test_a_lip_at_the_teeth_is_not_a_closure() -> None:
    aperture, bite = np.ones(100, np.float32), np.zeros(100, bool)
    aperture[40:50], bite[40:50] = 0.0, True
    assert not shut_lips(Track(aperture, None, bite, None)).any()


def test_movement_in_silence_is_measured_against_the_speaking_range() -> None:
    said = (Segment("AA", 0.0, 1.0), Segment("SIL", 1.0, 3.0))
    aperture = np.zeros(300, np.float32)
    aperture[:100] = np.linspace(0, 1, 100)
    aperture[100:] = 0.1 * np.sign(np.sin(np.arange(200) * np.pi / 2 + 0.1))
    row = silence(Track(aperture, None, np.zeros(300, bool), None), segments=said)
    assert np.sqrt(row[0] / row[1]) == pytest.approx(0.1 / 0.9, rel=0.02)
    assert row[2] == 1


def test_a_loss_is_against_the_same_clip() -> None:
    clean, heard = {"viseme_accuracy": np.array([80.0, 100.0])}, {"viseme_accuracy": np.array([65.0, 100.0])}
    assert with_loss(heard, clean=clean)["viseme_accuracy_lost"].tolist() == [15.0, 100.0]
    assert with_loss({}, clean=clean) == {}


def test_runs_of_flags() -> None:
    assert runs(np.array([1, 1, 0, 0, 1], bool)).tolist() == [[0, 2], [4, 5]]
    assert runs(np.zeros(0, bool)).shape == (0, 2)


def test_the_loudness_mouth_follows_the_level_only() -> None:
    at = np.arange(16_000) / 16_000
    voice = (np.sin(2 * np.pi * 200 * at) * np.where(at < 0.5, 0.5, 1e-4)).astype(np.float32)
    track = track_of_loudness(voice)
    assert track.aperture.shape == (100,)
    assert track.aperture[10:45].min() > 0.95
    assert track.aperture[55:95].max() == 0.0
    assert track.width is None
    assert track.visemes is None


def test_wrong_pairs_use_everyone_once_and_never_themselves() -> None:
    pairs = wrong_pairs([30, 10, 20, 15])
    assert sorted(a for a, _ in pairs) == sorted(b for _, b in pairs) == [0, 1, 2, 3]
    assert all(a != b for a, b in pairs)
    assert wrong_pairs([5]) == []
