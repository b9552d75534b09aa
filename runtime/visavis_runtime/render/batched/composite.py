"""Takes sheets and the resident textures, gives frames without eyes and mouths.

Texels are four bytes in one int32, so a bilinear tap is four loads; coordinates stay float32, since half floats are a
quarter of a pixel wide at the far end of a texture, and only colours are mixed in half floats on a GPU. Frames are
packed likewise, and no texture is ever copied. It knows nothing of faces.
"""

from __future__ import annotations

import torch

from visavis_runtime.render.batched.faces import Faces

CPU_STRIPE_PX = 1 << 15
"""Pixels painted at once on a CPU: what lies between two steps stays in its cache."""


def paint(faces: Faces, slots: torch.Tensor, uv_shade: torch.Tensor, *, mixing: torch.dtype) -> torch.Tensor:
    """Frames [B, S, S, 4] uint8 of sheets [B, 3, S, S]; colours are mixed in `mixing`, float32 or float16."""
    batch, _, size, _ = uv_shade.shape
    high = max(CPU_STRIPE_PX // (batch * size), 1) if uv_shade.device.type == "cpu" else size
    plates = faces.plate[slots] if faces.plate.numel() else None
    frames = torch.empty((batch, size, size, 4), dtype=torch.uint8, device=uv_shade.device)
    for top in range(0, size, high):
        rows = slice(top, top + high)
        plate = None if plates is None else plates[:, rows]
        frames[:, rows] = _painted(faces, slots, uv_shade[:, :, rows], plate, mixing)
    return frames


def _painted(
    faces: Faces, slots: torch.Tensor, uv_shade: torch.Tensor, plate: torch.Tensor | None, mixing: torch.dtype
) -> torch.Tensor:
    """A stripe of the frames [B, h, S, 4] uint8, over the same stripe of the plates [B, h, S] int32."""
    side = faces.texture_side[slots]
    colour = sample(faces.texture, slots, uv_shade[:, 0], uv_shade[:, 1], side=side, mixing=mixing)
    colour[..., :3] *= uv_shade[:, 2, :, :, None].to(colour.dtype)
    colour = colour.clamp(max=255)
    if plate is None:
        return bytes_of(colour)
    ground = plate[..., None].view(torch.uint8).to(colour.dtype)
    return bytes_of(torch.addcmul(colour, ground, 1 - colour[..., 3:] / 255))


def bytes_of(colour: torch.Tensor) -> torch.Tensor:
    """0..255 rounded to uint8."""
    return colour.round().clamp(0, 255).to(torch.uint8)


def sample(
    textures: torch.Tensor,
    slots: torch.Tensor,
    x: torch.Tensor,
    y: torch.Tensor,
    *,
    side: torch.Tensor,
    mixing: torch.dtype,
) -> torch.Tensor:
    """Colours [B, h, w, 4] of packed textures [N, M, M] at texture px x, y [B, h, w], their edges repeated.

    `side` [B] int64 is how much of M a face uses.
    """
    stride = textures.shape[2]
    left, top = x.floor(), y.floor()
    in_x, in_y = ((value - whole)[..., None].to(mixing) for value, whole in ((x, left), (y, top)))
    last = (side - 1)[:, None, None]
    column, row = left.long(), top.long()
    columns = [torch.minimum(place.clamp(min=0), last) for place in (column, column + 1)]
    base = (slots * (textures.shape[1] * stride))[:, None, None]
    rows = [torch.minimum(place.clamp(min=0), last) * stride + base for place in (row, row + 1)]
    flat = textures.view(-1)
    (a, b), (c, d) = ([_texels(flat, row + column, mixing) for column in columns] for row in rows)
    return torch.lerp(torch.lerp(a, b, in_x), torch.lerp(c, d, in_x), in_y)


def _texels(flat: torch.Tensor, place: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[..., 4] of packed texels at places [...]."""
    return flat.index_select(0, place.reshape(-1)).view(torch.uint8).view(*place.shape, 4).to(dtype)
