from __future__ import annotations

import math

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_gaze import Gaze
from visavis_runtime.motion.gesture_head import HeadState, step_head

AHEAD = Gaze(0.0, 0.0, 0.0, 0.0, 0.0)


def _pitch(*, seed: int, accent_at: int) -> np.ndarray:
    state = HeadState(posture_due=10_000)
    rows = []
    for frame in range(200):
        accent = 0.8 if frame == accent_at else 0.0
        turn, state = step_head(Cue(frame, True, False, False, accent), gaze=AHEAD, tempo=1.0, seed=seed, state=state)
        rows.append(turn.own)
    return np.degrees(np.array(rows))


def test_accents_bring_nods_mostly_down_and_back() -> None:
    moves = [_pitch(seed=seed, accent_at=20) for seed in range(60)]
    nods = [move for move in moves if np.abs(move).max() > 0.5]
    assert 30 <= len(nods) <= 57
    down = sum(move[:, 1].min() < -0.5 for move in nods)
    assert down > 0.5 * len(nods)
    assert all(np.abs(move[100:]).max() < 1e-9 for move in nods)
    assert max(np.abs(move).max() for move in nods) < 7.0


def test_the_head_takes_its_share_of_a_gaze_shift_without_overshoot() -> None:
    state = HeadState(posture_due=10_000)
    gaze = Gaze(0.3, 0.0, 0.1, 0.0, 0.0)
    yaw = []
    for frame in range(200):
        turn, state = step_head(Cue(frame, False, False, False, 0.0), gaze=gaze, tempo=1.0, seed=0, state=state)
        yaw.append(turn.gaze[0])
    assert max(yaw) <= 0.1 + 1e-9
    assert yaw[-1] > 0.0999
    assert 0.15 < np.argmax(np.array(yaw) > 0.05) / 100 < 0.5


def test_postures_change_and_tip_the_head() -> None:
    state = HeadState()
    rows = []
    for frame in range(6_000):
        turn, state = step_head(Cue(frame, True, False, False, 0.0), gaze=AHEAD, tempo=1.0, seed=3, state=state)
        rows.append(turn.own)
    own = np.degrees(np.array(rows))
    assert np.corrcoef(own[:, 0], own[:, 2])[0, 1] > 0.2
    assert 15 < state.postures < 45
    assert math.isfinite(own.sum())
