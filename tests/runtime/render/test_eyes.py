from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def eye_window(face: Avatar) -> tuple[slice, slice]:
    px = face.uv[[*UPPER_LID["left"], *LOWER_LID["left"]]] - face.margin
    low, high = np.floor(px.min(axis=0)).astype(int), np.ceil(px.max(axis=0)).astype(int)
    return slice(low[1], high[1] + 1), slice(low[0], high[0] + 1)


def dark_centre(frame: npt.NDArray[np.uint8], window: tuple[slice, slice]) -> npt.NDArray[np.float64]:
    """Centre of what is darkest in an eye: the iris."""
    light = frame[window][..., :3].mean(axis=2)
    inner = light[2:-2, 5:-5]
    weight = np.clip(np.percentile(inner, 30) - inner, 0, None)
    y, x = np.mgrid[: inner.shape[0], : inner.shape[1]]
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


def test_gaze_moves_the_iris_to_the_subjects_left(
    renderer: CpuRenderer, scene: Scene, face: Avatar, latents: Row
) -> None:
    window = eye_window(face)
    centres = [
        dark_centre(renderer.render([scene], latents(leftEyeYaw=yaw)[None])[0], window) for yaw in (-0.3, 0, 0.3)
    ]
    assert centres[0][0] + 1 < centres[1][0] < centres[2][0] - 1


def test_a_blink_hides_the_eyeball(renderer: CpuRenderer, scene: Scene, face: Avatar, latents: Row) -> None:
    rows = np.stack([latents(eyeBlink=1), latents(eyeBlink=1, leftEyeYaw=0.3)])
    shut, looking = renderer.render([scene] * 2, rows)
    window = eye_window(face)
    assert np.abs(shut[window].astype(int) - looking[window]).mean() < 2.5  # only the lids follow
    moved = move(scene.rig, drive_from_latents(rows[0], rig=scene.rig)).px
    gap = moved[list(LOWER_LID["left"])] - moved[list(UPPER_LID["left"])]
    assert gap[:, 1].max() < 0.6


def test_a_shut_lid_is_skin(renderer: CpuRenderer, scene: Scene, face: Avatar, latents: Row) -> None:
    frame = renderer.render([scene], latents(eyeBlink=1)[None])[0][..., :3].astype(float)
    lids = face.uv[[386, 374]] - face.margin
    x, y = np.rint(lids.mean(axis=0)).astype(int)
    lid = frame[y - 3 : y + 1, x - 5 : x + 6].mean(axis=(0, 1))
    cheek_x, cheek_y = np.rint(face.uv[280] - face.margin).astype(int)
    cheek = frame[cheek_y - 4 : cheek_y + 4, cheek_x - 4 : cheek_x + 4].mean(axis=(0, 1))
    assert np.abs(lid - cheek).mean() < 70


def test_eyes_converge_on_a_viewer_who_comes_near(scene: Scene, latents: Row) -> None:
    far, near = (drive_from_latents(latents(headZ=z), rig=scene.rig).gaze for z in (0.0, 0.14))
    assert far["left"][0] == far["right"][0] == 0
    assert near["left"][0] < 0 < near["right"][0], "the left eye turns to the subject's right"
    assert near["left"][0] == -near["right"][0]
