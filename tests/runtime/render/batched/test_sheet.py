from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.render import geometry, renderer
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.frames import Rooms
from visavis_runtime.render.batched.geometry import Moved
from visavis_runtime.render.batched.raster import Room
from visavis_runtime.render.batched.sheet import map_sheet, refine
from visavis_runtime.render.composite import canvas_for
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]


def test_the_sheet_is_that_of_the_cpu_with_torn_lips(
    faces: Faces, scenes: list[Scene], poses: Float, moved_of: Callable[..., Moved]
) -> None:
    slots, grid = [0, 1], scenes[0].grid
    assert len(scenes[0].stage.lips)
    assert not len(scenes[1].stage.lips)
    drives = [
        geometry.drive_from_latents(row, rig=scene.rig, neutral=0.5) for row, scene in zip(poses, scenes, strict=False)
    ]
    moved, rooms = moved_of(slots, drives), Rooms.first(grid)
    which = torch.tensor(slots)
    sheet = map_sheet(faces, which, moved, grid=grid, room=Room(rooms.rows, rooms.cells))
    room = Room(rooms.lip_rows, rooms.lip_cells)
    sheet = refine(sheet, faces, which, moved, room=room, side_px=rooms.lip_side)
    assert (sheet.needed.amax(dim=0) <= torch.tensor([*room, rooms.lip_side])).all()
    for found, scene, drive in zip(sheet.uv_shade, scenes, drives, strict=True):
        canvas = canvas_for(grid, dtype=np.float32)
        expected = renderer.map_sheet(scene, geometry.move(scene.rig, drive), canvas)
        off_px = np.abs(found[:2].numpy().transpose(1, 2, 0) - expected.uv).max(axis=2)
        assert (off_px > 0.02).mean() < 1e-4, "a cell on an edge may go to the neighbour"
        assert np.abs(found[2].numpy() - expected.shade).mean() < 1e-3
