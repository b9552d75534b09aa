"""A whole rig from a real photo: the picture at rest, limits without folds, sizes; and every shared portrait."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.face.portrait.picture import Picture, read_picture
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.stretch import ALONE, FELT, WIDEST, mix_weights
from visavis_runtime.face.rings import OVAL
from visavis_runtime.render.surface import surface_from_avatar, surface_px_per_px

F64 = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def avatar(astronaut: npt.NDArray[np.uint8], weights: None) -> Avatar:
    return build_avatar(Picture(astronaut, None, (), "0" * 64))


def _composite(avatar: Avatar) -> F64:
    """The layers mixed at rest: as they are if they are as fine as the picture, else as the renderer samples them."""
    inner = slice(avatar.margin, avatar.margin + avatar.size)
    if avatar.texture_scale == 1:
        texture = avatar.texture[inner, inner].astype(np.float64)
        share = texture[..., 3:] / 255
        return np.rint(share * texture[..., :3] + (1 - share) * avatar.plate)
    surface = surface_from_avatar(avatar, size=avatar.size, transparent=False)
    scale = surface_px_per_px(avatar, size=avatar.size)
    at = ((np.arange(avatar.size) + 0.5 + avatar.margin) * scale - 0.5).astype(np.float32)
    texture = cv2.remap(surface.texture, *np.meshgrid(at, at), cv2.INTER_LINEAR).astype(np.float64)
    return np.rint(texture[..., :3] + (1 - texture[..., 3:] / 255) * avatar.plate)


def _shown(avatar: Avatar) -> npt.NDArray[np.bool_]:
    """Where the layers show the picture: all but the inside of an open mouth, which the frame draws over them."""
    points = (avatar.uv - avatar.margin)[[*INNER_UPPER, *reversed(INNER_LOWER)]]
    inside = np.zeros(avatar.picture.shape[:2], np.uint8)
    if avatar.mouth.is_open:
        cv2.fillPoly(inside, [np.rint(points).astype(np.int32)], 1)
    return inside == 0


def _psnr_db(error: F64) -> float:
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-9)))


def _turned_over(avatar: Avatar, *, weights: F64) -> int:
    """Visible triangles that turn over at rest or at any corner of the limits, in any mix of `weights` [mixes, 52]."""
    faces = avatar.triangles[~avatar.cap]
    alpha = cv2.dilate(avatar.texture[..., 3], np.ones((3, 3), np.uint8))
    corners = np.clip(np.rint(avatar.texture_px[faces]).astype(int), 0, alpha.shape[0] - 1)
    faces = faces[(alpha[corners[..., 1], corners[..., 0]] > 0).any(axis=1)]
    rest = avatar.vertices + avatar.neutral.sum(axis=0, dtype=np.float64)
    talking = rest + np.tensordot(weights, avatar.shapes.astype(np.float64), axes=1)
    bodies = np.concatenate([avatar.vertices[None], talking])
    limits = avatar.limits
    worst = 0
    for angles in ((0.0, 0.0, 0.0), *itertools.product(*((low, 0.0, high) for low, high in limits[:3]))):
        turned = (bodies - avatar.pivot) @ rotation_from_angles(*angles).T + avatar.pivot
        moved = bodies + avatar.head_weight[:, None] * (turned - bodies)
        area = signed_areas(moved @ avatar.camera.rotation.T.astype(np.float64), triangles=faces)
        worst = max(worst, int((area < 0).sum()))
    return worst


def _wide_enough(avatar: Avatar) -> bool:
    yaw, pitch, roll = avatar.limits[:3]
    need = [math.radians(a) for a in (15, 10, 10)]
    return all(-low >= a and high >= a for (low, high), a in zip((yaw, pitch, roll), need, strict=True))


def test_the_layers_at_rest_are_the_picture(avatar: Avatar) -> None:
    error = _composite(avatar) - avatar.picture
    assert _psnr_db(error) >= 45
    oval = np.zeros(avatar.picture.shape[:2], np.uint8)
    cv2.fillPoly(oval, [np.rint(avatar.rest_px[list(OVAL)]).astype(np.int32)], 1)
    inside = cv2.erode(oval, np.ones((5, 5), np.uint8)).astype(bool)
    assert (error[inside] == 0).all()


def test_the_range_is_wide_and_nothing_folds_in_it(avatar: Avatar) -> None:
    assert _wide_enough(avatar)
    assert _turned_over(avatar, weights=mix_weights((*WIDEST, *FELT), count=52)) == 0


@pytest.mark.parametrize("weight", [0.25, 0.5, 0.75, 1.0])
def test_no_shape_folds_the_face_alone(avatar: Avatar, weight: float) -> None:
    assert _turned_over(avatar, weights=weight * mix_weights(ALONE, count=52)) == 0


@pytest.mark.usefixtures("weights")
def test_a_large_source_gives_a_finer_texture(astronaut: npt.NDArray[np.uint8]) -> None:
    large = cv2.resize(astronaut, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    avatar = build_avatar(Picture(large, None, (), ""))
    assert avatar.texture_scale == 1.5
    assert avatar.texture.shape[0] == 1.5 * (avatar.size + 2 * avatar.margin)
    assert avatar.nbytes < 8_000_000
    assert _psnr_db((_composite(avatar) - avatar.picture)[_shown(avatar)]) >= 45


def test_it_is_small_and_knows_its_origin(avatar: Avatar) -> None:
    assert avatar.nbytes < 8_000_000
    assert avatar.meta["portrait_sha256"] == "0" * 64
    assert avatar.meta["presence"] > 0.9
    assert abs(avatar.meta["source_yaw_rad"]) < 0.1


def test_the_same_picture_gives_the_same_avatar(avatar: Avatar, astronaut: npt.NDArray[np.uint8]) -> None:
    again = build_avatar(Picture(astronaut, None, (), "0" * 64))
    np.testing.assert_array_equal(again.texture, avatar.texture)
    np.testing.assert_array_equal(again.shapes, avatar.shapes)


@pytest.mark.usefixtures("weights")
def test_a_transparent_picture_keeps_its_own_edge(astronaut: npt.NDArray[np.uint8]) -> None:
    alpha = np.zeros(astronaut.shape[:2], np.uint8)
    cv2.ellipse(alpha, (225, 160), (130, 200), 0, 0, 360, 255, -1)
    avatar = build_avatar(Picture(astronaut, alpha, (), ""), size=256)
    assert avatar.size == 256
    corner = round((avatar.margin + 4.5) * avatar.texture_scale - 0.5)
    assert avatar.texture[corner, corner, 3] == 0
    assert _psnr_db((_composite(avatar) - avatar.picture)[_shown(avatar)]) >= 45


@pytest.mark.usefixtures("weights")
def test_a_clear_frame_is_no_outline_of_the_person(avatar: Avatar, astronaut: npt.NDArray[np.uint8]) -> None:
    """The background does not move with the head because the picture's edge is transparent."""
    alpha = np.full(astronaut.shape[:2], 255, np.uint8)
    alpha[[0, -1]] = alpha[:, [0, -1]] = 0
    framed = build_avatar(Picture(astronaut, alpha, (), ""))
    np.testing.assert_array_equal(framed.texture, avatar.texture)


@pytest.mark.material
@pytest.mark.usefixtures("weights")
def test_every_shared_portrait(material: Path) -> None:
    built = 0
    for path in sorted((material / "portraits").iterdir()):
        if path.name == "painting_s10.jpg":
            continue  # turned 35 degrees: at the gate, see test_subject
        avatar = build_avatar(read_picture(path), size=512)
        built += 1
        assert _psnr_db(_composite(avatar) - avatar.picture) >= 40, path.name
        assert _turned_over(avatar, weights=mix_weights((*WIDEST, *FELT, *ALONE), count=52)) == 0, path.name
        if abs(avatar.meta["source_yaw_rad"]) <= math.radians(15):
            assert _wide_enough(avatar), (path.name, avatar.limits)
    assert built >= 10
