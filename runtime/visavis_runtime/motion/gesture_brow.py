"""Takes cues, gives the brows: raised on strong accents and at the start of phrases, at times drawn together.

A raise comes in about 120 ms, stays a moment and falls in a third of a second; the two sides differ a little, as they
do in people. What it does not do: feelings (`emotion.py`) add to this later.
"""

from __future__ import annotations

from typing import NamedTuple

from visavis_runtime.motion.chance import between, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue

_ACCENT_CHANCE = 0.5
_ACCENT_MIN = 0.35
_PHRASE_CHANCE = 0.45
_FROWN_CHANCE = 0.2
_REFRACTORY = 90
_RISE_S = 0.13
_FALL_S = 0.36


class Brows(NamedTuple):
    """0..1: inner and outer raise (left, right side of the subject), and drawing down."""

    inner: float
    outer_left: float
    outer_right: float
    down: float


class BrowState(NamedTuple):
    """The last movement: where it started, how long it is held, how much and which way."""

    start: int = -10_000
    hold_s: float = 0.1
    size: float = 0.0
    frown: bool = False
    lean: float = 0.0
    number: int = 0


def step_brows(cue: Cue, *, seed: int, state: BrowState) -> tuple[Brows, BrowState]:
    """One 10 ms frame."""
    if cue.frame - state.start > _REFRACTORY and _moves(cue, seed=seed):
        number = state.number + 1
        state = BrowState(
            start=cue.frame,
            hold_s=between(seed, "browhold", number, low=0.06, high=0.28),
            size=(0.16 + 0.30 * cue.accent) * between(seed, "browsize", number, low=0.5, high=1.2),
            frown=uniform(seed, "browkind", number) < _FROWN_CHANCE,
            lean=between(seed, "browlean", number, low=-0.2, high=0.2),
            number=number,
        )
    value = state.size * _course((cue.frame - state.start) / FRAME_HZ, hold_s=state.hold_s)
    if state.frown:
        return Brows(0.0, 0.0, 0.0, 0.8 * value), state
    return Brows(value, value * (0.75 + state.lean), value * (0.75 - state.lean), 0.0), state


def _moves(cue: Cue, *, seed: int) -> bool:
    if cue.phrase_start:
        return uniform(seed, "browcue", cue.frame) < _PHRASE_CHANCE
    return cue.accent > _ACCENT_MIN and uniform(seed, "browcue", cue.frame) < _ACCENT_CHANCE


def _course(since_s: float, *, hold_s: float) -> float:
    fallen = max(0.0, since_s - _RISE_S - hold_s) / _FALL_S
    x = min(1.0, max(0.0, min(since_s / _RISE_S, 1.0 - fallen)))
    return x * x * (3.0 - 2.0 * x)
