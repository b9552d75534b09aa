"""The crop: where the face lands, what the border holds, landmarks that stay on their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from rig_heads import SIZE, frontal_points

from visavis_runtime.face.portrait.crop import FACE_SHARE, crop_face, looks_soft
from visavis_runtime.face.rig.mesh import margin_px


@pytest.mark.parametrize(("height", "width"), [(700, 900), (900, 600), (256, 256)])
def test_landmarks_stay_on_their_pixels(height: int, width: int) -> None:
    y, x = np.indices((height, width))
    rgb = np.dstack([x % 256, y % 256, np.full_like(x, 7)]).astype(np.uint8)
    rgb[..., 0] = x * 255 // width
    rgb[..., 1] = y * 255 // height
    points = frontal_points() + np.array([width / 2 - SIZE / 2, height / 2 - SIZE / 2, 0], np.float32)
    crop = crop_face(rgb, points=points, size=SIZE)
    for v in (33, 263, 61, 291, 4):
        px = np.rint(crop.points[v, :2]).astype(int)
        here = crop.square[px[1], px[0]].astype(float)
        np.testing.assert_allclose(here[0], points[v, 0] * 255 / width, atol=2.5)
        np.testing.assert_allclose(here[1], points[v, 1] * 255 / height, atol=2.5)


def test_a_face_near_an_edge_is_shown_larger_rather_than_in_a_corner() -> None:
    rgb = np.zeros((3 * SIZE, 3 * SIZE, 3), np.uint8)
    points = frontal_points()
    middle = (points[:468, :2].max(axis=0) + points[:468, :2].min(axis=0)) / 2
    shares = []
    for x, y in ((1.5, 1.5), (1.5, 0.25), (0.2, 1.5), (2.75, 2.75)):
        moved = points + np.array([x * SIZE - middle[0], y * SIZE - middle[1], 0], np.float32)
        found = crop_face(rgb, points=moved, size=SIZE).points
        shares.append(np.linalg.norm(found[10] - found[152]) / SIZE)
        inside = (found[:468, :2].max(axis=0) + found[:468, :2].min(axis=0)) / 2 / SIZE
        assert ((inside > 0.2) & (inside < 0.8)).all()
    assert shares[0] == pytest.approx(FACE_SHARE, abs=0.01)
    assert (np.array(shares[1:]) > FACE_SHARE + 0.05).all()


def test_a_small_face_is_told_to_look_soft() -> None:
    points = frontal_points()
    for scale, told in ((1.0, False), (0.4, True)):
        rgb = np.zeros((round(SIZE * scale), round(SIZE * scale), 3), np.uint8)
        crop = crop_face(rgb, points=points * np.float32(scale), size=SIZE)
        assert bool(looks_soft(crop)) == told


def test_the_border_mirrors_beyond_the_picture() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)
    crop = crop_face(rgb, points=frontal_points() * np.float32(1.2), size=SIZE)
    margin = margin_px(SIZE)
    assert crop.margin == margin
    np.testing.assert_array_equal(crop.square, rgb)
    np.testing.assert_array_equal(crop.bordered[margin - 5, margin:-margin], rgb[5])


def test_the_border_is_real_where_the_picture_goes_on() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (3 * SIZE, 3 * SIZE, 3)).astype(np.uint8)
    points = frontal_points() + np.array([SIZE, SIZE, 0], np.float32)
    crop = crop_face(rgb, points=points, size=SIZE)
    assert crop.matrix[0, 0] < 1.2
    corner = crop.matrix @ np.array([-10.0, -10.0, 1.0])
    assert (corner > 0).all()
