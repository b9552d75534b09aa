from __future__ import annotations

import json
import math

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.bench.motion import gesture_figures, measure_motion, toy_voice


def test_figures_are_complete_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis_runtime.bench.motion.COST_S", 2.0)
    monkeypatch.setattr("visavis_runtime.bench.motion.GESTURES_S", 40.0)
    figures = json.loads(json.dumps(measure_motion()))
    assert figures["lookahead_ms"] <= 100
    assert figures["checkpoint_bytes"] <= 6_000_000
    assert 100_000 < figures["params"] < 3_000_000
    assert figures["rtf_per_core"] > 0
    assert {"head_std_deg", "blinks_per_min", "gaze_on_target"} <= set(figures)


def test_the_statistics_of_a_known_motion() -> None:
    fps, frames = 60, 60 * 120
    time_s = np.arange(frames) / fps
    latents = np.zeros((frames, 64), np.float32)
    latents[:, INDEX["headYaw"]] = np.radians(4.0) * np.sin(2 * np.pi * 1.0 * time_s)
    latents[:, INDEX["leftEyeYaw"]] = -latents[:, INDEX["headYaw"]]
    latents[:, INDEX["eyeBlinkLeft"]] = (time_s % 3.0) < 0.2
    latents[:, INDEX["leftEyePitch"]] = np.where(time_s % 4.0 < 2.0, 0.0, 0.3)
    figures = gesture_figures(latents, fps=fps)
    assert figures["head_std_deg"] == pytest.approx(4.0 / math.sqrt(2) / math.sqrt(3), rel=0.01)
    assert figures["head_speed_deg_s"] == pytest.approx(4.0 * 4.0, rel=0.01)
    assert figures["head_power_90_hz"] == pytest.approx(1.0, abs=0.1)
    assert figures["blinks_per_min"] == pytest.approx(20, abs=0.6)
    assert figures["gaze_on_target"] == pytest.approx(0.5, abs=0.01)
    assert figures["gaze_bout_s"] == pytest.approx(2.0, abs=0.02)


def test_the_toy_voice_has_its_length_and_pauses() -> None:
    voice = toy_voice(duration_s=10.0)
    assert voice.shape == (160_000,)
    assert np.abs(voice).max() < 1.0
    frames = np.abs(voice.reshape(-1, 1600)).mean(axis=1)
    assert (frames < 0.003).any()
    assert (frames > 0.02).mean() > 0.5
