"""The names that ACE clients know: shapes, joints, emotions, face parameters and where the services are.

Shapes are the 52 ARKit names in PascalCase, in the order of the latent. What it does not do: the 16 tongue shapes have
no like here; clients send weights for them and get none.
"""

from __future__ import annotations

from typing import NamedTuple

from visavis.latents import ARKIT_NAMES
from visavis_runtime.motion.emotion import BLENDS

TALK_SERVICE = "nvidia_ace.services.a2f_controller.v1.A2FControllerService"
TALK_METHOD = "ProcessAudioStream"
CONFIG_SERVICE = "nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService"
CONFIG_METHOD = "GetConfigs"
AGGREGATE_KEY = "emotion_aggregate"
AGGREGATE_TYPE = "type.googleapis.com/nvidia_ace.emotion_aggregate.v1.EmotionAggregate"
"""What NVIDIA's client unpacks; the bytes inside are ours, of the same numbers and types."""

SHAPES: tuple[str, ...] = tuple(name[0].upper() + name[1:] for name in ARKIT_NAMES)
JOINTS: tuple[str, ...] = ("Head", "LeftEye", "RightEye")
EMOTIONS: tuple[str, ...] = tuple(BLENDS)
"""The ten, in alphabetical order."""
NEUTRAL = "neutral"
"""Not one of the ten, but some clients send it: the absence of all."""


class Dial(NamedTuple):
    """A face parameter: its value when it is not sent, and what is allowed (outside, it is clamped with a warning)."""

    default: float
    low: float
    high: float


FACE_DIALS: dict[str, Dial] = {
    "upperFaceStrength": Dial(1.0, 0.0, 2.0),
    "lowerFaceStrength": Dial(1.0, 0.0, 2.0),
    "skinStrength": Dial(1.0, 0.0, 2.0),
    "tongueStrength": Dial(1.0, 0.0, 3.0),
    "blinkStrength": Dial(1.0, 0.0, 2.0),
    "blinkOffset": Dial(0.0, -1.0, 1.0),
    "eyelidOpenOffset": Dial(0.0, -1.0, 1.0),
    "lipOpenOffset": Dial(0.0, -0.2, 0.2),
    "upperFaceSmoothing": Dial(0.0, 0.0, 0.1),
    "lowerFaceSmoothing": Dial(0.0, 0.0, 0.1),
}
"""The face parameters that do something here; all others are named in a status message."""
EMOTION_DIALS: dict[str, Dial] = {
    "emotion_strength": Dial(0.6, 0.0, 1.0),
    "max_emotions": Dial(3, 1, 6),
}
SEED = "seed"
"""An integer parameter of our own: the seed of gestures, for a clip that must come out the same again."""
