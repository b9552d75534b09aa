"""Takes an avatar, gives the joints of its native head and how much of each vertex they carry.

Root (never moves) > Neck > Head. The Head joint stands where the skull sits on the neck and carries a vertex by the
avatar's own `head_weight`, so turning it moves the sheet exactly as the renderer does. What the head leaves is shared
by Neck and Root: an engine may bend the neck as well and the shoulders stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.part import Float

NECK_CM = (0.0, -6.5, -0.5)
ROOT_CM = (0.0, -16.0, -0.5)
"""Where the joints stand against the head's pivot."""


class Joint(NamedTuple):
    """A joint: its name, the number of its parent (-1 for none) and its place [3] cm in the head frame."""

    name: str
    parent: int
    place: Float


def joints_of(avatar: Avatar) -> list[Joint]:
    """Root, Neck, Head."""
    return [
        Joint("Root", -1, avatar.pivot + np.array(ROOT_CM, np.float32)),
        Joint("Neck", 0, avatar.pivot + np.array(NECK_CM, np.float32)),
        Joint("Head", 1, avatar.pivot.copy()),
    ]


def joint_weights(head_weight: Float) -> Float:
    """[n, 4] float32, rows sum to 1: Root, Neck, Head, nothing."""
    head = np.clip(head_weight, 0, 1).astype(np.float32)
    neck = (1 - head) * np.clip(2 * head, 0, 1)
    root = np.maximum(1 - head - neck, 0)
    weights = np.stack([root, neck, head, np.zeros_like(head)], axis=1)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
