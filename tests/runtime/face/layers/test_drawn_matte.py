"""Drawings in flat colours before lively walls, with a network's matte that knows only half of the person."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.layers.drawn_matte import drawn_matte, is_flat

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
SKY, CLOUD, HAIR, SKIN, INK = (120, 180, 230), (245, 248, 252), (70, 38, 26), (238, 188, 156), (24, 18, 20)
WHOLE = slice(0, 400)


def _drawing() -> tuple[U8, F32, npt.NDArray[np.bool_]]:
    """A face with long inked hair before clouds, a matte of its upper half and of a cloud beside it, and the truth."""
    picture = np.full((400, 400, 3), SKY, np.uint8)
    for centre in ((60, 80), (330, 60), (95, 250), (340, 300)):
        cv2.ellipse(picture, centre, (55, 35), 0, 0, 360, CLOUD, -1)
    truth = np.zeros((400, 400), np.uint8)
    truth[90:340, 120:280] = 1
    picture[truth > 0] = HAIR
    cv2.rectangle(picture, (120, 90), (279, 339), INK, 3)
    truth[340:342, 119:281] = truth[88:90, 119:281] = truth[88:342, 118:120] = truth[88:342, 280:282] = 1
    cv2.ellipse(picture, (200, 200), (50, 65), 0, 0, 360, SKIN, -1)
    matte = np.zeros((400, 400), np.float32)
    matte[95:270, 125:275] = 1
    matte[220:280, 60:118] = 0.6  # half of a cloud, and of the sky round it
    return picture, matte, truth > 0


def test_hair_is_whole_and_clouds_stay() -> None:
    picture, matte, truth = _drawing()
    found = drawn_matte(picture, looks=(matte, matte), inner=WHOLE) > 0.5
    near_edge = cv2.dilate(truth.astype(np.uint8), np.ones((7, 7))) != cv2.erode(
        truth.astype(np.uint8), np.ones((7, 7))
    )
    np.testing.assert_array_equal(found[~near_edge], truth[~near_edge])


def test_hair_that_no_look_knows_has_the_colour_of_hair() -> None:
    picture, matte, truth = _drawing()
    picture[250:254, 120:280] = INK  # a ribbon parts the hair
    matte[250:] = 0
    found = drawn_matte(picture, looks=(matte, matte), inner=WHOLE)
    assert found[260:330, 130:270].min() == 1
    assert found[~cv2.dilate(truth.astype(np.uint8), np.ones((9, 9))).astype(bool)].max() == 0


def test_ink_round_the_person_goes_with_the_person() -> None:
    picture, matte, _ = _drawing()
    found = drawn_matte(picture, looks=(matte,), inner=WHOLE)
    assert found[150:300, 120:122].min() == 1


def test_a_picture_without_patches_keeps_the_network() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    matte = np.linspace(0, 1, 10000, dtype=np.float32).reshape(100, 100)
    np.testing.assert_array_equal(drawn_matte(noise, looks=(matte,), inner=slice(0, 100)), matte)


@pytest.mark.parametrize("quality", [None, 80])
def test_drawings_are_flat(quality: int | None) -> None:
    picture, matte, _ = _drawing()
    if quality:
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
    assert is_flat(picture, matte=matte)


def test_photos_are_not_even_before_a_white_wall(astronaut: U8) -> None:
    photo = np.ascontiguousarray(astronaut[:400, :400])
    person = np.zeros((400, 400), np.float32)
    person[20:300, 140:300] = 1
    assert not is_flat(photo, matte=person)
    assert not is_flat(np.where(person[..., None] > 0, photo, 255).astype(np.uint8), matte=person)
