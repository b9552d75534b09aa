"""Takes frames by their sample, tells which line each belongs to and what has happened by then: the book of one talk.

A frame comes out a tenth of a second after the face has heard its sound, so what was heard where is kept until its
frames are out: `Timeline.segments` and `Timeline.ends`. What it does not do: it decides nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from visavis_runtime.serve.engine.lines import Line
from visavis_runtime.serve.engine.timeline import Timeline


class Run(NamedTuple):
    """Frames `at` of a batch that belong to one line (None: idle life), and their samples within it."""

    at: slice
    line: Line | None
    line_samples: list[int]


class Happening(NamedTuple):
    """What a frame brings with it: LINE_STARTED, LINE_FINISHED, UNDERRUN, RECOVERED or MARKER (with its name)."""

    kind: str
    sample: int
    line: str
    message: str = ""


class Ledger:
    """Follows one timeline."""

    def __init__(self) -> None:
        self.shut_at = 0
        """Sample at which the mouth is shut after the last line."""

    def read(self, samples: list[int], timeline: Timeline) -> Iterator[Run | Happening]:
        """Runs of the frames at `samples` [k] (rising) and what happens before and in them, in order."""
        at = 0
        while at < len(samples):
            first = samples[at]
            segments = timeline.segments
            while len(segments) > 1 and segments[1].sample <= first:
                segments.popleft()
            line, offset = segments[0].line, segments[0].offset - segments[0].sample
            until = len(samples)
            if len(segments) > 1:
                until = bisect_left(samples, segments[1].sample)
            yield from self._gaps(first, timeline)
            if line is not None or first >= self.shut_at:
                yield from self.ended(first, timeline)
            if line is not None:
                yield from self._reached(line, sample=first, begins=-offset)
                if line.markers:
                    until = min(until, bisect_left(samples, line.markers[0][0] - offset))
            elif timeline.ends:
                until = min(until, bisect_left(samples, max(timeline.ends[0][0], self.shut_at)))
            own = [sample + offset for sample in samples[at:until]] if line is not None else []
            yield Run(slice(at, until), line, own)
            at = until

    def ended(self, sample: int, timeline: Timeline) -> Iterator[Happening]:
        """Lines that are over at this sample, and what of them has not been told."""
        while timeline.ends and timeline.ends[0][0] <= sample:
            end, line = timeline.ends[0]
            timeline.ends.popleft()
            if not line.shown and line.played:
                yield Happening("LINE_STARTED", end - line.played, line.name)
            for place, name in line.markers:
                yield Happening("MARKER", min(end, end - line.played + place), line.name, name)
            yield Happening("LINE_FINISHED", end, line.name)

    def _gaps(self, sample: int, timeline: Timeline) -> Iterator[Happening]:
        """Gaps that begin or end by this sample, after what happened before their line."""
        while timeline.gaps and timeline.gaps[0].sample <= sample:
            kind, line, place, heard = timeline.gaps.popleft()
            yield from self.ended(place - heard, timeline)
            yield from self._reached(line, sample=place - 1, begins=place - heard)
            yield Happening(kind, place, line.name)

    def _reached(self, line: Line, *, sample: int, begins: int) -> Iterator[Happening]:
        """The start of a line, whose first sample is `begins` of the talk, and its markers up to `sample` of it."""
        if not line.shown:
            line.shown = True
            yield Happening("LINE_STARTED", begins, line.name)
        while line.markers and line.markers[0][0] + begins <= sample:
            place, name = line.markers.pop(0)
            yield Happening("MARKER", place + begins, line.name, name)
