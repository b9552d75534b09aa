from __future__ import annotations

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_blink import BlinkState, step_blink


def _lids(frames: int, *, seed: int = 0, phrase_end: int = -1) -> np.ndarray:
    state = BlinkState()
    lids = []
    for frame in range(frames):
        cue = Cue(frame, True, False, frame == phrase_end, 0.0)
        lid, state = step_blink(cue, shift_rad=0.0, rate=1.0, seed=seed, state=state)
        lids.append(lid)
    return np.array(lids)


def test_a_lid_falls_faster_than_it_rises() -> None:
    lids = _lids(60_000)
    falling, rising = (np.diff(lids) > 1e-6).sum(), (np.diff(lids) < -1e-6).sum()
    assert 1.6 < rising / falling < 2.6
    assert 0.3 < lids[lids > 0].mean() < 0.7


def test_intervals_are_spread_like_a_log_normal() -> None:
    lids = _lids(120_000, seed=3)
    starts = np.flatnonzero((lids[1:] > 0.5) & (lids[:-1] <= 0.5))
    gaps_s = np.diff(starts) / 100
    gaps_s = gaps_s[gaps_s > 0.6]
    logs = np.log(gaps_s)
    assert 0.35 < logs.std() < 0.7
    assert abs(((logs - logs.mean()) ** 3).mean() / logs.std() ** 3) < 0.6


def test_the_end_of_a_phrase_invites_a_blink() -> None:
    answers = [_lids(1_000, seed=seed, phrase_end=900)[905:920].max() > 0.3 for seed in range(100)]
    chance = [_lids(1_000, seed=seed)[905:920].max() > 0.3 for seed in range(100)]
    assert sum(answers) > sum(chance) + 12
