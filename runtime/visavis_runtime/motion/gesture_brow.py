"""Takes cues, gives the brows: raised on strong accents and at the start of phrases, at times drawn together.

A raise comes in about 120 ms, stays a moment and falls in a third of a second; the two sides differ a little, as they
do in people. What it does not do: feelings (`emotion.py`) add to this later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.motion.chance import between, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue
from visavis_runtime.motion.flat import Index
from visavis_runtime.motion.glide import Values

BROWS: tuple[str, ...] = ("inner", "outerLeft", "outerRight", "down")
"""Raise of the inner and the outer ends (left, right side of the subject), and drawing down."""

_ACCENT_CHANCE = 0.5
_ACCENT_MIN = 0.35
_PHRASE_CHANCE = 0.45
_FROWN_CHANCE = 0.2
_REFRACTORY = 90
_RISE_S = 0.13
_FALL_S = 0.36


class BrowState(NamedTuple):
    """The last movement: where it started, how long it is held, how much and which way."""

    start: int = -10_000
    hold_s: float = 0.1
    size: float = 0.0
    frown: bool = False
    lean: float = 0.0
    number: int = 0


def begin_brows(cue: Cue, *, seed: int, state: BrowState) -> BrowState:
    """What starts in this frame."""
    if cue.frame - state.start <= _REFRACTORY or not _moves(cue, seed=seed):
        return state
    number = state.number + 1
    return BrowState(
        start=cue.frame,
        hold_s=between(seed, "browhold", number, low=0.06, high=0.28),
        size=(0.16 + 0.30 * cue.accent) * between(seed, "browsize", number, low=0.5, high=1.2),
        frown=uniform(seed, "browkind", number) < _FROWN_CHANCE,
        lean=between(seed, "browlean", number, low=-0.2, high=0.2),
        number=number,
    )


def brow_course(frames: Values, states: Sequence[BrowState], *, of: Index) -> Values:
    """[m, 4] of `BROWS` at `frames` [m], 0..1."""
    known = np.array([(state.start, state.hold_s, state.size, *_parts(state)) for state in states])[of]
    start, hold_s, size = known[:, :3].T
    since_s = (frames - start) / FRAME_HZ
    fallen = np.maximum(0.0, since_s - (_RISE_S + hold_s)) / _FALL_S
    x = np.maximum(0.0, np.minimum(np.minimum(since_s / _RISE_S, 1.0 - fallen), 1.0))
    return np.asarray((size * x * x * (3.0 - 2.0 * x))[:, None] * known[:, 3:])


def _parts(state: BrowState) -> tuple[float, float, float, float]:
    return (0.0, 0.0, 0.0, 0.8) if state.frown else (1.0, 0.75 + state.lean, 0.75 - state.lean, 0.0)


def _moves(cue: Cue, *, seed: int) -> bool:
    if cue.phrase_start:
        return uniform(seed, "browcue", cue.frame) < _PHRASE_CHANCE
    return cue.accent > _ACCENT_MIN and uniform(seed, "browcue", cue.frame) < _ACCENT_CHANCE
