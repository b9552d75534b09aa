"""Takes small float images of the resident faces, gives their pixels at places of a batch of windows.

Teeth, eyeballs, lid skin: each is a stack over the faces, of which a batch uses its slots without copying them. Half
floats on a GPU. Whole-picture textures are bytes and belong to `composite`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch


class Patches(NamedTuple):
    """One image of each face of a batch.

    stack [N, h, w, C] or [N, h, w]; slots [B] int64. Outside there is nothing, or, where side [B, 1, 1] int64 is given,
    the edge of the square of that size goes on.
    """

    stack: torch.Tensor
    slots: torch.Tensor
    side: torch.Tensor | None = None

    def at(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """[B, H, W, C] (or [B, H, W]) float32: bilinear at image px x, y, which broadcast to [B, H, W]."""
        _, height, width = self.stack.shape[:3]
        left, top = x.floor(), y.floor()
        in_x, in_y = x - left, y - top
        # A coordinate far outside must not overflow as an integer.
        column, row = (whole.clamp(-4, 1e6).long() for whole in (left, top))
        flat = self.stack.flatten(0, 2)
        base = (self.slots * (height * width))[:, None, None]
        out: torch.Tensor | float = 0.0
        for down, weight_y in ((0, 1 - in_y), (1, in_y)):
            for along, weight_x in ((0, 1 - in_x), (1, in_x)):
                place, weight = self._place(column + along, row + down, weight_x * weight_y)
                texels = flat.index_select(0, (base + place).flatten()).float().view(*place.shape, *flat.shape[1:])
                out = out + texels * (weight if flat.ndim == 1 else weight[..., None])
        assert isinstance(out, torch.Tensor)
        return out

    def _place(
        self, column: torch.Tensor, row: torch.Tensor, weight: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Places [B, H, W] in one image and how much their texels count."""
        height, width = self.stack.shape[1:3]
        if self.side is not None:
            column, row = (torch.minimum(value.clamp(min=0), self.side - 1) for value in (column, row))
            return row * width + column, weight
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        return row.clamp(0, height - 1) * width + column.clamp(0, width - 1), weight * inside


class Affine(NamedTuple):
    """A 2 x 2 matrix [B, 2, 2] and a shift [B, 2]: px of a patch -> px of a frame."""

    matrix: torch.Tensor
    shift: torch.Tensor

    def back(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Patch px [B, h, w] of frame px x [B, 1, w], y [B, h, 1]."""
        inverse = inverse_2x2(self.matrix)[..., None, None]
        along, down = x - self.shift[:, :1, None], y - self.shift[:, 1:, None]
        return inverse[:, 0, 0] * along + inverse[:, 0, 1] * down, inverse[:, 1, 0] * along + inverse[:, 1, 1] * down


def inverse_2x2(matrix: torch.Tensor) -> torch.Tensor:
    """[B, 2, 2], by hand: a solver would wait for the device."""
    a, b, c, d = matrix.flatten(1).unbind(1)
    return torch.stack([d, -b, -c, a], dim=1).view(-1, 2, 2) / (a * d - b * c)[:, None, None]


def applied(matrix: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Matrices [B, m, n] times points [B, n] -> [B, m]."""
    return torch.bmm(matrix, points[..., None])[..., 0]
