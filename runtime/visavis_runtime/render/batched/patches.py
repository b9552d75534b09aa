"""Takes small float images of the resident faces, gives their pixels at places of a batch of windows.

Teeth, eyeballs, lid skin: each is a stack over the faces, of which a batch takes its slots. Half floats on a GPU, but
places are float32. Whole-picture textures are bytes, too large to be taken out, and belong to `composite`.
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
        """[B, H, W, C] (or [B, H, W]) float32: bilinear at image px x, y [B, H, W]."""
        images = self.stack[self.slots].float()
        height, width = images.shape[1:3]
        if self.side is not None:
            last = self.side - 1
            x, y = (torch.minimum(place.clamp(min=0), last) for place in (x, y))
        # The sampler wants -1 and 1 at the outer edges of the outer pixels.
        grid = torch.stack([x * (2 / width) + (1 / width - 1), y * (2 / height) + (1 / height - 1)], dim=3)
        planes = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
        found = torch.nn.functional.grid_sample(planes, grid, mode="bilinear", align_corners=False)
        return found[:, 0] if images.ndim == 3 else found.permute(0, 2, 3, 1)


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
