"""Which face an engine shows: the reference of every client, and the golden cases that it writes.

Takes motion as it arrives and the play position of the sound, gives the 64 numbers of a draw. The sound is the clock:
a frame of a line that this engine says is shown when the sound is there, never because it has come. A source that ends,
stalls or is lost is left over 120 ms, so that no mouth stays open and nothing jumps. Clients in C#, GDScript and
JavaScript do the same and read follow.json in their tests. Run: python unity_bridge/golden/follow.py
"""

from __future__ import annotations

import json
import math
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


JAW, BLINK, YAW = INDEX["jawOpen"], INDEX["eyeBlinkLeft"], INDEX["headYaw"]
PARTS = [JAW, BLINK, YAW]
"""What the cases move; all else is 0."""


class Case:
    """Writes down what it tells a follower, and what that shows."""

    def __init__(self, name: str, *, mine: list[int]) -> None:
        self._follower = Follower(set(mine))
        self.story: dict[str, Any] = {"name": name, "mine": mine, "parts": [NAMES[i] for i in PARTS], "steps": []}

    def _step(self, what: str, **fields: Any) -> None:
        self.story["steps"].append({"do": what, **fields})

    def hear(self, now_s: float, *, line: int = 0, at: int = -1, jaw: float = 0.0, yaw: float = 0.0) -> None:
        """A frame at `at` of a line."""
        face = np.zeros(len(NAMES), np.float32)
        face[JAW], face[YAW] = jaw, yaw
        self._follower.hear(face, line=line, line_sample=at, now_s=now_s)
        self._step("hear", now_s=now_s, line=line, line_sample=at, face=[float(face[i]) for i in PARTS])

    def tell(self, what: str, **fields: Any) -> None:
        """`away`, `lost`, `forget`."""
        getattr(self._follower, what)(**fields)
        self._step(what, **fields)

    def show(self, now_s: float, *, line: int = 0, position: float = -1.0) -> None:
        """A draw."""
        face = self._follower.show(now_s=now_s, line=line, position=position)
        shown = [round(float(face[i]), 6) for i in PARTS]
        self._step("show", now_s=now_s, line=line, position=position, shown=shown)


def cases() -> list[dict[str, Any]]:
    """Every golden case."""
    stories = (_a_line, _another_engines_line, _a_stalled_sound, _a_pause, _late_frames, _away, _lost)
    return [story().story for story in stories]


def _a_line() -> Case:
    case = Case("a line is said, and its sound is the clock", mine=[1])
    case.show(0.0)
    case.hear(0.01, yaw=0.1)
    for k in range(10):
        case.show(0.02 + 0.02 * k)
    for k in range(60):  # frames are ahead of the sound
        case.hear(0.25 + k / 60, line=1, at=k * 16_000 // 60, jaw=(k % 12) / 12, yaw=0.1 + 0.002 * k)
        if k >= 4:
            case.show(0.252 + k / 60, line=1, position=(k - 4) * 16_000 / 60 + 31.25)
    case.tell("forget", line=1)
    case.hear(1.26, yaw=0.2)
    for k in range(10):
        case.show(1.27 + 0.02 * k)
    return case


def _another_engines_line() -> Case:
    case = Case("a line of another engine is shown as it comes, one of ours never without its sound", mine=[3])
    for k in range(12):
        case.hear(0.02 * k, line=2, at=320 * k, jaw=0.5)
        case.show(0.02 * k + 0.005)
    for k in range(12):
        case.hear(0.24 + 0.02 * k, line=3, at=320 * k, jaw=0.9)
        case.show(0.245 + 0.02 * k)
    return case


def _a_stalled_sound() -> Case:
    case = Case("a sound that stands still shuts the mouth, and goes on", mine=[1])
    for k in range(40):
        case.hear(0.02 * k, line=1, at=320 * k, jaw=0.8)
        position = 320 * (k if k < 10 else 10 if k < 30 else k - 20)
        case.show(0.02 * k + 0.001, line=1, position=float(position))
    return case


def _a_pause() -> Case:
    case = Case("a sound that is paused for long goes on where it stood", mine=[1])
    for k in range(100):  # 5 s of frames; the sound stands still at 0.5 s from 0.5 s to 4 s
        case.hear(0.05 * k, line=1, at=800 * k, jaw=(k % 10) / 10)
        if k < 14 or k > 76:
            case.show(0.05 * k + 0.001, line=1, position=800.0 * min(k, 10 if k < 80 else k - 70))
    return case


def _late_frames() -> Case:
    case = Case("frames that come too late shut the mouth until they are there", mine=[1])
    for k in range(40):
        if k < 10 or k > 25:
            case.hear(0.02 * k, line=1, at=320 * k, jaw=0.8)
        case.show(0.02 * k + 0.001, line=1, position=320.0 * k)
    return case


def _away() -> Case:
    case = Case("away, silence, and back", mine=[])
    for k in range(10):
        case.hear(0.02 * k, jaw=0.3, yaw=0.2)
        case.show(0.02 * k + 0.001)
    case.tell("away")
    for k in range(8):
        case.show(0.21 + 0.02 * k)
    case.hear(0.4, yaw=-0.1)
    for k in range(45):
        case.show(0.41 + 0.02 * k)
    return case


def _lost() -> Case:
    case = Case("a lost connection blinks, until motion comes", mine=[])
    case.hear(0.0, jaw=0.4)
    for k in range(8):
        case.show(0.02 * k)
    case.tell("lost", now_s=0.2)
    for k in range(12):
        case.show(0.2 + 0.02 * k)
    for k in range(12):
        case.show(4.19 + 0.02 * k)
    case.hear(4.45, jaw=0.1)
    for k in range(8):
        case.show(4.46 + 0.02 * k)
    return case


def main(path: Path) -> None:
    """Write them."""
    path.write_text(json.dumps(cases(), separators=(",", ":")).replace('{"do"', '\n{"do"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("follow.json"))
