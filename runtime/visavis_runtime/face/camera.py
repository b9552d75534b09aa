"""How a head lies in its picture, and how far it may turn: the camera, the limits, and what a file may hold of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
FAR_CM, FAR_PX = 1000.0, 10_000.0
"""Far outside what a portrait has, and far inside what overflows."""


class Camera(NamedTuple):
    """Scaled orthographic camera of the source picture.

    A head-frame point X projects as `p = scale * (rotation @ X) + translation`; picture px = (p_x, -p_y), depth = p_z
    (bigger is nearer). `rotation` [3, 3] holds the source pose, `translation` [3] px.
    """

    scale: float
    rotation: F32
    translation: F32


class Limits(NamedTuple):
    """Motion that this portrait stands, each (min, max): head rotations in radians, shifts in head widths."""

    yaw: tuple[float, float]
    pitch: tuple[float, float]
    roll: tuple[float, float]
    eye_yaw: tuple[float, float]
    eye_pitch: tuple[float, float]
    shift: tuple[float, float]


def camera_of(values: Mapping[str, Any]) -> Camera:
    """The camera; its rotation turns and does nothing else. Raises ValueError."""
    rotation = np.array(values["rotation"], np.float32).reshape(3, 3)
    translation = np.array(values["translation"], np.float32).reshape(3)
    # Written so that NaN fails too.
    if not (np.abs(rotation).max() < 1.01 and np.abs(rotation @ rotation.T - np.eye(3)).max() < 1e-3):
        raise ValueError("the camera's rotation is none")
    if np.linalg.det(rotation) < 0:
        raise ValueError("the camera's rotation is none")
    if not np.abs(translation).max() <= FAR_PX:
        raise ValueError("the camera's translation is out of range")
    return Camera(positive("scale", values["scale"]), rotation, translation)


def positive(name: str, value: Any) -> float:
    """A length or scale. Raises ValueError."""
    number = float(value)
    if not 1e-3 <= number <= FAR_CM:
        raise ValueError(f"{name} is {number:g}, expected 0.001 to {FAR_CM:g}")
    return number


def limits_of(values: Mapping[str, Any]) -> Limits:
    """Ranges about rest, none of more than half a turn. Raises ValueError."""
    limits = Limits(**{key: (float(low), float(high)) for key, (low, high) in values.items()})
    for name, (low, high) in limits._asdict().items():
        if not -math.pi <= low <= 0 <= high <= math.pi:
            raise ValueError(f"the limits of {name} are {low:g} to {high:g}")
    return limits
