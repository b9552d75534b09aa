"""Takes the lines of a talk and the time, gives what the face hears next: the one clock of a live talk.

The talk's clock counts the samples that the face has heard. A line is heard as its audio comes in, at most `LEAD_S`
ahead of real time, so that a line that comes all at once is played in its own tempo and a microphone is heard at once.
Between lines the face hears silence in real time (idle life). When the audio of an open line is late by `PATIENCE_S`,
silence takes its place (an underrun) until it comes. What an engine that was held up has missed of a line is heard in
pieces; of idle life, that is left out. `MouthCue` says when the mouth is shut and when it may move.
A burst has no clock but its audio, and no silence but what brings out the last frames of a line.
What it does not do: it makes no motion; `session.py` does.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.serve.engine.clock import Clock
from visavis_runtime.serve.engine.heard import NOTHING, Gap, Heard, KeptSound, MouthCue, Segment, Sound, heard_of
from visavis_runtime.serve.engine.lines import Line, LineQueue
from visavis_runtime.serve.messages import Signal

GRAIN, PHASE = 320, 160
"""A talk is fed up to samples `PHASE + n * GRAIN`. The network steps every 20 ms, and of all phases this one leaves the
least waiting: two more rows are finished at once. Lines begin there too, so chunks of 20 or 40 ms wait for nothing."""
IDLE_GRAIN = 2 * GRAIN
"""Nobody waits for a face that is silent: it may step half as often."""
LEAD = SAMPLE_RATE_HZ * 16 // 100
PATIENCE = SAMPLE_RATE_HZ * 60 // 1000
CATCH_UP = SAMPLE_RATE_HZ // 5
"""A talk hears at most so much in one step. Seconds of many talks in one would take an engine that is short of time
longer than they last, and until it is done nobody hears of it."""
CLOSING = SAMPLE_RATE_HZ // 10
"""Silence heard at once after an interrupt: it brings out the frames in which the mouth shuts."""
BURST_GRAIN = SAMPLE_RATE_HZ // 2
BURST_AHEAD_S = 10.0
"""A burst runs at most so far ahead of what its client has read."""


class Timeline:
    """The clock of one talk; with `echo` it keeps what was heard in `sound` until somebody takes it."""

    def __init__(self, *, paced: bool, now_ns: int, echo: bool = False) -> None:
        self.queue = LineQueue()
        self.position = 0
        """Samples of the talk that have been heard."""
        self.segments: deque[Segment] = deque([Segment(0, None, 0)])
        self.ends: deque[tuple[int, Line]] = deque()
        """Where lines ended on the talk's clock, oldest first."""
        self.gaps: deque[Gap] = deque()
        """Where audio was missing, oldest first; each end of a gap begins a segment."""
        self.sound = KeptSound(kept=echo)
        self.spoken = 0
        """Samples of lines that have been heard."""
        self.finishing = self.starved = False
        self.read = 0
        self._paced = paced
        self.clock = Clock(now_ns)
        self._closing = 0
        self._flush = 0
        self._showing = 0
        """Where the last frames of the last line are out: until then idle life keeps its tempo."""

    def resume(self, *, now_ns: int) -> None:
        """The clock goes on where it stood, from now on."""
        self.clock.go_on(self.position, now_ns=now_ns)

    def mark(self, name: str, *, sample: int, marker: str) -> None:
        """A marker in a line that waits, is heard, or has been heard and not yet shown; else nothing happens."""
        for _, line in self.ends:
            if line.name == name:
                line.mark(sample, marker)
                return
        self.queue.mark(name, sample=sample, marker=marker)

    def finish(self) -> None:
        """Nothing more will come in."""
        self.finishing = True
        self.queue.end_all()

    def interrupt(self, *, shown: int) -> list[Line]:
        """Drop all lines; `shown` is the sample of the next frame, which is idle again. Gives the lines dropped."""
        dropped = self.queue.clear()
        dropped = [line for _, line in self.ends if line.name not in {gone.name for gone in dropped}] + dropped
        self.ends.clear()
        self.gaps.clear()
        while self.segments and self.segments[-1].sample >= shown:
            self.segments.pop()
        self.segments.append(Segment(shown, None, 0))
        self.sound.cut(shown, until=self.position)
        self._closing = CLOSING if self._paced else 0
        self.starved = False
        return dropped

    def take(self, now_ns: int, *, flush: int, most: int = BURST_GRAIN) -> Heard | None:
        """What is to be heard now, or None; `flush` samples of silence bring out the last frame of what was heard.

        A burst is heard in pieces of at most `most` samples.
        """
        return self._take_paced(now_ns, flush) if self._paced else self._take_burst(flush, most=most)

    @property
    def done(self) -> bool:
        """Everything that came in has been heard, and nothing more will come."""
        return self.finishing and not self.queue.lines and not self._flush

    # --- in the tempo of the audio

    def _take_paced(self, now_ns: int, flush: int) -> Heard | None:
        parts: list[Signal] = []
        cues: list[MouthCue] = []
        received_ns = 0
        if self._closing:
            # However often somebody interrupts, the next line is not kept waiting for the clock.
            parts.append(self._silence(min(self._closing, self.clock.due(now_ns) + LEAD + CLOSING - self.position)))
            self._closing = 0
            self.clock.lead_from(self.position, now_ns=now_ns)
        most = self.position + CATCH_UP
        line = self.queue.current
        while line is not None and (line.ended or line.queued >= GRAIN):
            if not line.began or (self.starved and line.queued):
                parts.append(self._begin(line, now_ns=now_ns, cues=cues))
            count = self._whole(line, room=min(self.clock.due(now_ns) + LEAD, most) - self.position)
            if count:
                samples, received_ns = self._speak(line, count)
                parts.append(samples)
            if not line.ended or line.queued:
                break
            self._end(line, cues=cues)
            self.clock.lead_from(self.position, now_ns=now_ns)
            self._showing = self.position + flush
            line = self.queue.current
        else:
            parts.append(self._wait(line, now_ns=now_ns, cues=cues) if line else self._idle(now_ns))
        return heard_of(parts, cues=cues, received_ns=received_ns)

    def _whole(self, line: Line, *, room: int) -> int:
        """Samples of the line to take: up to a step of the network, all that is left of an ended line."""
        count = min(line.queued, max(0, room))
        if line.ended and count == line.queued:
            return count
        return max(0, self._fitting(count))

    def _fitting(self, count: int) -> int:
        """No more than `count` samples, so that the talk is fed up to where a step of the network is complete; < 0:
        that was before."""
        return count - (self.position + count - PHASE) % GRAIN

    def _begin(self, line: Line, *, now_ns: int, cues: list[MouthCue]) -> Signal:
        """Catch up in silence, up to a step, with the time at which the line's audio came in; the line starts, or goes
        on after an underrun, here. An engine that was busy then makes up for it: else all of the line would be late.
        """
        behind = self._catching_up(max(0, self.clock.due(min(line.ready_ns(GRAIN) or now_ns, now_ns)) - self.position))
        count = self._fitting(behind)
        if count < 0:  # the clock skips to the next step: lines that follow each other do not pile up a lead
            count += GRAIN
            self.clock.skip(behind - count)
        late = self._silence(count)
        if self.starved:
            self.gaps.append(Gap("RECOVERED", line, self.position, line.played))
        self.starved = False
        line.began = True
        self.segments.append(Segment(self.position, line, line.played))
        cues.append(MouthCue(False, self.position))
        return late

    def _end(self, line: Line, *, cues: list[MouthCue]) -> None:
        """The line is over here; the mouth is shut unless the next one follows at once."""
        self.queue.pop()
        if self.starved:  # only the word that it was over came late: silence has stood in for nothing
            self.starved = False
            told = not self.gaps or self.gaps[-1].kind != "UNDERRUN"
            self.ends.append((self.position if told else self.gaps.pop().sample, line))
            return
        self.ends.append((self.position, line))
        following = self.queue.current
        if following is None or not following.queued:
            cues.append(MouthCue(True, self.position))
        self.segments.append(Segment(self.position, None, 0))

    def _idle(self, now_ns: int) -> Signal:
        shown = self.position >= self._showing
        missing = self._catching_up(self.clock.idle_due(now_ns, slower=shown) - self.position)
        least = IDLE_GRAIN if shown else GRAIN
        return self._silence(self._fitting(missing) if missing >= least else 0)

    def _wait(self, line: Line, *, now_ns: int, cues: list[MouthCue]) -> Signal:
        """The audio of an open line has not come: after a while silence stands in."""
        if not line.began:
            return self._idle(now_ns)
        missing = self.clock.due(now_ns) - self.position
        if missing < PATIENCE and not self.starved:
            return self._silence(0)
        if not self.starved:
            self.starved = True
            self.gaps.append(Gap("UNDERRUN", line, self.position, line.played))
            cues.append(MouthCue(True, self.position))
            self.segments.append(Segment(self.position, None, 0))
        missing = self._catching_up(missing)
        return self._silence(self._fitting(missing) if missing >= GRAIN else 0)

    def _catching_up(self, behind: int) -> int:
        """Samples of silence to hear at once when the clock is so far behind; it skips the others."""
        skipped = max(0, behind - CATCH_UP)
        self.clock.skip(skipped)
        return behind - skipped

    # --- as fast as it goes

    def _take_burst(self, flush: int, *, most: int) -> Heard | None:
        cues: list[MouthCue] = []
        if self._flush:
            count, self._flush = self._flush, 0
            return heard_of([self._silence(count)], cues=cues, received_ns=0)
        line = self.queue.current
        room = self.read + int(BURST_AHEAD_S * SAMPLE_RATE_HZ) - self.position
        if line is None or not (line.queued or line.ended) or room < GRAIN:
            return None
        if not line.began:
            line.began = True
            self.segments.append(Segment(self.position, line, 0))
            cues.append(MouthCue(False, self.position))
        count = self._whole(line, room=min(room, BURST_GRAIN, max(GRAIN, most)))
        samples, received_ns = self._speak(line, count) if count else (NOTHING, 0)
        if line.ended and not line.queued:
            self._end(line, cues=cues)
            if cues and cues[-1].shut:
                self._flush = flush
        return heard_of([samples], cues=cues, received_ns=received_ns)

    def _speak(self, line: Line, count: int) -> tuple[Signal, int]:
        """The next samples of the line and when they came in."""
        at = line.played
        samples, received_ns = self.queue.take(count)
        self._hear(samples, line=line.name, line_sample=at)
        self.spoken += count
        return samples, received_ns

    def _silence(self, count: int) -> Signal:
        if count <= 0:
            return NOTHING
        samples = np.zeros(count, np.float32)
        self._hear(samples, line="", line_sample=-1)
        return samples

    def _hear(self, samples: Signal, *, line: str, line_sample: int) -> None:
        self.sound.add(Sound(self.position, line, line_sample, samples))
        self.position += samples.shape[0]
