"""How flat a face is drawn, and the colours of its skin, are read from the picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from anime_face import anime_face

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.portrait.drawn import (
    FLAT,
    SUBNASALE,
    evenness,
    flat_skin,
    flatness,
    hair_tones,
    shaded,
    skin_tones,
)
from visavis_runtime.face.portrait.picture import read_picture
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
    low_mouth = drawn.points.copy()
    low_mouth[list(rings.LIPS), 1] += 60  # below a large moustache
    np.testing.assert_allclose(skin_tones(bearded, points=low_mouth)[0], (255, 226, 205), atol=2)
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


def test_hair_down_to_the_eyes_is_not_the_skin(drawn: Crop) -> None:
    fringe = drawn.square.copy()
    eyes = int(drawn.points[[eye.iris for eye in rings.EYES.values()], 1].min())
    fringe[: eyes - 20] = (90, 60, 140)
    skin = flat_skin(fringe, points=drawn.points)
    assert skin is not None
    np.testing.assert_allclose(skin, (255, 226, 205), atol=2)


def test_the_tones_of_a_skin_are_it_and_its_shades_alone(drawn: Crop) -> None:
    shaded_face = drawn.square.copy()
    skin = (np.abs(shaded_face.astype(int) - (255, 226, 205)).max(axis=2) < 6) & (np.arange(512) > 256)
    shaded_face[skin] = (205, 172, 160)
    tones = skin_tones(shaded_face, points=drawn.points)
    for wanted in ((255, 226, 205), (205, 172, 160)):
        assert np.abs(tones - np.array(wanted)).max(axis=1).min() < 8
    assert np.abs(tones - 255).max(axis=1).min() > 30, "the white of the eyes is none"
    hair = hair_tones(drawn.square, points=drawn.points, skin=tones)
    assert np.abs(hair[:, None] - tones).max(axis=2).min() > 30
