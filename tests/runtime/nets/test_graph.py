"""The executor against values that LiteRT gave for the astronaut photo (our own for the model it cannot run)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from visavis_runtime.weights import load_network

pytestmark = pytest.mark.usefixtures("weights")


def _view(astronaut: npt.NDArray[np.uint8], side: int) -> torch.Tensor:
    crop = cv2.resize(astronaut[0:256, 90:346], (side, side), interpolation=cv2.INTER_AREA)
    return torch.from_numpy(crop.astype(np.float32))[None]


def test_detector_equals_litert(astronaut: npt.NDArray[np.uint8]) -> None:
    boxes, scores = load_network("face_detection_short_range")(_view(astronaut, 128) / 127.5 - 1)
    assert int(scores[0, :, 0].argmax()) == 680
    assert float(scores[0, 680, 0]) == pytest.approx(3.37088, abs=1e-3)
    golden = [-4.9884, 6.1555, 51.1316, 51.1216, -15.7941, -5.5696, 5.9926, -3.7397]
    np.testing.assert_allclose(boxes[0, 680, :8].numpy(), golden, atol=1e-3)


def test_matte_equals_litert(astronaut: npt.NDArray[np.uint8]) -> None:
    (matte,) = load_network("selfie_segmentation")(_view(astronaut, 256) / 255)
    assert float(matte.mean()) == pytest.approx(0.518113, abs=1e-4)
    assert [round(float(matte[0, y, x, 0]), 3) for y, x in ((0, 0), (30, 128), (128, 20), (250, 128))] == [0, 1, 0, 1]


def test_attention_model_gives_the_same_points_as_ever(astronaut: npt.NDArray[np.uint8]) -> None:
    crop = cv2.resize(astronaut[64:192, 160:288], (192, 192), interpolation=cv2.INTER_LINEAR)
    outputs = load_network("face_landmark_with_attention")(torch.from_numpy(crop.astype(np.float32) / 255)[None])
    mesh = outputs[0].reshape(468, 3).numpy()
    np.testing.assert_allclose(mesh[1], [95.431, 99.021, -34.557], atol=0.05)
    np.testing.assert_allclose(mesh[152], [91.853, 165.398, 14.498], atol=0.05)
    golden = [[63.773, 113.146], [53.144, 55.131], [143.655, 59.907], [65.811, 55.912], [130.103, 59.486]]
    refined = [output.reshape(-1)[:2].numpy() for output in outputs[1:6]]
    np.testing.assert_allclose(refined, golden, atol=0.05)
    assert float(torch.sigmoid(outputs[6].reshape(()))) > 0.99


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="takes"):
        load_network("selfie_segmentation")(torch.zeros(1, 8, 8, 3))
