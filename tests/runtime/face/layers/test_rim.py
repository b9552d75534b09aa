"""Stray hair, the last of an edge and its halo leave the wall; what is no hair stays on it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from hair_scene import HairScene, hair_scene

from visavis_runtime.face.layers.cutout import cut_out
from visavis_runtime.face.layers.rim import calmness, dense_enough, hair_colour, with_fringe, with_stray_hair

F32 = npt.NDArray[np.float32]


def test_stray_hair_that_the_matte_missed_does_not_stay_on_a_plain_wall() -> None:
    scene = hair_scene(wall="plain")
    blind = cv2.morphologyEx(scene.matte, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    missed = (blind < 0.1) & (scene.matte > 0.5)
    assert missed.sum() > 100
    layers = cut_out(scene.picture, matte=blind, face=scene.face)
    assert np.median(layers.texture[missed][:, 3]) > 100
    assert (layers.plate[missed].min(axis=1) > 150).mean() > 0.9


def _found(scene: HairScene, *, wall: F32) -> F32:
    """What is added to a matte that is blind to all hair, the wall being known."""
    blind = cv2.morphologyEx(scene.matte, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    far = cv2.dilate(scene.matte, np.ones((15, 15), np.uint8)) == 0
    colour = scene.picture.astype(np.float32)
    hair = hair_colour(colour, solid=scene.matte > 0.99, face=scene.face)
    calm = calmness(colour, known=far)
    return with_stray_hair(colour, matte=blind, persons=(hair,), wall=wall, calm=calm, known=far) - blind


def test_hair_is_told_from_a_known_wall_and_nothing_else_is() -> None:
    scene = hair_scene(wall="plain")
    found = _found(scene, wall=scene.wall)
    missed = cv2.morphologyEx(scene.matte, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)) < 0.1
    strands = missed & (scene.matte > 0.7)
    assert np.median(np.abs(found - scene.matte)[strands]) < 0.2
    assert found[scene.matte == 0].mean() < 0.002


def test_a_lamp_beside_the_head_stays_on_the_wall() -> None:
    """As dark as the hair, but broad, and not of a strand's shape."""
    scene = hair_scene(wall="plain")
    picture = scene.picture.copy()
    picture[100:125, 250:275] = 60
    found = _found(scene._replace(picture=picture), wall=scene.wall)
    assert found[100:125, 250:275].mean() < 0.1


def test_the_last_percent_of_an_edge_goes_with_it() -> None:
    wall, person = np.full((60, 60, 3), 200, np.float32), np.full((1, 1, 3), 30, np.float32)
    truth = cv2.GaussianBlur((np.arange(60)[None] < 30).astype(np.float32) * np.ones((60, 1), np.float32), (0, 0), 1)
    cut = np.where(truth < 0.1, 0, truth).astype(np.float32)
    colour = truth[..., None] * person + (1 - truth[..., None]) * wall
    whole = with_fringe(colour, matte=cut, person=np.broadcast_to(person, wall.shape), wall=wall)
    assert np.abs(whole - truth).sum() < 0.5 * np.abs(cut - truth).sum()


def test_a_halo_before_a_calm_wall_goes_with_the_edge() -> None:
    wall, person = np.full((320, 320, 3), 150, np.float32), np.full((320, 320, 3), 30, np.float32)
    matte = np.zeros((320, 320), np.float32)
    matte[:, :160] = 1
    colour = np.where(matte[..., None] > 0, person, wall)
    colour[:, 160:162] = 160
    calm, lively = np.ones_like(matte), np.zeros_like(matte)
    kept = dense_enough(colour, matte=matte, person=person, plate=wall, calm=calm)
    assert kept[:, 160].min() > 0.05
    assert kept[:, 170:].max() == 0
    np.testing.assert_array_equal(dense_enough(colour, matte=matte, person=person, plate=wall, calm=lively), matte)
