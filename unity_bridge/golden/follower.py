"""Which face an engine shows: the reference of every client.

Takes motion as it arrives and the play position of the sound, gives the 64 numbers of a draw. The sound is the clock:
a frame of a line that this engine says is shown when the sound is there, never because it has come. A source that ends,
stalls or is lost is left over 120 ms, so that no mouth stays open and nothing jumps. Clients in C#, GDScript and
JavaScript do the same; `follow.py` writes the cases that hold them to it. What it does not do: no sound, no drawing.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX, NAMES, SAMPLE_RATE_HZ

Face = npt.NDArray[np.float32]
"""[64] float32, `visavis.face64.v1`."""

EASE_S = 0.12
STALL_S = 0.1
"""A sound that stands still for so long has stalled; frames that are further behind it are missing."""
SILENT_S = 0.5
"""No motion for so long: nobody drives this face."""
BLINK_EVERY_S = 4.0
BLINK_S = 0.15
REST, IDLE = 0, -1
"""Sources beside the numbers of lines."""


@dataclass
class Follower:
    """`hear` what comes, ask `show` at every draw. Times are seconds of one clock of the client's own."""

    mine: set[int] = field(default_factory=set)
    """Lines whose sound this engine plays: not shown without it."""
    _lines: dict[int, deque[tuple[int, Face]]] = field(default_factory=dict)
    _idle: Face | None = None
    _heard_s: float = -math.inf
    _lost_s: float | None = None
    _away: bool = False
    _source: int = REST
    _since_s: float = -math.inf
    _held: Face = field(default_factory=lambda: np.zeros(len(NAMES), np.float32))
    _shown: Face = field(default_factory=lambda: np.zeros(len(NAMES), np.float32))
    _position: float = -1.0
    _moved_s: float = -math.inf

    def hear(self, face: Face, *, line: int, line_sample: int, now_s: float) -> None:
        """A motion message; `line` 0 and `line_sample` -1 between lines."""
        self._heard_s = now_s
        self._away = False
        self._lost_s = None
        if line not in self.mine:
            self._idle = face
            return
        self._lines.setdefault(line, deque()).append((line_sample, face))

    def away(self) -> None:
        """The event AWAY: the bridge has no face for us. The next motion ends it."""
        self._away = True

    def lost(self, *, now_s: float) -> None:
        """The connection to the bridge is gone. The next motion ends it."""
        self._lost_s = now_s

    def forget(self, line: int) -> None:
        """Its sound has ended or was stopped; so had those before, whatever of them came after."""
        self._lines = {number: frames for number, frames in self._lines.items() if number > line}

    def show(self, *, now_s: float, line: int = 0, position: float = -1.0) -> Face:
        """The face of this draw: `position` is that of the sound of `line`, 16 kHz samples; line 0: no sound plays."""
        source, target = self._target(now_s, line, position)
        if source != self._source:
            self._source, self._since_s, self._held = source, now_s, self._shown
        share = min((now_s - self._since_s) / EASE_S, 1.0)
        self._shown = (self._held + (target - self._held) * np.float32(share)).astype(np.float32)
        return self._shown + self._blink(now_s)

    def _target(self, now_s: float, line: int, position: float) -> tuple[int, Face]:
        """Whom this draw follows, and to where."""
        nobody = np.zeros(len(NAMES), np.float32)
        if line and position != self._position:
            self._position, self._moved_s = position, now_s
        if not line:
            self._position = -1.0
        if self._lost_s is not None or self._away or now_s - self._heard_s > SILENT_S:
            return REST, nobody
        if line:
            frames = self._lines.get(line)
            stalled = now_s - self._moved_s > STALL_S
            if stalled or not frames or position - frames[-1][0] > STALL_S * SAMPLE_RATE_HZ:
                return REST, nobody
            return line, _between(frames, position)
        return (REST, nobody) if self._idle is None else (IDLE, self._idle)

    def _blink(self, now_s: float) -> Face:
        """A life of its own while the connection is lost: one blink every four seconds, both eyes."""
        face = np.zeros(len(NAMES), np.float32)
        if self._lost_s is not None:
            lost_s = now_s - self._lost_s
            phase_s = lost_s % BLINK_EVERY_S
            if lost_s >= BLINK_EVERY_S and phase_s < BLINK_S:
                face[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1 - abs(2 * phase_s / BLINK_S - 1)
        return face


def _between(frames: deque[tuple[int, Face]], position: float) -> Face:
    """The face at `position`, on the straight line between its two neighbours.

    What the sound has passed is let go. What is to come is kept for as long as the sound takes: a paused game may make
    that long.
    """
    while len(frames) > 1 and frames[1][0] <= position:
        frames.popleft()
    sample, face = frames[0]
    if len(frames) == 1 or position <= sample:
        return face
    later, next_face = frames[1]
    return face + (next_face - face) * np.float32((position - sample) / (later - sample))
