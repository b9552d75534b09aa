"""Vocal effort from made voices: noise bursts shaped like vowels, so that level and tilt are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.audio.features import mel_power, start_features
from visavis_runtime.motion.effort import LEAST, MOST, follow_effort, start_effort, voice_bands

TILT_DB = -12.0


def _voice(seconds, *, level_db=0.0, tilt_db=TILT_DB, seed=0):
    """Bands [1, t, 2] and speaking [1, t]: syllables of 200 ms over a range of 20 dB, pauses of 300 ms every 2 s."""
    frames = int(100 * seconds)
    random = np.random.default_rng(seed)
    times = np.arange(frames)
    syllables_db = 10.0 * np.sin(2 * np.pi * times / 20.0) + random.normal(0, 1.5, frames)
    speaking = (times % 200 < 170).astype(np.float32)
    low = 10 ** ((level_db + syllables_db - 40.0) / 10) * np.where(speaking > 0, 1.0, 1e-5)
    high = low * 10 ** ((tilt_db + random.normal(0, 1.5, frames)) / 10)
    return np.stack([low, high], axis=-1)[None].astype(np.float32), speaking[None]


def _gain(*parts):
    bands = np.concatenate([part[0] for part in parts], axis=1)
    speaking = np.concatenate([part[1] for part in parts], axis=1)
    return follow_effort(bands, speaking=speaking, state=start_effort(streams=(1,)))[0][0]


def _middle(gain, *, start_s, end_s):
    return float(gain[int(100 * start_s) : int(100 * end_s)].mean())


def test_bands_part_at_one_kilohertz():
    times_s = np.arange(16_000) / 16_000
    for hz, band in ((200, 0), (800, 0), (1300, 1), (4000, 1)):
        power, _ = mel_power(np.sin(2 * np.pi * hz * times_s).astype(np.float32), state=start_features())
        both = voice_bands(power[10:80]).sum(axis=0)
        assert both[band] > 100 * both[1 - band], hz
    power, _ = mel_power(np.sin(2 * np.pi * 6500 * times_s).astype(np.float32), state=start_features())
    assert voice_bands(power[10:80]).sum() < 1e-3 * power[10:80].sum()


def test_an_even_voice_is_neutral():
    gain = _gain(_voice(12.0))
    assert np.abs(gain - 1.0).max() < 0.03


@pytest.mark.parametrize("level_db", [-40.0, -30.0, 12.0])
def test_a_gain_on_the_whole_changes_nothing(level_db):
    np.testing.assert_allclose(_gain(_voice(8.0, level_db=level_db)), _gain(_voice(8.0)), atol=2e-3)


def test_raising_the_voice_opens_more_the_more_it_is_raised():
    opened = []
    for raise_db in (-18.0, -12.0, -6.0, 0.0, 6.0, 12.0, 18.0):
        after = _voice(5.0, level_db=raise_db, tilt_db=TILT_DB + 0.5 * raise_db, seed=1)
        opened.append(_middle(_gain(_voice(10.0), after), start_s=11.0, end_s=14.0))
    assert all(before < after for before, after in pairwise(opened))
    assert opened[0] < 0.85
    assert opened[3] == pytest.approx(1.0, abs=0.01)
    assert opened[5] > 1.15
    assert min(opened) >= LEAST
    assert max(opened) <= MOST


def test_a_step_to_the_microphone_moves_less_than_a_raised_voice():
    before = _voice(10.0)
    nearer = _middle(_gain(before, _voice(4.0, level_db=10.0)), start_s=11.0, end_s=14.0)
    louder = _middle(_gain(before, _voice(4.0, level_db=10.0, tilt_db=TILT_DB + 5.0)), start_s=11.0, end_s=14.0)
    assert 1.02 < nearer < louder - 0.02


def test_two_decibels_are_no_effort():
    gain = _gain(_voice(8.0), _voice(6.0, level_db=2.0, seed=1))
    assert np.abs(gain - 1.0).max() < 0.04


def test_a_whisper_opens_slightly_less():
    assert 0.85 < _middle(_gain(_voice(6.0, tilt_db=10.0)), start_s=2.0, end_s=6.0) < 0.92


def test_it_changes_slowly():
    gain = _gain(_voice(8.0), _voice(3.0, level_db=24.0), _voice(3.0, level_db=-24.0))
    assert np.abs(np.diff(gain)).max() < 0.04  # per 10 ms


def test_silence_and_a_long_pause_are_neutral():
    silence = (np.full((1, 1500, 2), 1e-9, np.float32), np.zeros((1, 1500), np.float32))
    assert np.all(_gain(silence) == 1.0)
    gain = _gain(_voice(8.0), _voice(2.0, level_db=15.0), silence)
    assert gain[1000] > 1.1
    assert abs(gain[-1] - 1.0) < 0.001


@given(cuts=st.lists(st.integers(0, 900), max_size=30))
def test_any_cut_and_any_company_give_the_same(cuts):
    voices = [_voice(9.0, seed=seed, level_db=6.0 * seed) for seed in range(3)]
    bands, speaking = (np.concatenate(part) for part in zip(*voices, strict=True))
    state, parts = start_effort(streams=(3,)), []
    for start, end in pairwise([0, *sorted(cuts), bands.shape[1]]):
        gain, state = follow_effort(bands[:, start:end], speaking=speaking[:, start:end], state=state)
        parts.append(gain)
    for row, voice in enumerate(voices):
        np.testing.assert_allclose(np.concatenate(parts, axis=1)[row], _gain(voice), atol=1e-6)
