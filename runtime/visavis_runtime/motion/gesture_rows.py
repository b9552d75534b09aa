"""Takes the movements of head, eyes, lids and brows, gives the 64 latents of every row.

The eyes keep what the head leaves over of the gaze, so that a moving head goes on looking at its target
(vestibulo-ocular reflex). What it does not do: it decides nothing; see `gesture.py`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX, LOOK_PITCH_RAD, LOOK_YAW_RAD, NAMES
from visavis_runtime.motion.controls import Dials
from visavis_runtime.motion.emotion import Mood
from visavis_runtime.motion.glide import Values
from visavis_runtime.motion.regions import REGIONS
from visavis_runtime.motion.sway import CHANNELS

_SWAY_RAD = np.radians([2.2, 2.0, 1.6])
_SWAY_SHIFT = np.array([0.012, 0.004, 0.012])
_BREATH_HEIGHT = 0.006
_BREATH_PITCH_RAD = math.radians(0.3)
HEAD_MAX_RAD = np.radians([14.0, 9.5, 9.0])
EYE_MAX_RAD = np.radians([28.0, 20.0])
_SQUINT_OF_LID = 0.12

_HEAD = slice(INDEX["headYaw"], INDEX["headRoll"] + 1)
_SHIFT = slice(INDEX["headX"], INDEX["headZ"] + 1)
_EYES = tuple(slice(INDEX[name], INDEX[name] + 2) for name in ("leftEyeYaw", "rightEyeYaw"))
_LOOK_RAD = np.array([LOOK_YAW_RAD, -LOOK_YAW_RAD, LOOK_PITCH_RAD, -LOOK_PITCH_RAD])
# To the subject's left is outward for the left eye and inward for the right one.
_LOOKS = tuple(
    [INDEX[f"eyeLook{way}{side}"] for way in ways]
    for side, ways in (("Left", ("Out", "In", "Up", "Down")), ("Right", ("In", "Out", "Up", "Down")))
)
_BLINKS, _SQUINTS, _SMILES, _FROWNS = (
    [INDEX[name + "Left"], INDEX[name + "Right"]] for name in ("eyeBlink", "eyeSquint", "mouthSmile", "browDown")
)
_RAISES = [INDEX["browInnerUp"], INDEX["browOuterUpLeft"], INDEX["browOuterUpRight"]]
_BROW_DRIFT, _SMILE_DRIFT = CHANNELS.index("brow"), CHANNELS.index("smile")
_HEAD_REGION = REGIONS.index("head")

Rows = npt.NDArray[np.float32]


class Movements(NamedTuple):
    """What moves in every row, float64; angles in radians."""

    gaze: Values
    """[t, 2] direction of both eyes in the portrait's frame: yaw, pitch."""
    own: Values
    """[t, 3] the head's own rotation."""
    share: Values
    """[t, 2] what the head takes of the gaze."""
    lid: Values
    """[t] closure 0..1."""
    brows: Values
    """[t, 4] of gesture_brow.BROWS."""
    wander: Values
    """[t, 8] of sway.CHANNELS."""
    breath: Values
    """[t] -1..1."""


def rows_of_movements(moved: Movements, *, mood: Mood, dials: Dials) -> Rows:
    """Latents [t, 64] float32 without the mouth."""
    rows = np.zeros((moved.lid.shape[0], len(NAMES)), np.float32)
    size = (dials.head_gain * mood.head_size)[:, None]
    driven = dials.regions[:, _HEAD_REGION, None]
    head = size * (moved.own + moved.wander[:, :3] * _SWAY_RAD) + mood.turn_rad
    head[:, :2] += moved.share
    head[:, 1] += (_BREATH_PITCH_RAD * size[:, 0]) * moved.breath
    # A tanh keeps the extremes inside what any portrait can show without ever stopping a turn dead.
    head = driven * HEAD_MAX_RAD * np.tanh(head / HEAD_MAX_RAD)
    rows[:, _HEAD] = head
    shift = size * moved.wander[:, 3:6] * _SWAY_SHIFT
    shift[:, 1] += _BREATH_HEIGHT * mood.breath_size * moved.breath
    shift *= driven
    shift[:, 2] -= dials.distance
    rows[:, _SHIFT] = shift
    _look(rows, gaze=moved.gaze - head[:, :2])
    rows[:, _BLINKS] = moved.lid[:, None]
    rows[:, _SQUINTS] = _SQUINT_OF_LID * moved.lid[:, None]
    _raise_brows(rows, moved)
    rows[:, _SMILES] = np.maximum(0.0, 0.015 + 0.02 * moved.wander[:, _SMILE_DRIFT])[:, None]
    return rows


def _look(rows: Rows, *, gaze: Values) -> None:
    """Eyeball rotations and, for engines that read only ARKit, the same as eyeLook shapes."""
    gaze = np.minimum(np.maximum(gaze, -EYE_MAX_RAD), EYE_MAX_RAD)
    for eye in _EYES:
        rows[:, eye] = gaze
    looks = np.minimum(np.maximum(gaze[:, [0, 0, 1, 1]] / _LOOK_RAD, 0.0), 1.0)
    for columns in _LOOKS:
        rows[:, columns] = looks


def _raise_brows(rows: Rows, moved: Movements) -> None:
    """The drift keeps a resting brow from being a drawing."""
    drift = 0.03 * moved.wander[:, _BROW_DRIFT]
    rows[:, _RAISES] = moved.brows[:, :3] + np.maximum(drift, 0.0)[:, None] * (1.0, 1.0, 0.8)
    rows[:, _FROWNS] = (moved.brows[:, 3] + np.maximum(-drift, 0.0))[:, None]
