"""Takes how long steps and pictures took, gives what a talk costs and whether one more fits: admission by measure.

The engine measures itself before it serves and goes on while it does. A talk is planned with its share of a batched
step and its pictures; all talks together may plan `capacity` of the engine's time. What it does not do: it sheds
nothing (`pictures.py` drops, `slots.py` orders).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from visavis_runtime.serve.messages import TalkSpec

_FOLLOW, _FOLLOW_STEPS = 0.05, 0.01
"""Of pictures, and of steps: talks that have just begun step apart and look dear, but only for a second."""
_SATURATED = 0.5
STANDSTILL_S = 0.25
"""A tick that takes longer says that the machine stood still, not that it is full."""
SLOWER_MOST = 5.0
"""A step that took longer, as the first of its size does, was held up by something else."""
PICTURE_PX = 512
TICK_S, TICK_MOST_S = 0.005, 0.02
LIGHT = 0.1
"""Talks whose motion takes less of the engine are not what it is short of time for, nor is one more of them."""
SPARE_LEAST, SPARE_MOST = 0.15, 0.35
"""Share of the engine that ticks may cost beside their talks: as much as the talks, within these bounds."""


class Costs:
    """Seconds of engine time per second of talk, measured."""

    def __init__(self, *, capacity: float) -> None:
        self.capacity = capacity
        self.step_s = 0.0
        """Of a batched step, whoever is in it."""
        self.motion = 0.01
        """Engine seconds that one talk more in the batch takes per second of its motion."""
        self.picture_s = 0.01
        """Of one picture of `PICTURE_PX`, encoded."""

    def measured_motion(self, seconds: float, *, talk_s: float) -> None:
        """A batched step took so long for so much talk.

        What it took more or less than was expected is laid to the step and to its talks alike: a talk alone in a step
        tells nearly nothing of what one more would cost.
        """
        expected_s = self.step_s + self.motion * talk_s
        if talk_s > 0 and expected_s > 0:
            slower = 1 + _FOLLOW_STEPS * (min(seconds / expected_s, SLOWER_MOST) - 1)
            self.step_s, self.motion = self.step_s * slower, self.motion * slower

    def measured_picture(self, seconds: float, *, size_px: int) -> None:
        """A picture took so long."""
        self.picture_s += _FOLLOW * (seconds * (PICTURE_PX / size_px) ** 2 - self.picture_s)

    def of(self, spec: TalkSpec) -> float:
        """Share of the engine that this talk will need."""
        pictures = spec.pictures
        drawn = pictures.fps * self.picture_s * (pictures.size_px / PICTURE_PX) ** 2 if pictures else 0.0
        return self.motion + drawn

    def admit(self, spec: TalkSpec, *, talks: int, planned: float, saturated: bool, again: bool) -> bool:
        """Whether one more fits beside so many `talks`, which need `planned`.

        One that is taken up (`again`) was let in before: it may have what is kept free of new ones.
        """
        free = (1.0 if again else self.capacity) - self.least - planned
        return not talks or (self.of(spec) <= free and (again or not saturated or self.light(talks)))

    def light(self, talks: int) -> bool:
        """Whether the motion of so many talks is next to nothing."""
        return talks * self.motion <= LIGHT

    @property
    def least(self) -> float:
        """Share of the engine that its steps need, whoever is in them, when they are as rare as they may be."""
        return self.step_s / TICK_MOST_S

    def tick_s(self, planned: float) -> float:
        """From one tick to the next: often, but only in the time that the talks themselves leave.

        Rare ticks make large batches, which cost less and answer later. `planned`: share that the talks need.
        """
        spare = min(max(SPARE_LEAST, planned), SPARE_MOST, 1.0 - planned)
        return TICK_MOST_S if spare <= 0 else min(TICK_MOST_S, max(TICK_S, self.step_s / spare))


class Meter:
    """What one engine did since it was last asked.

    Costs are CPU time of the engine's thread, so that other programs do not make talks look dear; that they leave too
    little of the machine shows in `saturated`.
    """

    def __init__(self) -> None:
        self.busy = 0.0
        """Share of a core that the ticks used."""
        self.saturated = False
        """Twice in a row most of the time went into ticks whose motion took longer than `TICK_MOST_S`: a busy engine
        has short ones without a pause, and time to make up for a long one; a second in which other programs have the
        machine is one look."""
        self._was_long = False
        self.batches: dict[int, int] = {}
        self.pictures = 0
        self._ticks_ms: list[float] = []
        self._cpu_s, self._long_s, self._since = 0.0, 0.0, time.perf_counter()

    def tick(self, *, stepped_s: float, cpu_s: float, bursting: bool = False) -> None:
        """One tick that did work: until its motion was done, and in all.

        `bursting`: bursts were in it, which take all the time that others leave; that saturates nothing.
        """
        if stepped_s > TICK_MOST_S and not bursting:
            self._long_s += min(stepped_s, STANDSTILL_S)
        if stepped_s:
            self._ticks_ms.append(stepped_s * 1e3)
        self._cpu_s += cpu_s

    def batch(self, size: int) -> None:
        """A batched step of so many talks."""
        bucket = 1 << (size - 1).bit_length()
        self.batches[bucket] = self.batches.get(bucket, 0) + 1

    def take(self) -> tuple[tuple[float, float], Mapping[int, int], int]:
        """p50 and p99 of the ticks in ms, batches by size, pictures; starts a new count."""
        now = time.perf_counter()
        span, self._since = max(1e-6, now - self._since), now
        long = self._long_s / span > _SATURATED
        self.busy, self.saturated, self._was_long = self._cpu_s / span, long and self._was_long, long
        ordered, batches, pictures = sorted(self._ticks_ms), self.batches, self.pictures
        self._ticks_ms, self.batches, self.pictures, self._cpu_s, self._long_s = [], {}, 0, 0.0, 0.0
        if not ordered:
            return (0.0, 0.0), batches, pictures
        return (ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]), batches, pictures
