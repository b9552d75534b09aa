"""What a talk's face hears, and the marks that this leaves on the talk's clock: plain values, and sound that is kept.

`timeline.py` makes them; frames, events and the sound that goes back to the client are told from them.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from visavis_runtime.serve.engine.lines import Line
from visavis_runtime.serve.messages import Signal

NOTHING = np.zeros(0, np.float32)


class MouthCue(NamedTuple):
    """The mouth shall be shut from, or may open at, this sample of the talk."""

    shut: bool
    sample: int


class Segment(NamedTuple):
    """From `sample` of the talk on it says `line` (None: idle), beginning at `offset` of it."""

    sample: int
    line: Line | None
    offset: int


class Gap(NamedTuple):
    """The audio of a line ran out at `sample` of the talk (UNDERRUN) or is back there (RECOVERED), `heard` samples
    into the line."""

    kind: str
    line: Line
    sample: int
    heard: int


class Heard(NamedTuple):
    """What the face hears now: samples [n], when the newest came in (0: silence), and what the mouth is told."""

    samples: Signal
    received_ns: int
    cues: tuple[MouthCue, ...]


class Sound(NamedTuple):
    """What was heard from `sample` of the talk on, at `line_sample` of `line` ("" and -1: idle)."""

    sample: int
    line: str
    line_sample: int
    samples: Signal


class KeptSound:
    """What was heard and has not been taken: for clients that want it back with the frames (else none is `kept`)."""

    def __init__(self, *, kept: bool) -> None:
        self._keeps = kept
        self._kept: deque[Sound] = deque()

    def add(self, sound: Sound) -> None:
        """What is heard next."""
        if self._keeps and sound.samples.shape[0]:
            self._kept.append(sound)

    def take(self, sample: int) -> list[Sound]:
        """Take out what was heard before this sample of the talk."""
        taken: list[Sound] = []
        while self._kept and self._kept[0].sample < sample:
            sound = self._kept.popleft()
            keep = sample - sound.sample
            if keep < sound.samples.shape[0]:
                at = sound.line_sample + keep if sound.line else -1
                self._kept.appendleft(Sound(sample, sound.line, at, sound.samples[keep:]))
            taken.append(sound._replace(samples=sound.samples[:keep]))
        return taken

    def cut(self, sample: int, *, until: int) -> None:
        """From `sample` to `until` silence was heard after all."""
        self._kept = deque(self.take(sample))
        self.add(Sound(sample, "", -1, np.zeros(max(0, until - sample), np.float32)))


def heard_of(parts: list[Signal], *, cues: list[MouthCue], received_ns: int) -> Heard | None:
    """The parts as one; None: nothing at all."""
    parts = [part for part in parts if part.shape[0]]
    if not parts and not cues:
        return None
    samples = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else NOTHING
    return Heard(samples, received_ns, tuple(cues))
