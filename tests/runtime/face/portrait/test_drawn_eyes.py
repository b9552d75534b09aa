"""Eyes that are drawn huge get their real outline; photos and shaded drawings keep their landmarks, bit for bit."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from anime_face import EYE_HALF, EYES, anime_face

from visavis_runtime.face import rings
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.portrait.drawn import FLAT
from visavis_runtime.face.portrait.drawn_eyes import spread_eyes
from visavis_runtime.face.portrait.picture import Picture, read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def drawn() -> Crop:
    rgb = anime_face()
    return crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)


def test_a_photo_keeps_its_landmarks(astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject) -> None:
    photo = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    assert spread_eyes(photo.square, points=photo.points) is photo.points


@pytest.mark.parametrize("name", ["innkeeper", "guard", "android", "scholar"])
def test_shaded_drawings_keep_theirs(root: Path, name: str) -> None:
    rgb = read_picture(root / "samples" / "portraits" / f"{name}.png").rgb
    crop = crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)
    assert spread_eyes(crop.square, points=crop.points) is crop.points


def test_huge_eyes_are_spread_to_their_outline(drawn: Crop) -> None:
    points = spread_eyes(drawn.square, points=drawn.points)
    scale = 1 / float(drawn.matrix[0, 0])
    for side, (x, y) in zip(("right", "left"), EYES, strict=True):
        line = points[list(rings.EYES[side].lid_line), :2]
        half = np.ptp(line, axis=0) / 2
        wanted = np.array(EYE_HALF) * 512 * scale
        np.testing.assert_allclose(half, wanted, rtol=0.12)
        middle = (np.array([x, y]) * 512 - drawn.matrix[:, 2]) * scale
        np.testing.assert_allclose(line.min(axis=0) + half, middle, atol=0.12 * wanted.max())
        iris = points[rings.EYES[side].iris, :2]
        np.testing.assert_allclose(iris, middle, atol=0.15 * wanted.max())


def test_their_lids_lie_on_the_outline(drawn: Crop) -> None:
    points = spread_eyes(drawn.square, points=drawn.points)
    scale = 1 / float(drawn.matrix[0, 0])
    for side, eye in zip(("right", "left"), EYES, strict=True):
        middle = (np.array(eye) * 512 - drawn.matrix[:, 2]) * scale
        away = (points[list(rings.EYES[side].lid_line), :2] - middle) / (np.array(EYE_HALF) * 512 * scale)
        np.testing.assert_allclose(np.linalg.norm(away, axis=1), 1, atol=0.2)


@pytest.mark.parametrize("share", [0.7, 0.8])
def test_lids_that_were_found_inside_the_line_round_an_eye_are_laid_on_it(drawn: Crop, share: float) -> None:
    right = spread_eyes(drawn.square, points=drawn.points)
    inside = right.copy()
    for eye in rings.EYES.values():
        line = list(eye.lid_line)
        middle = right[line, :2].mean(axis=0)
        inside[line, :2] = middle + share * (right[line, :2] - middle)
    again = spread_eyes(drawn.square, points=inside)
    for eye in rings.EYES.values():
        high = float(np.ptp(right[list(eye.lid_line), 1]))
        np.testing.assert_allclose(again[list(eye.lid_line)], right[list(eye.lid_line)], atol=0.06 * high)


def test_eyes_that_were_found_at_the_top_of_the_iris_are_found_whole(drawn: Crop) -> None:
    right = spread_eyes(drawn.square, points=drawn.points)
    high = right.copy()
    for eye in rings.EYES.values():
        line = list(eye.lid_line)
        low, top = right[line, 1].max(), right[line, 1].min()
        high[line, 1] = top + (0.05 + 0.15 * (right[line, 1] - top) / (low - top)) * (low - top)
    again = spread_eyes(drawn.square, points=high)
    for eye in rings.EYES.values():
        height = float(np.ptp(right[list(eye.lid_line), 1]))
        np.testing.assert_allclose(again[list(eye.lid_line)], right[list(eye.lid_line)], atol=0.1 * height)


def test_the_line_round_an_eye_is_no_iris(drawn: Crop) -> None:
    scale = 1 / float(drawn.matrix[0, 0])
    bold = drawn.square.copy()
    points = spread_eyes(drawn.square, points=drawn.points)
    for eye in rings.EYES.values():  # a bolder line that touches the iris
        outline = np.rint(points[list(eye.lid_line), :2]).astype(np.int32)
        cv2.polylines(bold, [outline], True, (70, 40, 50), 5, cv2.LINE_AA)
    points = spread_eyes(bold, points=drawn.points)
    for eye in rings.EYES.values():
        half = np.ptp(points[list(eye.iris_ring), 0]) / 2
        assert abs(half / (0.050 * 512 * scale) - 1) < 0.15


def test_the_rest_of_the_face_stays_where_it_is(drawn: Crop) -> None:
    moved = np.abs(spread_eyes(drawn.square, points=drawn.points) - drawn.points)[:, :2].max(axis=1)
    assert moved[[61, 291, 13, 14, 152, 10]].max() == 0


def test_such_a_face_moves_without_folds() -> None:
    avatar = build_avatar(Picture(anime_face(), None, (), "0" * 64))
    assert avatar.meta["flatness"] > FLAT
    assert min(avatar.limits.yaw[1], -avatar.limits.yaw[0]) > np.radians(10)


def test_a_brow_that_touches_an_eye_is_no_part_of_it(drawn: Crop) -> None:
    right = spread_eyes(drawn.square, points=drawn.points)
    touched = drawn.square.copy()
    for eye in rings.EYES.values():
        line = right[list(eye.lid_line), :2]
        low, high = line.min(axis=0), line.max(axis=0)
        wide = float(high[0] - low[0])
        box = np.rint([[low[0] + 0.2 * wide, low[1] - 0.14 * wide], [high[0] - 0.2 * wide, low[1] + 2]]).astype(int)
        cv2.rectangle(touched, box[0].tolist(), box[1].tolist(), (70, 40, 50), -1)
    again = spread_eyes(touched, points=drawn.points)
    for eye in rings.EYES.values():
        height = float(np.ptp(right[list(eye.lid_line), 1]))
        np.testing.assert_allclose(again[list(eye.lid_line)], right[list(eye.lid_line)], atol=0.1 * height)
