"""Takes landmarks, gives the pose of the head: a camera that fits the mean head to them, and a portrait's gates.

Angles in radians: yaw > 0 turns to the subject's left, pitch > 0 looks up, roll > 0 tips the top of the head to the
subject's right shoulder. `R = Ry(yaw) @ Rx(-pitch) @ Rz(roll)` in a right-handed frame (x picture right, y up, z to
the viewer); the minus lets pitch > 0 lift the nose. The fit is the closed form of S. Umeyama (PAMI 1991) over all 468
points.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import PortraitError
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.portrait.canonical import FACE_POINTS, canonical_head

MIN_PRESENCE = 0.9
NO_PRESENCE = 0.5
MAX_YAW_RAD = math.radians(35.0)
WARN_YAW_RAD = math.radians(20.0)
MAX_PITCH_RAD = math.radians(25.0)
WARN_ROLL_RAD = math.radians(30.0)
MIN_HEAD_PX = 96.0
HEAD_TO_FACE = 1.25
"""Height of a head, crown to chin, by the height of its face, hairline to chin."""
_FOREHEAD, _CHIN = 10, 152


class Pose(NamedTuple):
    """How the head stands in the picture; angles in radians."""

    camera: Camera
    yaw_rad: float
    pitch_rad: float
    roll_rad: float


def rotation_from_angles(
    yaw_rad: npt.ArrayLike, pitch_rad: npt.ArrayLike, roll_rad: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Rotations [..., 3, 3] for angles [...] (broadcast), radians."""
    yaw, pitch, roll = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (yaw_rad, pitch_rad, roll_rad)))
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    out = np.empty((*yaw.shape, 3, 3))
    out[..., 0, 0], out[..., 0, 1], out[..., 0, 2] = cy * cr - sy * sp * sr, -cy * sr - sy * sp * cr, sy * cp
    out[..., 1, 0], out[..., 1, 1], out[..., 1, 2] = cp * sr, cp * cr, sp
    out[..., 2, 0], out[..., 2, 1], out[..., 2, 2] = -sy * cr - cy * sp * sr, sy * sr - cy * sp * cr, cy * cp
    return out


def angles_from_rotation(rotation: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], ...]:
    """Yaw, pitch, roll [...] in radians of rotations [..., 3, 3]; pitch within +-90 degrees."""
    r = np.asarray(rotation, np.float64)
    yaw = np.arctan2(r[..., 0, 2], r[..., 2, 2])
    pitch = np.arcsin(np.clip(r[..., 1, 2], -1.0, 1.0))
    roll = np.arctan2(r[..., 1, 0], r[..., 1, 1])
    return yaw, pitch, roll


def similarity(
    source: npt.NDArray[np.floating], target: npt.NDArray[np.floating]
) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Scale, rotation [3, 3], translation [3] that bring `source` [N, 3] onto `target` [N, 3] with least squares.

    `target = scale * rotation @ source + translation`.
    """
    source, target = source.astype(np.float64), target.astype(np.float64)
    centre_a, centre_b = source.mean(0), target.mean(0)
    a, b = source - centre_a, target - centre_b
    u, s, vt = np.linalg.svd(b.T @ a / len(a))
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = float((s * sign).sum() / (a**2).sum() * len(a))
    return scale, rotation, centre_b - scale * rotation @ centre_a


def fit_pose(points: npt.NDArray[np.floating]) -> Pose:
    """Pose of landmarks [478, 3] in px (x right, y down, z negative towards the viewer)."""
    space = points[:FACE_POINTS].astype(np.float64) * np.array([1.0, -1.0, -1.0])
    scale, rotation, translation = similarity(canonical_head().points[:FACE_POINTS], space)
    yaw, pitch, roll = (float(angle) for angle in angles_from_rotation(rotation))
    camera = Camera(scale, rotation.astype(np.float32), translation.astype(np.float32))
    return Pose(camera, yaw, pitch, roll)


def head_height_px(points: npt.NDArray[np.floating]) -> float:
    """Height of the head in the picture, crown to chin, px; from landmarks [478, 3]."""
    return HEAD_TO_FACE * float(np.linalg.norm(points[_FOREHEAD, :2] - points[_CHIN, :2]))


def gates(points: npt.NDArray[np.floating], *, presence: float, pose: Pose) -> tuple[str, ...]:
    """Warnings about a face that can be animated, each one sentence.

    Args:
        points: landmarks [478, 3] px of the picture as the user gave it (not of a crop: the size counts).
        presence: 0..1, how sure the landmark network is that there is a face.
        pose: `fit_pose(points)`.

    Raises:
        PortraitError: FACE_NOT_FOUND, FACE_UNCLEAR, FACE_POSE or FACE_SMALL, with the measured value and the limit.
    """
    check_presence(presence)
    yaw, pitch, roll = (math.degrees(angle) for angle in (pose.yaw_rad, pose.pitch_rad, pose.roll_rad))
    side = "left" if yaw > 0 else "right"
    if abs(pose.yaw_rad) > MAX_YAW_RAD:
        raise PortraitError(
            f"The head is turned {abs(yaw):.1f} degrees to the subject's {side}; at most {_degrees(MAX_YAW_RAD)} can "
            f"be animated: use a picture in which both eyes are seen fully.",
            reason="FACE_POSE",
        )
    if abs(pose.pitch_rad) > MAX_PITCH_RAD:
        raise PortraitError(
            f"The head looks {abs(pitch):.1f} degrees {'up' if pitch > 0 else 'down'}; at most "
            f"{_degrees(MAX_PITCH_RAD)} can be animated: use a picture taken at eye level.",
            reason="FACE_POSE",
        )
    height = head_height_px(points)
    if height < MIN_HEAD_PX:
        raise PortraitError(
            f"The head is {height:.0f} px high from crown to chin; at least {MIN_HEAD_PX:.0f} px are needed: use a "
            f"picture with a larger face.",
            reason="FACE_SMALL",
        )
    warnings = []
    if abs(pose.yaw_rad) > WARN_YAW_RAD:
        warnings.append(
            f"The head is turned {abs(yaw):.0f} degrees to the subject's {side} (more than {_degrees(WARN_YAW_RAD)}): "
            f"its motion is limited; a picture closer to the front moves more freely."
        )
    if abs(pose.roll_rad) > WARN_ROLL_RAD:
        warnings.append(
            f"The head is tipped {abs(roll):.0f} degrees (more than {_degrees(WARN_ROLL_RAD)}): turn the picture "
            f"upright for a better result."
        )
    return tuple(warnings)


def check_presence(presence: float) -> None:
    """Raises: PortraitError FACE_NOT_FOUND or FACE_UNCLEAR if the landmark network is not sure of a face."""
    if presence < NO_PRESENCE:
        raise PortraitError(
            f"No human-like face was found (presence {presence:.2f}, needed is {MIN_PRESENCE}): use a picture with one "
            f"face, upright and seen from the front.",
            reason="FACE_NOT_FOUND",
        )
    if presence < MIN_PRESENCE:
        raise PortraitError(
            f"The face is not clear enough (presence {presence:.2f}, needed is {MIN_PRESENCE}): use a picture in which "
            f"nothing covers eyes, nose and mouth.",
            reason="FACE_UNCLEAR",
        )


def _degrees(angle_rad: float) -> str:
    return f"{math.degrees(angle_rad):.0f}"
