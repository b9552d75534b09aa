"""Lips come to lie on the stroke or the outline of a drawn mouth; photos, shaded drawings and lips keep theirs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from anime_face import INK, anime_face

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.portrait.drawn_mouth import cover_of_drawn, find_mouth, lips_as_drawn
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def drawn() -> Crop:
    rgb = anime_face()
    return crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)


def test_the_seam_lies_on_the_stroke_from_end_to_end(drawn: Crop) -> None:
    points = lips_as_drawn(drawn.square, points=drawn.points)
    ink = np.abs(drawn.square.astype(int) - INK).max(axis=2) < 90
    for ring in (rings.UPPER_RINGS[-1], rings.LOWER_RINGS[-1]):
        x, y = np.rint(points[list(ring[1:-1]), :2]).astype(int).T
        assert ink[y, x].all()
    low, high = points[78, :2], points[308, :2]
    y, x = np.nonzero(ink[int(low[1]) - 12 : int(low[1]) + 12, int(low[0]) - 20 : int(high[0]) + 20])
    assert abs(x.min() - 20) < 4
    assert abs(x.max() - 20 - (high[0] - low[0])) < 4


def test_the_skin_moves_along_and_nothing_crosses(drawn: Crop) -> None:
    points = lips_as_drawn(drawn.square, points=drawn.points)
    moved = np.linalg.norm(points[:, :2] - drawn.points[:, :2], axis=1)
    assert moved[[33, 263, 10, 1]].max() < 0.5
    for upper, lower in zip(rings.UPPER_RINGS, rings.UPPER_RINGS[1:], strict=False):
        assert (points[list(upper[2:-2]), 1] < points[list(lower[2:-2]), 1]).all()


def test_an_open_mouth_is_found_whole(drawn: Crop) -> None:
    picture = drawn.square.copy()
    x, y = points_middle(drawn)
    cv2.ellipse(picture, (x, y), (26, 16), 0, 0, 360, INK, -1, cv2.LINE_AA)
    points = lips_as_drawn(picture, points=drawn.points)
    assert abs(points[13, 1] - (y - 16)) < 3
    assert abs(points[14, 1] - (y + 16)) < 3
    np.testing.assert_allclose(points[[78, 308], 0], (x - 26, x + 26), atol=3)
    moved = np.linalg.norm(points[:, :2] - drawn.points[:, :2], axis=1)
    assert moved[list(rings.OVAL)].max() < 0.5  # the chin is where it was
    found = find_mouth(picture, points=points)
    assert found is not None
    np.testing.assert_allclose(found.ink, INK, atol=30)
    cover = cover_of_drawn(found, shape=picture.shape[:2])
    window = np.s_[y - 16 : y + 17, x - 26 : x + 27]
    ink = np.abs(picture[window].astype(int) - INK).max(axis=2) < 90
    assert cover[window][ink].min() > 0.9


def test_drawn_lips_are_no_open_mouth(drawn: Crop) -> None:
    picture = drawn.square.copy()
    x, y = points_middle(drawn)
    cv2.ellipse(picture, (x, y), (28, 13), 0, 0, 360, (190, 84, 84), -1, cv2.LINE_AA)
    cv2.line(picture, (x - 28, y), (x + 28, y), INK, 2, cv2.LINE_AA)
    assert find_mouth(picture, points=drawn.points) is None
    assert lips_as_drawn(picture, points=drawn.points) is drawn.points


def points_middle(crop: Crop) -> tuple[int, int]:
    x, y = np.rint(crop.points[[13, 14], :2].mean(axis=0)).astype(int)
    return int(x), int(y)


def test_a_photo_and_a_shaded_drawing_keep_theirs(
    root: Path, astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject
) -> None:
    photo = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    assert lips_as_drawn(photo.square, points=photo.points) is photo.points
    rgb = read_picture(root / "samples" / "portraits" / "guard.png").rgb
    crop = crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)
    assert lips_as_drawn(crop.square, points=crop.points) is crop.points
