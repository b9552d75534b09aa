from __future__ import annotations

import numpy as np
import pytest
import torch

from visavis_runtime.face.layers.mouth import LINE
from visavis_runtime.render.batched.faces import Faces, arrays_of_scene, scene_rows
from visavis_runtime.render.eyes import EyeScene
from visavis_runtime.render.mouth_scene import MouthScene
from visavis_runtime.render.scene import Scene


def test_every_field_of_mouth_and_eyes_is_there_in_the_shape_that_formulas_want(
    faces: Faces, scenes: list[Scene]
) -> None:
    slots = torch.tensor([1, 0, 1])
    mouth = scene_rows(MouthScene, faces.mouth, slots)
    for k, slot in enumerate(slots.tolist()):
        np.testing.assert_array_equal(mouth.tones[LINE][k, 0, 0], scenes[slot].mouth.tones[LINE])
        assert mouth.scale[k].item() == pytest.approx(scenes[slot].mouth.scale)
        np.testing.assert_array_equal(mouth.middle[k], scenes[slot].mouth.middle)
        assert mouth.has_photo[k].item() == (scenes[slot].mouth.photo is not None)
    eye = scene_rows(EyeScene, faces.eyes["left"], slots, side="left")
    for row, slot in zip(eye.lid.stack[slots], slots.tolist(), strict=True):
        expected = next(scene for scene in scenes[slot].eyes if scene.side == "left").lid
        np.testing.assert_array_equal(row[: len(expected), : len(expected)], expected)


def test_a_field_that_does_not_travel_is_noticed(faces: Faces) -> None:
    fewer = {name: value for name, value in faces.mouth.items() if name != "jaw"}
    with pytest.raises(AssertionError, match="jaw"):
        scene_rows(MouthScene, fewer, torch.tensor([0]))


def test_pictures_are_halved_where_asked_and_places_are_not(scenes: list[Scene]) -> None:
    arrays = arrays_of_scene(scenes[0], image_type=np.float16)
    assert arrays["left.lid"].dtype == arrays["mouth.upper"].dtype == np.float16
    assert arrays["left.anchor"].dtype == arrays["texture_uv"].dtype == np.float32
    assert arrays["texture"].dtype == np.int32, "whole pictures stay bytes, four in one"
