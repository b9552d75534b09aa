import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.audio.features import (
    BANDS,
    HALF_WINDOW_S,
    HOP,
    RATE_HZ,
    WINDOW,
    frame_count,
    mel_power,
    samples_to_flush,
    start_features,
)


def _noise(count):
    return np.random.default_rng(5).normal(0, 0.1, count).astype(np.float32)


def _tone(hz, seconds=0.5, level=1.0):
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 5000), max_size=12))
def test_any_cut_gives_the_same_frames(cuts):
    samples = _noise(5000)
    whole, _ = mel_power(samples, state=start_features())
    state, parts = start_features(), []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), 5000], strict=True):
        frames, state = mel_power(samples[start:end], state=state)
        parts.append(frames)
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-4, atol=1e-10)


def test_a_frame_comes_half_a_window_after_its_centre():
    frames, _ = mel_power(_noise(10 * HOP + WINDOW // 2 - 1), state=start_features())
    assert len(frames) == 10
    frames, _ = mel_power(_noise(10 * HOP + WINDOW // 2), state=start_features())
    assert len(frames) == 11
    assert HALF_WINDOW_S == 0.0125


def test_a_click_lands_in_the_frame_it_belongs_to():
    samples = np.zeros(3200, np.float32)
    samples[10 * HOP] = 1.0
    frames, _ = mel_power(samples, state=start_features())
    assert frames.sum(axis=1).argmax() == 10


def test_a_full_scale_tone_sums_to_about_two():
    frames, _ = mel_power(_tone(1000.0), state=start_features())
    assert frames[10].sum() == pytest.approx(2.0, rel=0.1)


def test_bands_rise_with_pitch():
    loudest = [int(mel_power(_tone(hz), state=start_features())[0][10].argmax()) for hz in (150, 500, 1500, 4000, 7000)]
    assert loudest == sorted(loudest)
    assert len(set(loudest)) == 5


def test_no_samples_no_frames():
    frames, state = mel_power(np.zeros(0, np.float32), state=start_features())
    assert frames.shape == (0, BANDS)
    assert len(state.tail) == WINDOW // 2


@given(samples=st.integers(0, 2000))
@settings(max_examples=30, deadline=None)
def test_flushing_gives_the_frames_asked_for(samples):
    wanted = frame_count(samples) + 9
    silence = samples_to_flush(samples, frames=wanted)
    frames, _ = mel_power(np.zeros(samples + silence, np.float32), state=start_features())
    assert len(frames) == wanted
