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
from visavis.vocabulary import REGIONS
from visavis_runtime.motion.controls import Dials
from visavis_runtime.motion.emotion import Mood
from visavis_runtime.motion.glide import Values
from visavis_runtime.motion.sway import CHANNELS

_SWAY_RAD = np.radians([2.2, 2.0, 1.6])
_SWAY_SHIFT = np.array([0.012, 0.004, 0.012])
_BREATH_HEIGHT = 0.006
_BREATH_PITCH_RAD = math.radians(0.3)
HEAD_MAX_RAD = np.radians([14.0, 9.5, 9.0])
EYE_MAX_RAD = np.radians([28.0, 20.0])
_SQUINT_OF_LID = 0.12

_PARTS: tuple[tuple[str, ...], ...] = (
    ("headYaw",), ("headPitch",), ("headRoll",), ("headX",), ("headY",), ("headZ",),
    ("leftEyeYaw", "rightEyeYaw"), ("leftEyePitch", "rightEyePitch"),
    # To the subject's left is outward for the left eye and inward for the right one.
    ("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookInLeft", "eyeLookOutRight"),
    ("eyeLookUpLeft", "eyeLookUpRight"), ("eyeLookDownLeft", "eyeLookDownRight"),
    ("eyeBlinkLeft", "eyeBlinkRight"),
    ("browInnerUp",), ("browOuterUpLeft",), ("browOuterUpRight",), ("browDownLeft", "browDownRight"),
    ("mouthSmileLeft", "mouthSmileRight"),
)  # fmt: skip
"""Latents that one column of the parts drives."""
_HEAD, _SHIFT, _EYES, _LOOKS, _LID, _RAISES, _FROWN, _SMILE = (
    slice(0, 3), slice(3, 6), slice(6, 8), slice(8, 12), 12, slice(13, 16), 16, 17
)  # fmt: skip
_LOOK_RAD = np.array([LOOK_YAW_RAD, -LOOK_YAW_RAD, LOOK_PITCH_RAD, -LOOK_PITCH_RAD])
_BROW_DRIFT, _SMILE_DRIFT = CHANNELS.index("brow"), CHANNELS.index("smile")
_DRIFT_OF_RAISES = np.array([1.0, 1.0, 0.8])
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
    parts = np.empty((moved.lid.shape[0], len(_PARTS)))
    size = (dials.head_gain * mood.head_size)[:, None]
    driven = dials.regions[:, _HEAD_REGION, None]
    head = size * (moved.own + moved.wander[:, :3] * _SWAY_RAD) + mood.turn_rad
    head[:, :2] += moved.share
    head[:, 1] += (_BREATH_PITCH_RAD * size[:, 0]) * moved.breath
    # A tanh keeps the extremes inside what any portrait can show without ever stopping a turn dead.
    head = driven * HEAD_MAX_RAD * np.tanh(head / HEAD_MAX_RAD)
    parts[:, _HEAD] = head
    shift = size * moved.wander[:, 3:6] * _SWAY_SHIFT
    shift[:, 1] += _BREATH_HEIGHT * mood.breath_size * moved.breath
    shift *= driven
    shift[:, 2] -= dials.distance
    parts[:, _SHIFT] = shift
    gaze = np.minimum(np.maximum(moved.gaze - head[:, :2], -EYE_MAX_RAD), EYE_MAX_RAD)
    parts[:, _EYES] = gaze
    parts[:, _LOOKS] = np.minimum(np.maximum(gaze[:, [0, 0, 1, 1]] / _LOOK_RAD, 0.0), 1.0)
    parts[:, _LID] = moved.lid
    # The drift keeps a resting brow from being a drawing.
    drift = 0.03 * moved.wander[:, _BROW_DRIFT]
    parts[:, _RAISES] = moved.brows[:, :3] + np.maximum(drift, 0.0)[:, None] * _DRIFT_OF_RAISES
    parts[:, _FROWN] = moved.brows[:, 3] + np.maximum(-drift, 0.0)
    parts[:, _SMILE] = np.maximum(0.0, 0.015 + 0.02 * moved.wander[:, _SMILE_DRIFT])
    # One product is much cheaper for a chunk of four rows than an assignment to each latent.
    return (parts @ _SPREAD).astype(np.float32)


def _spread() -> Values:
    """[18, 64]: the latents that follow each part."""
    table = np.zeros((len(_PARTS), len(NAMES)))
    for part, names in enumerate(_PARTS):
        table[part, [INDEX[name] for name in names]] = 1.0
    table[_LID, [INDEX["eyeSquintLeft"], INDEX["eyeSquintRight"]]] = _SQUINT_OF_LID
    table.flags.writeable = False
    return table


_SPREAD = _spread()
