from __future__ import annotations

import numpy as np

from visavis_runtime.motion.cue import Cue
from visavis_runtime.motion.gesture_brow import BROWS, BrowState, begin_brows, brow_course


def _brows(frame: int, state: BrowState) -> np.ndarray:
    return brow_course(np.array([float(frame)]), [state], of=np.zeros(1, np.int64))[0]


def test_strong_accents_raise_the_brows_for_a_moment() -> None:
    raised = 0
    for seed in range(60):
        state = BrowState()
        rows = []
        for frame in range(200):
            accent = 0.8 if frame == 20 else 0.0
            state = begin_brows(Cue(frame, True, False, False, accent), seed=seed, state=state)
            rows.append(_brows(frame, state))
        inner = np.array(rows)[:, BROWS.index("inner")]
        raised += inner.max() > 0.1
        assert inner.max() < 0.6
        assert np.abs(np.diff(inner)).max() < 0.08
        assert inner[150:].max() == 0.0
    assert 12 < raised < 40


def test_weak_accents_do_not() -> None:
    state = BrowState()
    for frame in range(500):
        state = begin_brows(Cue(frame, True, False, False, 0.2), seed=1, state=state)
        assert _brows(frame, state).max() == 0.0
