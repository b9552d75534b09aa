"""Takes the audio of lines as it comes in, gives it out again in order: the queue of one talk.

A line is complete when it has been ended; only the first line of the queue is played. What it does not do: it knows no
time (`timeline.py`) and no motion.
"""

from __future__ import annotations

import bisect
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from visavis_runtime.serve.messages import Signal

_NAMES_KEPT = 256
MARKERS_MOST = 1000


@dataclass
class Line:
    """One line: chunks that wait, how much has been played, and whether all of it has come in."""

    name: str
    waiting: deque[tuple[Signal, int]] = field(default_factory=deque)
    """Chunks of samples [n] float32 and when they came in (ns)."""
    queued: int = 0
    played: int = 0
    ended: bool = False
    began: bool = False
    shown: bool = False
    """Its first frame is out."""
    markers: list[tuple[int, str]] = field(default_factory=list)
    """Sample of the line and name, sorted."""

    def ready_ns(self, count: int) -> int:
        """When the first `count` samples that wait had come in, or all of them where fewer do; 0: none wait."""
        last_ns = 0
        for samples, received_ns in self.waiting:
            last_ns = received_ns
            count -= samples.shape[0]
            if count <= 0:
                break
        return last_ns

    def mark(self, sample: int, marker: str) -> None:
        """A marker at a sample of the line; more than `MARKERS_MOST` are forgotten."""
        if len(self.markers) < MARKERS_MOST:
            bisect.insort(self.markers, (sample, marker), key=lambda entry: entry[0])


class LineQueue:
    """The lines of one talk that are not over."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque()
        self._over: deque[str] = deque(maxlen=_NAMES_KEPT)

    @property
    def queued(self) -> int:
        """Samples that wait in all lines."""
        return sum(line.queued for line in self.lines)

    @property
    def current(self) -> Line | None:
        """The line that is played or comes next; an empty line that was ended is passed over."""
        return self.lines[0] if self.lines else None

    def feed(self, name: str, samples: Signal, *, received_ns: int) -> None:
        """Samples of a line; another name than the last one ends the line before and queues a new one.

        What still comes of a line that is over or was dropped is not heard.
        """
        line = self._line(name)
        if line is not None and samples.shape[0]:
            line.waiting.append((samples, received_ns))
            line.queued += samples.shape[0]

    def end(self, name: str) -> None:
        """All of the line is in."""
        line = self._line(name)
        if line is not None:
            line.ended = True

    def end_all(self) -> None:
        """Nothing more will come."""
        for line in self.lines:
            line.ended = True

    def mark(self, name: str, *, sample: int, marker: str) -> None:
        """A marker at a sample of a line that waits or is played; of others nothing is known here."""
        for line in self.lines:
            if line.name == name:
                line.mark(sample, marker)

    def take(self, count: int) -> tuple[Signal, int]:
        """The next `count` samples of the current line (no more than wait) and when the newest of them came in."""
        line = self.lines[0]
        parts: list[Signal] = []
        left, received_ns = count, 0
        while left:
            samples, received_ns = line.waiting.popleft()
            if samples.shape[0] > left:
                line.waiting.appendleft((samples[left:], received_ns))
                samples = samples[:left]
            parts.append(samples)
            left -= samples.shape[0]
        line.queued -= count
        line.played += count
        return parts[0] if len(parts) == 1 else np.concatenate(parts), received_ns

    def pop(self) -> None:
        """The current line is over."""
        self._over.append(self.lines.popleft().name)

    def clear(self) -> list[Line]:
        """Drop everything; gives the lines that were dropped."""
        dropped = list(self.lines)
        self._over.extend(line.name for line in dropped)
        self.lines.clear()
        return dropped

    def _line(self, name: str) -> Line | None:
        """The line of that name; a new one ends the one before it; None: it is over."""
        for line in self.lines:
            if line.name == name:
                return line
        if name in self._over:
            return None
        if self.lines:
            self.lines[-1].ended = True
        line = Line(name)
        self.lines.append(line)
        return line
