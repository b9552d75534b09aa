from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.audio.resample import ResampleStream, resample


@settings(max_examples=15, deadline=None)
@given(
    rate_hz=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]), sizes=st.lists(st.integers(0, 3000), max_size=20)
)
def test_chunked_equals_whole(rate_hz: int, sizes: list[int]) -> None:
    voice = np.random.default_rng(1).standard_normal(8_000).astype(np.float32) * 0.1
    whole = resample(voice, source_hz=rate_hz, target_hz=16_000)
    stream = ResampleStream(source_hz=rate_hz, target_hz=16_000)
    cuts = [0, *np.minimum(np.cumsum(sizes, dtype=int), len(voice)).tolist(), len(voice)]
    parts = [stream.step(voice[a:b]) for a, b in itertools.pairwise(cuts)]
    parts.append(stream.step(voice[:0], last=True))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_phase(rate_hz: int) -> None:
    tone = np.sin(2 * np.pi * 300 * np.arange(rate_hz) / rate_hz).astype(np.float32)
    got = resample(tone, source_hz=rate_hz, target_hz=16_000)
    wanted = np.sin(2 * np.pi * 300 * np.arange(len(got)) / 16_000)
    np.testing.assert_allclose(got[2000:-2000], wanted[2000:-2000], atol=1e-3)


def test_two_channels_stay_two() -> None:
    both = np.stack([np.ones(4410, np.float32), np.zeros(4410, np.float32)], axis=1)
    got = resample(both, source_hz=44_100, target_hz=48_000)
    assert got.shape == (4800, 2)
    assert np.abs(got[:, 1]).max() == 0.0
