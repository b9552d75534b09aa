from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.bench.lipsync_evidence import correlations
from visavis_runtime.bench.lipsync_figures import (
    LAGS,
    Figure,
    Statistic,
    best_correlation,
    best_lag_ms,
    difference,
    figures,
    root_share,
    share,
)

SHARE = {"hit": Statistic(share, lambda row: row[1])}


def test_a_share_is_of_all_tries_and_its_interval_holds_it() -> None:
    rows = [{"hit": np.array([8.0, 10.0])}, {"hit": np.array([1.0, 10.0])}, {"hit": np.array([6.0, 10.0])}]
    found = figures(rows, statistics=SHARE)["hit"]
    assert found.value == pytest.approx(0.5)
    assert found.n == 30
    assert 0.1 <= found.low < 0.5 < found.high <= 0.8


def test_the_same_evidence_gives_the_same_interval() -> None:
    rows = [{"hit": np.array([float(i % 4), 4.0])} for i in range(20)]
    assert figures(rows, statistics=SHARE) == figures(rows, statistics=SHARE)


def test_the_interval_of_a_coin_is_that_of_the_books() -> None:
    random = np.random.default_rng(3)
    rows = [{"hit": np.array([float(random.random() < 0.3), 1.0])} for _ in range(400)]
    found = figures(rows, statistics=SHARE)["hit"]
    half = 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.value - found.low == pytest.approx(half, rel=0.15)
    assert found.high - found.value == pytest.approx(half, rel=0.15)


def test_nothing_tried_is_no_number_and_json_has_none() -> None:
    found = figures([{"hit": np.zeros(2)}], statistics=SHARE)["hit"]
    assert np.isnan(found.value)
    assert found.as_json() == {"value": None, "low": None, "high": None, "n": 0}
    assert figures([{}], statistics=SHARE) == {}


def test_difference_and_root() -> None:
    assert difference(np.array([6.0, 10.0, 1.0, 5.0])) == pytest.approx(0.4)
    assert root_share(np.array([4.0, 100.0, 2.0])) == pytest.approx(0.2)


@given(shift=st.integers(-15, 15), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_a_shifted_curve_tells_its_lag(shift: int, seed: int) -> None:
    wave = np.convolve(np.random.default_rng(seed).standard_normal(500), np.hanning(20), mode="same").astype(np.float32)
    row = correlations(np.roll(wave, shift), reference=wave)
    assert best_lag_ms(row) == pytest.approx(10.0 * shift, abs=1.5)
    assert best_correlation(row) == pytest.approx(1.0, abs=1e-6)


def test_a_lag_between_frames_is_found() -> None:
    at = np.arange(400) / 100
    wave, late = np.sin(2 * np.pi * 3 * at), np.sin(2 * np.pi * 3 * (at - 0.044))
    row = correlations(late.astype(np.float32), reference=wave.astype(np.float32))
    assert best_lag_ms(row) == pytest.approx(44.0, abs=1.0)


def test_a_still_curve_correlates_with_nothing_and_a_short_one_is_left_out() -> None:
    wave = np.sin(np.arange(200) / 7).astype(np.float32)
    assert not correlations(np.ones_like(wave), reference=wave)[:-1].any()
    assert correlations(wave[: 2 * LAGS], reference=wave[: 2 * LAGS])[-1] == 0


def test_figures_round_for_json() -> None:
    assert Figure(0.123456, 0.1, 0.2, 7).as_json() == {"value": 0.1235, "low": 0.1, "high": 0.2, "n": 7}
