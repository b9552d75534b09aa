from __future__ import annotations

import numpy as np

from visavis_runtime.render.composite import Surface, canvas_for, enlarge, paint
from visavis_runtime.render.raster import Grid

GRID = Grid(64, 4)


def identity() -> np.ndarray:
    middle = (np.arange(GRID.side, dtype=np.float32) - 0.5) * GRID.cell - 0.5
    return np.stack(np.meshgrid(middle, middle), axis=2).astype(np.float32)


def test_a_straight_map_copies_the_texture_in_both_types() -> None:
    rng = np.random.default_rng(3)
    texture = rng.integers(0, 256, (64, 64, 4), dtype=np.uint8)
    texture[..., :3] = texture[..., :3] * (texture[..., 3:] / 255)
    plate = np.dstack([rng.integers(0, 256, (64, 64, 3), dtype=np.uint8), np.full((64, 64), 255, np.uint8)])
    expected = texture.astype(float) + plate * (1 - texture[..., 3:] / 255)
    for dtype, tolerance in ((np.uint8, 1.01), (np.float32, 0.05)):
        canvas = canvas_for(GRID, dtype=dtype)
        sheet = enlarge(identity(), np.ones((GRID.side, GRID.side), np.float32), grid=GRID, canvas=canvas)
        out = np.empty((64, 64, 4), dtype)
        paint(Surface(texture.astype(dtype), plate.astype(dtype)), sheet=sheet, canvas=canvas, out=out)
        assert np.abs(out - expected).max() <= tolerance


def test_light_brightens_colour_and_leaves_alpha() -> None:
    texture = np.full((64, 64, 4), 100, np.uint8)
    canvas = canvas_for(GRID, dtype=np.uint8)
    shade = np.full((GRID.side, GRID.side), 1.2, np.float32)
    out = np.empty((64, 64, 4), np.uint8)
    paint(Surface(texture, None), sheet=enlarge(identity(), shade, grid=GRID, canvas=canvas), canvas=canvas, out=out)
    assert (out[..., :3] == 120).all()
    assert (out[..., 3] == 100).all()
