"""Takes an avatar, gives the light that each shape takes away or adds by itself: rolled lips, soft hollows, the chin's
shadow on the neck.

Normals of a coarse mesh say little about the roll of a lip, and nothing about what lies in the shade of something. So
shapes bring a small change of light at landmarks, spread over their neighbours; sharp lines are `folds`. After the
expression ratio image of Z. Liu et al., 2001, authored instead of measured. It moves nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.portrait.drawn import shaded
from visavis_runtime.face.rings import JAW_LINE

Float = npt.NDArray[np.float32]

CREASES: dict[str, dict[int, float]] = {
    "mouthPucker": {17: -0.16, 84: -0.12, 314: -0.12, 16: 0.08, 15: 0.10, 0: -0.05, 11: 0.05, 12: 0.05,
                    61: -0.07, 291: -0.07, 76: -0.06, 306: -0.06, 57: -0.06, 287: -0.06, 18: -0.08},
    "mouthFunnel": {17: -0.14, 84: -0.10, 314: -0.10, 16: 0.08, 15: 0.10, 11: 0.06, 12: 0.06,
                    61: -0.06, 291: -0.06, 57: -0.05, 287: -0.05, 18: -0.08},
    "mouthSmileRight": {57: -0.08, 61: -0.05, 205: 0.03, 50: 0.03},
    "mouthSmileLeft": {287: -0.08, 291: -0.05, 425: 0.03, 280: 0.03},
    "mouthStretchRight": {57: -0.08}, "mouthStretchLeft": {287: -0.08},
    "mouthDimpleRight": {57: -0.14, 61: -0.06}, "mouthDimpleLeft": {287: -0.14, 291: -0.06},
    "mouthFrownRight": {43: -0.08, 106: -0.06}, "mouthFrownLeft": {273: -0.08, 335: -0.06},
    "mouthRollLower": {17: -0.10, 84: -0.08, 314: -0.08, 14: -0.12, 15: -0.14, 16: -0.12},
    "mouthRollUpper": {13: -0.10, 12: -0.10, 11: -0.06},
    "mouthShrugLower": {18: -0.12, 83: -0.10, 313: -0.10, 200: 0.06},
    "jawOpen": {17: -0.06, 18: -0.05, 206: -0.04, 426: -0.04},
    "browDownRight": {55: -0.08, 221: -0.12, 222: -0.10, 223: -0.06, 189: -0.10, 193: -0.06},
    "browDownLeft": {285: -0.08, 441: -0.12, 442: -0.10, 443: -0.06, 413: -0.10, 417: -0.06},
    "noseSneerRight": {129: -0.06}, "noseSneerLeft": {358: -0.06},
    "cheekSquintRight": {118: -0.06}, "cheekSquintLeft": {347: -0.06},
}  # fmt: skip
"""Change of light by shape and landmark at full weight."""
SPREAD_CM = 0.42
"""Reach of one entry."""
CHIN_REACH_CM, CHIN_SHADE = 2.6, 0.20
"""How far the open jaw shades the neck, and how dark."""


def chin_shade(avatar: Avatar) -> Float:
    """[V] float32, 0..1: how much a vertex lies in the shade of the chin, as far as that reaches."""
    jaw = avatar.vertices[list(JAW_LINE)]
    apart = np.linalg.norm(avatar.vertices[:, None, :2] - jaw[None, :, :2], axis=2).min(axis=1)
    below = np.clip((jaw[:, 1].max() - avatar.vertices[:, 1]) / 4, 0, 1)
    shade = np.exp(-((apart / CHIN_REACH_CM) ** 2)) * below
    shade[:FACE_POINTS] = 0
    return np.asarray(shade, np.float32)


def creases_of(avatar: Avatar) -> Float:
    """[52, V] float32: change of light at each vertex for each shape at full weight."""
    change = np.zeros((len(avatar.shapes), len(avatar.vertices)), np.float32)
    for name, places in CREASES.items():
        for landmark, amount in places.items():
            apart = np.linalg.norm(avatar.vertices - avatar.vertices[landmark], axis=1)
            change[INDEX[name]] += amount * np.exp(-((apart / SPREAD_CM) ** 2))
    change[INDEX["jawOpen"]] -= CHIN_SHADE * chin_shade(avatar)
    return change * np.float32(shaded(avatar.meta))
