"""Takes what the voice does (speaking, accents) and the controls, gives all of a face but the mouth, at 100 Hz.

Blinks, gaze, head and brows each have their own file; here they are put together: the blink sees the gaze shift, the
head takes its share of the gaze, and the eyes keep what the head leaves over, so that a moving head goes on looking at
its target (vestibulo-ocular reflex). Seeded and counter-based: the same seed and voice give the same gestures at any
chunking. State is a value. What it does not do: feelings' shapes, gains of the lips (`compose.py`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX, LOOK_PITCH_RAD, LOOK_YAW_RAD, NAMES
from visavis_runtime.motion import emotion as feeling
from visavis_runtime.motion.chance import between
from visavis_runtime.motion.controls import Controls, Dials
from visavis_runtime.motion.cue import FRAME_HZ, CueState, step_cue
from visavis_runtime.motion.gesture_blink import BlinkState, step_blink
from visavis_runtime.motion.gesture_brow import Brows, BrowState, step_brows
from visavis_runtime.motion.gesture_gaze import GazeState, step_gaze
from visavis_runtime.motion.gesture_head import HeadState, step_head
from visavis_runtime.motion.sway import CHANNELS, sway

_SWAY_RAD = (math.radians(1.5), math.radians(1.25), math.radians(1.1))
_SWAY_SHIFT = (0.010, 0.003, 0.012)
_BREATH_HEIGHT = 0.006
_BREATH_PITCH_RAD = math.radians(0.3)
_LIFE_AT_REST = 0.45
_LIFE_EASE = 0.015
HEAD_MAX_RAD = (math.radians(14.0), math.radians(9.5), math.radians(9.0))
EYE_YAW_MAX_RAD = math.radians(28.0)
EYE_PITCH_MAX_RAD = math.radians(20.0)

_HEAD_YAW, _HEAD_X = INDEX["headYaw"], INDEX["headX"]
_EYES = (INDEX["leftEyeYaw"], INDEX["rightEyeYaw"])
_LOOKS = tuple(
    (INDEX[one], INDEX[other])
    for one, other in (
        ("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookInLeft", "eyeLookOutRight"), ("eyeLookUpLeft", "eyeLookUpRight"),
        ("eyeLookDownLeft", "eyeLookDownRight"), ("eyeBlinkLeft", "eyeBlinkRight"), ("eyeSquintLeft", "eyeSquintRight"),
    )
)  # fmt: skip
_BROW_DRIFT, _SMILE_DRIFT = CHANNELS.index("brow"), CHANNELS.index("smile")
_EFFECTS = np.stack(
    [feeling.TEMPO - 1.0, feeling.BLINKS - 1.0, feeling.HEAD_SIZE - 1.0, feeling.HEAD_PITCH_RAD], axis=1
)


class GestureState(NamedTuple):
    """All gestures of one talk; `frame` is the next 10 ms frame."""

    seed: int
    frame: int = 0
    life: float = _LIFE_AT_REST
    cue: CueState = CueState()
    blink: BlinkState = BlinkState()
    gaze: GazeState = GazeState()
    head: HeadState = HeadState()
    brow: BrowState = BrowState()


class _Mood(NamedTuple):
    """What controls and feelings make of one frame."""

    tempo: float
    blinks: float
    head_size: float
    head_pitch_rad: float
    distance: float


class _Frame(NamedTuple):
    lid: float
    brows: Brows
    gaze: tuple[float, float]
    own: tuple[float, float, float]
    follow: tuple[float, float]
    life: float


def step_gestures(
    speaking: npt.NDArray[np.float32],
    accent: npt.NDArray[np.float32],
    *,
    controls: Controls,
    dials: Dials,
    state: GestureState,
) -> tuple[npt.NDArray[np.float32], GestureState]:
    """`speaking` and `accent` [t] float32 0..1 -> latents [t, 64] float32 without the mouth, and the next state."""
    count = speaking.shape[0]
    if count == 0:
        return np.zeros((0, len(NAMES)), np.float32), state
    moods = _moods(dials)
    wander = sway(state.seed, first_frame=state.frame, count=count).tolist()
    target = controls.gaze_rad or (0.0, 0.0)
    rows = []
    # Row by row in plain numbers: a live chunk is four rows, for which numpy's overhead would be most of the cost.
    for spoken, stress, mood, drift in zip(speaking.tolist(), accent.tolist(), moods, wander, strict=True):
        frame, following = _step_frame(spoken, stress, target=target, mood=mood, state=state)
        rows.append(_row(frame, mood=mood, wander=drift, breath=_breath(state)))
        state = following
    return np.array(rows, dtype=np.float32), state


def _moods(dials: Dials) -> list[_Mood]:
    felt = dials.emotion @ _EFFECTS
    columns = (
        1.0 + felt[:, 0], dials.blink_rate * (1.0 + felt[:, 1]), dials.head_gain * (1.0 + felt[:, 2]),
        felt[:, 3], dials.distance,
    )  # fmt: skip
    return [_Mood(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]


def _step_frame(
    speaking: float, accent: float, *, target: tuple[float, float], mood: _Mood, state: GestureState
) -> tuple[_Frame, GestureState]:
    seed = state.seed
    cue, cues = step_cue(state.frame, speaking=speaking, accent=accent, state=state.cue)
    gaze, gazes = step_gaze(cue, target=target, seed=seed, state=state.gaze)
    lid, blink = step_blink(cue, shift_rad=gaze.shift_rad, rate=mood.blinks, seed=seed, state=state.blink)
    turn, head = step_head(cue, gaze=gaze, tempo=mood.tempo, seed=seed, state=state.head)
    brows, brow = step_brows(cue, seed=seed, state=state.brow)
    life = state.life + _LIFE_EASE * ((1.0 if cue.talking else _LIFE_AT_REST) - state.life)
    frame = _Frame(lid, brows, (gaze.yaw_rad, gaze.pitch_rad), turn.own, turn.gaze, life)
    return frame, GestureState(seed, state.frame + 1, life, cues, blink, gazes, head, brow)


def _row(frame: _Frame, *, mood: _Mood, wander: list[float], breath: float) -> list[float]:
    """The 64 latents of one frame; `wander` are the channels of `sway`."""
    row = [0.0] * len(NAMES)
    size, life = mood.head_size, frame.life
    yaw, pitch, roll = (
        size * (own + life * drift * reach) for own, drift, reach in zip(frame.own, wander, _SWAY_RAD, strict=False)
    )
    yaw += frame.follow[0]
    pitch += frame.follow[1] + size * _BREATH_PITCH_RAD * breath + mood.head_pitch_rad
    # A tanh keeps the extremes inside what any portrait can show without ever stopping a turn dead.
    yaw, pitch, roll = (top * math.tanh(x / top) for x, top in zip((yaw, pitch, roll), HEAD_MAX_RAD, strict=True))
    row[_HEAD_YAW], row[_HEAD_YAW + 1], row[_HEAD_YAW + 2] = yaw, pitch, roll
    x, y, z = (size * life * drift * reach for drift, reach in zip(wander[3:6], _SWAY_SHIFT, strict=True))
    row[_HEAD_X], row[_HEAD_X + 1], row[_HEAD_X + 2] = x, y + _BREATH_HEIGHT * breath, z - mood.distance
    _look(row, yaw=frame.gaze[0] - yaw, pitch=frame.gaze[1] - pitch, lid=frame.lid)
    _raise_brows(row, frame.brows, drift=wander[_BROW_DRIFT])
    row[INDEX["mouthSmileLeft"]] = row[INDEX["mouthSmileRight"]] = max(0.0, 0.015 + 0.02 * wander[_SMILE_DRIFT])
    return row


def _breath(state: GestureState) -> float:
    """-1..1; 12 to 16 breaths a minute, by person."""
    rate_hz = between(state.seed, "breath", 0, low=0.20, high=0.27)
    start = between(state.seed, "breath", 1, low=0.0, high=1.0)
    return math.sin(2.0 * math.pi * (rate_hz * state.frame / FRAME_HZ + start))


def _look(row: list[float], *, yaw: float, pitch: float, lid: float) -> None:
    """Eyeball rotations and, for engines that read only ARKit, the same as eyeLook shapes; then the lids."""
    yaw = min(EYE_YAW_MAX_RAD, max(-EYE_YAW_MAX_RAD, yaw))
    pitch = min(EYE_PITCH_MAX_RAD, max(-EYE_PITCH_MAX_RAD, pitch))
    for eye in _EYES:
        row[eye], row[eye + 1] = yaw, pitch
    left, right = min(1.0, max(0.0, yaw / LOOK_YAW_RAD)), min(1.0, max(0.0, -yaw / LOOK_YAW_RAD))
    up, down = min(1.0, max(0.0, pitch / LOOK_PITCH_RAD)), min(1.0, max(0.0, -pitch / LOOK_PITCH_RAD))
    # To the subject's left is outward for the left eye and inward for the right one.
    for names, value in zip(_LOOKS, (left, right, up, down, lid, 0.12 * lid), strict=True):
        row[names[0]] = row[names[1]] = value


def _raise_brows(row: list[float], brows: Brows, *, drift: float) -> None:
    """The drift keeps a resting brow from being a drawing."""
    up, down = max(0.0, 0.03 * drift), max(0.0, -0.03 * drift)
    row[INDEX["browInnerUp"]] = brows.inner + up
    row[INDEX["browOuterUpLeft"]] = brows.outer_left + up
    row[INDEX["browOuterUpRight"]] = brows.outer_right + 0.8 * up
    row[INDEX["browDownLeft"]] = row[INDEX["browDownRight"]] = brows.down + down
