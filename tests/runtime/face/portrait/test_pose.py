"""Poses: rotations by their names, the fit, and the gates with measured value and limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import PortraitError
from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.portrait.pose import (
    angles_from_rotation,
    fit_pose,
    gates,
    head_height_px,
    rotation_from_angles,
)

ANGLE = st.floats(-1.4, 1.4)


def _seen(yaw: float, pitch: float, roll: float, *, scale: float = 12.0) -> np.ndarray:
    """Landmarks (px, z negative towards the viewer) of the mean head in a pose given in degrees."""
    rotation = rotation_from_angles(*(math.radians(angle) for angle in (yaw, pitch, roll)))
    space = canonical_head().points @ rotation.T * scale + [300.0, -250.0, 7.0]
    return (space * [1, -1, -1]).astype(np.float32)


def test_the_names_of_the_angles() -> None:
    nose, crown = np.array([0, 0, 1.0]), np.array([0, 1.0, 0])
    assert (rotation_from_angles(0.3, 0, 0) @ nose)[0] > 0.2  # yaw: to the subject's left = picture right
    assert (rotation_from_angles(0, 0.3, 0) @ nose)[1] > 0.2  # pitch: up
    assert (rotation_from_angles(0, 0, 0.3) @ crown)[0] < -0.2  # roll: to the subject's right shoulder


@given(ANGLE, ANGLE, st.floats(-3, 3))
def test_angles_come_back(yaw: float, pitch: float, roll: float) -> None:
    rotation = rotation_from_angles(yaw, pitch, roll)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(angles_from_rotation(rotation), (yaw, pitch, roll), atol=1e-9)


def test_rotations_of_a_batch() -> None:
    yaw = np.linspace(-1, 1, 5)
    batch = rotation_from_angles(yaw, 0.2, -0.1)
    assert batch.shape == (5, 3, 3)
    np.testing.assert_allclose(batch[3], rotation_from_angles(yaw[3], 0.2, -0.1))


@given(st.floats(-60, 60), st.floats(-40, 40), st.floats(-90, 90), st.floats(5, 60))
def test_the_fit_finds_the_pose(yaw: float, pitch: float, roll: float, scale: float) -> None:
    points = _seen(yaw, pitch, roll, scale=scale)
    pose = fit_pose(points)
    np.testing.assert_allclose(np.degrees(pose[1:]), (yaw, pitch, roll), atol=0.01)
    assert pose.camera.scale == pytest.approx(scale, rel=1e-4)
    projected = canonical_head().points @ pose.camera.rotation.T * pose.camera.scale + pose.camera.translation
    np.testing.assert_allclose(projected[:, :2] * [1, -1], points[:, :2], atol=0.05)
    np.testing.assert_allclose(projected[:, 2], -points[:, 2], atol=0.05)


def _gates(yaw: float = 0, pitch: float = 0, roll: float = 0, *, scale: float = 12.0, presence: float = 1.0) -> object:
    points = _seen(yaw, pitch, roll, scale=scale)
    return gates(points, presence=presence, pose=fit_pose(points))


def test_a_good_face_passes_without_a_word() -> None:
    assert _gates(15, 10, 5) == ()


@pytest.mark.parametrize(
    ("pose", "reason", "words"),
    [
        ({"yaw": 41}, "FACE_POSE", ("41.0", "35", "left")),
        ({"yaw": -36}, "FACE_POSE", ("36.0", "35", "right")),
        ({"pitch": 28}, "FACE_POSE", ("28.0", "25", "up")),
        ({"pitch": -26}, "FACE_POSE", ("26.0", "25", "down")),
        ({"scale": 4.0}, "FACE_SMALL", ("96", "px")),
        ({"presence": 0.7}, "FACE_UNCLEAR", ("0.70", "0.9")),
        ({"presence": 0.1}, "FACE_NOT_FOUND", ("0.10", "0.9")),
    ],
)
def test_refusals_name_value_and_limit(pose: dict[str, float], reason: str, words: tuple[str, ...]) -> None:
    with pytest.raises(PortraitError) as caught:
        _gates(**pose)
    assert caught.value.reason == reason
    assert all(word in str(caught.value) for word in words)
    assert "use a picture" in str(caught.value)


@pytest.mark.parametrize(("pose", "word"), [({"yaw": 24}, "24 degrees"), ({"roll": 40}, "40 degrees")])
def test_warnings(pose: dict[str, float], word: str) -> None:
    warnings = _gates(**pose)
    assert isinstance(warnings, tuple)
    assert len(warnings) == 1
    assert word in warnings[0]


def test_head_height_does_not_depend_on_roll() -> None:
    assert head_height_px(_seen(0, 0, 70)) == pytest.approx(head_height_px(_seen(0, 0, 0)), rel=1e-4)
