from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.creases import CREASES, chin_shade, creases_of
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def test_every_name_is_a_shape_and_changes_light_near_its_places_only(face: Avatar) -> None:
    change = creases_of(face)
    assert change.shape == face.shapes.shape[:2]
    for name, places in CREASES.items():
        at = change[INDEX[name], list(places)]
        assert np.abs(at).min() > 0
        assert np.abs(change[INDEX[name]]).max() < 0.6
        assert np.abs(change[INDEX[name], 478:]).mean() < 0.01


def test_the_chin_shades_the_neck_and_nothing_of_the_face(face: Avatar) -> None:
    shade = chin_shade(face)
    assert not shade[:468].any()
    assert shade.max() > 0.5
    assert face.vertices[shade > 0.3, 1].max() < face.vertices[4, 1], "below the nose"
    assert (creases_of(face)[INDEX["jawOpen"]][shade > 0.3] < -0.04).all()


def test_a_chin_that_goes_down_darkens_the_neck(scene: Scene, latents: Row) -> None:
    down, up = (move(scene.rig, drive_from_latents(latents(headPitch=a), rig=scene.rig)).shade for a in (-0.17, 0.17))
    neck = scene.rig.chin_shade > 0.5
    assert down[neck].mean() < up[neck].mean() - 0.05
