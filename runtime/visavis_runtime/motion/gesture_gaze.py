"""Takes cues and a target, gives the direction of gaze and the part of it that the head takes over.

People look at who they talk to about 60 % of the time in bouts of about 2.2 s (Rogers et al. 2018), look away when they
start a phrase and come back at its end. On the face they hop between eyes and mouth. Every shift is a saccade on the
main sequence (about 25 ms + 3 ms a degree, 55 ms at 10 deg); amplitudes away follow Lee et al., "Eyes Alive" (2002).
The eyes are later what is left of the gaze after the head's rotation (`gesture.py`), which is the vestibulo-ocular
reflex for free: a nodding head keeps looking. Both eyes are parallel (vergence 0): the viewer is at least a metre away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visavis_runtime.motion.chance import log_normal, normal, uniform
from visavis_runtime.motion.cue import FRAME_HZ, Cue
from visavis_runtime.motion.flat import Index
from visavis_runtime.motion.glide import Values

ON_MEDIAN_S = 2.0
AWAY_MEDIAN_S = 1.15
_SIGMA = 0.45
_FIXATION_MEDIAN_S = 0.65
_AWAY_MIN_RAD = math.radians(5.0)
_AWAY_MAX_RAD = math.radians(13.0)
_AWAY_UP = 0.7
_FOLLOW_AT_ONCE_RAD = math.radians(2.0)
_HEAD_SHARE_AWAY = 0.28
_HEAD_SHARE_TARGET = 0.45
_LEAVE_CHANCE = 0.35
_RETURN_CHANCE = 0.55

SPOTS_RAD = tuple((math.radians(x), math.radians(y)) for x, y in ((1.2, 0.3), (-1.2, 0.3), (0.1, -1.5)))
"""Where a look at a face rests: its two eyes and its mouth, seen from about 1.5 m."""

Direction = tuple[float, float]


class GazeState(NamedTuple):
    """A saccade runs from `origin` to `goal` (both relative to `target`); `away` is the centre of this bout."""

    on_target: bool = True
    bout_ends: int = 0
    hop_due: int = 0
    bouts: int = 0
    hops: int = 0
    prompts: int = 0
    away: Direction = (0.0, 0.0)
    origin: Direction = (0.0, 0.0)
    goal: Direction = (0.0, 0.0)
    start: int = -1000
    frames: int = 3
    target: Direction | None = None


def begin_gaze(cue: Cue, *, target: Direction, tempo: float, seed: int, state: GazeState) -> tuple[float, GazeState]:
    """What starts in this frame of looking at `target` (yaw, pitch, rad): the size of a gaze shift (else 0), the state.

    `tempo` is a factor on how fast looks change.
    """
    if state.target is None:
        ends = cue.frame + _bout_frames(True, cue, tempo=tempo, seed=seed, number=0)
        state = state._replace(target=target, bout_ends=ends)
    now = _position(cue.frame, state)
    shift_rad = 0.0
    if target != state.target:
        shift_rad, state = _follow(target, frame=cue.frame, now=now, state=state)
        now = _position(cue.frame, state)
    switch, state = _switches(cue, seed=seed, state=state)
    if switch:
        state = _new_bout(cue, now=now, tempo=tempo, seed=seed, state=state)
        shift_rad = math.dist(state.goal, now)
    elif cue.frame >= state.hop_due:
        state = _hop(cue.frame, now=now, tempo=tempo, seed=seed, state=state)
    return shift_rad, state


def gaze_due(state: GazeState) -> int:
    """The frame in which the next look begins by itself."""
    return min(state.bout_ends, state.hop_due)


def gaze_course(frames: Values, states: Sequence[GazeState], *, of: Index) -> Values:
    """Where both eyes point at `frames` [m], in the portrait's frame: [m, 2] yaw and pitch, rad.

    Frame i belongs to state `of[i]`, here and in the courses of head, lids and brows.
    """
    known = np.array([(s.start, s.frames, *(s.target or (0.0, 0.0)), *s.origin, *s.goal) for s in states])[of]
    target, origin, goal = known[:, 2:4], known[:, 4:6], known[:, 6:8]
    x = np.minimum(np.maximum((frames - known[:, 0]) / known[:, 1], 0.0), 1.0)
    done = x * x * x * (10.0 + x * (6.0 * x - 15.0))
    return np.asarray(target + origin + (goal - origin) * done[:, None])


def head_share(state: GazeState) -> Direction:
    """What the head should take over of the gaze: (yaw, pitch), rad."""
    target = state.target or (0.0, 0.0)
    yaw, pitch = (_HEAD_SHARE_TARGET * t + _HEAD_SHARE_AWAY * a for t, a in zip(target, state.away, strict=True))
    return yaw, pitch


def _position(frame: int, state: GazeState) -> Direction:
    """Where the saccade under way is, relative to the target: a minimum-jerk course."""
    x = min(1.0, max(0.0, (frame - state.start) / state.frames))
    done = x * x * x * (10.0 + x * (6.0 * x - 15.0))
    (a, b), (c, d) = state.origin, state.goal
    return a + (c - a) * done, b + (d - b) * done


def _follow(target: Direction, *, frame: int, now: Direction, state: GazeState) -> tuple[float, GazeState]:
    """A slowly moving target is pursued smoothly; one that jumps is caught by a saccade from where the eyes are."""
    old = state.target or target
    if math.dist(old, target) <= _FOLLOW_AT_ONCE_RAD:
        return 0.0, state._replace(target=target)
    now = (now[0] + old[0] - target[0], now[1] + old[1] - target[1])
    state = state._replace(target=target, on_target=True, away=(0.0, 0.0), bout_ends=max(state.bout_ends, frame + 150))
    return math.hypot(*now), _saccade(frame, now=now, goal=(0.0, 0.0), state=state)


def _switches(cue: Cue, *, seed: int, state: GazeState) -> tuple[bool, GazeState]:
    """Whether the bout ends now: its time is up, or the phrase invites to look away or back."""
    if cue.frame >= state.bout_ends:
        return True, state
    invited = cue.phrase_start if state.on_target else cue.phrase_end
    if not invited:
        return False, state
    chance = _LEAVE_CHANCE if state.on_target else _RETURN_CHANCE
    return uniform(seed, "gazecue", state.prompts) < chance, state._replace(prompts=state.prompts + 1)


def _bout_frames(on_target: bool, cue: Cue, *, tempo: float, seed: int, number: int) -> int:
    median_s = (ON_MEDIAN_S if on_target else AWAY_MEDIAN_S * (1.0 if cue.talking else 0.85)) / tempo
    return int(FRAME_HZ * min(6.0, max(0.5, log_normal(seed, "gazebout", number, median=median_s, sigma=_SIGMA))))


def _new_bout(cue: Cue, *, now: Direction, tempo: float, seed: int, state: GazeState) -> GazeState:
    number = state.bouts + 1
    on_target = not state.on_target
    target = state.target or (0.0, 0.0)
    away = (0.0, 0.0) if on_target else _direction_away(seed=seed, number=number, target=target)
    state = state._replace(
        on_target=on_target, bouts=number, away=away,
        bout_ends=cue.frame + _bout_frames(on_target, cue, tempo=tempo, seed=seed, number=number),
    )  # fmt: skip
    return _hop(cue.frame, now=now, tempo=tempo, seed=seed, state=state)


def _direction_away(*, seed: int, number: int, target: Direction) -> Direction:
    """Mostly to the side, now and then up (thinking) or down; from a target at the side back to the middle, for a look
    past it would read as a look that has missed it.
    """
    size = _AWAY_MIN_RAD - math.radians(3.5) * math.log(uniform(seed, "gazesize", number))
    size = min(_AWAY_MAX_RAD, size)
    side = 1.0 if uniform(seed, "gazeside", number) < 0.5 else -1.0
    slope = normal(seed, "gazeslop", number) * 0.6
    yaw, pitch = side * size * math.cos(slope), _AWAY_UP * size * math.sin(slope)
    return _not_past(target[0], yaw, most=_AWAY_MAX_RAD), _not_past(target[1], pitch, most=_AWAY_UP * _AWAY_MAX_RAD)


def _not_past(target: float, away: float, *, most: float) -> float:
    return -away if abs(target + away) > max(most, abs(target)) else away


def _hop(frame: int, *, now: Direction, tempo: float, seed: int, state: GazeState) -> GazeState:
    """The next fixation: on another part of the face, or a little further along while looking away."""
    number = state.hops + 1
    jitter = (normal(seed, "hopx", number) * 0.004, normal(seed, "hopy", number) * 0.004)
    if state.on_target:
        spot = SPOTS_RAD[int(uniform(seed, "hopspot", number) * len(SPOTS_RAD))]
    else:
        spot = (state.away[0] + 3.0 * jitter[0], state.away[1] + 2.0 * jitter[1])
    wait_s = min(2.0, max(0.25, log_normal(seed, "hopwait", number, median=_FIXATION_MEDIAN_S / tempo, sigma=0.5)))
    state = state._replace(hops=number, hop_due=frame + int(wait_s * FRAME_HZ))
    return _saccade(frame, now=now, goal=(spot[0] + jitter[0], spot[1] + jitter[1]), state=state)


def _saccade(frame: int, *, now: Direction, goal: Direction, state: GazeState) -> GazeState:
    size_deg = math.degrees(math.dist(now, goal))
    frames = max(2, round((0.025 + 0.003 * size_deg) * FRAME_HZ))
    return state._replace(origin=now, goal=goal, start=frame, frames=frames)
