from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visavis_runtime.render import geometry
from visavis_runtime.render.batched.geometry import Moved, packed, unpacked
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]


def test_vertices_and_light_are_those_of_the_cpu(
    scenes: list[Scene], poses: Float, moved_of: Callable[..., Moved]
) -> None:
    slots = [0, 1, 0, 1]
    drives = [
        geometry.drive_from_latents(row, rig=scenes[slot].rig, neutral=neutral)
        for row, slot, neutral in zip(poses, slots, (0.0, 0.3, 1.0, 1.0), strict=True)
    ]
    moved = moved_of(slots, drives)
    for k, (slot, drive) in enumerate(zip(slots, drives, strict=True)):
        expected = geometry.move(scenes[slot].rig, drive)
        count = len(expected.px)
        np.testing.assert_allclose(moved.px[k, :count], expected.px, atol=2e-3)
        np.testing.assert_allclose(moved.depth[k, :count], expected.depth, atol=2e-3)
        np.testing.assert_allclose(moved.shade[k, :count], expected.shade, atol=1e-4)
        np.testing.assert_allclose(moved.skull[k], expected.skull, atol=1e-4)
        np.testing.assert_allclose(moved.turn[k], expected.turn, atol=1e-4)


def test_drives_travel_packed(scenes: list[Scene], poses: Float) -> None:
    bounds = np.repeat(scenes[0].rig.bounds[None], len(poses), axis=0)
    drives = geometry.drives_from_latents(poses, bounds=bounds, neutral=np.linspace(0, 1, len(poses), dtype=np.float32))
    for name, value in unpacked(packed(drives))._asdict().items():
        np.testing.assert_array_equal(value, getattr(drives, name), err_msg=name)
