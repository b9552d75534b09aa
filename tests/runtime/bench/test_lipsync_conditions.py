from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.bench.lipsync_conditions import CONDITIONS, QUICK, Samples, Scene, active_level, babble


def voice(seconds: float = 1.0, *, seed: int = 0) -> Samples:
    """Noise for the first half, near silence after it."""
    random = np.random.default_rng(seed)
    count = int(seconds * 16_000)
    loud = np.where(np.arange(count) < count // 2, 0.1, 1e-5)
    return (random.standard_normal(count) * loud).astype(np.float32)


def scene(seed: int = 1) -> Scene:
    return Scene(np.random.default_rng(seed), [voice(seed=5), voice(2.0, seed=6)])


def test_the_grid_is_the_one_of_the_targets() -> None:
    assert list(CONDITIONS) == [
        "clean", "minus_30_db", "white_20_db", "white_10_db", "babble_15_db", "babble_5_db", "room", "telephone",
    ]  # fmt: skip
    assert set(QUICK) <= set(CONDITIONS)


@pytest.mark.parametrize("name", CONDITIONS)
@given(count=st.integers(400, 5000))
@settings(max_examples=10)
def test_a_disturbed_voice_keeps_its_length_and_can_be_made_again(name: str, count: int) -> None:
    samples = voice()[:count]
    heard = CONDITIONS[name](samples, scene())
    assert heard.shape == samples.shape
    assert heard.dtype == np.float32
    assert np.isfinite(heard).all()
    np.testing.assert_array_equal(heard, CONDITIONS[name](samples, scene()))


def test_the_level_is_that_of_the_active_voice() -> None:
    assert active_level(voice()) == pytest.approx(0.1, rel=0.02)
    assert active_level(np.zeros(100, np.float32)) == 0.0


@pytest.mark.parametrize(("name", "snr_db"), [("white_20_db", 20), ("white_10_db", 10), ("babble_5_db", 5)])
def test_noise_has_its_level_below_the_voice(name: str, snr_db: float) -> None:
    samples = voice()
    noise = CONDITIONS[name](samples, scene()) - samples
    assert 20 * np.log10(0.1 / noise.std()) == pytest.approx(snr_db, abs=0.3)


def test_quiet_is_thirty_db_down() -> None:
    np.testing.assert_allclose(CONDITIONS["minus_30_db"](voice(), scene()), voice() * 10**-1.5, rtol=1e-5)


def test_babble_without_others_is_clean() -> None:
    alone = Scene(np.random.default_rng(0), ())
    np.testing.assert_array_equal(babble(5.0)(voice(), alone), voice())


def test_the_room_starts_with_the_voice_itself_and_decays() -> None:
    click = np.zeros(16_000, np.float32)
    click[0] = 1.0
    heard = CONDITIONS["room"](click, scene())
    assert heard[0] == pytest.approx(1.0, abs=1e-6)
    assert (heard[1:] ** 2).sum() == pytest.approx(1.0, rel=1e-3)
    early, late = (heard[1000:1800] ** 2).mean(), (heard[4200:5000] ** 2).mean()
    assert 10 * np.log10(early / late) == pytest.approx(60 * 0.2 / 0.4, abs=3)


@pytest.mark.parametrize(("hz", "passes"), [(100, False), (1000, True), (6000, False)])
def test_the_telephone_passes_its_band(hz: float, passes: bool) -> None:
    tone = np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000).astype(np.float32)
    heard = CONDITIONS["telephone"](tone, scene())[8000:]
    assert (heard.std() > 0.65) == passes
    assert passes or heard.std() < 0.03
