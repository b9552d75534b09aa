from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_blink import BlinkState, begin_blink, lid_course, person_interval

ONE = np.zeros(1, np.int64)


def _lids(frames: int, *, seed: int = 0, phrase_end: int = -1, shift_at: int = -1, tempo: float = 1.0) -> np.ndarray:
    state = BlinkState()
    lids = np.zeros(frames)
    for frame in range(frames):
        cue = Cue(frame, True, False, frame == phrase_end, 0.0)
        shift_rad = 0.3 if frame == shift_at else 0.0
        state = begin_blink(cue, shift_rad=shift_rad, rate=1.0, tempo=tempo, seed=seed, state=state)
        lids[frame] = lid_course(np.array([float(frame)]), [state], of=ONE)[0]
    return lids


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


def test_a_large_gaze_shift_invites_a_blink() -> None:
    answers = [_lids(1_000, seed=seed, shift_at=900)[905:920].max() > 0.3 for seed in range(100)]
    chance = [_lids(1_000, seed=seed)[905:920].max() > 0.3 for seed in range(100)]
    assert sum(answers) > sum(chance) + 8


@pytest.mark.parametrize("tempo", [0.6, 1.0, 1.4])
def test_a_lid_never_jumps_at_any_tempo(tempo: float) -> None:
    lids = _lids(60_000, seed=1, tempo=tempo)
    assert np.abs(np.diff(lids)).max() < 0.25
    closing = (np.diff(lids) > 1e-6).sum() / ((lids[1:] > 0.3) & (lids[:-1] <= 0.3)).sum() / 100
    assert abs(closing * np.sqrt(tempo) - 0.10) < 0.03


def test_people_differ_by_the_published_range() -> None:
    """26 a minute is the median of talking people, 10.5 to 32.5 their 95 % range; nobody here is outside of it."""
    intervals = np.array([person_interval(seed, talking=True) for seed in range(2_000)])
    assert abs(np.median(26.0 / intervals) - 26.0) < 1.0
    assert 10.5 < (26.0 / intervals).min() < 13.5
    assert 28.0 < (26.0 / intervals).max() < 32.5
    resting = np.array([person_interval(seed, talking=False) for seed in range(2_000)])
    assert (17.0 / resting).min() > 10.0
