"""Takes cues, gives the head's own turns: postures that change with the phrases, nods on the accents.

A head does not wander about a centre; it takes a posture, holds it roughly, and takes another when a thought begins.
It goes there, and takes its share of a gaze shift, on a minimum-jerk course (`glide.py`). Accents of the voice (energy
and F0 peaks; Munhall et al. 2004) bring nods, mostly downward, now and then a turn or a tilt instead, and strong ones a
new posture. A turn tips the head a little (roll coupled to yaw).

Constants. Postures and nods are sized so that, with `sway.py`, a talking head has what was measured on 17 people who
talk freely (rotation std 0.8-4.5 deg per axis, yaw > pitch > roll; median speed 6, 7 and 4 deg/s per axis, 95th
percentile 23, 23 and 12; 90 % of the power below 0.6-1.8 Hz); which movement comes when is ours. So the size of the
motion is tuned to published figures, and agreement with them proves the arithmetic, not the likeness.
This is procedural, not learnt from people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.motion.chance import between, log_normal, normal, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue
from visavis_runtime.motion.flat import Index
from visavis_runtime.motion.glide import Glide, Values, glide_course, glide_to, resting

_TALKING_MEDIAN_S = 1.6
_RESTING_MEDIAN_S = 3.6
_POSTURE_RAD = (math.radians(2.6), math.radians(1.9), math.radians(1.4))
_PHRASE_CHANCE = 0.7
_ACCENT_CHANCE = 0.3
_ACCENT_MIN = 0.4
_MOVE_S = (0.40, 0.85)
_GAZE_MOVE_S = 0.38
_GAZE_MOVE_S_PER_RAD = 0.9
"""A head needs longer for a larger share: 0.38 s and 16 ms more per degree."""
_ROLL_OF_YAW = 0.3
_NOD_CHANCE = 0.75
_NOD_RAD = math.radians(1.6)
_NOD_BY_STRENGTH_RAD = math.radians(4.2)
_NOD_S = (0.36, 0.62)
_NOD_SKEW = 0.1
"""A nod goes down faster than it comes back."""
_NODS_KEPT = 3
_OWN, _GAZE = slice(0, 3), slice(3, 5)


_NO_NODS = np.tile((0.0, 1.0, 0.0, 0.0, 0.0), (_NODS_KEPT, 1))


class HeadState(NamedTuple):
    """The course of the five axes (posture: yaw, pitch, roll; share of the gaze: yaw, pitch) and nods under way."""

    posture_due: int = 40
    postures: int = 0
    glide: Glide = resting(5)
    share: tuple[float, float] = (0.0, 0.0)
    nods: Values = _NO_NODS
    """[3, 5] the last nods, turns or tilts, skewed raised-cosine pulses, in the order of time: first frame, frames, and
    size (rad) of yaw, pitch and roll. Never written to.
    """
    nod_count: int = 0


def begin_head(cue: Cue, *, share: tuple[float, float], tempo: float, seed: int, state: HeadState) -> HeadState:
    """What starts in this frame. `share` (yaw, pitch, rad) is what the head should take of the gaze; `tempo` is a
    factor on how fast postures come and are taken.
    """
    strong = cue.accent > _ACCENT_MIN
    invited = cue.phrase_start or strong
    chance = _PHRASE_CHANCE if cue.phrase_start else _ACCENT_CHANCE
    if cue.frame >= state.posture_due or (invited and uniform(seed, "headcue", cue.frame) < chance):
        state = _take_posture(cue, tempo=tempo, seed=seed, state=state)
    if share != state.share:
        way = math.dist(share, state.share)
        frames = (_GAZE_MOVE_S + _GAZE_MOVE_S_PER_RAD * way) * FRAME_HZ
        glide = glide_to(share, axes=_GAZE, frame=cue.frame, frames=frames, glide=state.glide)
        state = state._replace(share=share, glide=glide)
    return _nod(cue, tempo=tempo, seed=seed, state=state) if cue.accent > 0.0 else state


def head_course(frames: Values, states: Sequence[HeadState], *, of: Index) -> tuple[Values, Values]:
    """At `frames` [m]: the own rotation [m, 3] (scales with the head gain) and the share of the gaze [m, 2], rad."""
    course = glide_course(frames, [state.glide for state in states], of=of)
    own, share = course[:, _OWN], course[:, _GAZE]
    own[:, 2] += _ROLL_OF_YAW * (own[:, 0] + share[:, 0])
    nods = np.concatenate([state.nods for state in states]).reshape(len(states), _NODS_KEPT, 5)[of]
    pulses = _pulse_course((frames[:, None] - nods[..., 0]) / nods[..., 1])
    own += (pulses[:, None] @ nods[..., 2:])[:, 0]
    return own, share


def _take_posture(cue: Cue, *, tempo: float, seed: int, state: HeadState) -> HeadState:
    number = state.postures + 1
    axes = zip(("postyaw", "postpit", "postrol"), _POSTURE_RAD, strict=True)
    goal = [size * normal(seed, name, number) for name, size in axes]
    median_s = (_TALKING_MEDIAN_S if cue.talking else _RESTING_MEDIAN_S) / tempo
    wait_s = max(0.7, log_normal(seed, "postwait", number, median=median_s, sigma=0.5))
    frames = between(seed, "posttime", number, low=_MOVE_S[0], high=_MOVE_S[1]) * FRAME_HZ / tempo
    frames *= 1.0 if cue.talking else 1.5
    glide = glide_to(goal, axes=_OWN, frame=cue.frame, frames=frames, glide=state.glide)
    return state._replace(posture_due=cue.frame + int(wait_s * FRAME_HZ), postures=number, glide=glide)


def _nod(cue: Cue, *, tempo: float, seed: int, state: HeadState) -> HeadState:
    """An accent may bring a nod; which kind and how large is drawn by its number."""
    number = state.nod_count + 1
    if uniform(seed, "nodwhether", number) > _NOD_CHANCE:
        return state._replace(nod_count=number)
    size = (_NOD_RAD + _NOD_BY_STRENGTH_RAD * cue.accent) * between(seed, "nodsize", number, low=0.5, high=1.3)
    kind = uniform(seed, "nodkind", number)
    if kind < 0.66:
        axis, sign = 1, -1.0
    elif kind < 0.80:
        axis, sign = 1, 0.6
    elif kind < 0.92:
        axis, sign = 0, 0.9 if kind < 0.86 else -0.9
    else:
        axis, sign = 2, 0.8 if kind < 0.96 else -0.8
    frames = int(between(seed, "nodtime", number, low=_NOD_S[0], high=_NOD_S[1]) * FRAME_HZ / math.sqrt(tempo))
    nods = np.roll(state.nods, -1, axis=0)
    nods[-1] = cue.frame, frames, *(sign * size * (axis == other) for other in range(3))
    return state._replace(nods=nods, nod_count=number)


def _pulse_course(done: Values) -> Values:
    x = np.minimum(np.maximum(done, 0.0), 1.0)
    x += _NOD_SKEW * np.sin(np.pi * x)
    return np.asarray(0.5 * (1.0 - np.cos(2.0 * np.pi * x)))
