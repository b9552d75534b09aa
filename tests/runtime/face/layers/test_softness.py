from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.layers.softness import FEATURES, MOST_PX, blur_of

SIDE = 200


def drawing(
    blur_px: float, *, contrast: float = 120, noise: float = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Discs and bars on a plain ground, blurred, and landmarks round them."""
    fine = np.full((4 * SIDE, 4 * SIDE), 180, np.float32)
    for x, y in ((60, 70), (140, 70), (100, 140)):
        cv2.circle(fine, (4 * x, 4 * y), 60, 180 - contrast, -1)
        cv2.rectangle(fine, (4 * x - 90, 4 * y - 100), (4 * x + 90, 4 * y - 90), 180 - 0.7 * contrast, -1)
    picture = cv2.resize(
        cv2.GaussianBlur(fine, (0, 0), 4 * max(blur_px, 0.1)), (SIDE, SIDE), interpolation=cv2.INTER_AREA
    )
    picture = picture + np.random.default_rng(3).normal(0, noise, picture.shape)
    points = np.full((478, 2), 100, np.float32)
    points[list(FEATURES)] = [
        (20, 40),
        (180, 40),
        (20, 60),
        (180, 60),
        (30, 30),
        (170, 30),
        (60, 150),
        (140, 150),
        (100, 170),
    ]
    return np.clip(np.repeat(picture[..., None], 3, axis=2), 0, 255).astype(np.uint8), points


@pytest.mark.parametrize("blur_px", [0.8, 1.2, 1.8])
def test_the_blur_of_edges_is_found_whatever_their_contrast(blur_px: float) -> None:
    for contrast in (40, 140):
        picture, points = drawing(blur_px, contrast=contrast)
        assert blur_of(picture, points=points) == pytest.approx(blur_px, abs=0.2)


def test_grain_hardly_makes_a_soft_picture_crisp() -> None:
    picture, points = drawing(1.5, noise=2)
    assert blur_of(picture, points=points) > 1.2


def test_bare_and_crisp_pictures_stay_within_bounds() -> None:
    picture, points = drawing(0)
    assert blur_of(picture, points=points) < 0.3
    assert blur_of(np.full_like(picture, 128), points=points) == MOST_PX
