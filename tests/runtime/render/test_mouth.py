from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.gape import inner_lips
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def opening_px(scene: Scene, row: npt.NDArray[np.float32]) -> float:
    upper, lower = inner_lips(scene.mouth, move(scene.rig, drive_from_latents(row, rig=scene.rig)))
    return float((lower - upper)[:, 1].max())


def test_jaw_opens_and_close_undoes_it(scene: Scene, latents: Row) -> None:
    rest = opening_px(scene, latents())
    wide = opening_px(scene, latents(jawOpen=0.5))
    shut = opening_px(scene, latents(jawOpen=0.5, mouthClose=0.5))
    assert wide > rest + 8
    assert abs(shut - rest) < 1.5


def test_parted_lips_shut_on_a_light_press(scene: Scene, latents: Row) -> None:
    assert scene.mouth.photo is not None
    assert scene.mouth.own_teeth
    assert opening_px(scene, latents(mouthPress=0.2)) < 0.25 * opening_px(scene, latents())


def test_an_open_mouth_is_dark_but_not_black(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    row = latents(jawOpen=0.8)
    moved = move(scene.rig, drive_from_latents(row, rig=scene.rig))
    frame = renderer.render([scene], row[None])[0]
    low, high = moved.px[INNER_UPPER[5]], moved.px[INNER_LOWER[5]]
    x, y = np.rint(low * 0.25 + high * 0.75).astype(int)
    inside = frame[y - 2 : y + 3, x - 4 : x + 5, :3].mean(axis=(0, 1))
    assert 15 < inside.mean() < 110
    assert inside[0] > inside[2]  # reddish


def test_own_teeth_follow_the_skull_not_the_jaw(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    rows = np.stack([latents(jawOpen=weight) for weight in (0.0, 0.3, 0.6)])
    frames = renderer.render([scene] * 3, rows)[..., :3].astype(float)
    rest = move(scene.rig, drive_from_latents(latents(), rig=scene.rig)).px
    x, y = np.rint(rest[INNER_UPPER[5]] * 0.6 + rest[INNER_LOWER[5]] * 0.4).astype(int)
    patches = frames[:, y - 2 : y + 2, x - 8 : x + 8]
    assert np.abs(patches[1] - patches[0]).mean() < 12
    assert np.abs(patches[2] - patches[1]).mean() < 6


def test_the_tongue_comes_over_the_lower_lip(renderer: CpuRenderer, scene: Scene, latents: Row) -> None:
    row = latents(jawOpen=0.4, tongueOut=1)
    lip = move(scene.rig, drive_from_latents(row, rig=scene.rig)).px[17]
    x, y = np.rint(lip).astype(int)
    without = renderer.render([scene], latents(jawOpen=0.4)[None])[0]
    with_tongue = renderer.render([scene], row[None])[0]
    change = np.abs(with_tongue.astype(int) - without)[y - 6 : y, x - 4 : x + 5, :3]
    assert change.mean() > 5
