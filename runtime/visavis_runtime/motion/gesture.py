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

_SWAY_RAD = np.radians([1.5, 1.25, 1.1])
_SWAY_SHIFT = np.array([0.010, 0.003, 0.012])
_BREATH_HEIGHT = 0.006
_BREATH_PITCH_RAD = math.radians(0.3)
_LIFE_AT_REST = 0.45
_LIFE_EASE = 0.015
HEAD_MAX_RAD = np.radians([14.0, 9.5, 9.0])
EYE_YAW_MAX_RAD = math.radians(28.0)
EYE_PITCH_MAX_RAD = math.radians(20.0)

_HEAD = [INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"]]
_PLACE = [INDEX["headX"], INDEX["headY"], INDEX["headZ"]]


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
    first = state.frame
    tempo = 1.0 + dials.emotion @ (feeling.TEMPO - 1.0)
    blinks = dials.blink_rate * (1.0 + dials.emotion @ (feeling.BLINKS - 1.0))
    target = controls.gaze_rad or (0.0, 0.0)
    frames = []
    for spoken, stress, one_tempo, one_rate in zip(
        speaking.tolist(), accent.tolist(), tempo.tolist(), blinks.tolist(), strict=True
    ):
        frame, state = _step_frame(spoken, stress, target=target, tempo=one_tempo, rate=one_rate, state=state)
        frames.append(frame)
    latents = np.zeros((count, len(NAMES)))
    if count:
        _write(frames, dials=dials, wander=sway(state.seed, first_frame=first, count=count), first=first,
               seed=state.seed, latents=latents)  # fmt: skip
    return latents.astype(np.float32), state


def _step_frame(
    speaking: float, accent: float, *, target: tuple[float, float], tempo: float, rate: float, state: GestureState
) -> tuple[_Frame, GestureState]:
    seed = state.seed
    cue, cues = step_cue(state.frame, speaking=speaking, accent=accent, state=state.cue)
    gaze, gazes = step_gaze(cue, target=target, seed=seed, state=state.gaze)
    lid, blink = step_blink(cue, shift_rad=gaze.shift_rad, rate=rate, seed=seed, state=state.blink)
    turn, head = step_head(cue, gaze=gaze, tempo=tempo, seed=seed, state=state.head)
    brows, brow = step_brows(cue, seed=seed, state=state.brow)
    life = state.life + _LIFE_EASE * ((1.0 if cue.talking else _LIFE_AT_REST) - state.life)
    frame = _Frame(lid, brows, (gaze.yaw_rad, gaze.pitch_rad), turn.own, turn.gaze, life)
    return frame, GestureState(seed, state.frame + 1, life, cues, blink, gazes, head, brow)


def _write(
    frames: list[_Frame], *, dials: Dials, wander: npt.NDArray[np.float64], first: int, seed: int,
    latents: npt.NDArray[np.float64],
) -> None:  # fmt: skip
    """Fill the rows of `latents` from the frames, the wandering [t, channels] and the dials."""
    life = np.array([f.life for f in frames])[:, None]
    size = dials.head_gain[:, None] * (1.0 + dials.emotion @ (feeling.HEAD_SIZE - 1.0))[:, None]
    breath = np.sin(_breath_phase(seed, first=first, count=len(frames)))
    head = size * (np.array([f.own for f in frames]) + life * wander[:, :3] * _SWAY_RAD)
    head[:, 1] += size[:, 0] * _BREATH_PITCH_RAD * breath + dials.emotion @ feeling.HEAD_PITCH_RAD
    head[:, :2] += np.array([f.follow for f in frames])
    # A tanh keeps the extremes inside what any portrait can show without ever stopping a turn dead.
    head = HEAD_MAX_RAD * np.tanh(head / HEAD_MAX_RAD)
    latents[:, _HEAD] = head
    latents[:, _PLACE] = size * life * wander[:, 3:6] * _SWAY_SHIFT
    latents[:, INDEX["headY"]] += _BREATH_HEIGHT * breath
    latents[:, INDEX["headZ"]] -= dials.distance
    gaze = np.array([f.gaze for f in frames])
    yaw = np.clip(gaze[:, 0] - head[:, 0], -EYE_YAW_MAX_RAD, EYE_YAW_MAX_RAD)
    pitch = np.clip(gaze[:, 1] - head[:, 1], -EYE_PITCH_MAX_RAD, EYE_PITCH_MAX_RAD)
    _write_eyes(yaw, pitch, lid=np.array([f.lid for f in frames]), latents=latents)
    _write_brows(np.array([f.brows for f in frames]), drift=wander[:, CHANNELS.index("brow")], latents=latents)
    smile = np.maximum(0.0, 0.015 + 0.02 * wander[:, CHANNELS.index("smile")])
    latents[:, INDEX["mouthSmileLeft"]] = latents[:, INDEX["mouthSmileRight"]] = smile


def _breath_phase(seed: int, *, first: int, count: int) -> npt.NDArray[np.float64]:
    """12 to 16 breaths a minute, by person."""
    rate_hz = between(seed, "breath", 0, low=0.20, high=0.27)
    time_s = np.arange(first, first + count) / FRAME_HZ
    return np.asarray(2.0 * np.pi * (rate_hz * time_s + between(seed, "breath", 1, low=0.0, high=1.0)))


def _write_eyes(
    yaw: npt.NDArray[np.float64], pitch: npt.NDArray[np.float64], *, lid: npt.NDArray[np.float64],
    latents: npt.NDArray[np.float64],
) -> None:  # fmt: skip
    """Eyeball rotations and, for engines that read only ARKit, the same as eyeLook shapes; then the lids."""
    for side in ("left", "right"):
        latents[:, INDEX[f"{side}EyeYaw"]] = yaw
        latents[:, INDEX[f"{side}EyePitch"]] = pitch
    outward, inward = np.clip(yaw / LOOK_YAW_RAD, 0.0, 1.0), np.clip(-yaw / LOOK_YAW_RAD, 0.0, 1.0)
    # To the subject's left is outward for the left eye and inward for the right one.
    latents[:, INDEX["eyeLookOutLeft"]] = latents[:, INDEX["eyeLookInRight"]] = outward
    latents[:, INDEX["eyeLookInLeft"]] = latents[:, INDEX["eyeLookOutRight"]] = inward
    for side in ("Left", "Right"):
        latents[:, INDEX[f"eyeLookUp{side}"]] = np.clip(pitch / LOOK_PITCH_RAD, 0.0, 1.0)
        latents[:, INDEX[f"eyeLookDown{side}"]] = np.clip(-pitch / LOOK_PITCH_RAD, 0.0, 1.0)
        latents[:, INDEX[f"eyeBlink{side}"]] = lid
        latents[:, INDEX[f"eyeSquint{side}"]] = 0.12 * lid


def _write_brows(
    brows: npt.NDArray[np.float64], *, drift: npt.NDArray[np.float64], latents: npt.NDArray[np.float64]
) -> None:
    """Columns of `brows` as in `Brows`; the drift keeps a resting brow from being a drawing."""
    up, down = np.maximum(0.0, 0.03 * drift), np.maximum(0.0, -0.03 * drift)
    latents[:, INDEX["browInnerUp"]] = brows[:, 0] + up
    latents[:, INDEX["browOuterUpLeft"]] = brows[:, 1] + up
    latents[:, INDEX["browOuterUpRight"]] = brows[:, 2] + 0.8 * up
    for side in ("Left", "Right"):
        latents[:, INDEX[f"browDown{side}"]] = brows[:, 3] + down
