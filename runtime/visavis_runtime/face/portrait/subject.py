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
from visavis_runtime.face.portrait.detect import Face, score_upside_down, search_faces
from visavis_runtime.face.portrait.landmarks import Landmarks, first_look, landmarks
from visavis_runtime.face.portrait.pose import MIN_PRESENCE, Pose, check_presence, fit_pose, gates
from visavis_runtime.face.rings import EYES, LIPS

BYSTANDER_SHARE = 0.35
"""A face whose box is less high than this share of the largest one is a bystander, unless it is picked by number."""
SURE_SCORE, SURE_PRESENCE = 0.5, 0.99
"""A find with a lower score needs the higher presence: patterns may have one of the two, faces have both."""
MAX_FINDS = 12
SAME_FACE = 0.25
"""Finds whose landmarks have their middles so near to each other, by the height of the box, are one face."""
UPSIDE_DOWN_SCORE, UPSIDE_DOWN_MARGIN = 0.85, 0.15
"""A face is upside down if it scores so much, and so much more, when it is turned by half a turn."""
CUT_SHARE, MOST_CUT = 0.02, 0.5
"""How far beyond the picture, by the face's height, a landmark surely is; how much of a mouth or an eye may be."""
FOREHEAD, CHIN, SIDES = 10, 152, [234, 454]


class Subject(NamedTuple):
    """The face to animate; warnings are whole sentences."""

    face: Face
    landmarks: Landmarks
    pose: Pose
    warnings: tuple[str, ...]


def find_subject(rgb: npt.NDArray[np.uint8], *, face_number: int = 0) -> Subject:
    """The face of a portrait [H, W, 3] uint8.

    Args:
        rgb: the picture as the user gave it.
        face_number: which face from the left, 1, 2, ...; 0 = there must be only one.

    Raises:
        PortraitError: FACE_NOT_FOUND, FACE_UNCLEAR, FACE_AMBIGUOUS (boxes listed), FACE_INDEX, FACE_POSE, FACE_SMALL,
            FACE_CUT.
        WeightsError: the networks cannot be had.
    """
    face = _chosen(_present_faces(rgb), face_number)
    marks = landmarks(rgb, face)
    pose = fit_pose(marks.points)
    warnings = gates(marks.points, presence=marks.presence, pose=pose)
    return Subject(face, marks, pose, (*warnings, *_cut_off(marks.points, shape=rgb.shape[:2])))


def _cut_off(points: npt.NDArray[np.float32], *, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Warnings about a face [478, 3] px that goes on beyond the edge of its picture [H, W].

    Raises: PortraitError FACE_CUT if the mouth or an eye lies beyond it for the most part.
    """
    height, width = shape
    away = np.maximum(np.maximum(-points[:, 0], points[:, 0] - width), np.maximum(-points[:, 1], points[:, 1] - height))
    outside = away > CUT_SHARE * np.linalg.norm(points[FOREHEAD, :2] - points[CHIN, :2])
    advice = "use a picture that shows the whole face."
    parts = (("the mouth", LIPS), ("an eye", EYES["left"].lid_line), ("an eye", EYES["right"].lid_line))
    for name, ring in parts:
        if outside[list(ring)].mean() > MOST_CUT:
            raise PortraitError(f"The picture is cut where {name} would be; {advice}", reason="FACE_CUT")
    for name, ring in parts:
        if outside[list(ring)].any():
            return (f"The picture cuts {name}, what is missing of it is made up; {advice}",)
    for name, ends in (("chin", [CHIN]), ("forehead", [FOREHEAD]), ("side of the face", SIDES)):
        if outside[ends].any():
            return (f"The picture cuts the {name}: beyond it a mirrored piece comes into view; {advice}",)
    return ()


def _present_faces(rgb: npt.NDArray[np.uint8]) -> list[Face]:
    """The faces that `face_number` counts: of the first pass that shows any, from the left.

    Raises: PortraitError FACE_NOT_FOUND, FACE_UNCLEAR or, if all are upside down, FACE_POSE.
    """
    presence, doubtful = 0.0, []
    for finds in search_faces(rgb):
        looks = [(face, first_look(rgb, face)) for face in finds[:MAX_FINDS]]
        sure = [
            (face, look)
            for face, look in looks
            if look.presence >= (MIN_PRESENCE if face.score >= SURE_SCORE else SURE_PRESENCE)
        ]
        if sure:
            return _upright(rgb, _each_once(sure))
        doubtful += [face for face, look in looks if look.presence >= MIN_PRESENCE]
        presence = max([presence, *(look.presence for _, look in looks)])
    check_presence(presence)
    return _upright(rgb, doubtful[:1])


def _each_once(looks: list[tuple[Face, Landmarks]]) -> list[Face]:
    """The faces, the best find of each: beside a large face the detector may see it once more, half beside it."""
    faces: list[Face] = []
    places: list[npt.NDArray[np.float32]] = []
    for face, look in looks:  # the best score first
        middle = look.points[:, :2].mean(axis=0)
        if all(np.linalg.norm(middle - place) > SAME_FACE * _height(face) for place in places):
            faces.append(face)
            places.append(middle)
    return faces


def _upright(rgb: npt.NDArray[np.uint8], faces: list[Face]) -> list[Face]:
    """The faces that are not upside down, from the left."""
    upright = [
        face
        for face in faces
        if score_upside_down(rgb, face) <= max(UPSIDE_DOWN_SCORE, face.score + UPSIDE_DOWN_MARGIN)
    ]
    if not upright:
        raise PortraitError("The face is upside down; turn the picture by half a turn.", reason="FACE_POSE")
    return sorted(upright, key=lambda face: face.box[0])


def _chosen(faces: list[Face], face_number: int) -> Face:
    """The face with that number, or the only one."""
    listing = "from the left: " + "; ".join(f"{number}: {_box_text(face)}" for number, face in enumerate(faces, 1))
    if face_number:
        if not 1 <= face_number <= len(faces):
            raise PortraitError(
                f"There is no face {face_number}: {len(faces)} found ({listing}); choose one by its number (--face N, "
                "or face=N).",
                reason="FACE_INDEX",
            )
        return faces[face_number - 1]
    largest = max(faces, key=lambda face: face.area)
    large = [face for face in faces if _height(face) >= BYSTANDER_SHARE * _height(largest)]
    if len(large) > 1:
        raise PortraitError(
            f"{len(large)} faces were found, only one can be animated ({listing}); choose one by its number (--face "
            "N, or face=N).",
            reason="FACE_AMBIGUOUS",
        )
    return largest


def _height(face: Face) -> float:
    return face.box[3] - face.box[1]


def _box_text(face: Face) -> str:
    """Where a face is, for people: size and left top corner of its box."""
    x0, y0, x1, y1 = (round(value) for value in face.box)
    return f"{x1 - x0}x{y1 - y0} px at x {x0}, y {y0}"
