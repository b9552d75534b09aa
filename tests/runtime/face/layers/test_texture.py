"""The finer texture: the source's own pixels in the person, the same mix in the soft rim."""

from __future__ import annotations

import cv2
import numpy as np

from visavis_runtime.face.layers.cutout import Cutout
from visavis_runtime.face.layers.texture import fine_texture


def _layers() -> tuple[Cutout, np.ndarray]:
    """A textured disc over a plain wall at 1.5 times the layers' resolution."""
    fine_matte = np.zeros((240, 240), np.float32)
    cv2.circle(fine_matte, (120, 120), 70, 1.0, -1)
    fine_matte = cv2.GaussianBlur(fine_matte, (0, 0), 3)[..., None]
    cloth = np.random.default_rng(0).integers(90, 130, (240, 240, 3)).astype(np.float32)
    fine = np.rint(fine_matte * cloth + (1 - fine_matte) * 200).astype(np.uint8)
    small = cv2.resize(cloth, (160, 160), interpolation=cv2.INTER_AREA)
    matte = cv2.resize(fine_matte, (160, 160), interpolation=cv2.INTER_AREA)
    matte[matte > 0.99] = 1
    texture = np.dstack([np.rint(small), np.rint(matte * 255)]).astype(np.uint8)
    return Cutout(texture, np.full((160, 160, 3), 200, np.uint8)), fine


def test_the_person_is_the_source_itself() -> None:
    layers, fine = _layers()
    texture = fine_texture(fine, layers=layers)
    assert texture.shape == (240, 240, 4)
    solid = texture[..., 3] == 255
    assert solid.mean() > 0.15
    np.testing.assert_array_equal(texture[solid][:, :3], fine[solid])


def test_the_rim_mixes_to_the_source() -> None:
    layers, fine = _layers()
    texture = fine_texture(fine, layers=layers).astype(float)
    share = texture[..., 3:] / 255
    error = np.abs(share * texture[..., :3] + (1 - share) * 200 - fine)
    assert error[(share[..., 0] > 0.5)].max() <= 1.5
    assert error.mean() < 0.5


def test_a_source_no_finer_keeps_the_layers() -> None:
    layers, _ = _layers()
    picture = np.zeros((160, 160, 3), np.uint8)
    assert fine_texture(picture, layers=layers) is layers.texture
