"""Takes how long steps and pictures took, gives what a talk costs and whether one more fits: admission by measure.

The engine measures itself before it serves and goes on while it does. A talk is planned with its share of a batched
step and its pictures; all talks together may plan `capacity` of the engine's time. What it does not do: it sheds
nothing (`pictures.py` drops, `engine.py` orders).
"""

from __future__ import annotations

from collections import deque

from visavis_runtime.serve.messages import TalkSpec

_FOLLOW = 0.05
PICTURE_PX = 512


class Costs:
    """Seconds of engine time per second of talk, measured."""

    def __init__(self, *, capacity: float) -> None:
        self.capacity = capacity
        self.motion = 0.01
        """Engine seconds of one talk's motion per second, in a batch."""
        self.picture_s = 0.01
        """Of one picture of `PICTURE_PX`, encoded."""

    def measured_motion(self, seconds: float, *, talk_s: float) -> None:
        """A batched step took so long for so much talk."""
        if talk_s > 0:
            self.motion += _FOLLOW * (seconds / talk_s - self.motion)

    def measured_picture(self, seconds: float, *, size_px: int) -> None:
        """A picture took so long."""
        self.picture_s += _FOLLOW * (seconds * (PICTURE_PX / size_px) ** 2 - self.picture_s)

    def of(self, spec: TalkSpec) -> float:
        """Share of the engine that this talk will need."""
        pictures = spec.pictures
        drawn = pictures.fps * self.picture_s * (pictures.size_px / PICTURE_PX) ** 2 if pictures else 0.0
        return self.motion + drawn


class Watch:
    """Durations of the last second, for people: p50 and p99 in milliseconds."""

    def __init__(self) -> None:
        self._ms: deque[float] = deque(maxlen=4096)

    def add(self, seconds: float) -> None:
        """One duration."""
        self._ms.append(seconds * 1e3)

    def take(self) -> tuple[float, float]:
        """p50 and p99 of what was added since the last call."""
        ordered = sorted(self._ms)
        self._ms.clear()
        if not ordered:
            return 0.0, 0.0
        return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
