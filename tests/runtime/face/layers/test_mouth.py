from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.layers.eyes import EyeLayer
from visavis_runtime.face.layers.mouth import (
    CAVITY,
    INNER_LOWER,
    INNER_UPPER,
    LINE,
    LOWER_RED,
    TONGUE,
    TOOTH,
    MouthLayer,
    build_mouth,
)


def drawn_mouth(gap: float, skin: tuple[int, int, int] = (205, 165, 145)) -> tuple[np.ndarray, np.ndarray]:
    """A face of one colour with an opening of `gap` px full of white teeth, and its landmarks."""
    picture = np.zeros((160, 160, 3), np.uint8)
    picture[:] = skin
    points = np.full((478, 2), 80, np.float32)
    points[[234, 454, 10, 152]] = [(10, 80), (150, 80), (80, 5), (80, 155)]
    x = np.linspace(50, 110, 11)
    arc = gap / 2 * (1 - ((x - 80) / 30) ** 2)
    points[list(INNER_UPPER)] = np.stack([x, 100 - arc], axis=1)
    points[list(INNER_LOWER)] = np.stack([x, 100 + arc], axis=1)
    points[[61, 291]] = (46, 100), (114, 100)
    gy, gx = np.mgrid[:160, :160]
    inside = np.abs(gy - 100) < np.interp(gx, x, arc, left=0, right=0)
    picture[inside] = 240
    return picture, points


def test_a_shut_mouth_has_tones_only() -> None:
    picture, points = drawn_mouth(1)
    layer = build_mouth(picture, points=points, eyes={})
    assert not layer.is_open
    assert layer.tones[TOOTH].mean() > 2 * layer.tones[LINE].mean() > layer.tones[CAVITY].mean()


def test_an_open_mouth_keeps_the_pictures_teeth() -> None:
    picture, points = drawn_mouth(16)
    layer = build_mouth(picture, points=points, eyes={})
    assert layer.is_open
    x, y = np.array([80, 100]) - layer.photo_origin
    np.testing.assert_array_equal(layer.photo[y, x], [240, 240, 240, 255])
    above = layer.photo[y - 11, x]  # under the upper lip the teeth go on
    assert above[:3].min() > 225
    assert above[3] > 0


def test_dark_light_makes_dark_teeth() -> None:
    bright, dark = (_tones(skin) for skin in ((215, 175, 155), (80, 60, 50)))
    assert dark[TOOTH].mean() < 0.75 * bright[TOOTH].mean()


def test_a_mouth_does_not_glow_in_the_dark() -> None:
    picture, points = drawn_mouth(1)
    night = (picture * 0.06).astype(np.uint8)
    dark = np.full((8, 8, 4), 12, np.uint8)
    eye = EyeLayer(
        origin=np.zeros(2, np.int32), sclera=dark[..., :3], iris=dark, glint=dark[..., :3], lid=dark,
        lash=np.zeros(3, np.float32), strip=dark[..., 0], centre=np.zeros(2, np.float32), radius_px=2, width_px=8,
    )  # fmt: skip
    assert build_mouth(night, points=points, eyes={"left": eye}).tones[TOOTH].max() < 2 * night.max()


def _tones(skin: tuple[int, int, int]) -> np.ndarray:
    picture, points = drawn_mouth(1, skin)
    return build_mouth(picture, points=points, eyes={}).tones


def test_arrays_restore_the_layer() -> None:
    picture, points = drawn_mouth(16)
    layer = build_mouth(picture, points=points, eyes={})
    again = MouthLayer.from_arrays(layer.arrays())
    for name, array in layer.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
    with pytest.raises(ValueError, match="has the shape"):
        MouthLayer.from_arrays({**layer.arrays(), "open_px": np.zeros(0, np.float32)})


def test_grey_and_tinted_pictures_stay_so() -> None:
    picture, points = drawn_mouth(1)
    shades = np.random.default_rng(1).integers(60, 230, (160, 160, 1))
    for tint in (np.array([1.0, 1.0, 1.0]), np.array([1.08, 0.9, 0.68])):
        toned = np.rint(np.clip(shades * tint, 0, 255)).astype(np.uint8)
        tones = build_mouth(toned, points=points, eyes={}).tones
        np.testing.assert_allclose(
            tones / tones.mean(axis=1, keepdims=True), np.tile(tint / tint.mean(), (5, 1)), atol=0.03
        )
    picture[:40] = (90, 120, 200)
    red = build_mouth(picture, points=points, eyes={}).tones[CAVITY]
    assert red[0] > 1.5 * red[2], "a coloured picture has a red mouth"


def test_teeth_that_the_picture_shows_give_their_colour() -> None:
    picture, points = drawn_mouth(16)
    inside = (picture == 240).all(axis=2)
    picture[inside] = (214, 206, 190)
    shown = build_mouth(picture, points=points, eyes={}).tones[TOOTH]
    np.testing.assert_allclose(shown / shown.mean(), np.array([214, 206, 190]) / 203.3, atol=0.02)
    picture[inside] = (70, 20, 20)
    dark = build_mouth(picture, points=points, eyes={}).tones[TOOTH]
    assert dark.min() > 120, "a dark inside is no tooth"


def test_red_lips_lend_the_tongue_their_tint_and_others_do_not() -> None:
    picture, points = drawn_mouth(1)
    points[list(LOWER_RED)] = 80, 110
    plain = build_mouth(picture, points=points, eyes={}).tones[TONGUE]
    picture[108:113, 78:83] = (200, 60, 70)
    red = build_mouth(picture, points=points, eyes={}).tones[TONGUE]
    assert red[0] - red[1:].mean() > plain[0] - plain[1:].mean() + 10
    assert abs(red.mean() - plain.mean()) < 3
    picture[108:113, 78:83] = (120, 140, 170)
    np.testing.assert_allclose(build_mouth(picture, points=points, eyes={}).tones[TONGUE], plain, atol=1)
