"""A mouth that is drawn as a line: ink on the edges of the opening, nothing of the inside through the face."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.write.glb.atlas import layout_for
from visavis_runtime.write.glb.depth import depth_at
from visavis_runtime.write.glb.head import Head
from visavis_runtime.write.glb.mouth import scene_of_mouth
from visavis_runtime.write.glb.mouth_line import evened_lips, line_picture, mouth_lines
from visavis_runtime.write.glb.skin import Skin, head_texture, skin_from_avatar


@pytest.fixture(scope="module")
def skin(flat: Avatar) -> Skin:
    return evened_lips(skin_from_avatar(flat, texture=head_texture(flat)))


def test_the_skin_has_no_line_of_its_own(flat: Avatar, skin: Skin) -> None:
    texture = head_texture(flat)
    column, row = np.rint(skin.px[[*INNER_UPPER, *INNER_LOWER]]).astype(int).T
    np.testing.assert_allclose(np.median(texture[row, column, :3], axis=0), (214, 170, 150), atol=6)


def test_evened_lips_keep_their_corners_and_meet(flat: Avatar, skin: Skin) -> None:
    before = skin_from_avatar(flat, texture=head_texture(flat))
    ends = [INNER_UPPER[0], INNER_UPPER[-1]]
    np.testing.assert_allclose(skin.points[ends], before.points[ends], atol=1e-5)
    kinks = [np.abs(np.diff(one.points[list(INNER_UPPER), 1], 2)).sum() for one in (skin, before)]
    assert kinks[0] <= kinks[1]
    np.testing.assert_allclose(skin.points[list(INNER_UPPER)], skin.points[list(INNER_LOWER)], atol=1e-4)


def test_the_line_is_as_thick_as_in_the_picture_and_one_at_rest(flat: Avatar, skin: Skin) -> None:
    scene = scene_of_mouth(flat)
    lower, upper = mouth_lines(skin, scene, avatar=flat, layout=layout_for(skin, side=512, drawn=True))
    np.testing.assert_allclose(lower.points[:, :2], upper.points[:, :2], atol=1e-3)
    count = len(upper.points) // 3
    wide = np.linalg.norm((upper.points[2 * count :] - upper.points[:count])[:, :2], axis=1) * flat.camera.scale
    np.testing.assert_allclose(wide, scene.line_px + 2, rtol=0.02)
    opened = lower.points[:, 1] + lower.shapes[INDEX["jawOpen"], :, 1]
    middle = count + count // 2
    assert upper.points[middle, 1] - opened[middle] > 0.5, "they part with the jaw"


def test_the_picture_of_the_line_has_its_ink_and_round_ends(flat: Avatar, skin: Skin) -> None:
    scene = scene_of_mouth(flat)
    picture = line_picture(scene, skin)
    rows, columns = picture.shape[:2]
    assert picture[rows // 2, columns // 2, 3] > 230
    np.testing.assert_array_equal(picture[..., :3], np.broadcast_to(scene.ink, (rows, columns, 3)))
    assert picture[[0, -1], :, 3].max() == picture[:, [0, -1], 3].max() == 0
    covered = (picture[..., 3] > 128).sum(axis=0)
    assert covered[3] < covered[columns // 2]


@pytest.mark.parametrize("name", ["", "jawOpen", "mouthSmileLeft"])
def test_nothing_of_the_inside_comes_through_the_face(flat_head: Head, flat: Avatar, skin: Skin, name: str) -> None:
    way = flat_head.shapes[INDEX[name]] if name else 0 * flat_head.points
    there, faces = flat_head.points + way, skin.solid
    for part in ("UpperTeeth", "LowerTeeth", "Tongue"):
        piece = flat_head.parts[part]
        place = piece.points + piece.shapes.get(name, np.zeros_like(piece.points))
        assert not (place[:, 2] > depth_at(place, there, faces)).any(), part
