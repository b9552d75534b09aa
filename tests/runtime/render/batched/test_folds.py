from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.render import folds, geometry, renderer
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.folds import lay_folds
from visavis_runtime.render.batched.geometry import Moved
from visavis_runtime.render.batched.windows import Box
from visavis_runtime.render.composite import canvas_for
from visavis_runtime.render.scene import Scene

Float = npt.NDArray[np.float32]


def test_folds_are_those_of_the_cpu(
    faces: Faces, scenes: list[Scene], poses: Float, moved_of: Callable[..., Moved]
) -> None:
    grid = scenes[0].grid
    drives = [
        geometry.drive_from_latents(row, rig=scene.rig, neutral=0.5) for row, scene in zip(poses, scenes, strict=False)
    ]
    grey = np.full((len(scenes), grid.size, grid.size, 4), 180, np.uint8)
    expected, sheets = grey.copy(), []
    for frame, scene, drive in zip(expected, scenes, drives, strict=True):
        moved = geometry.move(scene.rig, drive)
        sheet = renderer.map_sheet(scene, moved, canvas_for(grid, dtype=np.float32))
        folds.lay_folds(frame, folds=scene.folds, moved=moved, sheet=sheet)
        sheets.append(np.concatenate([sheet.uv.transpose(2, 0, 1), sheet.shade[None]]))
    slots = list(range(len(scenes)))
    frames = torch.from_numpy(grey.copy())
    lay_folds(
        frames,
        faces,
        torch.tensor(slots),
        moved_of(slots, drives),
        uv_shade=torch.from_numpy(np.stack(sheets)),
        box=Box(grid.size, grid.size),
    )
    assert (expected != grey).any(axis=(1, 2, 3)).all()
    assert np.abs(frames.numpy().astype(int) - expected).max() <= 1
