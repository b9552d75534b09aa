from __future__ import annotations

from typing import Any

import torch

from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.frames import Rooms, draw_frames
from visavis_runtime.render.raster import Grid

GRID = Grid(512, 4)


def on_meta(value: Any) -> Any:
    """The same tensors without any values: whatever would read one back fails, and so does mixing of devices."""
    if isinstance(value, torch.Tensor):
        return value.to("meta")
    return {name: on_meta(part) for name, part in value.items()}


def test_no_value_is_read_back_and_no_shape_depends_on_one(faces: Faces) -> None:
    bare = Faces(**{name: on_meta(value) for name, value in faces._asdict().items()})
    slots = torch.empty(4, dtype=torch.int64, device="meta")
    steps: list[str] = []
    drawn = draw_frames(
        bare,
        slots,
        torch.empty(4, 74, device="meta"),
        grid=GRID,
        rooms=Rooms.first(GRID),
        mixing=torch.float16,
        done=steps.append,
    )
    assert drawn.frames.shape == (4, 512, 512, 4)
    assert drawn.frames.dtype == torch.uint8
    assert steps == ["geometry", "raster", "colour", "mouth", "eyes"]


def test_rooms_grow_to_what_is_needed_and_never_shrink() -> None:
    rooms = Rooms.first(GRID)
    fits = [0] * 11
    assert rooms.holding(fits, size=512) == rooms
    needed = [rooms.rows + 1, 0, 0, 0, 600, 0, 0, 0, rooms.mouth_width + 1, 0, 0]
    larger = rooms.holding(needed, size=512)
    assert larger.rows > rooms.rows
    assert larger.lip_side == 512, "no window is larger than a frame"
    assert larger.mouth_width > rooms.mouth_width
    assert larger.cells == rooms.cells
    assert larger.holding([*needed[:4], 512, *needed[5:]], size=512) == larger
