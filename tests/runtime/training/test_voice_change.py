import numpy as np
import pytest

from visavis_runtime.motion.phones import PHONE_INDEX
from visavis_runtime.training.voice_change import curve, held_vowels, recolour, uneven_tempo, vibrato, whisper


@pytest.fixture
def voiced():
    """Frames with harmonics in the bass and little above, then frames of hiss."""
    frames = np.full((100, 64), -12.0, np.float32)
    frames[:50, :20:2] = -2.0
    frames[50:, 40:] = -4.0
    return frames


def test_another_voice_has_the_same_length_and_stays_finite(voiced):
    for seed in range(30):
        other = recolour(voiced, random=np.random.default_rng(seed))
        assert other.shape == voiced.shape
        assert other.dtype == np.float32
        assert np.isfinite(other).all()


def test_the_warp_moves_a_resonance_but_not_far():
    frames = np.full((10, 64), -10.0, np.float32)
    frames[:, 30] = 0.0
    peaks = [int(recolour(frames, random=np.random.default_rng(seed))[0, 15:50].argmax()) + 15 for seed in range(100)]
    assert 20 < min(peaks) < 28
    assert 32 < max(peaks) < 42


def test_a_whisper_has_no_harmonics_and_less_bass(voiced):
    soft = whisper(voiced, random=np.random.default_rng(0))
    ripples = [np.abs(np.diff(frames[:50, 4:16].mean(axis=0))).max() for frames in (soft, voiced)]
    assert ripples[0] < 1.0 < 9.0 < ripples[1]
    assert soft[:50, :8].mean() < voiced[:50, :8].mean() - 1.5
    assert abs(soft[50:, 45:].mean() - voiced[50:, 45:].mean()) < 1.5


def test_tempo_wanders_but_always_goes_on():
    ends = []
    for seed in range(40):
        at = uneven_tempo(np.random.default_rng(seed), frames=400)
        assert at[0] == 0.0
        assert np.diff(at).min() >= 0.6 - 1e-9
        ends.append(at[-1])
    assert 250 < min(ends) < 390
    assert 410 < max(ends) < 680


def test_a_curve_goes_through_its_knots():
    assert curve(np.random.default_rng(0), knots=4, count=50, spread=0.0).tolist() == [0.0] * 50


def test_held_vowels_get_longer_and_nothing_else_does():
    phones = np.repeat([PHONE_INDEX[name] for name in ("M", "AA", "M", "IY", "S", "OW", "T")], 12)
    lengths = []
    for seed in range(20):
        said = phones[np.rint(held_vowels(np.random.default_rng(seed), phones=phones)).astype(int)]
        counts = [int((said == PHONE_INDEX[name]).sum()) for name in ("M", "AA", "S")]
        assert counts[0] == 24
        assert counts[2] == 12
        lengths.append(counts[1])
    assert min(lengths) == 12
    assert max(lengths) > 24


def test_vibrato_swings_a_resonance_and_keeps_its_place():
    frames = np.full((200, 64), -10.0, np.float32)
    frames[:, 29:32] = 0.0
    swung = vibrato(frames, random=np.random.default_rng(3))
    centre = (np.exp(swung) @ np.arange(64)) / np.exp(swung).sum(axis=1)
    assert centre.std() > 0.05
    assert centre.mean() == pytest.approx(30.0, abs=0.3)
