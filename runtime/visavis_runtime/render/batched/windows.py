"""Takes places in frames, gives windows of one fixed size that lie wholly inside, and reads and writes their pixels.

A mouth or an eye is drawn on its own few pixels. On the CPU such a window is as large as it must be; a batch needs one
size for all, so every window has the size of its `Box` and the smaller one that is really wanted is a mask in it. No
two pixels of one window are the same, so writing has no order. It draws nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import torch


class Box(NamedTuple):
    """Size of all windows of one kind, px."""

    height: int
    width: int


class Windows(NamedTuple):
    """One window in each frame.

    x [B, 1, w] and y [B, h, 1] float32: frame px of the columns and rows; wanted [B, h, w] bool: the pixels that are to
    be drawn; pixel [B, h * w] int64: where they are in a frame; needed [B, 2] int64: the height and width that would
    hold all that is wanted.
    """

    x: torch.Tensor
    y: torch.Tensor
    wanted: torch.Tensor
    pixel: torch.Tensor
    needed: torch.Tensor


def windows_at(low: torch.Tensor, high: torch.Tensor, *, box: Box, size: int) -> Windows:
    """Windows from pixel `low` up to before `high` (both [B, 2], x and y, whole numbers) of frames of `size` px."""
    low, high = low.clamp(0, size), high.clamp(0, size)
    left, top = low[:, 0].clamp(max=size - box.width).long(), low[:, 1].clamp(max=size - box.height).long()
    column = left[:, None, None] + torch.arange(box.width, device=low.device)
    row = top[:, None, None] + torch.arange(box.height, device=low.device)[:, None]
    wanted_x = (column >= low[:, :1, None]) & (column < high[:, :1, None])
    wanted_y = (row >= low[:, 1:, None]) & (row < high[:, 1:, None])
    extent = (high - low).clamp(min=0).long()
    return Windows(
        x=column.float(),
        y=row.float(),
        wanted=wanted_x & wanted_y & (extent >= 2).all(dim=1)[:, None, None],
        pixel=(row * size + column).flatten(1),
        needed=extent.flip(1),
    )


def read(planes: torch.Tensor, windows: Windows) -> torch.Tensor:
    """Windows [B, C, h, w] of planes [B, C, S, S]."""
    batch, channels = planes.shape[:2]
    pixel = windows.pixel[:, None].expand(-1, channels, -1)
    return planes.flatten(2).gather(2, pixel).view(batch, channels, *windows.wanted.shape[1:])


def write(planes: torch.Tensor, windows: Windows, values: torch.Tensor) -> None:
    """Put windows [B, C, h, w] back into contiguous planes [B, C, S, S]."""
    pixel = windows.pixel[:, None].expand(-1, planes.shape[1], -1)
    planes.view(*planes.shape[:2], -1).scatter_(2, pixel, values.flatten(2))


def lowered(windows: Windows, px: torch.Tensor, *, size: int) -> Windows:
    """The same windows `px` [B, 1] further down in frames of `size` px, whose last row goes on."""
    row = (windows.pixel // size + px.long()).clamp(max=size - 1)
    return windows._replace(pixel=row * size + windows.pixel % size)


def colours_in(frames: torch.Tensor, window: Windows) -> torch.Tensor:
    """Pixels [B, h, w, 4] float32 of frames [B, S, S, 4] uint8."""
    return read(_packed(frames), window)[:, 0].contiguous()[..., None].view(torch.uint8).float()


def put_colours(frames: torch.Tensor, window: Windows, colour: torch.Tensor, *, seen: torch.Tensor) -> None:
    """Put colours [B, h, w, 3] into frames where they are wanted; `seen` [B, h, w, 4] is what was there."""
    inked = torch.cat([colour.clamp(0, 255).round(), seen[..., 3:]], dim=3)
    inked = torch.where(window.wanted[..., None], inked, seen).to(torch.uint8).contiguous()
    write(_packed(frames), window, inked.view(torch.int32)[..., 0][:, None])


def _packed(frames: torch.Tensor) -> torch.Tensor:
    """Frames [B, S, S, 4] uint8 as planes [B, 1, S, S] int32, the same memory."""
    return frames.view(torch.int32)[..., 0][:, None]
