"""Landmarks of a real photo: where they are, and that they move with the picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.portrait.detect import detect_faces
from visavis_runtime.face.portrait.landmarks import first_look, landmarks
from visavis_runtime.face.portrait.subject import Subject

U8 = npt.NDArray[np.uint8]
GOLDEN = {1: (223.0, 130.4), 33: (194.7, 100.1), 263: (255.3, 103.8), 61: (201.8, 139.0), 291: (244.8, 140.3)}


def _eyes_px(points: npt.NDArray[np.float32]) -> float:
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def _measured(rgb: U8) -> npt.NDArray[np.float32]:
    return landmarks(rgb, detect_faces(rgb)[0]).points


def test_points_of_the_astronaut(astronaut_subject: Subject) -> None:
    points, presence = astronaut_subject.landmarks
    assert points.shape == (478, 3)
    assert points.dtype == np.float32
    assert presence > 0.99
    for number, place in GOLDEN.items():
        np.testing.assert_allclose(points[number, :2], place, atol=1.0)


def test_irises_lie_in_the_eyes(astronaut_subject: Subject) -> None:
    points = astronaut_subject.landmarks.points
    for iris, outer, inner, upper, lower in ((468, 33, 133, 159, 145), (473, 263, 362, 386, 374)):
        assert min(points[[outer, inner], 0]) < points[iris, 0] < max(points[[outer, inner], 0])
        assert points[upper, 1] - 2 < points[iris, 1] < points[lower, 1] + 2


def test_depth_is_negative_towards_the_viewer(astronaut_subject: Subject) -> None:
    points = astronaut_subject.landmarks.points
    assert points[4, 2] < points[[234, 454], 2].min() - 10


def test_a_moved_picture_moves_the_points(astronaut: U8, astronaut_subject: Subject) -> None:
    points = astronaut_subject.landmarks.points
    moved = _measured(np.ascontiguousarray(astronaut[20:, 35:]))
    error = np.linalg.norm(moved[:, :2] + [35, 20] - points[:, :2], axis=1)
    assert error.mean() < 0.015 * _eyes_px(points)


def test_a_scaled_picture_scales_the_points(astronaut: U8, astronaut_subject: Subject) -> None:
    points = astronaut_subject.landmarks.points
    large = _measured(cv2.resize(astronaut, (1536, 1536), interpolation=cv2.INTER_CUBIC))
    error = np.linalg.norm((large[:, :2] + 0.5) / 3 - 0.5 - points[:, :2], axis=1)
    assert error.mean() < 0.02 * _eyes_px(points)


def test_a_mirrored_picture_mirrors_the_points(astronaut: U8, astronaut_subject: Subject) -> None:
    points = astronaut_subject.landmarks.points
    mirrored = _measured(np.ascontiguousarray(astronaut[:, ::-1]))[canonical_head().mirror]
    error = np.linalg.norm(mirrored[:, :2] * [-1, 1] + [511, 0] - points[:, :2], axis=1)
    assert error.mean() < 0.035 * _eyes_px(points)


@pytest.mark.usefixtures("weights")
def test_no_face_has_no_presence(astronaut: U8) -> None:
    (face,) = detect_faces(astronaut)
    elsewhere = face._replace(box=(20.0, 20.0, 110.0, 110.0), keypoints=face.keypoints - 160.0)
    assert first_look(astronaut, elsewhere).presence < 0.5
