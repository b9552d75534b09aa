"""Lids of flat drawings: skin that keeps still, a sheet that falls before the ball, the line's ink on its edge."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import Side
from visavis_runtime.face.rig.normals import vertex_normals
from visavis_runtime.face.rings import EYES
from visavis_runtime.write.glb.atlas import layout_for
from visavis_runtime.write.glb.depth import depth_at
from visavis_runtime.write.glb.drawn_eyes import Lid, drawn_lids, still_lids
from visavis_runtime.write.glb.eyes import ball_behind, eye_part, lids_over_balls, sight_of
from visavis_runtime.write.glb.head import Head
from visavis_runtime.write.glb.part import Part
from visavis_runtime.write.glb.skin import Skin, head_texture, is_drawn, skin_from_avatar

SIDES: tuple[Side, ...] = ("left", "right")


@pytest.fixture(scope="module")
def skin(flat: Avatar) -> Skin:
    bare = skin_from_avatar(flat, texture=head_texture(flat))
    return lids_over_balls(bare, {side: ball_behind(bare.points, side=side, sight=sight_of(flat)) for side in SIDES})


def _lid(flat: Avatar, skin: Skin, side: Side) -> tuple[Lid, Part]:
    layout = layout_for(skin, side=512, drawn=True)
    ball = eye_part(ball_behind(skin.points, side=side, sight=sight_of(flat)), avatar=flat, side=side, layout=layout)
    return drawn_lids(skin, still_lids(skin), ball, avatar=flat, side=side, layout=layout), ball


def test_only_flat_drawings_are_drawn(flat: Avatar, drawn: Avatar) -> None:
    assert is_drawn(flat)
    assert not is_drawn(drawn)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("shape", ["eyeBlink", "eyeLookDown", "eyeSquint"])
def test_the_skin_above_an_eye_never_comes_down(flat_head: Head, side: Side, shape: str) -> None:
    eye, way = EYES[side], flat_head.shapes[INDEX[f"{shape}{side.capitalize()}"]]
    assert way[[*eye.upper, *eye.crease, *eye.brow], 1].min() >= 0
    if shape == "eyeBlink":
        assert way[list(eye.lower), 1].max() > 0, "the lower lid comes up all the same"


@pytest.mark.parametrize("side", SIDES)
def test_the_sheet_has_no_area_at_rest_and_covers_the_eye_when_shut(flat: Avatar, skin: Skin, side: Side) -> None:
    lid, _ = _lid(flat, skin, side)
    sheet = lid.strips[1]
    assert np.abs(vertex_normals(sheet.points, triangles=sheet.triangles)[:, 2]).sum() < 1e-3
    shut = sheet.points + sheet.shapes[INDEX[f"eyeBlink{side.capitalize()}"]]
    eye = EYES[side]
    middle = skin.points[[*eye.upper[2:5], *eye.lower[2:5]]].mean(axis=0, keepdims=True)
    assert np.isfinite(depth_at(middle, shut, sheet.triangles)).all()


@pytest.mark.parametrize("side", SIDES)
def test_a_gaze_down_lets_the_sheet_fall_a_little(flat: Avatar, skin: Skin, side: Side) -> None:
    sheet = _lid(flat, skin, side)[0].strips[1]
    low = sheet.points[: len(sheet.points) // 10, 1].mean()
    ways = [sheet.shapes[INDEX[f"{name}{side.capitalize()}"]] for name in ("eyeLookDown", "eyeBlink")]
    down, shut = ((sheet.points + way)[: len(sheet.points) // 10, 1].mean() for way in ways)
    assert shut < down < low


@pytest.mark.parametrize("side", SIDES)
def test_a_falling_lid_and_its_ink_pass_before_ball_and_skin(flat: Avatar, skin: Skin, side: Side) -> None:
    lid, ball = _lid(flat, skin, side)
    blink, still = INDEX[f"eyeBlink{side.capitalize()}"], still_lids(skin)
    for piece in lid.strips[1:]:
        for share in (0.33, 0.67, 1.0):
            place = piece.points + share * piece.shapes[blink]
            there = still.points + share * still.shapes[blink]
            for points, faces in ((ball.points, ball.triangles), (there, still.solid)):
                over = place[:, 2] - depth_at(place, points, faces)
                assert not (over < 0.03).any(), share


def test_the_line_of_the_picture_is_the_ink_of_the_lid(flat: Avatar, skin: Skin) -> None:
    lid, _ = _lid(flat, skin, "left")
    strip = lid.pictures["ink_up_left"]
    dark = strip[..., 3] > 200
    assert dark.mean() > 0.1
    np.testing.assert_allclose(np.median(strip[dark][:, :3], axis=0), (90, 40, 40), atol=25)
    assert strip[[0, -1], :, 3].max() == 0, "it ends in nothing"
    lid_skin = lid.pictures["lid_left"]
    np.testing.assert_allclose(np.median(lid_skin[..., :3], axis=(0, 1)), (214, 170, 150), atol=3)
    assert lid_skin[len(lid_skin) // 2 :, :, 3].min() == 255
