import numpy as np
import pytest

from visavis_runtime.reference import sounds


@pytest.mark.parametrize("name", ["music", "noise", "knocks", "coughs"])
def test_sounds_are_finite_levelled_and_repeatable(name):
    make = getattr(sounds, name)
    for seed in range(4):
        sound = make(np.random.default_rng(seed), seconds=2.0)
        assert sound.shape == (32_000,)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() == pytest.approx(0.5, abs=1e-3)
        np.testing.assert_array_equal(sound, make(np.random.default_rng(seed), seconds=2.0))
