"""Takes the time, gives where on its clock a talk should be: real time, less what it skips, plus what it is ahead.

A line runs ahead of real time; idle life gives that lead back by slowing down a little.
"""

from __future__ import annotations

from visavis.latents import SAMPLE_RATE_HZ

_SLOWER = 0.1
"""Idle life that is ahead of real time falls back by this share of it: no frame is missed, none is seen to be late."""
_NS_PER_SAMPLE = 1_000_000_000 // SAMPLE_RATE_HZ


class Clock:
    """When which sample of a talk is due."""

    def __init__(self, now_ns: int) -> None:
        self._began_ns = now_ns
        self._lead = 0.0
        self._idle_ns = now_ns
        """Up to when the lead has been given back."""

    def go_on(self, position: int, *, now_ns: int) -> None:
        """It is at this sample now, and has no lead."""
        self._began_ns = now_ns - position * 1_000_000_000 // SAMPLE_RATE_HZ
        self._idle_ns, self._lead = now_ns, 0.0

    def due(self, now_ns: int) -> int:
        """Where the talk would be if it had run in real time all along."""
        return (now_ns - self._began_ns) * SAMPLE_RATE_HZ // 1_000_000_000

    def skip(self, samples: int) -> None:
        """So many need not be heard (< 0: that many more shall be, from now on)."""
        self._began_ns += samples * _NS_PER_SAMPLE

    def lead_from(self, position: int, *, now_ns: int) -> None:
        """Idle life begins at this sample, ahead of real time."""
        self._lead = float(max(0, position - self.due(now_ns)))
        self._idle_ns = now_ns

    def idle_due(self, now_ns: int, *, slower: bool) -> int:
        """Where idle life should be; `slower`: it gives of its lead back."""
        if slower:
            self._lead = max(0.0, self._lead - _SLOWER * (now_ns - self._idle_ns) * SAMPLE_RATE_HZ * 1e-9)
        self._idle_ns = now_ns
        return int(self.due(now_ns) + self._lead)
