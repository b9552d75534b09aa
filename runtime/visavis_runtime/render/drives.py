"""Takes latents, gives what rigs do: limits softened, couplings of lids, jaw, tongue and gaze resolved.

Latents are bent towards the limits of each portrait, never cut. It knows no vertices (`geometry.py`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX, LOOK_PITCH_RAD, LOOK_YAW_RAD
from visavis_runtime.face.camera import Limits
from visavis_runtime.face.layers.eyes import Side
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.stretch import VIEWER_HEAD_WIDTHS, zoom_of

Float = npt.NDArray[np.float32]

SIDES: tuple[Side, ...] = ("left", "right")
KNEE = 0.85
"""Share of a limit up to which a latent is obeyed exactly; beyond it bends towards the limit."""
EYE_TO_NOSE = 0.21
"""Half the distance of the eyes, head widths: they converge on a viewer that comes nearer."""
AWAKE = 0.16
"""Weight of a shape of mouth or lids at which its region has left the picture for rest: p, b, m press with 0.18."""
TONGUE_JAW = 0.22
"""Jaw opening that lets the tongue out where the latents ask for a tongue between shut lips."""

MOUTH = [i for i, name in enumerate(ARKIT_NAMES) if name.startswith(("mouth", "jaw", "tongue"))]
LIDS = [[INDEX[f"{name}{side.capitalize()}"] for name in ("eyeBlink", "eyeSquint", "eyeWide")] for side in SIDES]
REGIONS = [MOUTH, *LIDS]
"""Columns of the shapes that move each region of `Avatar.neutral`."""
JAW_OPEN, MOUTH_CLOSE, TONGUE_OUT = (INDEX[name] for name in ("jawOpen", "mouthClose", "tongueOut"))
HEAD = [INDEX[f"head{name}"] for name in ("Yaw", "Pitch", "Roll", "X", "Y", "Z")]
EYES = np.array([[INDEX[f"{side}Eye{name}"] for name in ("Yaw", "Pitch", "Roll")] for side in SIDES])
BLINKS = [INDEX[f"eyeBlink{side.capitalize()}"] for side in SIDES]
LOOKS, SLEEPING = (
    np.array([[INDEX[f"eye{name}{side.capitalize()}"] for name in names] for side in SIDES])
    for names in (("LookIn", "LookOut", "LookUp", "LookDown"), ("Squint", "Wide", "LookUp", "LookDown"))
)
"""[2, 4] columns of the shapes of each eye: those that follow its gaze, and those that a shut lid lets go."""
LOOK_RAD = np.array([LOOK_YAW_RAD, LOOK_PITCH_RAD])
OUTWARDS = np.array([1.0, -1.0])
"""Yaw away from the nose, by `SIDES`."""
MOST_EYE_ROLL_RAD = 0.3


class Drive(NamedTuple):
    """Latents after limits and couplings: what the rig is told to do."""

    shapes: Float  # [52]
    neutral: Float  # [3], how far mouth and eyes have left the picture for rest
    rotation: Float  # [3, 3], head
    shift: Float  # [3], head widths, on the screen's axes
    zoom: float
    gaze: dict[Side, list[float]]  # yaw, pitch, roll of the eyeballs


class Drives(NamedTuple):
    """A batch of `Drive`, one row [B] each; zoom [B], gaze [B, 2, 3] in the order of `SIDES`."""

    shapes: Float
    neutral: Float
    rotation: Float
    shift: Float
    zoom: Float
    gaze: Float


def drives_from_latents(latents: Float, *, bounds: Float, neutral: Float) -> Drives:
    """Rows of latents [B, 64] -> what rigs do: limits softened, couplings of lids, jaw and gaze resolved.

    `bounds` [B, 10, 2] are those of each rig. `neutral` [B] 0..1: how far the face has left the picture for its rest. A
    region that moves goes there anyway: its shapes are made for the face at rest, on a laugh they would not shut the
    lips.
    """
    shapes = np.minimum(np.maximum(latents[:, :52], 0), 1)
    jaw, tongue, close = shapes[:, JAW_OPEN], shapes[:, TONGUE_OUT], shapes[:, MOUTH_CLOSE]
    jaw += TONGUE_JAW * tongue * (1 - jaw)
    np.minimum(close * (1 - tongue), jaw, out=close)
    moving = [shapes[:, columns].max(axis=1) for columns in REGIONS]
    away = np.minimum(np.maximum(np.stack(moving, axis=1) / np.float32(AWAKE), neutral[:, None]), 1)
    # The larger of gaze and look shapes turns an eye.
    look = shapes[:, LOOKS]
    shown = np.stack([OUTWARDS * (look[..., 1] - look[..., 0]), look[..., 2] - look[..., 3]], axis=2) * LOOK_RAD
    asked = latents[:, EYES]
    eyes = np.where(np.abs(asked[..., :2]) >= np.abs(shown), asked[..., :2], shown)
    wanted = np.concatenate([latents[:, HEAD], eyes.reshape(-1, 4)], axis=1).astype(np.float64)
    obeyed = within(wanted, bounds)
    yaw, pitch, roll, shift_x, shift_y, shift_z = obeyed[:, :6].T
    eyes = obeyed[:, 6:].reshape(-1, 2, 2)
    sideways, up = (eyes / LOOK_RAD).transpose(2, 0, 1)
    followed = np.stack([-OUTWARDS * sideways, OUTWARDS * sideways, up, -up], axis=2)
    shapes[:, LOOKS] = np.minimum(np.maximum(followed, 0), 1)
    # A shut lid is shut, whatever else pulls at it.
    shapes[:, SLEEPING] *= 1 - shapes[:, BLINKS, None]
    near = np.arctan(EYE_TO_NOSE / (VIEWER_HEAD_WIDTHS - shift_z)) - math.atan(EYE_TO_NOSE / VIEWER_HEAD_WIDTHS)
    gaze = np.empty((len(latents), 2, 3), np.float32)
    gaze[..., 0] = eyes[..., 0] - OUTWARDS * near[:, None]
    gaze[..., 1] = eyes[..., 1]
    gaze[..., 2] = np.minimum(np.maximum(asked[..., 2], -MOST_EYE_ROLL_RAD), MOST_EYE_ROLL_RAD)
    return Drives(
        shapes=shapes,
        neutral=away,
        rotation=rotation_from_angles(yaw, pitch, roll).astype(np.float32),
        shift=np.stack([shift_x, shift_y, np.zeros_like(shift_z)], axis=1).astype(np.float32),
        zoom=zoom_of(shift_z).astype(np.float32),
        gaze=gaze,
    )


def drive_of(drives: Drives, row: int) -> Drive:
    """One of a batch."""
    shapes, neutral, rotation, shift, zoom, gaze = (values[row] for values in drives)
    return Drive(shapes, neutral, rotation, shift, float(zoom), dict(zip(SIDES, gaze.tolist(), strict=True)))


def bounds_of(limits: Limits) -> Float:
    """[10, 2]: lowest and highest yaw, pitch, roll, x, y, z of the head, then yaw and pitch of each eye of `SIDES`."""
    eye = [limits.eye_yaw, limits.eye_pitch]
    rows = [limits.yaw, limits.pitch, limits.roll, *[limits.shift] * 3, *eye, *eye]
    return np.array(rows, np.float32)


def within(values: npt.NDArray[Any], bounds: Float) -> npt.NDArray[Any]:
    """Values [...] up to the knee of their bounds [..., 2], then bent so that they never pass them."""
    limit = np.maximum(np.where(values >= 0, bounds[..., 1], -bounds[..., 0]), 0)
    share = np.abs(values) / np.maximum(limit, 1e-9)
    bent = np.minimum(share, KNEE) + (1 - KNEE) * np.tanh(np.maximum(share - KNEE, 0) / (1 - KNEE))
    return np.asarray(np.copysign(bent * limit, values))
