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
from visavis_runtime.face.portrait.drawn import (
    FLAT,
    SUBNASALE,
    evenness,
    flat_skin,
    flatness,
    shaded,
)
from visavis_runtime.face.portrait.drawn_eyes import spread_eyes
from visavis_runtime.face.portrait.picture import Picture, read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def drawn() -> Crop:
    rgb = anime_face()
    return crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)


def test_only_flat_drawings_are_flat(drawn: Crop, astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject) -> None:
    photo = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    assert flatness(drawn.square, points=drawn.points) > FLAT > 0.2 > flatness(photo.square, points=photo.points)
    assert flat_skin(photo.square, points=photo.points) is None
    skin = flat_skin(drawn.square, points=drawn.points)
    assert skin is not None
    np.testing.assert_allclose(skin, (255, 226, 205), atol=2)


def test_a_pale_statue_and_a_compressed_drawing_are_told_apart(
    drawn: Crop, astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject
) -> None:
    photo = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    grey = photo.square.mean(axis=2, keepdims=True)
    statue = np.repeat(150 + (grey - grey.mean()) * 0.5, 3, axis=2).astype(np.uint8)
    assert flatness(statue, points=photo.points) < FLAT
    packed = cv2.imdecode(cv2.imencode(".jpg", drawn.square, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], cv2.IMREAD_COLOR)
    assert flatness(np.asarray(packed, np.uint8), points=drawn.points) > FLAT


def test_the_skin_of_a_bearded_drawing_is_not_its_beard(drawn: Crop) -> None:
    bearded = drawn.square.copy()
    bearded[int(drawn.points[SUBNASALE, 1]) :] = (96, 52, 30)
    skin = flat_skin(bearded, points=drawn.points)
    assert skin is not None
    np.testing.assert_allclose(skin, (255, 226, 205), atol=2)


def test_comics_of_many_colours_are_even_and_photos_are_not(
    root: Path, astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject
) -> None:
    def light(rgb: npt.NDArray[np.uint8], subject: Subject) -> float:
        crop = crop_face(rgb, points=subject.landmarks.points, size=512)
        return shaded({name.__name__: name(crop.square, points=crop.points) for name in (flatness, evenness)})

    comic = read_picture(root / "samples" / "portraits" / "guard.png").rgb
    assert light(comic, find_subject(comic)) == 0
    assert light(astronaut, astronaut_subject) == 1


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


def test_hair_down_to_the_eyes_is_not_the_skin(drawn: Crop) -> None:
    fringe = drawn.square.copy()
    eyes = int(drawn.points[[eye.iris for eye in rings.EYES.values()], 1].min())
    fringe[: eyes - 20] = (90, 60, 140)
    skin = flat_skin(fringe, points=drawn.points)
    assert skin is not None
    np.testing.assert_allclose(skin, (255, 226, 205), atol=2)


def test_the_rest_of_the_face_stays_where_it_is(drawn: Crop) -> None:
    moved = np.abs(spread_eyes(drawn.square, points=drawn.points) - drawn.points)[:, :2].max(axis=1)
    assert moved[[61, 291, 13, 14, 152, 10]].max() == 0


def test_such_a_face_moves_without_folds() -> None:
    avatar = build_avatar(Picture(anime_face(), None, (), "0" * 64))
    assert avatar.meta["flatness"] > FLAT
    assert min(avatar.limits.yaw[1], -avatar.limits.yaw[0]) > np.radians(10)
