"""Person and plate: together the picture, apart free of each other."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.cutout import Cutout, cut_out, refined_matte

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


def test_refining_finds_the_edge_of_the_picture() -> None:
    picture, matte, face = _scene()
    coarse = cv2.GaussianBlur(matte, (0, 0), 6)
    fine = refined_matte(picture, coarse=coarse, face=face)
    assert np.abs(fine - matte).mean() < np.abs(coarse - matte).mean()
    assert (fine[face] == 1).all()
    assert fine[0, 0] == 0


def test_a_doubtful_cloud_far_from_the_head_stays_on_the_wall() -> None:
    """A person matte is unsure of lively backgrounds; a half-believed patch must not move with the head."""
    picture, matte, face = _scene()
    matte = matte.copy()
    matte[60:100, 5:42] = np.maximum(matte[60:100, 5:42], 0.3)
    alpha = cut_out(picture, matte=matte, face=face).texture[..., 3]
    assert alpha[60:100, 5:25].max() == 0
    assert alpha[80, 80] == 255
