"""Takes what the voice does (speaking, accents) and the controls, gives all of a face but the mouth, at 100 Hz.

Blinks, gaze, head and brows each have their own file; here they are put together: the blink sees the gaze shift, the
head takes its share of the gaze, `gesture_rows.py` makes latents of it. Life is a list of events: between two of them
every movement is a closed form of time. So rows are made block by block, each lasting until the next event, and the
same seed and voice give the same gestures at any chunking. State is a value. What it does not do: feelings' shapes,
gains of the lips (`compose.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import NAMES
from visavis_runtime.motion import emotion as feeling
from visavis_runtime.motion.chance import between
from visavis_runtime.motion.controls import Controls, Dials
from visavis_runtime.motion.cue import FRAME_HZ, Cue, CueState, steady, step_cue
from visavis_runtime.motion.flat import Axis, Index, axis_of_counts
from visavis_runtime.motion.gesture_blink import BlinkState, begin_blink, lid_course
from visavis_runtime.motion.gesture_brow import BrowState, begin_brows, brow_course
from visavis_runtime.motion.gesture_gaze import Direction, GazeState, begin_gaze, gaze_course, gaze_due, head_share
from visavis_runtime.motion.gesture_head import HeadState, begin_head, head_course
from visavis_runtime.motion.gesture_rows import Movements, Rows, rows_of_movements
from visavis_runtime.motion.glide import Values
from visavis_runtime.motion.sway import sway

Signal = npt.NDArray[np.float32]
LIFE_AT_REST = 0.45
"""Size of the wandering of somebody who is silent, against somebody who talks."""
_LIFE_EASE = 0.015
_BREATHS_HZ = (0.20, 0.27)
"""12 to 16 breaths a minute, by person."""


class GestureState(NamedTuple):
    """All gestures of one talk; `frame` is the next 10 ms frame."""

    seed: int
    frame: int = 0
    life: float = LIFE_AT_REST
    clock: float = 0.0
    """Time of the wandering in frames; it runs with the tempo of the feeling."""
    breaths: float = 0.0
    cue: CueState = CueState()
    blink: BlinkState = BlinkState()
    gaze: GazeState = GazeState()
    head: HeadState = HeadState()
    brow: BrowState = BrowState()


class _Block(NamedTuple):
    """Rows between two events of one talk: nothing begins in them."""

    state: GestureState
    rows: int


class _Lived(NamedTuple):
    """What the events of all rows come to: blocks, and life, clock and breaths of every row."""

    blocks: list[_Block]
    life: list[float]
    clock: list[float]
    breaths: list[float]


def step_gestures(
    speaking: Signal, accent: Signal, *, controls: Controls, dials: Dials, state: GestureState
) -> tuple[Rows, GestureState]:
    """`speaking` and `accent` [t] float32 0..1 -> latents [t, 64] float32 without the mouth, and the next state."""
    rows, states = step_many_gestures(
        speaking, accent, axis=axis_of_counts([len(speaking)]), controls=[controls], dials=dials, states=[state]
    )
    return rows, states[0]


def step_many_gestures(
    speaking: Signal,
    accent: Signal,
    *,
    axis: Axis,
    controls: Sequence[Controls],
    dials: Dials,
    states: Sequence[GestureState],
) -> tuple[Rows, list[GestureState]]:
    """What `step_gestures` gives for each of many talks, whose rows stand one after another along `axis` in all arrays.

    Events are few and belong to one talk; the courses between them are evaluated once for all rows.
    """
    if speaking.shape[0] == 0:
        return np.zeros((0, len(NAMES)), np.float32), list(states)
    mood = feeling.mood_of_weights(dials.emotion)
    columns = (speaking, accent, mood.tempo, dials.blink_rate * mood.blinks, mood.breath)
    heard = zip(*(column.tolist() for column in columns), strict=True)
    calm = steady(speaking, accent, axis=axis, states=[state.cue for state in states])
    lived = _Lived([], [], [], [])
    following = [
        _live(list(islice(heard, count)), target=one.gaze_rad or (0.0, 0.0), calm=still, state=state, lived=lived)
        for count, one, still, state in zip(axis.counts.tolist(), controls, calm, states, strict=True)
    ]
    frames = np.array([state.frame for state in states])[axis.of] + axis.place
    moved = _moved(lived, frames=frames, axis=axis, seeds=[state.seed for state in states])
    return rows_of_movements(moved, mood=mood, dials=dials), following


def _live(
    rows: list[tuple[float, ...]], *, target: Direction, calm: bool, state: GestureState, lived: _Lived
) -> GestureState:
    """Append what happens in the rows (speaking, accent, tempo, blink rate, pace of the breath) of one talk; `calm`
    ones bring no cue.
    """
    heard, life, clock, breaths, began = state.cue, state.life, state.clock, state.breaths, state.frame
    due = _next_due(state) if target == state.gaze.target else began
    if calm and due >= began + len(rows):
        return _live_on(rows, state=state, lived=lived)
    for frame, (speaking, accent, tempo, blinks, breath) in enumerate(rows, start=state.frame):
        cue, heard = step_cue(frame, speaking=speaking, accent=accent, state=heard)
        if frame >= due or cue.phrase_start or cue.phrase_end or cue.accent > 0.0:
            if frame > began:
                lived.blocks.append(_Block(state, frame - began))
            state, began = _begin(cue, target=target, tempo=tempo, blinks=blinks, state=state), frame
            due = max(_next_due(state), frame + 1)
        lived.clock.append(clock)
        lived.breaths.append(breaths)
        clock, breaths = clock + tempo, breaths + breath
        life += _LIFE_EASE * ((1.0 if cue.talking else LIFE_AT_REST) - life)
        lived.life.append(life)
    frame = state.frame + len(rows)
    if frame > began:
        lived.blocks.append(_Block(state, frame - began))
    return state._replace(frame=frame, life=life, clock=clock, breaths=breaths, cue=heard)


def _live_on(rows: list[tuple[float, ...]], *, state: GestureState, lived: _Lived) -> GestureState:
    """Append rows in which nothing begins."""
    seed, frame, life, clock, breaths, cue, blink, gaze, head, brow = state
    if rows:
        lived.blocks.append(_Block(state, len(rows)))
    goal = 1.0 if cue.talking else LIFE_AT_REST
    for _, _, tempo, _, breath in rows:
        lived.clock.append(clock)
        lived.breaths.append(breaths)
        clock, breaths = clock + tempo, breaths + breath
        life += _LIFE_EASE * (goal - life)
        lived.life.append(life)
    return GestureState(seed, frame + len(rows), life, clock, breaths, cue, blink, gaze, head, brow)


def _begin(cue: Cue, *, target: Direction, tempo: float, blinks: float, state: GestureState) -> GestureState:
    """The events of one frame."""
    seed = state.seed
    shift_rad, gaze = begin_gaze(cue, target=target, tempo=tempo, seed=seed, state=state.gaze)
    blink = begin_blink(cue, shift_rad=shift_rad, rate=blinks, tempo=tempo, seed=seed, state=state.blink)
    share = state.head.share if gaze is state.gaze else head_share(gaze)
    head = begin_head(cue, share=share, tempo=tempo, seed=seed, state=state.head)
    brow = begin_brows(cue, seed=seed, state=state.brow)
    return state._replace(gaze=gaze, blink=blink, head=head, brow=brow)


def _next_due(state: GestureState) -> int:
    """The frame in which something begins that no cue asks for."""
    return min(gaze_due(state.gaze), state.blink.due, state.head.posture_due)


def _moved(lived: _Lived, *, frames: Index, axis: Axis, seeds: Sequence[int]) -> Movements:
    """The movements of all rows; `frames` are their numbers in their own talks."""
    states, lengths = zip(*lived.blocks, strict=True)
    block, times = axis_of_counts(lengths).of, frames.astype(np.float64)
    own, share = head_course(times, [state.head for state in states], of=block)
    return Movements(
        gaze=gaze_course(times, [state.gaze for state in states], of=block),
        own=own,
        share=share,
        lid=lid_course(times, [state.blink for state in states], of=block),
        brows=brow_course(times, [state.brow for state in states], of=block),
        wander=sway(np.array(lived.clock), seeds=seeds, axis=axis) * np.array(lived.life)[:, None],
        breath=_breath(np.array(lived.breaths), seeds=seeds, of=axis.of),
    )


def _breath(frames: Values, *, seeds: Sequence[int], of: Index) -> Values:
    """-1..1; in for two fifths of a breath, out for three."""
    rate_hz, start = np.array([_breather(seed) for seed in seeds])[of].T
    angle = 2.0 * np.pi * (frames * (rate_hz / FRAME_HZ) + start)
    return np.asarray(np.sin(angle + 0.4 * np.cos(angle)))


@lru_cache(maxsize=4096)
def _breather(seed: int) -> tuple[float, float]:
    low, high = _BREATHS_HZ
    return between(seed, "breath", 0, low=low, high=high), between(seed, "breath", 1, low=0.0, high=1.0)
