"""Takes the pictures of skin, eyes and teeth, gives the one texture of the native head and where each thing lies in it.

The face matters more than the shoulders: inside the face one texel is one pixel of the avatar's texture (as far as the
size allows), outside the texels are up to `DENSER` times as coarse. Every triangle is resampled by its own affine map,
so the seam between dense and coarse is exact. A strip at the bottom holds the eyeballs, the teeth and the tones of the
mouth.

    +----------------------------+
    | head                       |
    +-----+-----+--------+-------+
    | eye | eye | upper  | lower |   1/8 of the side high
    | R   | L   +--------+-------+
    |     |     | inside | t|l|l |   tongue, lashes R and L
    +-----+-----+--------+-------+
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.render.raster import areas, runs_of_triangles, values_at
from visavis_runtime.write.glb.part import Float
from visavis_runtime.write.glb.skin import Skin

U8 = npt.NDArray[np.uint8]

SIDES_PX = (512, 1024)
DENSER = 2.2
STRIP, DRAWN_STRIP = 8, 5
"""The strip's height is the side divided by this; drawn eyes are large and sharp, drawn skin is not."""
FINE = 2
"""Supersampling of the head."""
PAD_TEXELS = 2


class Cell(NamedTuple):
    """A rectangle of the texture in texels: left, top, width, height."""

    left: int
    top: int
    width: int
    height: int

    def uv(self, x: npt.ArrayLike, y: npt.ArrayLike, *, side: int) -> Float:
        """[n, 2] for places 0..1 of the cell, x to the right and y down, kept half a texel inside it."""
        across = np.clip(np.asarray(x, np.float32) * self.width, 0.5, self.width - 0.5)
        down = np.clip(np.asarray(y, np.float32) * self.height, 0.5, self.height - 0.5)
        return np.stack([(self.left + across) / side, (self.top + down) / side], axis=-1).astype(np.float32)


class Layout(NamedTuple):
    """Where things are in a texture of `side` texels: knots of head-texture px and texels, and the cells by name."""

    side: int
    px: tuple[Float, Float]
    texels: tuple[Float, Float]
    cells: dict[str, Cell]

    def texels_of(self, px: Float) -> Float:
        """[n, 2] texels (centres on integers) of head-texture px [n, 2]."""
        axes = [np.interp(px[:, k], self.px[k], self.texels[k]) for k in range(2)]
        return np.stack(axes, axis=1).astype(np.float32)

    def head_uv(self, px: Float) -> Float:
        """[n, 2]: 0..1 of head-texture px [n, 2]; the one place where the head's coordinates are normalised."""
        return np.asarray((self.texels_of(px) + np.float32(0.5)) / np.float32(self.side), np.float32)


def layout_for(skin: Skin, *, side: int, texels_per_px: float = 1.0, drawn: bool = False) -> Layout:
    """The layout for a skin; `texels_per_px` limits how dense the face may be, `drawn` heads have cells for ink."""
    used = skin.px[np.unique(np.concatenate([skin.solid, skin.soft]))]
    face = skin.px[:FACE_POINTS]
    strip = side // (DRAWN_STRIP if drawn else STRIP)
    room = np.array([side, side - strip], np.float32) - 2 * PAD_TEXELS
    knots, texels = [], []
    for axis in range(2):
        low, high = float(used[:, axis].min()), float(used[:, axis].max())
        margin = 0.04 * float(np.ptp(face[:, axis]))
        inner = max(low, float(face[:, axis].min()) - margin), min(high, float(face[:, axis].max()) + margin)
        wide, rest = inner[1] - inner[0], (high - low) - (inner[1] - inner[0])
        dense = max(min(float(room[axis]) / (wide + rest / DENSER), texels_per_px), float(room[axis]) / (wide + rest))
        coarse = (float(room[axis]) - dense * wide) / max(rest, 1e-3)
        start = PAD_TEXELS - 0.5
        first, second = start + coarse * (inner[0] - low), start + coarse * (inner[0] - low) + dense * wide
        knots.append(np.array([low, inner[0], inner[1], high], np.float32))
        texels.append(np.array([start, first, second, second + coarse * (high - inner[1])], np.float32))
    cells = _drawn_cells(side, strip) if drawn else _cells(side, strip)
    return Layout(side, (knots[0], knots[1]), (texels[0], texels[1]), cells)


