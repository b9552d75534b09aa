"""Takes how surely somebody speaks (0..1) and the accents of the voice, gives the cues that gestures react to.

A phrase starts when speech does and ends after a quarter of a second without it (shorter gaps are the closures inside
words). What it does not do: it hears nothing itself; see `audio/prosody.py` and `motion/speech.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.flat import Axis

FRAME_HZ = 100
_ON = 0.5
_OFF = 0.3
_PAUSE_FRAMES = 25


class Cue(NamedTuple):
    """What happens in one 10 ms frame."""

    frame: int
    talking: bool
    phrase_start: bool
    phrase_end: bool
    accent: float
    """0, or the strength 0..1 of an accent that peaks now."""


class CueState(NamedTuple):
    """Whether a phrase is on, and for how many frames there has been no speech."""

    talking: bool = False
    silent_frames: int = 0


def step_cue(frame: int, *, speaking: float, accent: float, state: CueState) -> tuple[Cue, CueState]:
    """One frame; an accent counts only while somebody speaks (music has accents too)."""
    if state.talking:
        silent = 0 if speaking > _OFF else state.silent_frames + 1
        ended = silent >= _PAUSE_FRAMES
        cue = Cue(frame, not ended, False, ended, 0.0 if silent > 5 else accent)
        return cue, CueState(talking=not ended, silent_frames=silent)
    started = speaking > _ON
    return Cue(frame, started, started, False, 0.0), CueState(talking=started)


def steady(
    speaking: npt.NDArray[np.float32], accent: npt.NDArray[np.float32], *, axis: Axis, states: Sequence[CueState]
) -> list[bool]:
    """Of every talk on `axis` whether its rows bring no start, end or accent and leave its state as it is: the most."""
    talking, silent_frames = np.array(states).reshape(-1, 2)[axis.of].T
    stirred = np.where(talking, (speaking <= _OFF) | (accent > 0.0), speaking > _ON) | (silent_frames > 0)
    calm: list[bool] = (np.bincount(axis.of[stirred], minlength=len(states)) == 0).tolist()
    return calm
