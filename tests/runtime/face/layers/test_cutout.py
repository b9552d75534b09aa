"""Person and plate: together the picture, apart free of each other."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hair_scene import HairScene, hair_scene

from visavis_runtime.face.layers.cutout import Cutout, cut_out, foreseen

SIZE = 160


def _scene() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """A dark head with soft edges before a light wall with a gradient; its true matte; the face."""
    matte = np.zeros((SIZE, SIZE), np.float32)
    cv2.circle(matte, (80, 80), 40, 1.0, -1, cv2.LINE_AA)
    matte = cv2.GaussianBlur(matte, (0, 0), 2.5)
    wall = np.broadcast_to(np.linspace(190, 230, SIZE)[:, None, None], (SIZE, SIZE, 3))
    mixed = matte[..., None] * np.array([60.0, 40, 30]) + (1 - matte[..., None]) * wall
    face = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(face, (80, 80), 25, 1, -1)
    return np.rint(mixed).astype(np.uint8), matte, face.astype(bool)


def _mix(layers: Cutout) -> npt.NDArray[np.float64]:
    share = layers.texture[..., 3:].astype(np.float64) / 255
    return np.rint(share * layers.texture[..., :3] + (1 - share) * layers.plate)


@pytest.mark.parametrize("grow", [-6, 0, 6])
def test_the_mix_is_the_picture_whatever_the_matte_says(grow: int) -> None:
    picture, matte, face = _scene()
    wrong = np.roll(matte, grow, axis=1)
    error = _mix(cut_out(picture, matte=wrong, face=face)) - picture
    assert np.abs(error).mean() < 0.2
    assert np.percentile(np.abs(error), 99) <= 2


def test_the_plate_keeps_no_trace_of_the_person() -> None:
    picture, matte, face = _scene()
    plate = cut_out(picture, matte=matte, face=face).plate.astype(float)
    rim = (matte > 0.02) & (matte < 0.9)
    assert plate[rim].min() > 170


def test_the_person_keeps_no_trace_of_the_wall() -> None:
    picture, matte, face = _scene()
    texture = cut_out(picture, matte=matte, face=face).texture
    solid = texture[..., 3] > 128
    assert texture[solid][:, :3].max() < 110


def test_the_face_is_the_picture_itself() -> None:
    picture, matte, face = _scene()
    texture = cut_out(picture, matte=matte * 0.5, face=face).texture
    assert (texture[face][:, 3] == 255).all()
    np.testing.assert_array_equal(texture[face][:, :3], picture[face])


def test_a_matte_over_everything_still_gives_a_plate() -> None:
    picture, _, face = _scene()
    layers = cut_out(picture, matte=np.ones((SIZE, SIZE), np.float32), face=face)
    assert (layers.texture[..., 3] == 255).all()
    assert layers.plate.shape == picture.shape


def test_a_doubtful_cloud_far_from_the_head_stays_on_the_wall() -> None:
    """A person matte is unsure of lively backgrounds; a half-believed patch must not move with the head."""
    picture, matte, face = _scene()
    matte = matte.copy()
    matte[60:100, 5:42] = np.maximum(matte[60:100, 5:42], 0.3)
    alpha = cut_out(picture, matte=matte, face=face).texture[..., 3]
    assert alpha[60:100, 5:25].max() == 0
    assert alpha[80, 80] == 255


def _uncovered(scene: HairScene) -> npt.NDArray[np.bool_]:
    """The strip of the wall behind the person that a turn of the head can uncover."""
    person = (scene.matte > 0.02).astype(np.uint8)
    return (person > 0) & (cv2.distanceTransform(person, cv2.DIST_L2, 5) < 0.09 * len(person))


@pytest.mark.parametrize(("wall", "most"), [("plain", 1.5), ("paint", 13.0), ("brick", 30.0)])
def test_the_plate_is_the_wall_and_shows_no_hair(wall: str, most: float) -> None:
    """Mean error in levels against the wall that was painted; no pixel near as dark as hair where there was any.

    Bricks are of random tones: two walls of them differ by 30 levels.
    """
    scene = hair_scene(wall=wall)
    plate = cut_out(scene.picture, matte=scene.matte, face=scene.face).plate.astype(np.float32)
    strip = _uncovered(scene)
    assert np.abs(plate - scene.wall)[strip].mean() < most
    hair = (scene.matte > 0.05) & (scene.matte < 0.98)
    darkest = 90 if wall == "brick" else 140  # mortar is dark itself
    assert np.percentile(plate[hair].max(axis=1), 1) > darkest


def test_a_matte_of_the_picture_itself_is_kept() -> None:
    scene = hair_scene(wall="plain")
    grey = scene.matte[..., None] * scene.picture + (1 - scene.matte[..., None]) * 128
    layers = cut_out(np.rint(grey).astype(np.uint8), matte=scene.matte, face=scene.face, exact=True)
    np.testing.assert_array_equal(layers.texture[..., 3], np.rint(scene.matte * 255))


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (1.0, 0.86, 0.66)])
def test_grey_and_tinted_pictures_stay_so(tint: tuple[float, float, float]) -> None:
    scene = hair_scene(wall="paint")
    grey = scene.picture.mean(axis=2, keepdims=True)
    picture = np.rint(grey * np.array(tint)).astype(np.uint8)
    layers = cut_out(picture, matte=scene.matte, face=scene.face)
    for colours in (layers.plate, layers.texture[layers.texture[..., 3] > 128][:, :3]):
        expected = colours.astype(float).mean(axis=-1, keepdims=True) * np.array(tint) / np.mean(tint)
        assert np.abs(colours - expected).mean() < 1.5


def test_the_same_picture_gives_the_same_layers() -> None:
    scene = hair_scene(wall="brick")
    one, two = (cut_out(scene.picture, matte=scene.matte, face=scene.face) for _ in range(2))
    np.testing.assert_array_equal(one.texture, two.texture)
    np.testing.assert_array_equal(one.plate, two.plate)


def test_a_halo_beside_the_edge_goes_with_the_person_and_not_onto_the_plate() -> None:
    picture, matte, face = _scene()
    sharp = (matte > 0.5).astype(np.float32)
    ring = (cv2.dilate(sharp, np.ones((5, 5))) - sharp) > 0
    clean = np.where(sharp[..., None] > 0, np.array([60, 40, 30]), 200)
    clean[ring] = 225  # as sharpening leaves it
    grain = np.random.default_rng(0).normal(0, 3, clean.shape)
    picture = np.clip(clean + grain, 0, 255).astype(np.uint8)
    plate = cut_out(picture, matte=cv2.GaussianBlur(sharp, (0, 0), 1), face=face).plate
    assert np.abs(cv2.blur(plate, (3, 3)).astype(float)[ring] - 200).mean() < 8


def test_a_laid_wall_that_misses_the_bare_one_widely_tells_nothing_and_one_that_misses_lines_tells_hair() -> None:
    wall = np.full((SIZE, SIZE, 3), 120, np.float32)
    bare = np.zeros((SIZE, SIZE), np.float32)
    line, patch = wall.copy(), wall.copy()
    line[:, 70] = 30
    patch[60:100, 60:80] = 160
    np.testing.assert_array_equal(foreseen(wall, colour=line, matte=bare), 1)
    found = foreseen(wall, colour=patch, matte=bare)
    assert found[80, 70] == 0
    assert found[10, 10] == 1
    assert foreseen(wall, colour=patch, matte=bare + 1).min() == 1


def test_behind_an_exact_matte_a_blend_of_the_wall_goes_on() -> None:
    picture, _, face = _scene()
    sharp = np.zeros((SIZE, SIZE), np.float32)
    cv2.circle(sharp, (80, 80), 40, 1.0, -1)
    wall = np.broadcast_to(np.linspace(190, 230, SIZE)[:, None, None], (SIZE, SIZE, 3))
    picture = np.where(sharp[..., None] > 0, 40, wall).astype(np.uint8)
    plate = cut_out(picture, matte=sharp, face=face, exact=True).plate
    assert np.abs(plate - wall).max() < 9
