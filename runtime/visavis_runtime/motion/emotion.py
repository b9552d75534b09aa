"""Takes weights of emotions, gives what they add to a face: ARKit offsets, head posture and tempo.

Eight feelings (neutral is the absence of the other seven) on brows, lids, nose and mouth corners, kept small enough
that lips can still speak: none opens the jaw, because closures belong to the voice. The names of other systems
(Audio2Face's ten) are understood as blends. The numbers are ours, after the action units usually listed for the basic
emotions (Ekman's EMFACS); they are taste, not data. What it does not do: it never guesses a feeling from the voice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES


class Look(NamedTuple):
    """One feeling at full weight: ARKit offsets (a name without Left/Right moves both sides), the head's pitch (rad),
    and factors on the size and the tempo of the head's motion and on the blink rate.
    """

    shapes: Mapping[str, float]
    head_pitch_rad: float = 0.0
    head_size: float = 1.0
    tempo: float = 1.0
    blinks: float = 1.0


LOOKS: Mapping[str, Look] = {
    "happy": Look(
        {"mouthSmile": 0.50, "mouthDimple": 0.12, "cheekSquint": 0.45, "eyeSquint": 0.18, "browOuterUp": 0.10},
        head_size=1.15, tempo=1.15,
    ),
    "sad": Look(
        {"browInnerUp": 0.60, "browDown": 0.12, "mouthFrown": 0.45, "mouthShrugLower": 0.15, "eyeBlink": 0.16},
        head_pitch_rad=math.radians(-3.5), head_size=0.7, tempo=0.7, blinks=1.15,
    ),
    "angry": Look(
        {"browDown": 0.75, "eyeSquint": 0.30, "noseSneer": 0.25, "mouthPress": 0.20, "mouthFrown": 0.20},
        head_pitch_rad=math.radians(-2.0), head_size=1.15, tempo=1.3, blinks=0.75,
    ),
    "surprised": Look(
        {"browInnerUp": 0.55, "browOuterUp": 0.70, "eyeWide": 0.60},
        head_pitch_rad=math.radians(1.0), tempo=1.15, blinks=0.7,
    ),
    "fearful": Look(
        {"browInnerUp": 0.75, "browOuterUp": 0.20, "browDown": 0.15, "eyeWide": 0.45, "mouthStretch": 0.28},
        head_pitch_rad=math.radians(1.0), head_size=0.8, tempo=1.35, blinks=1.5,
    ),
    "disgusted": Look(
        {"noseSneer": 0.60, "browDown": 0.35, "eyeSquint": 0.30, "cheekSquint": 0.25, "mouthFrown": 0.25},
        head_pitch_rad=math.radians(1.5), head_size=0.85, tempo=0.9,
    ),
    "contemptuous": Look(
        {"mouthSmileLeft": 0.32, "mouthDimpleLeft": 0.45, "eyeSquint": 0.15, "browOuterUpLeft": 0.25,
         "browDownRight": 0.15, "eyeBlink": 0.10},
        head_pitch_rad=math.radians(2.5), head_size=0.8, tempo=0.85, blinks=0.8,
    ),
}  # fmt: skip

EMOTIONS: tuple[str, ...] = tuple(LOOKS)
NEUTRAL = "neutral"

BLENDS: Mapping[str, Mapping[str, float]] = {
    "joy": {"happy": 1.0},
    "sadness": {"sad": 1.0},
    "anger": {"angry": 1.0},
    "fear": {"fearful": 1.0},
    "disgust": {"disgusted": 1.0},
    "amazement": {"surprised": 0.8, "happy": 0.3},
    "cheekiness": {"happy": 0.5, "contemptuous": 0.5},
    "grief": {"sad": 1.0, "fearful": 0.25},
    "pain": {"sad": 0.5, "disgusted": 0.5},
    "outofbreath": {"surprised": 0.25, "sad": 0.15},
}


def _both_sides(name: str) -> tuple[str, ...]:
    return (name,) if name in ARKIT_NAMES else (name + "Left", name + "Right")


def _table() -> npt.NDArray[np.float32]:
    table = np.zeros((len(EMOTIONS), len(ARKIT_NAMES)), np.float32)
    for row, look in enumerate(LOOKS.values()):
        for name, value in look.shapes.items():
            for side in _both_sides(name):
                table[row, ARKIT_NAMES.index(side)] = value
    table.flags.writeable = False
    return table


SHAPES: npt.NDArray[np.float32] = _table()
"""[7, 52] float32: row = emotion of EMOTIONS at weight 1, column = ARKit name."""

HEAD_PITCH_RAD = np.array([look.head_pitch_rad for look in LOOKS.values()])
HEAD_SIZE = np.array([look.head_size for look in LOOKS.values()])
TEMPO = np.array([look.tempo for look in LOOKS.values()])
BLINKS = np.array([look.blinks for look in LOOKS.values()])


def weights_of(emotion: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Known names with weights 0..1 -> [7] float64; more than 1 in all is scaled down to 1."""
    weights = np.zeros(len(EMOTIONS))
    for name, value in emotion.items():
        for part, share in BLENDS.get(name, {} if name == NEUTRAL else {name: 1.0}).items():
            weights[EMOTIONS.index(part)] += share * value
    return weights / max(1.0, float(weights.sum()))
