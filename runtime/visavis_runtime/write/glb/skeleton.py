"""Takes an avatar, gives the joints of its native head and how much of each vertex they carry.

Root (never moves) > Chest > Neck > Head. The Head joint stands where the skull sits on the neck and carries a vertex by
the avatar's own `head_weight`, so turning it moves the sheet exactly as the renderer does. Chest carries what follows
the head's shifts by `body_weight`: the head hangs on it, so breath lifts both. Near the head a part of that share is
the Neck's, which an engine may bend; it stands still by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.geometry import Rig, rig_from_avatar
from visavis_runtime.write.glb.part import Float

NECK_CM = (0.0, -6.5, -0.5)
CHEST_CM = (0.0, -12.0, -0.5)
ROOT_CM = (0.0, -18.0, -0.5)
"""Where the joints stand against the head's pivot."""


class Joint(NamedTuple):
    """A joint: its name, the number of its parent (-1 for none) and its place [3] cm in the head frame."""

    name: str
    parent: int
    place: Float


def joints_of(avatar: Avatar) -> list[Joint]:
    """Root, Chest, Neck, Head: a chain."""
    return [
        Joint("Root", -1, avatar.pivot + np.array(ROOT_CM, np.float32)),
        Joint("Chest", 0, avatar.pivot + np.array(CHEST_CM, np.float32)),
        Joint("Neck", 1, avatar.pivot + np.array(NECK_CM, np.float32)),
        Joint("Head", 2, avatar.pivot.copy()),
    ]


def joint_weights(head_weight: Float, body_weight: Float) -> Float:
    """[n, 4] float32, rows sum to 1: Root, Chest, Neck, Head."""
    head = np.clip(head_weight, 0, 1).astype(np.float32)
    body = np.clip(body_weight, 0, 1 - head).astype(np.float32)
    neck = body * np.clip(2 * head, 0, 1)
    weights = np.stack([1 - head - body, body - neck, neck, head], axis=1)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def unlit_rig(avatar: Avatar, *, px_per_px: float = 1.0) -> Rig:
    """The renderer's rig without the light that it adds: for what moves, and how."""
    count = len(avatar.vertices)
    creases = np.zeros((len(avatar.shapes), count), np.float32)
    return rig_from_avatar(avatar, px_per_px=px_per_px, creases=creases, chin_shade=np.zeros(count, np.float32))
