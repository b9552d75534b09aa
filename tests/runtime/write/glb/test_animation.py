"""Tracks: the latents themselves where nothing couples, the renderer's motion everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.write.glb.animation import quaternions, tracks_from_latents
from visavis_runtime.write.glb.head import Head
from visavis_runtime.write.glb.skeleton import unlit_rig

UNCOUPLED = [name for name in ARKIT_NAMES if not name.startswith(("eye", "tongue")) and name != "mouthClose"]


def _latents(count: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    latents = np.zeros((count, 64), np.float32)
    latents[:, :52] = rng.uniform(0, 0.5, (count, 52))
    latents[:, INDEX["tongueOut"]] = 0
    for name in ("headYaw", "headPitch", "headRoll", "leftEyeYaw", "rightEyePitch"):
        latents[:, INDEX[name]] = rng.uniform(-0.05, 0.05, count)
    latents[:, INDEX["headX"]] = 0.01
    return latents


def test_weights_are_the_latents_at_the_time_of_their_sample(drawn: Avatar) -> None:
    latents = _latents(7)
    tracks = tracks_from_latents(drawn, latents=latents, fps=60)
    np.testing.assert_allclose(tracks.times_s, [(k * 16000 // 60) / 16000 for k in range(7)], atol=1e-7)
    columns = [INDEX[name] for name in UNCOUPLED]
    np.testing.assert_allclose(tracks.shapes[:, columns], latents[:, columns], atol=1e-6)


def test_the_couplings_are_the_renderers(drawn: Avatar) -> None:
    latents = np.zeros((2, 64), np.float32)
    latents[1, [INDEX["tongueOut"], INDEX["eyeBlinkLeft"], INDEX["eyeSquintLeft"]]] = 1
    tracks = tracks_from_latents(drawn, latents=latents, fps=60)
    assert tracks.shapes[1, INDEX["jawOpen"]] == pytest.approx(0.22)
    assert tracks.shapes[1, INDEX["eyeSquintLeft"]] == 0
    assert not tracks.shapes[0].any()


def test_a_large_turn_bends_to_the_limit_of_the_portrait(drawn: Avatar) -> None:
    latents = np.zeros((1, 64), np.float32)
    latents[0, INDEX["headYaw"]] = 1.2
    x, y, z, w = tracks_from_latents(drawn, latents=latents, fps=60).head_turn[0]
    assert 0 < 2 * np.arctan2(y, w) <= drawn.limits.yaw[1] + 1e-6
    assert abs(x) + abs(z) < 1e-6


def test_joint_and_weights_move_a_vertex_as_the_renderer_does(drawn: Avatar, head: Head) -> None:
    latents = _latents(1)
    tracks = tracks_from_latents(drawn, latents=latents, fps=60)
    rig = unlit_rig(drawn)
    moved = move(rig, drive_from_latents(latents[0], rig=rig))
    brow = [105, 334, 4, 152, 10]
    x, y, z, w = tracks.head_turn[0].astype(float)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    shaped = head.points[brow] + np.einsum("s,svx->vx", tracks.shapes[0], head.shapes[:, brow])
    placed = (shaped - drawn.pivot) @ turn.T + drawn.pivot + tracks.body_shift[0] + tracks.head_shift[0]
    px = placed @ rig.camera[:2].T + rig.offset[brow]
    np.testing.assert_allclose(px, moved.px[brow], atol=0.05)


def test_quaternions_turn_back_into_rotations() -> None:
    angles = np.random.default_rng(5).uniform(-0.6, 0.6, (20, 3))
    q = quaternions(rotation_from_angles(*angles.T))
    np.testing.assert_allclose(np.linalg.norm(q, axis=1), 1, atol=1e-6)
    assert (q[:, 3] > 0).all()
    yaw = quaternions(rotation_from_angles([0.4], [0.0], [0.0]))[0]
    np.testing.assert_allclose(yaw, [0, np.sin(0.2), 0, np.cos(0.2)], atol=1e-6)
    up = quaternions(rotation_from_angles([0.0], [0.4], [0.0]))[0]
    np.testing.assert_allclose(up, [-np.sin(0.2), 0, 0, np.cos(0.2)], atol=1e-6)
