from __future__ import annotations

import math

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_gaze import GazeState, begin_gaze, gaze_course, head_share

ONE = np.zeros(1, np.int64)


def _track(frames: int, *, seed: int = 0, tempo: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    state = GazeState()
    rows, shifts = [], []
    for frame in range(frames):
        cue = Cue(frame, True, False, False, 0.0)
        shift_rad, state = begin_gaze(cue, target=(0.0, 0.0), tempo=tempo, seed=seed, state=state)
        rows.append(gaze_course(np.array([float(frame)]), [state], of=ONE)[0])
        shifts.append(shift_rad)
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
        cue = Cue(frame, True, False, False, 0.0)
        _, state = begin_gaze(cue, target=target, tempo=1.0, seed=1, state=state)
        rows.append(gaze_course(np.array([float(frame)]), [state], of=ONE)[0, 0] - target[0])
    assert np.abs(rows).max() < math.radians(3)


def test_a_target_that_jumps_is_a_gaze_shift_that_the_head_shares() -> None:
    state = GazeState()
    _, state = begin_gaze(Cue(0, True, False, False, 0.0), target=(0.0, 0.0), tempo=1.0, seed=1, state=state)
    cue = Cue(1, True, False, False, 0.0)
    shift_rad, state = begin_gaze(cue, target=(0.3, 0.1), tempo=1.0, seed=1, state=state)
    assert 0.25 < shift_rad < 0.4
    assert 0.2 * 0.3 < head_share(state)[0] < 0.7 * 0.3


def test_looks_change_faster_at_a_quicker_tempo() -> None:
    calm, quick = (len(np.flatnonzero(_track(20_000, tempo=tempo)[1])) for tempo in (0.7, 1.3))
    assert quick > 1.4 * calm
