"""Takes the coarse map of a moved face and the textures, gives the frame without eyes and mouth.

The map is enlarged to the output, the texture is sampled through it (OpenCV's remap is exact for float maps), light is
multiplied in and what is left of the background shows through. 8-bit arithmetic where the caller wants bytes; the float
path runs the very same calls on floats. All large buffers belong to a `Canvas` that one thread reuses: fresh megabytes
cost more than the arithmetic. It knows nothing of faces.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.render.raster import Grid

Float = npt.NDArray[np.float32]
Pixels = npt.NDArray[Any]  # uint8 or float32, by the road taken

LIGHT_STEPS = 200.0
"""Steps of the 8-bit light factor: 200 is 1.0, so rest is exact and 1.275 the brightest."""


class Surface(NamedTuple):
    """What is painted: textures in the type of the road (uint8 or float32).

    texture [M, M, 4]: premultiplied over a plate, straight without. plate [S, S, 4], alpha 255, or None for a
    transparent background.
    """

    texture: Pixels
    plate: Pixels | None


class Canvas(NamedTuple):
    """Buffers of one thread for one output size; contents mean nothing between frames."""

    wide_uv: Float
    wide_shade: Float
    colour: Pixels
    light: Pixels
    neutral: Pixels
    light4: Pixels
    gap: Pixels
    gap4: Pixels
    ground: Pixels


class Sheet(NamedTuple):
    """The coarse map at full size: views into a canvas. uv [S, S, 2] texture px, shade [S, S]."""

    uv: Float
    shade: Float


def canvas_for(grid: Grid, *, dtype: npt.DTypeLike) -> Canvas:
    """Buffers for frames on `grid` in uint8 or float32."""
    wide, size = grid.side * grid.cell, grid.size
    full = (size, size, 4)
    return Canvas(
        wide_uv=np.empty((wide, wide, 2), np.float32),
        wide_shade=np.empty((wide, wide), np.float32),
        colour=np.empty(full, dtype),
        light=np.empty((size, size), dtype),
        neutral=np.full((size, size), LIGHT_STEPS if np.dtype(dtype) == np.uint8 else 1, dtype),
        light4=np.empty(full, dtype),
        gap=np.empty((size, size), dtype),
        gap4=np.empty(full, dtype),
        ground=np.empty(full, dtype),
    )


def enlarge(uv: Float, shade: Float, *, grid: Grid, canvas: Canvas) -> Sheet:
    """The coarse map [side, side, 2] and [side, side] at output size."""
    wide = (grid.side * grid.cell,) * 2
    cv2.resize(uv, wide, dst=canvas.wide_uv, interpolation=cv2.INTER_LINEAR)
    cv2.resize(shade, wide, dst=canvas.wide_shade, interpolation=cv2.INTER_LINEAR)
    inner = slice(grid.cell, grid.cell + grid.size)
    return Sheet(canvas.wide_uv[inner, inner], canvas.wide_shade[inner, inner])


def paint(surface: Surface, *, sheet: Sheet, canvas: Canvas, out: Pixels) -> None:
    """Write the frame [S, S, 4] into `out`."""
    colour = canvas.colour
    # The stubs of OpenCV do not know that one map of two channels needs no second one.
    cv2.remap(surface.texture, sheet.uv, None, cv2.INTER_LINEAR, dst=colour, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    lit = out if surface.plate is None else colour
    if out.dtype == np.uint8:
        cv2.convertScaleAbs(sheet.shade, dst=canvas.light, alpha=LIGHT_STEPS)
        scale = 1 / LIGHT_STEPS
    else:
        np.copyto(canvas.light, sheet.shade)
        scale = 1.0
    cv2.merge([canvas.light, canvas.light, canvas.light, canvas.neutral], dst=canvas.light4)
    cv2.multiply(colour, canvas.light4, dst=lit, scale=scale)
    if surface.plate is None:
        return
    cv2.extractChannel(colour, 3, dst=canvas.gap)
    np.subtract(255, canvas.gap, out=canvas.gap)
    cv2.merge([canvas.gap] * 4, dst=canvas.gap4)
    cv2.multiply(surface.plate, canvas.gap4, dst=canvas.ground, scale=1 / 255)
    cv2.add(colour, canvas.ground, dst=out)
