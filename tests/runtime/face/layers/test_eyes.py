from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.layers.eyes import EyeLayer, build_eye
from visavis_runtime.face.layers.opening import opening_between

UPPER, LOWER = (362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)
SKIN, WHITE, IRIS = (205, 165, 145), (225, 220, 215), (70, 50, 35)


def drawn_eye() -> tuple[np.ndarray, np.ndarray]:
    """A picture of one eye and its landmarks."""
    x = np.linspace(40, 88, 9)
    arc = 11 * (1 - ((x - 64) / 24) ** 2)
    points = np.zeros((478, 2), np.float32)
    points[list(UPPER)] = np.stack([x, 64 - arc], axis=1)
    points[list(LOWER)] = np.stack([x, 64 + 0.7 * arc], axis=1)
    points[473] = 64, 62
    points[[474, 475, 476, 477]] = [(73, 62), (64, 53), (55, 62), (64, 71)]
    opening = opening_between(points[list(UPPER)], points[list(LOWER)], origin=(0, 0), shape=(128, 128))
    gy, gx = np.mgrid[:128, :128]
    inside = np.clip(9.5 - np.hypot(gx - 64, gy - 62), 0, 1)[..., None]
    ball = np.array(WHITE) * (1 - inside) + np.array(IRIS) * inside
    cover = opening.coverage[..., None]
    return (np.array(SKIN) * (1 - cover) + ball * cover).round().astype(np.uint8), points


@pytest.fixture(scope="module")
def layer() -> EyeLayer:
    picture, points = drawn_eye()
    return build_eye(picture, points=points, side="left")


def test_iris_over_sclera_is_the_photo_where_the_eye_is_clear(layer: EyeLayer) -> None:
    picture, points = drawn_eye()
    x, y = layer.origin
    size = layer.sclera.shape[0]
    photo = picture[y : y + size, x : x + size].astype(float)
    opening = opening_between(points[list(UPPER)], points[list(LOWER)], origin=(int(x), int(y)), shape=(size, size))
    clear = (np.minimum(opening.below_upper, opening.above_lower) > 2.5) & (np.abs(opening.along) < 0.9)
    alpha = layer.iris[..., 3:] / 255
    made = layer.sclera * (1 - alpha) + layer.iris[..., :3]
    assert np.abs(made - photo)[clear].mean() < 3


def test_hidden_parts_are_filled(layer: EyeLayer) -> None:
    middle = (layer.centre - layer.origin).round().astype(int)
    behind = layer.sclera[middle[1] - 3 : middle[1] + 4, middle[0] - 3 : middle[0] + 4].mean(axis=(0, 1))
    assert np.abs(behind - WHITE).max() < 25  # sclera behind the iris
    lid = layer.lid[middle[1], middle[0]]
    assert lid[3] == 255
    assert np.abs(lid[:3].astype(int) - SKIN).max() < 25


def test_arrays_restore_the_layer(layer: EyeLayer) -> None:
    again = EyeLayer.from_arrays(layer.arrays())
    for name, array in layer.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])


def test_arrays_that_do_not_fit_are_refused(layer: EyeLayer) -> None:
    with pytest.raises(ValueError, match="lid has the shape"):
        EyeLayer.from_arrays({**layer.arrays(), "lid": layer.lid[1:]})


def test_an_eye_at_the_border_or_without_white_is_no_error() -> None:
    picture, points = drawn_eye()
    build_eye(picture, points=points - 30, side="left")
    build_eye(np.zeros_like(picture), points=points, side="left")
    points[list(LOWER)] = points[list(UPPER)]
    build_eye(picture, points=points, side="left")


def test_a_mirrored_lamp_is_lifted_off_the_iris() -> None:
    picture, points = drawn_eye()
    dull = build_eye(picture, points=points, side="left")
    picture[58:61, 59:62] = 250
    lit = build_eye(picture, points=points, side="left")
    x, y = np.array([60, 59]) - lit.origin
    assert not dull.glint.any()
    assert lit.glint[y, x].min() > 120
    assert np.abs(lit.iris[y, x, :3].astype(int) - IRIS).max() < 25, "the iris under it is whole"


def test_a_light_half_of_an_iris_is_its_colour() -> None:
    picture, points = drawn_eye()
    picture[62:70, 55:73][picture[62:70, 55:73, 0] < 120] = (150, 120, 90)
    assert not build_eye(picture, points=points, side="left").glint.any()
