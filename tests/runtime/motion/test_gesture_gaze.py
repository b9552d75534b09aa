from __future__ import annotations

import math

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_gaze import GazeState, step_gaze


def _track(frames: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    state = GazeState()
    rows, shifts = [], []
    for frame in range(frames):
        gaze, state = step_gaze(Cue(frame, True, False, False, 0.0), target=(0.0, 0.0), seed=seed, state=state)
        rows.append((gaze.yaw_rad, gaze.pitch_rad))
        shifts.append(gaze.shift_rad)
    return np.array(rows), np.array(shifts)


def test_saccades_lie_on_the_main_sequence() -> None:
    gaze, shifts = _track(20_000)
    speed = np.linalg.norm(np.diff(gaze, axis=0), axis=1) * 100
    for frame in np.flatnonzero(shifts > math.radians(6))[:40]:
        size_deg = math.degrees(shifts[frame])
        peak_deg_s = math.degrees(speed[frame : frame + 8].max())
        assert 150 < peak_deg_s < 600
        took = (speed[frame : frame + 15] > 0.05).sum()
        assert abs(took * 10 - (25 + 3 * size_deg)) <= 20


def test_looks_away_go_to_both_sides_and_not_too_far() -> None:
    gaze, _ = _track(60_000)
    away = gaze[np.linalg.norm(gaze, axis=1) > math.radians(4)]
    assert 0.3 < (away[:, 0] > 0).mean() < 0.7
    assert np.degrees(np.abs(away)).max() < 17


def test_a_slow_target_is_pursued_without_saccades() -> None:
    state = GazeState()
    rows = []
    for frame in range(80):
        target = (0.002 * frame, 0.0)
        gaze, state = step_gaze(Cue(frame, True, False, False, 0.0), target=target, seed=1, state=state)
        rows.append(gaze.yaw_rad - target[0])
    assert np.abs(rows).max() < math.radians(3)
