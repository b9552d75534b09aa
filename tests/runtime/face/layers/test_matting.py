"""The matte against one that is known: hair drawn by code before walls of three kinds."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hair_scene import HairScene, hair_scene

from visavis_runtime.face.layers.laplacian import solve_band
from visavis_runtime.face.layers.matting import refined_matte, trimap

F32 = npt.NDArray[np.float32]


def _error(matte: F32, scene: HairScene) -> float:
    """Mean error where the true matte is soft and a few px round it."""
    soft = ((scene.matte > 0) & (scene.matte < 1)).astype(np.uint8)
    return float(np.abs(matte - scene.matte)[cv2.dilate(soft, np.ones((9, 9), np.uint8)) > 0].mean())


@pytest.mark.parametrize(("wall", "most"), [("plain", 0.02), ("paint", 0.035), ("brick", 0.03)])
def test_the_matte_is_near_the_truth(wall: str, most: float) -> None:
    scene = hair_scene(wall=wall)
    matte = refined_matte(scene.picture, coarse=scene.coarse, face=scene.face)
    assert _error(matte, scene) < most < 0.2 * _error(scene.coarse, scene)


@pytest.mark.parametrize("wall", ["plain", "brick"])
def test_hair_that_the_network_missed_is_found(wall: str) -> None:
    scene = hair_scene(wall=wall)
    matte = refined_matte(scene.picture, coarse=scene.coarse, face=scene.face)
    missed = (scene.coarse < 0.1) & (scene.matte > 0.6)
    assert missed.sum() > 100
    assert np.median(matte[missed]) > 0.6


def test_the_sure_parts_stay_sure() -> None:
    scene = hair_scene(wall="paint")
    matte = refined_matte(scene.picture, coarse=scene.coarse, face=scene.face)
    assert (matte[scene.face] == 1).all()
    person, wall = trimap(scene.coarse, face=scene.face)
    assert (matte[wall] == 0).all()
    assert (matte[person] == 1).all()
    assert not (person & wall).any()


def test_a_doubtful_patch_of_the_wall_is_no_person() -> None:
    scene = hair_scene(wall="paint")
    coarse = scene.coarse.copy()
    coarse[20:70, 10:50] = 0.5
    matte = refined_matte(scene.picture, coarse=coarse, face=scene.face)
    assert matte[20:70, 10:50].max() == 0


def test_it_is_deterministic_and_bears_odd_input() -> None:
    scene = hair_scene(wall="brick")
    one, two = (refined_matte(scene.picture, coarse=scene.coarse, face=scene.face) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    flat = np.full_like(scene.picture, 90)
    for coarse in (scene.coarse, np.zeros_like(scene.coarse), np.ones_like(scene.coarse), np.full_like(one, 0.5)):
        matte = refined_matte(flat, coarse=coarse, face=scene.face)
        assert np.isfinite(matte).all()
        assert matte.min() >= 0
        assert matte.max() <= 1
        assert (matte[scene.face] == 1).all()


def test_the_solve_finds_a_mix_of_two_colours() -> None:
    """Known on both sides and nothing told between: the matte is read off the colours."""
    truth = np.broadcast_to(np.clip((np.arange(60, dtype=np.float32) - 20) / 20, 0, 1), (40, 60)).copy()
    truth = cv2.GaussianBlur(truth + 0.1 * (np.indices((40, 60))[0] % 7 > 3), (0, 0), 1).clip(0, 1)
    colour = truth[..., None] * np.array([0.9, 0.6, 0.2]) + (1 - truth[..., None]) * np.array([0.1, 0.2, 0.5])
    band = np.zeros(truth.shape, bool)
    band[:, 12:48] = True
    blank = np.full(int(band.sum()), 0.5, np.float32)
    found = solve_band(
        colour.astype(np.float32), matte=truth.astype(np.float32), band=band, guess=blank, weight=blank * 1e-6
    )
    assert np.abs(found - truth[band]).mean() < 0.03
