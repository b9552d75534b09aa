"""A timeline whose clock is the test's, and a voice whose samples are their own numbers."""

from __future__ import annotations

import numpy as np
from live_talks import MS

from visavis_runtime.serve.engine.timeline import Timeline

FLUSH = 1906
"""Samples of silence that bring out the last of a line."""


def voice(count: int) -> np.ndarray:
    """1, 2, 3, ..., [count] float32: silence is 0."""
    return np.arange(1, count + 1, dtype=np.float32)


def run(timeline: Timeline, *, until_ms: int, start_ms: int = 0, step_ms: int = 5) -> list[tuple[int, np.ndarray]]:
    """What is heard and when (ms), a tick every `step_ms`."""
    heard = []
    for now_ms in range(start_ms, until_ms, step_ms):
        one = timeline.take(now_ms * MS, flush=FLUSH)
        if one is not None:
            heard.append((now_ms, one.samples))
    return heard
