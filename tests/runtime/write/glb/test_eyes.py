"""Eyes: balls behind the lids, the photo at rest, blinks that pass in front."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import Side
from visavis_runtime.face.rings import EYES
from visavis_runtime.write.glb.eyes import ball_behind, eye_picture, eye_window
from visavis_runtime.write.glb.head import Head

SIDES: tuple[Side, ...] = ("left", "right")


@pytest.mark.parametrize("side", SIDES)
def test_no_lid_lies_in_the_ball(head: Head, side: Side) -> None:
    ball = ball_behind(head.points, side=side)
    eye = EYES[side]
    lids = head.points[[*eye.upper, *eye.lower, *eye.crease]]
    apart = np.linalg.norm(lids[:, :2] - ball.centre[:2], axis=1)
    before = (apart < 0.9 * ball.radius) & (lids[:, 2] < ball.centre[2] + ball.radius * 0.3)
    assert not before.any()
    assert (np.linalg.norm(lids - ball.centre, axis=1)[apart < 0.9 * ball.radius] > ball.radius).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_falling_lid_passes_in_front_of_the_ball(head: Head, side: Side, share: float) -> None:
    ball = ball_behind(head.points, side=side)
    upper = list(EYES[side].upper)
    lid = head.points[upper] + share * head.shapes[INDEX[f"eyeBlink{side.capitalize()}"], upper]
    near = np.linalg.norm((lid - ball.centre)[:, :2], axis=1) < 0.9 * ball.radius
    assert near.sum() >= 3
    assert (np.linalg.norm(lid - ball.centre, axis=1)[near] > ball.radius - 1e-3).all()


def test_a_shut_upper_lid_lies_over_the_lower_one(head: Head) -> None:
    eye, blink = EYES["left"], head.shapes[INDEX["eyeBlinkLeft"]]
    upper, lower = (head.points[list(ring)] + blink[list(ring)] for ring in (eye.upper, eye.lower))
    assert (upper[:, 1] <= lower[:, 1] + 0.02).all()


def test_the_ball_turns_about_its_centre_and_faces_the_viewer(head: Head) -> None:
    for name in ("EyeLeft", "EyeRight"):
        part = head.parts[name]
        arms = part.points - part.origin
        np.testing.assert_allclose(np.linalg.norm(arms, axis=1), np.linalg.norm(arms[0]), rtol=1e-4)
        a, b, c = (part.points[part.triangles[:, k]] for k in range(3))
        outward = (np.cross(b - a, c - a) * ((a + b + c) / 3 - part.origin)).sum(axis=1)
        assert (outward > -1e-9).all()
    assert head.parts["EyeLeft"].origin[0] > head.parts["EyeRight"].origin[0], "left is the subject's"


def test_its_texture_shows_the_photo_in_the_middle_of_the_eye(drawn: Avatar) -> None:
    window = eye_window(drawn, side="left")
    picture = eye_picture(drawn, side="left", size=round(window.side))
    middle = picture.shape[0] // 2
    x, y = round(window.left + middle), round(window.top + middle)
    photo = drawn.picture[y - 1 : y + 2, x - 1 : x + 2].astype(float)
    shown = picture[middle - 1 : middle + 2, middle - 1 : middle + 2]
    assert np.abs(shown.mean() - photo.mean()) < 40
    assert picture.min() >= 0
    assert picture.max() <= 255.5
