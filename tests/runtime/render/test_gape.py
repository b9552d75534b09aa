from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.render.gape import evening, gape_of, place_in_mouth
from visavis_runtime.render.geometry import drive_from_latents, move
from visavis_runtime.render.scene import Scene

Row = Callable[..., npt.NDArray[np.float32]]


def test_the_window_holds_the_whole_opening(scene: Scene, latents: Row) -> None:
    moved = move(scene.rig, drive_from_latents(latents(jawOpen=0.6), rig=scene.rig))
    gape = gape_of(scene.mouth, rig=scene.rig, moved=moved, size=512)
    assert gape is not None
    cover = gape.opening.coverage
    assert cover.max() == 1
    edge = np.concatenate([cover[0], cover[-1], cover[:, 0], cover[:, -1]])
    assert edge.max() == 0


def test_teeth_are_upright_in_the_subjects_own_frame(scene: Scene, latents: Row) -> None:
    for row in (latents(jawOpen=0.6), latents(jawOpen=0.6, headRoll=0.15)):
        moved = move(scene.rig, drive_from_latents(row, rig=scene.rig))
        gape = gape_of(scene.mouth, rig=scene.rig, moved=moved, size=512)
        assert gape is not None
        x, y = place_in_mouth(gape, np.zeros(3, np.float32))
        height, width = x.shape
        assert (np.diff(x[height // 2]) > 0).all()
        assert (np.diff(y[:, width // 2]) < 0).all()
        right = moved.skull[:, 0]
        turn = np.arctan2(right[1], right[0])
        slope = np.gradient(y[height // 2])[width // 2] / np.gradient(x[height // 2])[width // 2]
        assert abs(slope - np.tan(turn)) < 0.25


def test_a_row_of_points_loses_its_kinks_and_keeps_its_ends_and_its_arch() -> None:
    x = np.linspace(-1, 1, 11)
    arch = np.stack([x, 1 - x**2], axis=1)
    kinked = arch + [0, 0.1] * (np.arange(11) == 4)[:, None]
    evened = evening(11, share=1.0) @ kinked
    np.testing.assert_array_equal(evened[[0, -1]], kinked[[0, -1]])
    assert np.abs(evened - arch).max() < 0.06
    np.testing.assert_array_equal(evening(11, share=0.0) @ kinked, kinked)
