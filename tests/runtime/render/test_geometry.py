from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.latents import INDEX, LOOK_YAW_RAD
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.drives import KNEE, bounds_of, drives_from_latents, within
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def test_rest_puts_every_vertex_where_the_picture_has_it(scene: Scene, face: Avatar, latents: Row) -> None:
    moved = move(scene.rig, drive_from_latents(latents(), rig=scene.rig, neutral=0.0))
    np.testing.assert_allclose(moved.px, face.uv - face.margin, atol=2e-3)
    np.testing.assert_allclose(moved.shade, 1, atol=1e-6)


def test_directions_are_the_subjects(scene: Scene, latents: Row) -> None:
    nose = 1

    def shift(**values: float) -> npt.NDArray[np.float32]:
        drives = (drive_from_latents(latents(**row), rig=scene.rig) for row in ({}, values))
        rest, moved = (move(scene.rig, drive).px[nose] for drive in drives)
        return np.asarray(moved - rest)

    assert shift(headYaw=0.1)[0] > 1  # the subject's left is the picture's right
    assert shift(headPitch=0.1)[1] < -1
    assert shift(headX=0.05)[0] > 1
    assert shift(headY=0.05)[1] < -1


def test_the_larger_of_gaze_and_look_shapes_turns_the_eye(scene: Scene, latents: Row) -> None:
    drive = drive_from_latents(latents(eyeLookOutLeft=0.5, leftEyeYaw=0.1), rig=scene.rig)
    assert drive.gaze["left"][0] == pytest.approx(0.5 * LOOK_YAW_RAD, abs=1e-3)
    drive = drive_from_latents(latents(rightEyeYaw=0.2), rig=scene.rig)
    assert drive.gaze["right"][0] == pytest.approx(0.2, abs=1e-3)
    assert drive.shapes[INDEX["eyeLookInRight"]] == pytest.approx(0.2 / LOOK_YAW_RAD, abs=1e-3)


def test_a_shut_lid_and_a_shut_jaw_stay_shut(scene: Scene, latents: Row) -> None:
    shapes = drive_from_latents(latents(eyeBlink=1, eyeWide=1, eyeSquint=1, mouthClose=1), rig=scene.rig).shapes
    assert shapes[INDEX["eyeWideLeft"]] == 0
    assert shapes[INDEX["eyeSquintRight"]] == 0
    assert shapes[INDEX["mouthClose"]] == 0  # nothing to close


@given(st.floats(-10, 10), st.floats(0.01, 2))
def test_limits_bend_and_never_break(value: float, limit: float) -> None:
    bent = float(within(np.array([value]), np.array([[-limit, limit]]))[0])
    assert abs(bent) <= limit
    if abs(value) <= KNEE * limit:
        assert bent == pytest.approx(value)


def test_breath_lifts_the_shoulders_but_not_the_edge(scene: Scene, face: Avatar, latents: Row) -> None:
    still, risen = (move(scene.rig, drive_from_latents(latents(headY=y), rig=scene.rig)).px for y in (0.0, 0.03))
    lift = still[:, 1] - risen[:, 1]
    chest = (face.rest_px[:, 1] > 440) & (face.rest_px[:, 1] < 512) & (np.abs(face.rest_px[:, 0] - 256) < 150)
    assert 0.2 * lift[4] < lift[chest].mean() < 0.8 * lift[4]
    border = (face.rest_px < -face.margin + 1).any(axis=1) | (face.rest_px > 511 + face.margin - 1).any(axis=1)
    assert np.abs((still - risen)[border]).max() == 0


def test_a_turn_leaves_the_shoulders(scene: Scene, face: Avatar, latents: Row) -> None:
    still, turned = (move(scene.rig, drive_from_latents(latents(headYaw=a), rig=scene.rig)).px for a in (0.0, 0.2))
    low = face.rest_px[:, 1] > 500
    assert np.abs((still - turned)[low]).max() < 0.2 * np.abs((still - turned)[4]).max()


def test_a_range_of_nothing_allows_nothing() -> None:
    assert within(np.array([-3.0, 0.0, 3.0]), np.zeros((3, 2))).tolist() == [0, 0, 0]
    assert within(np.array([-3.0, 3.0]), np.array([[-1.0, 0.0], [-1.0, 0.0]])).tolist() == pytest.approx([-1, 0])


def test_a_batch_of_drives_is_its_rows(scene: Scene, face: Avatar) -> None:
    rows = np.random.default_rng(0).uniform(-1.2, 1.2, (20, 64)).astype(np.float32)
    neutral = np.linspace(0, 1, 20, dtype=np.float32)
    bounds = np.repeat(bounds_of(face.limits)[None], 20, axis=0)
    batch = drives_from_latents(rows, bounds=bounds, neutral=neutral)
    for k, row in enumerate(rows):
        one = drive_from_latents(row, rig=scene.rig, neutral=float(neutral[k]))
        for name in ("shapes", "neutral", "rotation", "shift", "zoom"):
            np.testing.assert_array_equal(getattr(batch, name)[k], getattr(one, name), err_msg=name)
        np.testing.assert_array_equal(batch.gaze[k], [one.gaze["left"], one.gaze["right"]])


def test_a_drawing_in_flat_colours_keeps_them_when_it_turns(renderer: CpuRenderer, face: Avatar, latents: Row) -> None:
    drawing = dataclasses.replace(face, meta={**face.meta, "flatness": 0.8})
    photo, flat = (renderer.load(avatar).rig for avatar in (face, drawing))
    for values in ({"headYaw": 0.2}, {"headPitch": -0.15}, {"cheekSquint": 1.0}):
        shades = [move(rig, drive_from_latents(latents(**values), rig=rig)).shade for rig in (photo, flat)]
        assert np.abs(shades[0] - 1).max() > 0.02
        np.testing.assert_allclose(shades[1], 1, atol=1e-5)
