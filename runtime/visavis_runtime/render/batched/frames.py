"""Takes resident faces and drives, gives frames: the whole road of one batch on the device, in the order of the CPU's.

Geometry, coarse raster, sheet, colours, mouth, eyes. The lengths of its lists and windows are the `Rooms`; what the
frames needed of them comes back beside the frames. Nothing here waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import torch

from visavis_runtime.render.batched.composite import paint
from visavis_runtime.render.batched.eyes import draw_eyes
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.folds import lay_folds
from visavis_runtime.render.batched.geometry import move, unpacked
from visavis_runtime.render.batched.mouth import draw_mouths
from visavis_runtime.render.batched.raster import Room
from visavis_runtime.render.batched.sheet import map_sheet, refine
from visavis_runtime.render.batched.windows import Box
from visavis_runtime.render.drives import SIDES
from visavis_runtime.render.raster import Grid

SPARE = 1.15
"""A room that was too small becomes so much larger than what was needed, that it may not happen again soon."""
LIST_STEP, SIDE_STEP = 1024, 16


@dataclass(frozen=True)
class Rooms:
    """Fixed lengths of one batch; the names in the order of what is needed.

    rows, cells: of the coarse map; lip_rows, lip_cells, lip_side: of lips mapped pixel by pixel;
    face, mouth and eye: windows of them.
    """

    rows: int
    cells: int
    lip_rows: int
    lip_cells: int
    lip_side: int
    face_height: int
    face_width: int
    mouth_height: int
    mouth_width: int
    eye_height: int
    eye_width: int

    @staticmethod
    def first(grid: Grid) -> Rooms:
        """What nearly every frame fits into."""
        cells = grid.side * grid.side
        mouth = grid.size // 4
        return Rooms(
            rows=_rounded(cells * 0.7, LIST_STEP),
            cells=_rounded(cells * 1.1, LIST_STEP),
            lip_rows=LIST_STEP,
            lip_cells=_rounded(mouth * mouth * 0.3, LIST_STEP),
            lip_side=min(_rounded(mouth, SIDE_STEP), grid.size),
            face_height=min(_rounded(mouth * 1.9, SIDE_STEP), grid.size),
            face_width=min(_rounded(mouth * 1.6, SIDE_STEP), grid.size),
            mouth_height=min(_rounded(mouth * 0.7, SIDE_STEP), grid.size),
            mouth_width=min(_rounded(mouth, SIDE_STEP), grid.size),
            eye_height=min(_rounded(mouth * 0.5, SIDE_STEP), grid.size),
            eye_width=min(_rounded(mouth * 0.7, SIDE_STEP), grid.size),
        )

    def holding(self, needed: Sequence[int], *, size: int) -> Rooms:
        """These rooms where they are large enough, larger ones where not."""
        changes: dict[str, int] = {}
        for field, need in zip(fields(self), needed, strict=True):
            if need > getattr(self, field.name):
                side = field.name.endswith(LENGTHS_PX)
                grown = _rounded(need * (1 if side else SPARE), SIDE_STEP if side else LIST_STEP)
                changes[field.name] = min(grown, size) if side else grown
        return replace(self, **changes)


LENGTHS_PX = ("_side", "_height", "_width")
"""Ends of the names of lengths that are px of a frame."""


class Drawn(NamedTuple):
    """frames [B, S, S, 4] uint8; needed [n] int64: the rooms that would have held every frame of the batch."""

    frames: torch.Tensor
    needed: torch.Tensor


def draw_frames(
    faces: Faces,
    slots: torch.Tensor,
    drives: torch.Tensor,
    *,
    grid: Grid,
    rooms: Rooms,
    mixing: torch.dtype,
    done: Callable[[str], None] | None = None,
) -> Drawn:
    """Frames of the faces `slots` [B] int64 for packed drives [B, 74].

    Colours are mixed in `mixing`, float32 or float16. `done` hears of each step, for measurements.
    """
    done = done or _unheard
    moved = move(faces, slots, unpacked(drives))
    done("geometry")
    sheet = map_sheet(faces, slots, moved, grid=grid, room=Room(rooms.rows, rooms.cells))
    needed = [sheet.needed]
    if faces.lips.numel():
        room = Room(rooms.lip_rows, rooms.lip_cells)
        sheet = refine(sheet, faces, slots, moved, room=room, side_px=rooms.lip_side)
        needed.append(sheet.needed)
    else:
        needed.append(sheet.needed.new_zeros(len(slots), 3))
    done("raster")
    frames = paint(faces, slots, sheet.uv_shade, mixing=mixing)
    box = Box(rooms.face_height, rooms.face_width)
    needed.append(lay_folds(frames, faces, slots, moved, uv_shade=sheet.uv_shade, box=box))
    done("colour")
    needed.append(draw_mouths(frames, faces, slots, moved, box=Box(rooms.mouth_height, rooms.mouth_width)))
    done("mouth")
    box = Box(rooms.eye_height, rooms.eye_width)
    eyes = [draw_eyes(frames, faces, slots, moved, side=side, uv_shade=sheet.uv_shade, box=box) for side in SIDES]
    needed.append(torch.maximum(*eyes))
    done("eyes")
    return Drawn(frames, torch.cat(needed, dim=1).amax(dim=0))


def _unheard(_: str) -> None:
    return None


def _rounded(length: float, step: int) -> int:
    """A length rounded up to whole steps."""
    return -(-int(length) // step) * step
