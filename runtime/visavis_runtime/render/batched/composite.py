"""Takes sheets and the resident textures, gives frames without eyes and mouths.

Texels are four bytes in one int32, so a bilinear tap is four loads; coordinates stay float32, since half floats are a
third of a pixel wide at the far end of a texture, and only colours are mixed in half floats on a GPU. Frames are
packed likewise, and no texture is ever copied. It knows nothing of faces.
"""

from __future__ import annotations

import torch

from visavis_runtime.render.batched.faces import Faces


def paint(faces: Faces, slots: torch.Tensor, uv_shade: torch.Tensor) -> torch.Tensor:
    """Frames [B, S, S, 4] uint8 of sheets [B, 3, S, S]."""
    colour = sample(faces.texture, slots, uv_shade[:, 0], uv_shade[:, 1], side=faces.texture_side[slots])
    colour[..., :3] *= uv_shade[:, 2, :, :, None].to(colour.dtype)
    colour = colour.clamp(max=255)
    if faces.plate.numel() == 0:
        return bytes_of(colour)
    plate = faces.plate[slots].view(torch.uint8).view(colour.shape)
    return bytes_of(torch.addcmul(colour, plate.to(colour.dtype), 1 - colour[..., 3:] / 255))


def bytes_of(colour: torch.Tensor) -> torch.Tensor:
    """0..255 rounded to uint8."""
    return colour.round().clamp(0, 255).to(torch.uint8)


def mixing_type(device: torch.device) -> torch.dtype:
    """Type in which colours are mixed."""
    return torch.float32 if device.type == "cpu" else torch.float16


def sample(
    textures: torch.Tensor, slots: torch.Tensor, x: torch.Tensor, y: torch.Tensor, *, side: torch.Tensor
) -> torch.Tensor:
    """Colours [B, h, w, 4] of packed textures [N, M, M] at texture px x, y [B, h, w], their edges repeated.

    `side` [B] int64 is how much of M a face uses.
    """
    dtype, stride = mixing_type(textures.device), textures.shape[2]
    left, top = x.floor(), y.floor()
    in_x, in_y = ((value - whole)[..., None].to(dtype) for value, whole in ((x, left), (y, top)))
    last = (side - 1)[:, None, None]
    column, row = left.long(), top.long()
    columns = [torch.minimum(place.clamp(min=0), last) for place in (column, column + 1)]
    base = (slots * (textures.shape[1] * stride))[:, None, None]
    rows = [torch.minimum(place.clamp(min=0), last) * stride + base for place in (row, row + 1)]
    flat = textures.view(-1)
    (a, b), (c, d) = ([_texels(flat, row + column, dtype) for column in columns] for row in rows)
    return torch.lerp(torch.lerp(a, b, in_x), torch.lerp(c, d, in_x), in_y)


def _texels(flat: torch.Tensor, place: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[..., 4] of packed texels at places [...]."""
    return flat.index_select(0, place.view(-1)).view(torch.uint8).view(*place.shape, 4).to(dtype)
