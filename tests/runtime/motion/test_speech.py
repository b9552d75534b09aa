"""The speech model as a listener meets it: sample lines, silence, music, quiet lines, chunks of any size."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis.latents import INDEX
from visavis_runtime.motion.articulation import enforce_closures
from visavis_runtime.motion.speech import QUALITIES, Mouth, load_speech
from visavis_runtime.reference import sounds

JAW, CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]


@pytest.fixture(scope="module")
def speech():
    return load_speech()


@pytest.fixture(scope="module")
def lines(root):
    return {path.stem: _read(path) for path in sorted((root / "samples" / "lines").glob("*.flac"))}


def _read(path):
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return mono if rate_hz == 16_000 else soxr.resample(mono, rate_hz, 16_000)


def _hear(speech, samples, cuts=()):
    edges = [0, *sorted(cuts), len(samples)]
    state, parts = speech.start(), []
    for start, end in pairwise(edges):
        mouth, state = speech.step(np.asarray(samples[start:end], np.float32), state)
        parts.append(mouth)
    parts.append(speech.finish(state)[0])
    return Mouth(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _jaw(mouth):
    """Jaw that a face shows: after the hard constraint."""
    latents = np.pad(mouth.curves, ((0, 0), (0, 12)))
    return enforce_closures(latents, mouth.closures)[:, JAW]


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 40_000), max_size=40))
def test_any_cut_gives_the_same_mouth(speech, lines, cuts):
    samples = next(iter(lines.values()))[:40_000]
    for whole, cut in zip(_hear(speech, samples), _hear(speech, samples, cuts), strict=True):
        np.testing.assert_allclose(whole, cut, atol=1e-5)


@pytest.mark.parametrize("quality", QUALITIES)
def test_twenty_ms_chunks_equal_the_whole_file(lines, quality):
    speech = load_speech(quality=quality)
    samples = next(iter(lines.values()))
    for whole, cut in zip(_hear(speech, samples), _hear(speech, samples, range(320, len(samples), 320)), strict=True):
        np.testing.assert_allclose(whole, cut, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(count=st.integers(0, 4000))
def test_one_frame_for_every_started_hop(speech, count):
    mouth = _hear(speech, np.zeros(count, np.float32))
    assert len(mouth.curves) == len(mouth.closures) == len(mouth.speaking) == -(-count // 160)


def test_a_frame_comes_at_the_latest_when_its_lookahead_is_in(speech):
    """Two frames come at a time: one of them has waited for the whole look-ahead, the other for 10 ms less."""
    counts = []
    for frame in (20, 21):
        needed = round((frame / 100 + speech.latency_s) * 16_000)
        early, _ = speech.step(np.zeros(needed - 1, np.float32), speech.start())
        ready, _ = speech.step(np.zeros(needed, np.float32), speech.start())
        assert len(ready.speaking) >= frame + 1
        counts.append(len(early.speaking) - frame)
    assert sorted(counts) == [0, 1]


def test_lookahead_by_quality():
    assert [load_speech(quality=quality).lookahead_s for quality in QUALITIES] == pytest.approx([0.04, 0.08, 0.12])
    assert load_speech().latency_s <= 0.1


def test_an_unknown_quality_is_refused():
    with pytest.raises(InputError, match="balanced"):
        load_speech(quality="ultra")


def test_sample_lines_move_the_jaw(speech, lines):
    assert len(lines) >= 4
    for name, samples in lines.items():
        jaw = _jaw(_hear(speech, samples))
        assert jaw.mean() >= 0.12, name
        assert np.quantile(jaw, 0.95) >= 0.3, name


@pytest.mark.parametrize("gain_db", [-30.0, -18.0])
def test_a_quiet_line_moves_the_jaw_alike(speech, lines, gain_db):
    for name, samples in lines.items():
        jaw = _jaw(_hear(speech, samples))
        quiet = _jaw(_hear(speech, samples * np.float32(10 ** (gain_db / 20))))
        assert np.abs(quiet - jaw).mean() < 0.05 * jaw.mean(), name


def test_a_voice_raised_inside_a_stream_opens_more(speech, lines):
    """The same line twice; what grows is the second one's opening against the first one's, by the level alone."""
    for name in ("guard", "scholar"):
        line = lines[name]
        grown = []
        for raise_db in (-18.0, -9.0, 0.0, 9.0, 18.0):
            quieter_db = min(0.0, -raise_db)
            first, second = (
                line * np.float32(10 ** (quieter_db / 20)),
                line * np.float32(10 ** ((raise_db + quieter_db) / 20)),
            )
            jaw = _hear(speech, np.concatenate([first, second])).curves[:, JAW]
            half = len(line) // 160
            grown.append(jaw[half : half + 400].mean() / jaw[:400].mean())
        assert all(before < after for before, after in pairwise(grown)), (name, grown)
        assert grown[0] < 0.93 * grown[2], (name, grown)
        assert grown[-1] > 1.07 * grown[2], (name, grown)


def test_effort_leaves_closures_and_silence_alone(speech, lines):
    line = lines["guard"]
    loud = _hear(speech, np.concatenate([line * np.float32(0.1), line, np.zeros(16_000, np.float32)]))
    latents = enforce_closures(np.pad(loud.curves, ((0, 0), (0, 12))), loud.closures)
    shut = loud.closures[:, 0] >= 1.0
    np.testing.assert_allclose(latents[shut, CLOSE], latents[shut, JAW], atol=1e-6)
    assert _jaw(loud)[-50:].max() < 0.02


def test_silence_and_hiss_leave_the_mouth_shut(speech):
    random = np.random.default_rng(3)
    for level_db in (-np.inf, -75.0, -60.0, -40.0):
        mouth = _hear(speech, random.normal(0, 10 ** (level_db / 20), 48_000).astype(np.float32))
        assert _jaw(mouth).mean() < 0.02, level_db


@pytest.mark.parametrize("name", ["android", "scholar", "innkeeper"])
def test_the_hiss_before_the_first_word_leaves_the_lips_shut(speech, lines, name):
    mouth = _hear(speech, lines[name])
    apart = _jaw(mouth) - mouth.curves[:, CLOSE]
    assert apart[:10].max() <= 0.02
    assert apart[:60].max() > 0.15


@pytest.mark.parametrize("seed", range(6))
def test_instrumental_music_leaves_the_mouth_shut(speech, seed):
    mouth = _hear(speech, sounds.music(np.random.default_rng(9000 + seed), seconds=6.0))
    assert _jaw(mouth).mean() < 0.02


def test_detected_lip_closures_are_full(speech, lines):
    shut = 0
    for samples in lines.values():
        mouth = _hear(speech, samples)
        latents = enforce_closures(np.pad(mouth.curves, ((0, 0), (0, 12))), mouth.closures)
        frames = mouth.closures[:, 0] >= 1.0
        shut += int(frames.sum())
        np.testing.assert_allclose(latents[frames, CLOSE], latents[frames, JAW], atol=1e-6)
    assert shut > 50


def test_the_mouth_rests_after_the_last_word(speech, lines):
    samples = np.concatenate([next(iter(lines.values())), np.zeros(16_000, np.float32)])
    assert _jaw(_hear(speech, samples))[-50:].max() < 0.02


def test_a_state_can_be_used_twice(speech, lines):
    samples = next(iter(lines.values()))
    _, state = speech.step(samples[:8000], speech.start())
    first, _ = speech.step(samples[8000:16_000], state)
    second, _ = speech.step(samples[8000:16_000], state)
    np.testing.assert_array_equal(first.curves, second.curves)


@pytest.mark.material
def test_real_voices_move_the_jaw_at_any_level(speech, material):
    for path in sorted((material / "speech").glob("*.flac")) + sorted((material / "speech").glob("*.wav")):
        samples = _read(path)
        jaw = _jaw(_hear(speech, samples))
        assert jaw.mean() >= 0.12, path.name
        assert np.quantile(jaw, 0.95) >= 0.3, path.name
        quiet = _jaw(_hear(speech, samples * np.float32(10**-1.5)))
        assert np.abs(quiet - jaw).mean() < 0.05 * jaw.mean(), path.name


@pytest.mark.parametrize(
    "samples",
    [np.array([0.0, np.nan], np.float32), np.array([np.inf], np.float32), np.array([1e20], np.float32),
     np.array([3, -7], np.int16), np.zeros((2, 2), np.float32)],
)  # fmt: skip
def test_unfit_samples_are_refused_and_the_stream_lives_on(speech, lines, samples):
    line = next(iter(lines.values()))
    _, state = speech.step(line[:8000], speech.start())
    with pytest.raises(InputError, match="samples") as caught:
        speech.step(samples, state)
    assert caught.value.reason == "SAMPLES_UNFIT"
    after, _ = speech.step(line[8000:16_000], state)
    assert np.isfinite(after.curves).all()


def test_every_stream_needs_its_samples(speech):
    with pytest.raises(InputError, match="3") as caught:
        speech.step_many(np.zeros((5, 640), np.float32), [speech.start()] * 3)
    assert caught.value.reason == "SAMPLES_UNFIT"
