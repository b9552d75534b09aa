"""Takes weights of emotions, gives what they add to a face: ARKit offsets, posture, tempo, size and breath.

Seven basic feelings (neutral is the absence of all) and five finer ones on brows, lids, nose and mouth. At full weight
a stranger names them from one frame, at half they are how people look who talk. What parts the lips is felt only while
the voice parts them too (`compose.py`): closures belong to the voice. The ten names of Audio2Face are all understood:
five are the basic ones under another name, five have a look of their own.

The shapes follow the action units usually listed for the basic emotions (Ekman's EMFACS: happy 6+12, sad 1+4+15, angry
4+5+7+23, surprised 1+2+5, fearful 1+2+4+5+20, disgusted 9+15, contemptuous 12+14 on one side); weights, tempo, size and
breath are ours: taste, not data. What it does not do: it never guesses a feeling from the voice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis.vocabulary import FEELINGS, NEUTRAL


class Look(NamedTuple):
    """One feeling at full weight: ARKit offsets (a name without Left/Right moves both sides), the head's turn (rad)
    and factors: size and tempo of the head's motion, blink rate, size of the mouth, pace and depth of the breath.
    """

    shapes: Mapping[str, float]
    head_pitch_rad: float = 0.0
    head_roll_rad: float = 0.0
    head_size: float = 1.0
    tempo: float = 1.0
    blinks: float = 1.0
    lips: float = 1.0
    breath: float = 1.0
    breath_size: float = 1.0


LOOKS: Mapping[str, Look] = {
    "happy": Look(
        {"mouthSmile": 0.75, "mouthDimple": 0.10, "cheekSquint": 0.66, "eyeSquint": 0.30, "browOuterUp": 0.12,
         "mouthUpperUp": 0.12},
        head_pitch_rad=math.radians(1.0), head_size=1.15, tempo=1.15, lips=1.05,
    ),
    "sad": Look(
        {"browInnerUp": 0.80, "browDown": 0.10, "mouthFrown": 0.80, "mouthShrugLower": 0.35, "eyeBlink": 0.12,
         "eyeSquint": 0.16},
        head_pitch_rad=math.radians(-5.5), head_roll_rad=math.radians(2.0), head_size=0.7, tempo=0.7, blinks=1.15,
        lips=0.85, breath=0.85,
    ),
    "angry": Look(
        {"browDown": 0.80, "browOuterUp": 0.22, "eyeSquint": 0.32, "eyeWide": 0.25, "noseSneer": 0.45,
         "mouthPress": 0.30, "mouthFrown": 0.35, "mouthLowerDown": 0.40, "mouthUpperUp": 0.20, "jawForward": 0.20},
        head_pitch_rad=math.radians(-4.0), head_size=1.15, tempo=1.3, blinks=0.75, lips=1.1, breath=1.25,
    ),
    "surprised": Look(
        {"browInnerUp": 0.80, "browOuterUp": 0.80, "eyeWide": 0.80, "jawOpen": 0.17},
        head_pitch_rad=math.radians(2.0), tempo=1.25, blinks=0.7, lips=1.05, breath=1.2,
    ),
    "fearful": Look(
        {"browInnerUp": 0.80, "browOuterUp": 0.20, "browDown": 0.25, "eyeWide": 0.80, "mouthStretch": 0.45,
         "mouthFrown": 0.10, "mouthLowerDown": 0.15, "jawOpen": 0.12},
        head_pitch_rad=math.radians(2.0), head_size=0.8, tempo=1.35, blinks=1.5, lips=0.95, breath=1.7,
    ),
    "disgusted": Look(
        {"noseSneer": 0.80, "browDown": 0.50, "eyeSquint": 0.45, "cheekSquint": 0.50, "mouthUpperUp": 0.50,
         "mouthFrown": 0.40, "mouthShrugLower": 0.20},
        head_pitch_rad=math.radians(3.0), head_roll_rad=math.radians(1.5), head_size=0.85, tempo=0.9, lips=0.95,
    ),
    "contemptuous": Look(
        {"mouthSmileLeft": 0.50, "mouthDimpleLeft": 0.50, "cheekSquintLeft": 0.30, "noseSneerLeft": 0.25,
         "eyeSquint": 0.25, "browOuterUpLeft": 0.55, "browDownRight": 0.45, "eyeBlink": 0.14},
        head_pitch_rad=math.radians(4.0), head_roll_rad=math.radians(2.0), head_size=0.8, tempo=0.85, blinks=0.8,
        lips=0.95,
    ),
    "amazement": Look(
        {"browInnerUp": 0.75, "browOuterUp": 0.75, "eyeWide": 0.60, "mouthSmile": 0.45, "cheekSquint": 0.25,
         "jawOpen": 0.16},
        head_pitch_rad=math.radians(2.5), head_size=1.1, tempo=1.15, blinks=0.7, lips=1.05, breath=1.15,
    ),
    "cheekiness": Look(
        {"mouthSmileLeft": 0.70, "mouthSmileRight": 0.30, "mouthDimpleLeft": 0.25, "cheekSquintLeft": 0.55,
         "eyeSquintLeft": 0.45, "eyeSquintRight": 0.12, "browOuterUpRight": 0.75, "browDownLeft": 0.25},
        head_roll_rad=math.radians(4.0), head_size=1.2, tempo=1.2, lips=1.05,
    ),
    "grief": Look(
        {"browInnerUp": 0.80, "browDown": 0.25, "mouthFrown": 0.80, "mouthShrugLower": 0.45, "eyeBlink": 0.28,
         "eyeSquint": 0.35, "cheekSquint": 0.35, "mouthStretch": 0.10, "mouthLowerDown": 0.10},
        head_pitch_rad=math.radians(-7.0), head_size=0.6, tempo=0.6, blinks=1.3, lips=0.85, breath=1.2, breath_size=1.8,
    ),
    "pain": Look(
        {"browDown": 0.80, "browInnerUp": 0.40, "eyeSquint": 0.75, "cheekSquint": 0.75, "noseSneer": 0.55,
         "mouthStretch": 0.40, "mouthUpperUp": 0.35, "mouthLowerDown": 0.15, "mouthFrown": 0.10, "eyeBlink": 0.22},
        head_roll_rad=math.radians(-3.0), head_size=0.8, tempo=1.1, blinks=1.2, breath=1.4, breath_size=1.5,
    ),
    "outofbreath": Look(
        {"browInnerUp": 0.55, "browOuterUp": 0.15, "noseSneer": 0.25, "eyeBlink": 0.16, "mouthFrown": 0.15,
         "jawOpen": 0.15, "mouthFunnel": 0.10},
        head_pitch_rad=math.radians(-1.0), head_size=0.85, tempo=0.9, lips=1.05, breath=2.4, breath_size=3.0,
    ),
}  # fmt: skip

BLENDS: Mapping[str, Mapping[str, float]] = {
    "amazement": {"amazement": 1.0},
    "anger": {"angry": 1.0},
    "cheekiness": {"cheekiness": 1.0},
    "disgust": {"disgusted": 1.0},
    "fear": {"fearful": 1.0},
    "grief": {"grief": 1.0},
    "joy": {"happy": 1.0},
    "outofbreath": {"outofbreath": 1.0},
    "pain": {"pain": 1.0},
    "sadness": {"sad": 1.0},
}
"""The ten names of Audio2Face as blends of FEELINGS."""


class Mood(NamedTuple):
    """What feelings do to the rest of the face, one row per frame, float64; factors but for `turn_rad`."""

    tempo: npt.NDArray[np.float64]
    blinks: npt.NDArray[np.float64]
    head_size: npt.NDArray[np.float64]
    lips: npt.NDArray[np.float64]
    breath: npt.NDArray[np.float64]
    breath_size: npt.NDArray[np.float64]
    turn_rad: npt.NDArray[np.float64]
    """[t, 3] yaw, pitch, roll added to the head."""


def _both_sides(name: str) -> tuple[str, ...]:
    return (name,) if name in ARKIT_NAMES else (name + "Left", name + "Right")


def _table() -> npt.NDArray[np.float32]:
    table = np.zeros((len(FEELINGS), len(ARKIT_NAMES)), np.float32)
    for row, feeling in enumerate(FEELINGS):
        for name, value in LOOKS[feeling].shapes.items():
            for side in _both_sides(name):
                table[row, ARKIT_NAMES.index(side)] = value
    table.flags.writeable = False
    return table


SHAPES: npt.NDArray[np.float32] = _table()
"""[12, 52] float32: row = feeling of FEELINGS at weight 1, column = ARKit name."""

_EFFECTS = np.array(
    [
        [look.tempo - 1.0, look.blinks - 1.0, look.head_size - 1.0, look.lips - 1.0, look.breath - 1.0,
         look.breath_size - 1.0, 0.0, look.head_pitch_rad, look.head_roll_rad]
        for look in map(LOOKS.__getitem__, FEELINGS)
    ]
)  # fmt: skip
_NO_EFFECT = np.array([1.0] * 6 + [0.0] * 3)


def weights_of(emotion: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Known names with weights 0..1 -> [12] float64; more than 1 in all is scaled down to 1."""
    weights = np.zeros(len(FEELINGS))
    for name, value in emotion.items():
        for part, share in BLENDS.get(name, {} if name == NEUTRAL else {name: 1.0}).items():
            weights[FEELINGS.index(part)] += share * value
    return weights / max(1.0, float(weights.sum()))


def mood_of_weights(weights: npt.NDArray[np.float64]) -> Mood:
    """`weights` [t, 12] -> what they do to tempo, sizes, blinks, breath and posture."""
    rows = _NO_EFFECT + weights @ _EFFECTS
    tempo, blinks, head_size, lips, breath, breath_size = rows[:, :6].T
    return Mood(tempo, blinks, head_size, lips, breath, breath_size, rows[:, 6:])
