"""The fringes of shut eyes: nothing at rest, below the lid's edge in a blink, dark where the lids meet."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.rig.normals import vertex_normals
from visavis_runtime.write.glb.atlas import layout_for
from visavis_runtime.write.glb.head import Head
from visavis_runtime.write.glb.lashes import lash_fringe, lash_picture
from visavis_runtime.write.glb.skin import head_texture, skin_from_avatar


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_fringe_has_no_area_until_its_own_eye_shuts(drawn: Avatar, side: str) -> None:
    skin = skin_from_avatar(drawn, texture=head_texture(drawn))
    fringe = lash_fringe(skin, side=side, layout=layout_for(skin, side=512))  # type: ignore[arg-type]
    for name, way in zip(INDEX, fringe.shapes, strict=False):
        area = np.abs(vertex_normals(fringe.points + way, triangles=fringe.triangles)).sum()
        assert (area > 0.1) == (name == f"eyeBlink{side.capitalize()}"), name
    shut = fringe.points + fringe.shapes[INDEX[f"eyeBlink{side.capitalize()}"]]
    edge, tips = np.split(shut, 2)
    assert (tips[:, 1] < edge[:, 1] - 0.1).all()
    assert (tips[:, 2] > edge[:, 2]).all()


def test_lashes_are_darkest_where_the_lids_meet_and_end_in_nothing(drawn: Avatar) -> None:
    picture = lash_picture(drawn, side="left")
    cover = picture[..., 3]
    np.testing.assert_array_equal(picture[0, 0, :3], drawn.eyes["left"].lash)
    assert cover[0, 24:40].min() > 0.6 * 255
    assert cover[-1].max() == 0
    assert (np.diff(cover.mean(axis=1)) < 1e-3).all()


def test_the_texture_carries_them_where_the_fringes_look(head: Head) -> None:
    """The last points of the mesh are the fringes': what they are painted with is see-through at the tips."""
    side = head.texture.shape[0]
    fringe = np.unique(head.soft[-32:])
    place = np.floor(head.uv[fringe] * side).astype(int)
    matte = head.texture[place[:, 1], place[:, 0], 3]
    assert matte.max() > 100
    assert matte.min() < 60
