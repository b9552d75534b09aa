"""Takes a picture, gives the one face that is to be animated: found, measured, and past the gates.

A find of the detector counts as a face only if the landmark network is sure of it as well (presence): faces in a
wallpaper, a logo or the folds of a dress are found now and then, but have no presence. Faces much smaller than the
largest are bystanders and do not make a picture ambiguous; two of like size do, and then the user has to choose.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import PortraitError
from visavis_runtime.face.detect import Face, detect_faces
from visavis_runtime.face.landmarks import Landmarks, landmarks
from visavis_runtime.face.pose import MIN_PRESENCE, Pose, check_presence, fit_pose, gates

BYSTANDER_SHARE = 0.35
"""A face whose box is less high than this share of the largest one is a bystander, unless it is picked by number."""
MAX_FINDS = 12


class Subject(NamedTuple):
    """The face to animate; warnings are whole sentences."""

    face: Face
    landmarks: Landmarks
    pose: Pose
    warnings: tuple[str, ...]


def find_subject(rgb: npt.NDArray[np.uint8], *, face_index: int | None = None) -> Subject:
    """The face of a portrait [H, W, 3] uint8.

    Args:
        rgb: the picture as the user gave it.
        face_index: which face, counted from 0 by size, the largest first; None = there must be only one.

    Raises:
        PortraitError: FACE_NOT_FOUND, FACE_UNCLEAR, FACE_AMBIGUOUS (boxes listed), FACE_INDEX, FACE_POSE, FACE_SMALL.
        WeightsError: the networks cannot be had.
    """
    finds = [(face, landmarks(rgb, face)) for face in detect_faces(rgb)[:MAX_FINDS]]
    if not finds:
        check_presence(0.0)
    faces = [find for find in finds if find[1].presence >= MIN_PRESENCE]
    if not faces:
        check_presence(max(find[1].presence for find in finds))
    face, marks = _chosen(faces, face_index)
    pose = fit_pose(marks.points)
    return Subject(face, marks, pose, gates(marks.points, presence=marks.presence, pose=pose))


def _chosen(faces: list[tuple[Face, Landmarks]], face_index: int | None) -> tuple[Face, Landmarks]:
    """The face with that number, or the only one."""
    listing = "; ".join(f"{i}: {_box_text(face)}" for i, (face, _) in enumerate(faces))
    if face_index is not None:
        if not 0 <= face_index < len(faces):
            raise PortraitError(
                f"There is no face {face_index}: {len(faces)} found ({listing}); choose one of them with --face N.",
                reason="FACE_INDEX",
            )
        return faces[face_index]
    large = [face for face, _ in faces if _height(face) >= BYSTANDER_SHARE * _height(faces[0][0])]
    if len(large) > 1:
        raise PortraitError(
            f"{len(large)} faces were found, only one can be animated ({listing}); choose one with --face N.",
            reason="FACE_AMBIGUOUS",
        )
    return faces[0]


def _height(face: Face) -> float:
    return face.box[3] - face.box[1]


def _box_text(face: Face) -> str:
    """Where a face is, for people: size and left top corner of its box."""
    x0, y0, x1, y1 = (round(value) for value in face.box)
    return f"{x1 - x0}x{y1 - y0} px at x {x0}, y {y0}"
