"""The motion latent `visavis.face64.v1`: 64 named float32 that move any face.

0-51 are the ARKit shapes in Live Link order (0..1, Left/Right are the subject's), 52-60 the rotations of the head and
of the left and right eye as yaw, pitch, roll (radians), 61-63 the head's translation x, y, z (head widths; z is the
distance: towards the viewer is positive). +x is the subject's left, +y up, +z towards the viewer; yaw > 0 turns to the
subject's left, pitch > 0 looks up, roll > 0 tips to the subject's right shoulder.

The rotations of the eyes are the truth for the eyeballs; the eight `eyeLook*` shapes repeat them for engines that only
read ARKit (1.0 = `LOOK_YAW_RAD` or `LOOK_PITCH_RAD`) and move the lids. A renderer that finds both takes the larger.
"""

from __future__ import annotations

import math

SPACE = "visavis.face64.v1"

_EYE = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")

ARKIT_NAMES: tuple[str, ...] = (
    *(name + "Left" for name in _EYE),
    *(name + "Right" for name in _EYE),
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
POSE_NAMES: tuple[str, ...] = (
    "headYaw", "headPitch", "headRoll",
    "leftEyeYaw", "leftEyePitch", "leftEyeRoll",
    "rightEyeYaw", "rightEyePitch", "rightEyeRoll",
    "headX", "headY", "headZ",
)  # fmt: skip
NAMES: tuple[str, ...] = ARKIT_NAMES + POSE_NAMES
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}

SAMPLE_RATE_HZ = 16_000
"""Rate of the one clock: the sample index of the audio. Frame k at r frames a second has sample `k * 16000 // r`."""

LOOK_YAW_RAD = math.radians(30.0)
LOOK_PITCH_RAD = math.radians(25.0)


def sample_of_frame(frame: int, *, fps: int) -> int:
    """Sample index (16 kHz) that frame number `frame` belongs to."""
    return frame * SAMPLE_RATE_HZ // fps
