from __future__ import annotations

import numpy as np

from visavis_runtime.motion.flat import axis_of_counts
from visavis_runtime.motion.sway import CHANNELS, sway


def _sway(frames: np.ndarray, *, seed: int) -> np.ndarray:
    return sway(frames, seeds=[seed], axis=axis_of_counts([len(frames)]))


def test_unit_size_zero_mean_and_slow() -> None:
    whole = _sway(np.arange(60_000.0), seed=5)
    assert whole.shape == (60_000, len(CHANNELS))
    assert np.abs(whole.mean(axis=0)).max() < 0.1
    np.testing.assert_allclose(whole.std(axis=0), 1.0, atol=0.15)
    assert np.abs(np.diff(whole, axis=0)).max() < 0.15


def test_a_function_of_time_only() -> None:
    whole = _sway(np.arange(500.0), seed=5)
    np.testing.assert_allclose(_sway(np.arange(123.0, 200.0), seed=5), whole[123:200], atol=1e-12)
    assert np.abs(_sway(np.arange(500.0), seed=6) - whole).max() > 0.5


def test_many_people_at_once() -> None:
    frames = np.arange(3000.0)
    together = sway(frames, seeds=[5, 6, 7, 5], axis=axis_of_counts([900, 100, 0, 2000]))
    alone = [_sway(frames[:900], seed=5), _sway(frames[900:1000], seed=6), _sway(frames[1000:], seed=5)]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-12)