def _cells(side: int, strip: int) -> dict[str, Cell]:
    """The cells of the strip at the bottom, `strip` texels high."""
    top, row = side - strip, strip * 13 // 16
    teeth = (side - 2 * strip) // 2
    return {
        "right": Cell(0, top, strip, strip),
        "left": Cell(strip, top, strip, strip),
        "upper": Cell(2 * strip, top, teeth, row),
        "lower": Cell(2 * strip + teeth, top, teeth, row),
        "inside": Cell(2 * strip, top + row, teeth, strip - row),
        "tongue": Cell(2 * strip + teeth, top + row, teeth // 2, strip - row),
        "lash_right": Cell(2 * strip + teeth + teeth // 2, top + row, teeth // 4, strip - row),
        "lash_left": Cell(2 * strip + teeth + teeth * 3 // 4, top + row, teeth // 4, strip - row),
    }


def _drawn_cells(side: int, strip: int) -> dict[str, Cell]:
    """The same for a flat drawing, whose teeth are plain and whose lines are fine: lids and the ink on them."""
    top, row, left = side - strip, strip * 13 // 16, 2 * strip
    teeth, third = (side - 4 * strip) // 2, row // 3
    cells = {
        "right": Cell(0, top, strip, strip),
        "left": Cell(strip, top, strip, strip),
        "upper": Cell(left, top, teeth, row),
        "lower": Cell(left + teeth, top, teeth, row),
        "inside": Cell(left, top + row, teeth, strip - row),
        "tongue": Cell(left + teeth, top + row, teeth, strip - row),
        "ink_mouth": Cell(side - 2 * strip, top + row, 2 * strip, strip - row),
    }
    for number, eye in enumerate(("right", "left")):
        start = side - (2 - number) * strip
        for line, name in enumerate(("ink_up", "ink_low", "lid")):
            cells[f"{name}_{eye}"] = Cell(start, top + line * third, strip, third)
    return cells


def paint_atlas(skin: Skin, *, texture: U8, layout: Layout, pictures: dict[str, Float]) -> U8:
    """The texture [side, side, 4] uint8: straight colour and matte.

    Args:
        skin: the head.
        texture: [M, M, 4] what its `px` point into.
        layout: of this skin.
        pictures: cell name -> [h, w, 3 or 4] float 0..255, resized to the cell.
    """
    side = layout.side * FINE
    places = (layout.texels_of(skin.px) + np.float32(0.5)) * np.float32(FINE) - np.float32(0.5)
    uv = _default_map(layout, side)
    for triangles in (skin.soft, skin.solid):
        if not len(triangles):
            continue
        front = float(np.sign(np.median(areas(places, triangles))))
        runs = runs_of_triangles(places, np.zeros(len(places), np.float32), triangles, side=side, front=front)
        cells, values = values_at(runs, places, skin.px, triangles, side=side)
        uv.reshape(-1, 2)[cells] = values.T
    fine = cv2.remap(texture, uv, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    out = np.asarray(cv2.resize(fine, (layout.side, layout.side), interpolation=cv2.INTER_AREA), np.uint8)
    out[min(cell.top for cell in layout.cells.values()) :] = (0, 0, 0, 255)
    for name, picture in pictures.items():
        left, top, width, height = layout.cells[name]
        shrinks = picture.shape[1] > width
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        cell = cv2.resize(picture, (width, height), interpolation=how)
        out[top : top + height, left : left + width, : cell.shape[2]] = np.clip(np.rint(cell), 0, 255)
    return out


def _default_map(layout: Layout, side: int) -> Float:
    """[side, side, 2]: head-texture px of every texel, also where no triangle lies."""
    texels = (np.arange(side, dtype=np.float32) + 0.5) / FINE - 0.5
    axes = [np.interp(texels, layout.texels[k], layout.px[k]).astype(np.float32) for k in range(2)]
    return np.stack(np.meshgrid(axes[0], axes[1]), axis=2).astype(np.float32)
