"""Takes cues, gives the head's own turns: postures that change with the phrases, nods on the accents.

A head does not wander about a centre; it takes a posture, holds it roughly, and takes another when a thought begins.
Each axis follows its posture as a critically damped spring (no overshoot, no jerk), and so it follows its share of a
gaze shift. Accents of the voice (energy and F0 peaks; Munhall et al. 2004) bring nods, mostly downward, now and then a
turn or a tilt instead. A turn tips the head a little (roll coupled to yaw). The statistics are measured in the tests;
this is procedural, not learnt from people.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from visavis_runtime.motion.chance import between, log_normal, normal, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue
from visavis_runtime.motion.gesture_gaze import Gaze

_TALKING_MEDIAN_S = 1.8
_RESTING_MEDIAN_S = 4.0
_POSTURE_RAD = (math.radians(2.6), math.radians(1.8), math.radians(1.4))
_PHRASE_CHANCE = 0.7
_STIFFNESS_RAD_S = 7.0
_GAZE_STIFFNESS_RAD_S = 8.0
_SOFT_START = 0.16
_ROLL_OF_YAW = 0.3
_NOD_CHANCE = 0.75
_NOD_RAD = math.radians(1.8)
_NOD_BY_STRENGTH_RAD = math.radians(3.2)
_NODS_KEPT = 3


class Pulse(NamedTuple):
    """A nod, turn or tilt: a raised-cosine pulse, added to one axis (0 yaw, 1 pitch, 2 roll)."""

    start: int
    frames: int
    size_rad: float
    axis: int


class Spring(NamedTuple):
    """One axis on its way: the eased target, position, speed per second (rad)."""

    target: float = 0.0
    position: float = 0.0
    speed: float = 0.0


class HeadState(NamedTuple):
    """Posture being taken, its springs (yaw, pitch, roll), those of the gaze share (yaw, pitch), nods under way."""

    posture: tuple[float, float, float] = (0.0, 0.0, 0.0)
    posture_due: int = 40
    postures: int = 0
    springs: tuple[Spring, Spring, Spring] = (Spring(), Spring(), Spring())
    gaze_springs: tuple[Spring, Spring] = (Spring(), Spring())
    nods: tuple[Pulse, ...] = ()
    nod_count: int = 0


class Turn(NamedTuple):
    """The head's rotation in radians: `own` scales with the head gain, `gaze` belongs to where it looks."""

    own: tuple[float, float, float]
    gaze: tuple[float, float]


def step_head(cue: Cue, *, gaze: Gaze, tempo: float, seed: int, state: HeadState) -> tuple[Turn, HeadState]:
    """One 10 ms frame; `tempo` is a factor on how fast postures come and are taken."""
    if cue.frame >= state.posture_due or (cue.phrase_start and uniform(seed, "headcue", cue.frame) < _PHRASE_CHANCE):
        state = _take_posture(cue, tempo=tempo, seed=seed, state=state)
    if cue.accent > 0.0:
        state = _nod(cue, tempo=tempo, seed=seed, state=state)
    yaw, pitch, roll = (
        _spring(s, target=p, stiffness_rad_s=_STIFFNESS_RAD_S * tempo)
        for s, p in zip(state.springs, state.posture, strict=True)
    )
    gaze_yaw = _spring(state.gaze_springs[0], target=gaze.head_yaw_rad, stiffness_rad_s=_GAZE_STIFFNESS_RAD_S)
    gaze_pitch = _spring(state.gaze_springs[1], target=gaze.head_pitch_rad, stiffness_rad_s=_GAZE_STIFFNESS_RAD_S)
    state = state._replace(springs=(yaw, pitch, roll), gaze_springs=(gaze_yaw, gaze_pitch))
    own = [yaw.position, pitch.position, roll.position + _ROLL_OF_YAW * (yaw.position + gaze_yaw.position)]
    for pulse in state.nods:
        own[pulse.axis] += _pulse_value(pulse, frame=cue.frame)
    return Turn((own[0], own[1], own[2]), (gaze_yaw.position, gaze_pitch.position)), state


def _take_posture(cue: Cue, *, tempo: float, seed: int, state: HeadState) -> HeadState:
    number = state.postures + 1
    axes = zip(("postyaw", "postpit", "postrol"), _POSTURE_RAD, strict=True)
    yaw, pitch, roll = (size * normal(seed, name, number) for name, size in axes)
    median_s = (_TALKING_MEDIAN_S if cue.talking else _RESTING_MEDIAN_S) / tempo
    wait_s = max(0.8, log_normal(seed, "postwait", number, median=median_s, sigma=0.5))
    return state._replace(posture=(yaw, pitch, roll), posture_due=cue.frame + int(wait_s * FRAME_HZ), postures=number)


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
    frames = int(between(seed, "nodtime", number, low=0.38, high=0.6) * FRAME_HZ / math.sqrt(tempo))
    nods = (*state.nods, Pulse(cue.frame, frames, sign * size, axis))[-_NODS_KEPT:]
    return state._replace(nods=nods, nod_count=number)


def _pulse_value(pulse: Pulse, *, frame: int) -> float:
    x = (frame - pulse.start) / pulse.frames
    return pulse.size_rad * 0.5 * (1.0 - math.cos(2.0 * math.pi * x)) if 0.0 < x < 1.0 else 0.0


def _spring(spring: Spring, *, target: float, stiffness_rad_s: float) -> Spring:
    """Exact step of a critically damped spring towards an eased target."""
    eased = spring.target + _SOFT_START * (target - spring.target)
    dt = 1.0 / FRAME_HZ
    decay = math.exp(-stiffness_rad_s * dt)
    away = spring.position - eased
    push = (spring.speed + stiffness_rad_s * away) * dt
    return Spring(eased, eased + (away + push) * decay, (spring.speed - stiffness_rad_s * push) * decay)
