"""Faces are found where they are, large and small; what has none gives none."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.face.portrait.detect import Face, detect_faces, overlap, score_upside_down, search_faces

pytestmark = pytest.mark.usefixtures("weights")
U8 = npt.NDArray[np.uint8]


def test_one_face_with_its_key_points(astronaut: U8) -> None:
    (face,) = detect_faces(astronaut)
    assert face.score > 0.9
    np.testing.assert_allclose(face.box, (178, 81, 272, 175), atol=4)
    right_eye, left_eye, nose, mouth = face.keypoints[:4]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < mouth[1]


def test_a_face_that_fills_the_picture(astronaut: U8) -> None:
    faces = detect_faces(np.ascontiguousarray(astronaut[75:180, 175:272]))
    assert faces[0].score > 0.7


def test_a_small_face_in_a_large_picture(astronaut: U8) -> None:
    large = np.full((3000, 3600, 3), 90, np.uint8)
    large[1700:2212, 2500:3012] = astronaut
    there = Face((2678.0, 1781.0, 2772.0, 1875.0), 1.0, np.zeros((6, 2)))
    assert any(overlap(face, there) > 0.5 for faces in search_faces(large) for face in faces)


def test_two_faces_side_by_side(astronaut: U8) -> None:
    both = np.hstack([astronaut, astronaut[:, ::-1]])
    faces = [face for face in detect_faces(both) if face.score > 0.8]
    assert len(faces) == 2
    assert sorted(face.box[0] > 512 for face in faces) == [False, True]


def test_a_blank_picture_has_none() -> None:
    assert list(search_faces(np.full((300, 300, 3), 128, np.uint8))) == [[], []]


def test_upside_down_scores_higher_when_turned(astronaut: U8) -> None:
    (face,) = detect_faces(astronaut)
    assert score_upside_down(astronaut, face) < face.score
    turned = np.ascontiguousarray(astronaut[::-1, ::-1])
    box = (511 - face.box[2], 511 - face.box[3], 511 - face.box[0], 511 - face.box[1])
    assert score_upside_down(turned, face._replace(box=box)) > 0.85


@settings(max_examples=30, deadline=None)
@given(st.floats(-200, 300), st.floats(-200, 300), st.floats(0.5, 400))
def test_any_box_can_be_looked_at(x: float, y: float, side: float) -> None:
    rgb = np.zeros((140, 151, 3), np.uint8)
    assert 0 <= score_upside_down(rgb, Face((x, y, x + side, y + side), 1.0, np.zeros((6, 2)))) <= 1


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_size_of_the_picture_does_not_matter(astronaut: U8, scale: float) -> None:
    (face,) = detect_faces(cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    np.testing.assert_allclose(np.array(face.box) / scale, (178, 81, 272, 175), atol=5)


def test_overlap() -> None:
    keypoints = np.zeros((6, 2))
    a = Face((0, 0, 10, 10), 1.0, keypoints)
    assert overlap(a, a) == pytest.approx(1)
    assert overlap(a, Face((5, 0, 15, 10), 1.0, keypoints)) == pytest.approx(1 / 3)
    assert overlap(a, Face((20, 0, 30, 10), 1.0, keypoints)) == 0
