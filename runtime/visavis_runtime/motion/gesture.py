"""Takes what the voice does (speaking, accents) and the controls, gives all of a face but the mouth, at 100 Hz.

Blinks, gaze, head and brows each have their own file; here they are put together: the blink sees the gaze shift, the
head takes its share of the gaze, `gesture_rows.py` makes latents of it. Life is a list of events: between two of them
every movement is a closed form of time. So rows are made block by block, each lasting until the next event, and the
same seed and voice give the same gestures at any chunking. State is a value. What it does not do: feelings' shapes,
gains of the lips (`compose.py`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import NAMES
from visavis_runtime.motion import emotion as feeling
from visavis_runtime.motion.chance import between
from visavis_runtime.motion.controls import Controls, Dials
from visavis_runtime.motion.cue import FRAME_HZ, Cue, CueState, step_cue
from visavis_runtime.motion.gesture_blink import BlinkState, begin_blink, lid_course
from visavis_runtime.motion.gesture_brow import BROWS, BrowState, begin_brows, brow_course
from visavis_runtime.motion.gesture_gaze import Direction, GazeState, begin_gaze, gaze_course, gaze_due, head_share
from visavis_runtime.motion.gesture_head import HeadState, begin_head, head_course
from visavis_runtime.motion.gesture_rows import Movements, Rows, rows_of_movements
from visavis_runtime.motion.glide import Values
from visavis_runtime.motion.sway import sway

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


def step_gestures(
    speaking: npt.NDArray[np.float32],
    accent: npt.NDArray[np.float32],
    *,
    controls: Controls,
    dials: Dials,
    state: GestureState,
) -> tuple[Rows, GestureState]:
    """`speaking` and `accent` [t] float32 0..1 -> latents [t, 64] float32 without the mouth, and the next state."""
    count = speaking.shape[0]
    if count == 0:
        return np.zeros((0, len(NAMES)), np.float32), state
    cues, heard = _cues(speaking, accent, state=state)
    mood = feeling.mood_of_weights(dials.emotion)
    clock, breaths = _running(mood.tempo, start=state.clock), _running(mood.breath, start=state.breaths)
    life = _life(cues, last=state.life)
    moved = Movements(
        gaze=np.empty((count, 2)), own=np.empty((count, 3)), share=np.empty((count, 2)), lid=np.zeros(count),
        brows=np.zeros((count, len(BROWS))), wander=sway(clock[:-1], seed=state.seed) * life[:, None],
        breath=_breath(breaths[:-1], seed=state.seed),
    )  # fmt: skip
    frames = np.arange(state.frame, state.frame + count, dtype=np.float64)
    target = controls.gaze_rad or (0.0, 0.0)
    tempo, blinks = mood.tempo.tolist(), (dials.blink_rate * mood.blinks).tolist()
    stops = [i for i, cue in enumerate(cues) if cue.phrase_start or cue.phrase_end or cue.accent > 0.0]
    stops.append(count)
    at = 0
    for stop in stops:
        while at < stop:
            state = _begin(cues[at], target=target, tempo=tempo[at], blinks=blinks[at], state=state)
            until = min(stop, at + max(1, _next_due(state) - cues[at].frame))
            _move(moved, frames, at=slice(at, until), state=state)
            at = until
    latents = rows_of_movements(moved, mood=mood, dials=dials)
    return latents, state._replace(
        frame=state.frame + count, life=float(life[-1]), clock=float(clock[-1]), breaths=float(breaths[-1]), cue=heard
    )


def _cues(
    speaking: npt.NDArray[np.float32], accent: npt.NDArray[np.float32], *, state: GestureState
) -> tuple[list[Cue], CueState]:
    cues, following = [], state.cue
    for i, (spoken, stress) in enumerate(zip(speaking.tolist(), accent.tolist(), strict=True)):
        cue, following = step_cue(state.frame + i, speaking=spoken, accent=stress, state=following)
        cues.append(cue)
    return cues, following


def _begin(cue: Cue, *, target: Direction, tempo: float, blinks: float, state: GestureState) -> GestureState:
    """The events of one frame."""
    seed, event = state.seed, cue.phrase_start or cue.phrase_end or cue.accent > 0.0
    if not event and cue.frame < _next_due(state) and target == state.gaze.target:
        return state
    shift_rad, gaze = begin_gaze(cue, target=target, tempo=tempo, seed=seed, state=state.gaze)
    blink = begin_blink(cue, shift_rad=shift_rad, rate=blinks, tempo=tempo, seed=seed, state=state.blink)
    share = state.head.share if gaze is state.gaze else head_share(gaze)
    head = begin_head(cue, share=share, tempo=tempo, seed=seed, state=state.head)
    brow = begin_brows(cue, seed=seed, state=state.brow)
    return state._replace(gaze=gaze, blink=blink, head=head, brow=brow)


def _next_due(state: GestureState) -> int:
    """The frame in which something begins that no cue asks for."""
    return min(gaze_due(state.gaze), state.blink.due, state.head.posture_due)


def _move(moved: Movements, frames: Values, *, at: slice, state: GestureState) -> None:
    """Write the rows of one block."""
    block = frames[at]
    moved.gaze[at] = gaze_course(block, state.gaze)
    moved.own[at], moved.share[at] = head_course(block, state.head)
    lid, brows = lid_course(block, state.blink), brow_course(block, state.brow)
    if lid is not None:
        moved.lid[at] = lid
    if brows is not None:
        moved.brows[at] = brows


def _running(pace: Values, *, start: float) -> Values:
    """[t + 1] sums of `pace` [t] from `start` on."""
    return np.cumsum(np.concatenate([[start], pace]))


def _life(cues: list[Cue], *, last: float) -> Values:
    values = []
    for cue in cues:
        last += _LIFE_EASE * ((1.0 if cue.talking else LIFE_AT_REST) - last)
        values.append(last)
    return np.array(values)


def _breath(frames: Values, *, seed: int) -> Values:
    """-1..1; in for two fifths of a breath, out for three."""
    rate_hz, start = _breather(seed)
    angle = 2.0 * np.pi * (frames * (rate_hz / FRAME_HZ) + start)
    return np.asarray(np.sin(angle + 0.4 * np.cos(angle)))


@lru_cache(maxsize=256)
def _breather(seed: int) -> tuple[float, float]:
    low, high = _BREATHS_HZ
    return between(seed, "breath", 0, low=low, high=high), between(seed, "breath", 1, low=0.0, high=1.0)
