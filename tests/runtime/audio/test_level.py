import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.audio.features import BANDS
from visavis_runtime.audio.level import FLOOR_DB, RELEASE_DB_PER_S, normalise, start_level


def _speech_like(frames=300, seed=2):
    random = np.random.default_rng(seed)
    syllables = np.maximum(0.0, np.sin(np.arange(frames) / 8)) ** 2 + 1e-4
    return (0.1 * syllables[:, None] * random.exponential(1.0, (frames, BANDS)) / BANDS).astype(np.float32)


def _features(power, **start):
    return normalise(power, state=start_level(**start))[0]


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 300), max_size=12))
def test_streaming_equals_the_whole(cuts):
    power = _speech_like()
    state, parts = start_level(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), 300], strict=True):
        features, state = normalise(power[start:end], state=state)
        parts.append(features)
    np.testing.assert_allclose(np.concatenate(parts), _features(power), atol=1e-6)


def test_many_streams_at_once_equal_each_alone():
    power = np.stack([_speech_like(seed=seed) for seed in range(3)])
    together = _features(power, streams=(3,))
    for row in range(3):
        np.testing.assert_allclose(together[row], _features(power[row]), atol=1e-6)


@pytest.mark.parametrize("gain_db", [-30.0, -15.0, 6.0])
def test_gain_changes_nothing_from_the_first_syllable(gain_db):
    power = _speech_like()
    loud = power.sum(axis=1) > 1e-3  # frames that stay above the floor at every gain tried
    plain, scaled = _features(power), _features(power * np.float32(10 ** (gain_db / 10)))
    first = int(np.argmax(loud)) + 3
    assert np.abs(plain - scaled)[first:].max() < 1e-3


def test_digital_silence_and_faint_hiss_stay_at_the_bottom():
    silence = np.zeros((200, BANDS), np.float32)
    hiss = np.full((200, BANDS), 10 ** ((FLOOR_DB - 25) / 10) / BANDS, np.float32)
    assert _features(silence).max() < -1.4
    assert _features(hiss).max() < _features(_speech_like()).mean()


def test_the_tracker_falls_no_faster_than_its_release():
    power = np.zeros((101, BANDS), np.float32)
    power[0] = 1.0
    _, loud = normalise(power[:1], state=start_level())
    _, later = normalise(power[1:], state=loud)
    fallen_db = float(loud.peak - later.peak) * 10 / np.log(10)
    assert fallen_db <= RELEASE_DB_PER_S * 1.001


def test_no_frames_no_change():
    state = start_level(streams=(1,))
    features, after = normalise(np.zeros((1, 0, BANDS), np.float32), state=state)
    assert features.shape == (1, 0, BANDS)
    assert after is state
