"""The texture: the face is dense, places are exact, cells do not overlap."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.atlas import Layout, layout_for, paint_atlas
from visavis_runtime.write.glb.skin import Skin, head_texture, skin_from_avatar


@pytest.fixture(scope="module")
def skin(drawn: Avatar) -> Skin:
    return skin_from_avatar(drawn, texture=head_texture(drawn))


@pytest.fixture(scope="module")
def layout(skin: Skin) -> Layout:
    return layout_for(skin, side=256)


def test_coordinates_stay_inside_and_the_face_is_denser(skin: Skin, layout: Layout) -> None:
    uv = layout.head_uv(skin.px)
    assert uv.min() > 0
    assert uv.max() < 1
    assert uv[:, 1].max() <= 1 - 1 / 8
    for px, texels in zip(layout.px, layout.texels, strict=True):
        density = np.diff(texels) / np.diff(px)
        assert density[1] >= max(density[0], density[2]) - 1e-3
        assert density[1] <= 1 + 1e-3 or density[1] == pytest.approx(density[0], rel=0.01)


def test_every_point_finds_its_own_colour(skin: Skin, layout: Layout, drawn: Avatar) -> None:
    """A texture that says where it is: red and green are x and y of the head's texture."""
    side = head_texture(drawn).shape[0]
    ramp = np.rint(np.arange(side) * 255 / side)
    texture = np.zeros((side, side, 4), np.uint8)
    texture[..., 0], texture[..., 1], texture[..., 3] = ramp[None], ramp[:, None], 255
    atlas = paint_atlas(skin, texture=texture, layout=layout, pictures={})
    corners = skin.px[skin.solid].mean(axis=1)
    places = layout.texels_of(skin.px)[skin.solid].mean(axis=1)
    column, row = np.rint(places).astype(int).T
    found = atlas[row, column, :2].astype(float) * side / 255
    wrong = np.abs(found - corners).max(axis=1)
    assert np.percentile(wrong, 99) < 3.0, "texels are up to 2.2 px wide"


def test_cells_lie_in_the_strip_and_apart(layout: Layout) -> None:
    owner = np.zeros((layout.side, layout.side), int)
    for left, top, width, height in layout.cells.values():
        assert top >= layout.side * 7 // 8
        owner[top : top + height, left : left + width] += 1
    assert owner.max() == 1
    uv = layout.cells["tongue"].uv([-1, 2], [0, 1], side=layout.side)
    assert uv.min() > 0
    assert uv.max() < 1


def test_pictures_fill_their_cells(skin: Skin, layout: Layout, drawn: Avatar) -> None:
    red = np.full((9, 7, 3), (200, 10, 20), np.float32)
    atlas = paint_atlas(skin, texture=head_texture(drawn), layout=layout, pictures={"left": red})
    left, top, width, height = layout.cells["left"]
    assert (atlas[top : top + height, left : left + width] == (200, 10, 20, 255)).all()


def test_drawn_heads_have_cells_for_their_ink(skin: Skin) -> None:
    layout = layout_for(skin, side=512, drawn=True)
    assert {"ink_mouth", "ink_up_left", "ink_low_right", "lid_left"} <= set(layout.cells)
    owner = np.zeros((512, 512), int)
    for left, top, width, height in layout.cells.values():
        assert top >= 512 - 512 // 5
        owner[top : top + height, left : left + width] += 1
    assert owner.max() == 1
    assert layout.head_uv(skin.px)[:, 1].max() <= (512 - 512 // 5) / 512
