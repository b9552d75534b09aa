from __future__ import annotations

from dataclasses import replace

import numpy as np

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.bare_lips import texture_without_mouth
from visavis_runtime.render.mouth_scene import mouth_scene
from visavis_runtime.render.scene import Scene


def test_parted_lips_show_no_gap_of_their_own(scene: Scene) -> None:
    assert scene.mouth.photo is not None
    assert scene.mouth.rest_open_px > 5
    assert (scene.mouth.rest_gap[0] == 0).all()
    assert scene.mouth.rest_gap[1].max() < 1


def test_only_the_inside_of_the_mouth_leaves_the_texture(face: Avatar) -> None:
    texture, redrawn = texture_without_mouth(face)
    assert redrawn is not None
    changed = np.abs(texture.astype(int) - face.texture).max(axis=2) > 0
    rows, columns = np.nonzero(changed)
    both = face.texture_px[[*INNER_UPPER, *INNER_LOWER]]
    assert columns.min() >= both[:, 0].min() - 1
    assert columns.max() <= both[:, 0].max() + 1
    assert rows.min() >= both[:, 1].min() - 1
    assert rows.max() <= both[:, 1].max() + 1
    middle = np.rint(face.texture_px[[INNER_UPPER[5], INNER_LOWER[5]]].mean(axis=0)).astype(int)
    assert texture[middle[1], middle[0], :3].mean() < face.texture[middle[1], middle[0], :3].mean()  # no bright teeth


def test_the_shade_of_lips_is_warm_but_in_grey_and_yellow_pictures(scene: Scene, face: Avatar) -> None:
    assert scene.mouth.shade[0] < 0.9 < 1 < scene.mouth.shade[2]
    grey = face.mouth.tones.mean(axis=1, keepdims=True).repeat(3, axis=1)
    for tones in (grey, face.mouth.tones * np.float32([1.0, 0.85, 0.5])):
        changed = replace(face, mouth=replace(face.mouth, tones=tones.astype(np.float32)))
        np.testing.assert_allclose(mouth_scene(changed, rig=scene.rig, px_per_px=1.0).shade, 1, atol=1e-5)
