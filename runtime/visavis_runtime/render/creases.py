"""Takes an avatar, gives the light that each shape takes away or adds by itself: folds, rolled lips, the chin's shadow.

A mesh of some hundred vertices has no room for a nasolabial fold or for the roll of a lip; its normals say little about
them. So every shape brings a small change of light at the landmarks where faces fold, spread over their neighbours.
After the expression ratio image of Z. Liu et al., 2001, authored instead of measured. It moves nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar

Float = npt.NDArray[np.float32]

CREASES: dict[str, dict[int, float]] = {
    "mouthPucker": {17: -0.16, 84: -0.12, 314: -0.12, 16: 0.08, 15: 0.10, 0: -0.05, 11: 0.05, 12: 0.05,
                    61: -0.07, 291: -0.07, 76: -0.06, 306: -0.06, 57: -0.06, 287: -0.06, 18: -0.08},
    "mouthFunnel": {17: -0.14, 84: -0.10, 314: -0.10, 16: 0.08, 15: 0.10, 11: 0.06, 12: 0.06,
                    61: -0.06, 291: -0.06, 57: -0.05, 287: -0.05, 18: -0.08},
    "mouthSmileRight": {206: -0.08, 216: -0.10, 203: -0.05, 207: -0.05, 57: -0.08, 61: -0.05, 205: 0.02, 50: 0.02},
    "mouthSmileLeft": {426: -0.08, 436: -0.10, 423: -0.05, 427: -0.05, 287: -0.08, 291: -0.05, 425: 0.02, 280: 0.02},
    "mouthStretchRight": {57: -0.08, 216: -0.05}, "mouthStretchLeft": {287: -0.08, 436: -0.05},
    "mouthDimpleRight": {57: -0.14, 61: -0.06}, "mouthDimpleLeft": {287: -0.14, 291: -0.06},
    "mouthFrownRight": {43: -0.08, 106: -0.06}, "mouthFrownLeft": {273: -0.08, 335: -0.06},
    "mouthRollLower": {17: -0.10, 84: -0.08, 314: -0.08, 14: -0.12, 15: -0.14, 16: -0.12},
    "mouthRollUpper": {13: -0.10, 12: -0.10, 11: -0.06},
    "mouthShrugLower": {18: -0.12, 83: -0.10, 313: -0.10, 200: 0.06},
    "jawOpen": {17: -0.06, 18: -0.05, 206: -0.04, 426: -0.04},
    "browDownRight": {55: -0.06, 9: -0.05, 107: -0.05}, "browDownLeft": {285: -0.06, 9: -0.05, 336: -0.05},
    "noseSneerRight": {129: -0.08, 203: -0.06}, "noseSneerLeft": {358: -0.08, 423: -0.06},
    "cheekSquintRight": {118: -0.06}, "cheekSquintLeft": {347: -0.06},
}  # fmt: skip
"""Change of light by shape and landmark at full weight."""
SPREAD_CM = 0.42
"""Reach of one entry."""


def creases_of(avatar: Avatar) -> Float:
    """[52, V] float32: change of light at each vertex for each shape at full weight."""
    change = np.zeros((len(avatar.shapes), len(avatar.vertices)), np.float32)
    for name, places in CREASES.items():
        for landmark, amount in places.items():
            apart = np.linalg.norm(avatar.vertices - avatar.vertices[landmark], axis=1)
            change[INDEX[name]] += amount * np.exp(-((apart / SPREAD_CM) ** 2))
    return change
