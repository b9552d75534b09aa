from __future__ import annotations

import math

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_head import HeadState, begin_head, head_course

AHEAD = (0.0, 0.0)
ONE = np.zeros(1, np.int64)


def _turn(cue: Cue, *, share: tuple[float, float], seed: int, state: HeadState) -> tuple[np.ndarray, HeadState]:
    """Own rotation and share of the gaze, five numbers."""
    state = begin_head(cue, share=share, tempo=1.0, seed=seed, state=state)
    own, shared = head_course(np.array([float(cue.frame)]), [state], of=ONE)
    return np.concatenate([own[0], shared[0]]), state


def _pitch(*, seed: int, accent_at: int) -> np.ndarray | None:
    """Rotation in degrees; None where the accent brought a posture too, which stays."""
    state = HeadState(posture_due=10_000)
    rows = []
    for frame in range(200):
        accent = 0.8 if frame == accent_at else 0.0
        turn, state = _turn(Cue(frame, True, False, False, accent), share=AHEAD, seed=seed, state=state)
        rows.append(turn[:3])
    return np.degrees(np.array(rows)) if state.postures == 0 else None


def test_accents_bring_nods_mostly_down_and_back() -> None:
    moves = [move for seed in range(85) if (move := _pitch(seed=seed, accent_at=20)) is not None]
    assert 50 <= len(moves) <= 70
    nods = [move for move in moves if np.abs(move).max() > 0.5]
    assert 0.5 <= len(nods) / len(moves) <= 0.95
    down = sum(move[:, 1].min() < -0.5 for move in nods)
    assert down > 0.5 * len(nods)
    assert all(np.abs(move[100:]).max() < 1e-9 for move in nods)
    assert max(np.abs(move).max() for move in nods) < 7.0


def test_the_head_takes_its_share_of_a_gaze_shift_without_overshoot() -> None:
    state = HeadState(posture_due=10_000)
    yaw = []
    for frame in range(200):
        turn, state = _turn(Cue(frame, False, False, False, 0.0), share=(0.1, 0.0), seed=0, state=state)
        yaw.append(turn[3])
    assert max(yaw) <= 0.1 + 1e-9
    assert yaw[-1] > 0.0999
    assert 0.15 < np.argmax(np.array(yaw) > 0.05) / 100 < 0.5


def test_postures_change_and_tip_the_head() -> None:
    state = HeadState()
    rows = []
    for frame in range(6_000):
        turn, state = _turn(Cue(frame, True, False, False, 0.0), share=AHEAD, seed=3, state=state)
        rows.append(turn[:3])
    own = np.degrees(np.array(rows))
    assert np.corrcoef(own[:, 0], own[:, 2])[0, 1] > 0.2
    assert 15 < state.postures < 45
    assert math.isfinite(own.sum())
