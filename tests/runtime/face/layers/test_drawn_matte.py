"""Drawings in flat colours, with a network's matte that knows only half of the person, or nothing."""

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
FACE = cv2.ellipse(np.zeros((400, 400), np.uint8), (200, 200), (46, 60), 0, 0, 360, 1, -1) > 0


def _matte(picture: U8, *looks: F32, face: npt.NDArray[np.bool_] = FACE) -> F32:
    found = drawn_matte(picture, looks=looks, face=face, inner=WHOLE)
    assert found is not None
    return found.matte


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
    found = _matte(picture, matte, matte) > 0.5
    near_edge = cv2.dilate(truth.astype(np.uint8), np.ones((7, 7))) != cv2.erode(
        truth.astype(np.uint8), np.ones((7, 7))
    )
    np.testing.assert_array_equal(found[~near_edge], truth[~near_edge])


def test_hair_that_no_look_knows_has_the_colour_of_hair() -> None:
    picture, matte, truth = _drawing()
    picture[250:254, 120:280] = INK  # a ribbon parts the hair
    matte[250:] = 0
    found = _matte(picture, matte, matte)
    assert found[260:330, 130:270].min() == 1
    assert found[~cv2.dilate(truth.astype(np.uint8), np.ones((9, 9))).astype(bool)].max() == 0


def test_ink_round_the_person_goes_with_the_person() -> None:
    picture, matte, _ = _drawing()
    found = _matte(picture, matte)
    assert found[150:300, 120:122].min() == 1


def test_a_picture_without_patches_keeps_the_network() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    matte = np.linspace(0, 1, 10000, dtype=np.float32).reshape(100, 100)
    assert drawn_matte(noise, looks=(matte,), face=matte > 0.5, inner=slice(0, 100)) is None


def test_a_face_of_the_walls_colour_is_left_to_the_network() -> None:
    picture, matte, _ = _drawing()
    picture[:] = SKIN
    cv2.circle(picture, (180, 190), 8, INK, -1)
    assert drawn_matte(picture, looks=(matte,), face=FACE, inner=WHOLE) is None


def _plain(hair: tuple[int, int, int], wall: tuple[int, int, int]) -> tuple[U8, npt.NDArray[np.bool_]]:
    """An inked head with a bob, a beard and an aerial before a plain wall, softened as drawings are, and the truth."""
    picture = np.full((800, 800, 3), wall, np.uint8)
    cv2.rectangle(picture, (240, 180), (560, 560), hair, -1)
    cv2.rectangle(picture, (240, 180), (560, 560), INK, 6)
    cv2.ellipse(picture, (400, 400), (100, 130), 0, 0, 360, SKIN, -1)
    cv2.ellipse(picture, (400, 440), (80, 80), 0, 0, 180, CLOUD, -1)
    cv2.ellipse(picture, (400, 400), (100, 130), 0, 0, 360, INK, 6)
    cv2.line(picture, (400, 180), (400, 90), INK, 6)
    truth = np.zeros((800, 800), np.uint8)
    cv2.rectangle(truth, (237, 177), (563, 563), 1, -1)
    cv2.line(truth, (400, 180), (400, 90), 1, 6)
    small = cv2.resize(picture, (400, 400), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), cv2.resize(truth, (400, 400), interpolation=cv2.INTER_AREA) > 0


@pytest.mark.parametrize(("hair", "wall"), [(HAIR, SKY), (CLOUD, CLOUD), (SKY, HAIR), (SKIN, (190, 225, 200))])
def test_a_head_that_the_network_does_not_see_is_whole_before_a_plain_wall(
    hair: tuple[int, int, int], wall: tuple[int, int, int]
) -> None:
    picture, truth = _plain(hair, wall)
    found = _matte(picture, np.zeros((400, 400), np.float32))
    inside = cv2.erode(truth.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    outside = cv2.dilate(truth.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    assert found[inside].min() > 0.9
    assert found[outside].max() < 0.1


def test_edges_before_a_plain_wall_are_as_soft_as_they_are_drawn() -> None:
    picture, _ = _plain(HAIR, SKY)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), np.uint8)
    found = _matte(picture, np.zeros((400, 400), np.float32))
    row = found[250, 110:130]
    mixed = (row > 0.05) & (row < 0.95)
    assert 1 <= mixed.sum() <= 3
    behind = np.array(SKY) + row[:, None] * (np.array(INK) - SKY)
    assert np.abs(behind - picture[250, 110:130])[mixed].max() < 40


def test_what_of_the_face_shows_the_wall_is_the_walls() -> None:
    picture, _ = _plain(HAIR, SKY)
    face = FACE.copy()
    face[300:310, 195:205] = True
    assert _matte(picture, np.zeros((400, 400), np.float32), face=face)[302:308, 198:202].max() == 0


@pytest.mark.parametrize("quality", [None, 80])
def test_drawings_are_flat(quality: int | None) -> None:
    picture, _, _ = _drawing()
    if quality:
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
    assert is_flat(picture, face=FACE)


def test_photos_are_not_even_before_a_white_wall(astronaut: U8) -> None:
    photo = np.ascontiguousarray(astronaut[:400, :400])
    person = np.zeros((400, 400), bool)
    person[20:300, 140:300] = True
    assert not is_flat(photo, face=person)
    assert not is_flat(np.where(person[..., None], photo, 255).astype(np.uint8), face=person)


def test_unseen_hair_that_fills_the_picture_moves_as_a_whole_rather_than_tearing() -> None:
    picture = np.full((400, 400, 3), HAIR, np.uint8)
    cv2.ellipse(picture, (200, 200), (50, 65), 0, 0, 360, SKIN, -1)
    found = drawn_matte(picture, looks=(np.zeros((400, 400), np.float32),), face=FACE, inner=WHOLE)
    assert found is not None
    assert found.matte.min() == 1
