"""The mouth: a closed sock, teeth right behind the lips, a lower row and a tongue that follow the jaw."""

from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.mouth import BEHIND_LIPS_CM, JAW_TEETH
from visavis_runtime.render.mouth_scene import CHIN
from visavis_runtime.render.teeth import LOWER_ROW, UPPER_ROW
from visavis_runtime.write.glb.head import Head
from visavis_runtime.write.glb.mouth import LIP_EDGE, mouth_pictures, scene_of_mouth
from visavis_runtime.write.glb.skin import head_texture, skin_from_avatar

JAW = {"jawForward", "jawLeft", "jawRight", "jawOpen"}


def test_the_rows_are_as_wide_as_their_tables(head: Head, drawn: Avatar) -> None:
    cm = scene_of_mouth(drawn).cm
    for name, row in (("UpperTeeth", UPPER_ROW), ("LowerTeeth", LOWER_ROW)):
        width = np.ptp(head.parts[name].points[:, 0])
        assert abs(width - 2 * cm * sum(tooth.width for tooth in row)) < 1e-3


def test_teeth_stand_behind_the_lips_and_the_upper_row_before_the_lower_one(head: Head, drawn: Avatar) -> None:
    scene = scene_of_mouth(drawn)
    upper, lower = (head.parts[name].points for name in ("UpperTeeth", "LowerTeeth"))
    lips = head.points[[13, 14]].mean(axis=0)
    gap = lips[2] - upper[:, 2].max()
    assert 0.4 * scene.cm < gap < BEHIND_LIPS_CM * scene.cm
    assert upper[:, 2].max() > lower[:, 2].max()
    assert upper[:, 1].min() < lips[1] < upper[:, 1].max()
    assert lower[:, 1].max() < lips[1]


def test_the_biting_edges_have_teeth(head: Head) -> None:
    """The edge is not a straight line: teeth are rounded and of different heights."""
    points = head.parts["UpperTeeth"].points
    columns = np.unique(np.round(points[:, 0], 4))
    edge = np.array([points[np.abs(points[:, 0] - x) < 1e-3, 1].min() for x in columns])
    turns = np.diff(np.sign(np.diff(edge)))
    assert (turns != 0).sum() >= 15


def test_only_the_lower_row_and_the_tongue_follow_the_jaw(head: Head, drawn: Avatar) -> None:
    assert head.parts["UpperTeeth"].shapes == {}
    assert set(head.parts["LowerTeeth"].shapes) == JAW
    assert set(head.parts["Tongue"].shapes) == JAW | {"tongueOut"}
    way = head.parts["LowerTeeth"].shapes["jawOpen"]
    chin = drawn.shapes[INDEX["jawOpen"], CHIN]
    np.testing.assert_allclose(way, np.broadcast_to(chin * JAW_TEETH, way.shape), atol=1e-5)


def test_the_tongue_comes_out_before_the_lips(head: Head) -> None:
    part = head.parts["Tongue"]
    lips = head.points[[13, 14], 2].mean()
    assert part.points[:, 2].max() < lips
    out = part.points + part.shapes["tongueOut"]
    assert out[:, 2].max() > lips + 0.3
    assert out[out[:, 2].argmax(), 1] < part.points[:, 1].max(), "it hangs down"


def test_the_lining_begins_at_the_lips_and_follows_them(head: Head, drawn: Avatar) -> None:
    skin = skin_from_avatar(drawn, texture=head_texture(drawn))
    first = len(skin.points)
    ring = np.arange(first, first + 20)
    lips = [308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78, 95, 88, 178, 87, 14, 317, 402, 318, 324]
    np.testing.assert_array_equal(head.points[ring], head.points[lips])
    np.testing.assert_array_equal(head.shapes[:, ring], head.shapes[:, lips])


def test_the_lining_goes_from_the_red_of_the_lips_into_the_dark(drawn: Avatar) -> None:
    lips = np.array([190.0, 60.0, 80.0], np.float32)
    inside = mouth_pictures(scene_of_mouth(drawn), lips=lips)["inside"][0]
    assert np.abs(inside[: len(inside) // 3] - LIP_EDGE * lips).max() < 1
    light = inside.mean(axis=1)
    assert (np.diff(light) <= 1e-3).all()
    assert light[-1] < 0.35 * light[0]


def test_no_wall_of_the_mouth_comes_through_the_skin(head: Head, drawn: Avatar) -> None:
    skin = skin_from_avatar(drawn, texture=head_texture(drawn))
    wall = np.arange(len(skin.points) + 40, len(skin.points) + 60)
    lips = [*range(468)]
    for name in ("jawOpen", "mouthSmileLeft", "mouthPucker", "mouthStretchRight"):
        moved = head.points + head.shapes[INDEX[name]]
        apart = np.linalg.norm(moved[wall][:, None, :2] - moved[lips][None, :, :2], axis=2)
        nearest = np.argsort(apart, axis=1)[:, :3]
        assert (moved[wall, 2] < moved[lips, 2][nearest].max(axis=1)).all(), name
