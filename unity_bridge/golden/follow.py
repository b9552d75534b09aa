"""Writes the golden cases of following: tells the reference follower stories, keeps what it shows in follow.json.

A case is a list of steps: motion that arrives, events, and draws with the face that is to be seen. Clients in C#,
GDScript and JavaScript play the same steps in their tests. Run: python unity_bridge/golden/follow.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from follower import Follower

from visavis.latents import INDEX, NAMES

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
