from __future__ import annotations

import math

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.bench.gestures import gesture_figures, talking_rows


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
    assert figures["head_power_below_2_hz"] == pytest.approx(1.0, abs=0.001)


def test_speed_is_that_while_talking() -> None:
    fps = 60
    time_s = np.arange(fps * 60) / fps
    talking = time_s < 30.0
    latents = np.zeros((len(time_s), 64), np.float32)
    latents[:, INDEX["headPitch"]] = np.radians(np.where(talking, 4.0, 1.0)) * np.sin(2 * np.pi * time_s)
    all_of_it, spoken = (
        gesture_figures(latents, fps=fps, talking=mask)["head_speed_deg_s"] for mask in (None, talking)
    )
    assert spoken == pytest.approx(16.0, rel=0.02)
    assert all_of_it == pytest.approx(10.0, rel=0.02)


def test_a_phrase_lasts_through_short_gaps() -> None:
    speaking = np.array([0.0] * 5 + [1.0] * 30 + [0.0] * 10 + [1.0] * 20 + [0.0] * 60, np.float32)
    talking = talking_rows(speaking)
    assert talking[5:65].all()
    assert not talking[:5].any()
    assert not talking[100:].any()
