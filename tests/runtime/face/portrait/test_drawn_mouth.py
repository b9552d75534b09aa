"""Lips come to lie on the stroke of a drawn mouth; photos, shaded drawings and open mouths keep their landmarks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from anime_face import INK, anime_face

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.portrait.drawn_mouth import lips_on_stroke
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def drawn() -> Crop:
    rgb = anime_face()
    return crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)


def test_the_seam_lies_on_the_stroke_from_end_to_end(drawn: Crop) -> None:
    points = lips_on_stroke(drawn.square, points=drawn.points)
    ink = np.abs(drawn.square.astype(int) - INK).max(axis=2) < 90
    for ring in (rings.UPPER_RINGS[-1], rings.LOWER_RINGS[-1]):
        x, y = np.rint(points[list(ring[1:-1]), :2]).astype(int).T
        assert ink[y, x].all()
    low, high = points[78, :2], points[308, :2]
    y, x = np.nonzero(ink[int(low[1]) - 12 : int(low[1]) + 12, int(low[0]) - 20 : int(high[0]) + 20])
    assert abs(x.min() - 20) < 4
    assert abs(x.max() - 20 - (high[0] - low[0])) < 4


def test_the_skin_moves_along_and_nothing_crosses(drawn: Crop) -> None:
    points = lips_on_stroke(drawn.square, points=drawn.points)
    moved = np.linalg.norm(points[:, :2] - drawn.points[:, :2], axis=1)
    assert moved[[33, 263, 10, 1]].max() < 0.5
    for upper, lower in zip(rings.UPPER_RINGS, rings.UPPER_RINGS[1:], strict=False):
        assert (points[list(upper[2:-2]), 1] < points[list(lower[2:-2]), 1]).all()


def test_an_open_mouth_keeps_its_landmarks(drawn: Crop) -> None:
    picture = drawn.square.copy()
    middle = points_middle(drawn)
    cv2.ellipse(picture, middle, (24, 16), 0, 0, 360, INK, -1)
    np.testing.assert_array_equal(lips_on_stroke(picture, points=drawn.points), drawn.points)


def points_middle(crop: Crop) -> tuple[int, int]:
    x, y = np.rint(crop.points[[13, 14], :2].mean(axis=0)).astype(int)
    return int(x), int(y)


def test_a_photo_and_a_shaded_drawing_keep_theirs(
    root: Path, astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject
) -> None:
    photo = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    assert lips_on_stroke(photo.square, points=photo.points) is photo.points
    rgb = read_picture(root / "samples" / "portraits" / "guard.png").rgb
    crop = crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)
    assert lips_on_stroke(crop.square, points=crop.points) is crop.points
