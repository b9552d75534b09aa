"""Takes cues, gives the closing of the lids: blinks at human intervals, with a human course.

Intervals are log-normal, and so are people: each seed is one person with a rate of its own, median 26 blinks a minute
while talking and 17 at rest (Bentivoglio 1997), slower people further off than faster ones (conversational 95 % range
10.5-32.5, Doughty 2001: two half normals in the logarithm, cut so that nobody leaves that range). The medians of the
intervals are set so that rates come out there, because pairs, prompted blinks and the long tail count too: agreement
with the published rates is by construction. The end of a phrase or a large gaze shift pulls the next blink forward, as
it does in people, instead of adding one. A lid falls in about 100 ms and rises in about 200 ms, faster or slower with
the tempo of a feeling; some blinks come in pairs, some are not quite complete (these shares are ours).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.motion.chance import between, log_normal, normal, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue
from visavis_runtime.motion.flat import Index
from visavis_runtime.motion.glide import Values

TALKING_MEDIAN_S = 2.3
RESTING_MEDIAN_S = 3.5
_SIGMA = 0.55
_SLOW_SIGMA, _FAST_SIGMA = 0.46, 0.114
_SLOWEST, _FASTEST = 1.55, 0.75
_RESTING_SHARE = 0.6
_REFRACTORY = 70
_CLOSE_S = 0.10
_HOLD_S = 0.02
_OPEN_S = 0.20
_PHRASE_END_CHANCE = 0.35
_SHIFT_CHANCE = 0.22
_SHIFT_RAD = math.radians(5.0)
_PAIR_CHANCE = 0.07
_HALF_CHANCE = 0.12
_EASE_OUT = 0.75
_RATE_LEAST, _RATE_PROMPTED = 0.02, 0.3


class BlinkState(NamedTuple):
    """The blink under way and the next one."""

    start: int = -10_000
    due: int = -1
    number: int = 0
    pace: float = 1.0
    depth: float = 1.0
    prompts: int = 0


def begin_blink(cue: Cue, *, shift_rad: float, rate: float, tempo: float, seed: int, state: BlinkState) -> BlinkState:
    """What starts in this frame. `shift_rad` is the size of a gaze shift that starts now; `rate` a factor on how often,
    `tempo` on how fast a lid moves.
    """
    if state.due < 0:
        first = between(seed, "blink0", 0, low=0.3, high=2.0)
        state = state._replace(due=cue.frame + int(first * FRAME_HZ))
    prompted, state = _prompted(cue, shift_rad=shift_rad, seed=seed, state=state)
    if rate > _RATE_LEAST and (cue.frame >= state.due or (prompted and rate > _RATE_PROMPTED)):
        return _begin(cue, rate=rate, tempo=tempo, seed=seed, state=state)
    if rate <= _RATE_LEAST and cue.frame >= state.due:
        return state._replace(due=cue.frame + FRAME_HZ)
    return state


def lid_course(frames: Values, states: Sequence[BlinkState], *, of: Index) -> Values:
    """Lid closure 0..1 at `frames` [m]: falls fast and evenly, rises quickly at first and then slowly."""
    start, pace, depth = np.array([(state.start, state.pace, state.depth) for state in states])[of].T
    time_s = (frames - start) / (FRAME_HZ * pace)
    down = np.minimum(np.maximum(time_s / _CLOSE_S, 0.0), 1.0)
    up = np.minimum(np.maximum((time_s - (_CLOSE_S + _HOLD_S)) / _OPEN_S, 0.0), 1.0)
    return np.asarray(0.5 * depth * (np.cos(np.pi * up**_EASE_OUT) - np.cos(np.pi * down)))


def person_interval(seed: int, *, talking: bool) -> float:
    """This person's factor on the intervals between blinks."""
    drawn = normal(seed, "blinkwho", 0)
    sigma = _SLOW_SIGMA if drawn > 0.0 else _FAST_SIGMA
    share = 1.0 if talking else _RESTING_SHARE
    return math.exp(share * sigma * min(_SLOWEST, max(-_FASTEST, drawn)))


def _prompted(cue: Cue, *, shift_rad: float, seed: int, state: BlinkState) -> tuple[bool, BlinkState]:
    chance = 0.0
    if cue.phrase_end:
        chance = _PHRASE_END_CHANCE
    elif shift_rad > _SHIFT_RAD:
        chance = _SHIFT_CHANCE
    if chance == 0.0 or cue.frame - state.start < _REFRACTORY:
        return False, state
    return uniform(seed, "blinkcue", state.prompts) < chance, state._replace(prompts=state.prompts + 1)


def _begin(cue: Cue, *, rate: float, tempo: float, seed: int, state: BlinkState) -> BlinkState:
    """A blink starts now; the next one is drawn."""
    number = state.number
    median_s = (TALKING_MEDIAN_S if cue.talking else RESTING_MEDIAN_S) / rate
    median_s *= person_interval(seed, talking=cue.talking)
    wait_s = max(0.75, log_normal(seed, "blinkgap", number, median=median_s, sigma=_SIGMA))
    pace = between(seed, "blinkpac", number, low=0.85, high=1.2) / math.sqrt(tempo)
    if uniform(seed, "blinktwo", number) < _PAIR_CHANCE:
        wait_s = pace * between(seed, "blinktwo", -1 - number, low=0.36, high=0.46)
    complete = uniform(seed, "blinkdep", number) > _HALF_CHANCE
    return BlinkState(
        start=cue.frame,
        due=cue.frame + int(wait_s * FRAME_HZ),
        number=number + 1,
        pace=pace,
        depth=1.0 if complete else between(seed, "blinkdep", -1 - number, low=0.6, high=0.9),
        prompts=state.prompts,
    )
