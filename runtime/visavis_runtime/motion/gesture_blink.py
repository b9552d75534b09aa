"""Takes cues, gives the closing of the lids: blinks at human intervals, with a human course.

Intervals are log-normal; the median while talking makes about 26 blinks a minute, at rest 17 (Bentivoglio 1997;
conversational range 10-32, Doughty 2001), each seed being one person with a rate of its own. The end of a phrase or a
large gaze shift pulls the next blink forward, as it does in people, instead of adding one. A lid falls in about 100 ms
and rises in about 200 ms; some blinks come in pairs, some are not quite complete.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from visavis_runtime.motion.chance import between, log_normal, normal, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue

TALKING_MEDIAN_S = 2.5
RESTING_MEDIAN_S = 3.5
_SIGMA = 0.55
_PERSON_SIGMA = 0.16
_REFRACTORY = 70
_CLOSE_S = 0.10
_HOLD_S = 0.02
_OPEN_S = 0.20
_PHRASE_END_CHANCE = 0.35
_SHIFT_CHANCE = 0.22
_SHIFT_RAD = math.radians(5.0)
_PAIR_CHANCE = 0.07
_HALF_CHANCE = 0.12


class BlinkState(NamedTuple):
    """The blink under way and the next one."""

    start: int = -10_000
    due: int = -1
    number: int = 0
    pace: float = 1.0
    depth: float = 1.0
    prompts: int = 0


def step_blink(cue: Cue, *, shift_rad: float, rate: float, seed: int, state: BlinkState) -> tuple[float, BlinkState]:
    """Lid closure 0..1 of this frame. `shift_rad` is the size of a gaze shift that starts now, `rate` a factor."""
    if state.due < 0:
        first = between(seed, "blink0", 0, low=0.3, high=2.0)
        state = state._replace(due=cue.frame + int(first * FRAME_HZ))
    prompted, state = _prompted(cue, shift_rad=shift_rad, seed=seed, state=state)
    if rate > 0.02 and (cue.frame >= state.due or (prompted and rate > 0.3)):
        state = _begin(cue, rate=rate, seed=seed, state=state)
    elif rate <= 0.02 and cue.frame >= state.due:
        state = state._replace(due=cue.frame + FRAME_HZ)
    return _lid((cue.frame - state.start) / FRAME_HZ, pace=state.pace, depth=state.depth), state


def _prompted(cue: Cue, *, shift_rad: float, seed: int, state: BlinkState) -> tuple[bool, BlinkState]:
    chance = 0.0
    if cue.phrase_end:
        chance = _PHRASE_END_CHANCE
    elif shift_rad > _SHIFT_RAD:
        chance = _SHIFT_CHANCE
    if chance == 0.0 or cue.frame - state.start < _REFRACTORY:
        return False, state
    return uniform(seed, "blinkcue", state.prompts) < chance, state._replace(prompts=state.prompts + 1)


def _begin(cue: Cue, *, rate: float, seed: int, state: BlinkState) -> BlinkState:
    """A blink starts now; the next one is drawn."""
    number = state.number
    median_s = (TALKING_MEDIAN_S if cue.talking else RESTING_MEDIAN_S) / rate
    median_s *= math.exp(_PERSON_SIGMA * min(1.5, max(-0.9, normal(seed, "blinkwho", 0))))
    wait_s = max(0.75, log_normal(seed, "blinkgap", number, median=median_s, sigma=_SIGMA))
    if uniform(seed, "blinktwo", number) < _PAIR_CHANCE:
        wait_s = between(seed, "blinktwo", -1 - number, low=0.36, high=0.46)
    complete = uniform(seed, "blinkdep", number) > _HALF_CHANCE
    return BlinkState(
        start=cue.frame,
        due=cue.frame + int(wait_s * FRAME_HZ),
        number=number + 1,
        pace=between(seed, "blinkpac", number, low=0.85, high=1.2),
        depth=1.0 if complete else between(seed, "blinkdep", -1 - number, low=0.6, high=0.9),
        prompts=state.prompts,
    )


def _lid(since_s: float, *, pace: float, depth: float) -> float:
    """Course of one blink: falls fast and evenly, rises quickly at first and then slowly."""
    time_s = since_s / pace
    if time_s < _CLOSE_S:
        return depth * 0.5 * (1.0 - math.cos(math.pi * max(0.0, time_s) / _CLOSE_S))
    time_s -= _CLOSE_S + _HOLD_S
    if time_s <= 0.0:
        return depth
    if time_s < _OPEN_S:
        return depth * 0.5 * (1.0 + math.cos(math.pi * (time_s / _OPEN_S) ** 0.75))
    return 0.0
