from __future__ import annotations

import json

import numpy as np
import pytest

from visavis_runtime.bench.motion import measure_motion, sample_lines, toy_voice


def test_figures_are_complete_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis_runtime.bench.motion.COST_S", 2.0)
    monkeypatch.setattr("visavis_runtime.bench.motion.GESTURES_S", 40.0)
    monkeypatch.setattr("visavis_runtime.bench.gestures.SEEDS", 2)
    figures = json.loads(json.dumps(measure_motion()))
    assert figures["lookahead_ms"] <= 100
    assert figures["checkpoint_bytes"] <= 6_000_000
    assert 100_000 < figures["params"] < 3_000_000
    assert figures["rtf_per_core"] > 0
    assert 0 < figures["rtf_per_core_together"] < figures["rtf_per_core_with_gestures"]
    for prefix in ("", "lines_", "idle_"):
        names = ("head_std_deg", "head_speed_deg_s", "head_power_below_2_hz", "blinks_per_min", "gaze_on_target")
        assert {prefix + name for name in names} <= set(figures)
    assert figures["blinks_per_min_least"] <= figures["blinks_per_min_median"] <= figures["blinks_per_min_most"]
    assert figures["idle_lips_apart"] < 0.02


def test_the_toy_voice_has_its_length_and_pauses() -> None:
    voice = toy_voice(duration_s=10.0)
    assert voice.shape == (160_000,)
    assert np.abs(voice).max() < 1.0
    frames = np.abs(voice.reshape(-1, 1600)).mean(axis=1)
    assert (frames < 0.003).any()
    assert (frames > 0.02).mean() > 0.5


def test_the_sample_lines_are_repeated_to_any_length() -> None:
    voice = sample_lines(duration_s=90.0)
    assert voice is not None
    assert voice.shape == (90 * 16_000,)
    assert np.abs(voice[-16_000 * 20 :]).max() > 0.05
