"""Takes frames, sheets and moved faces, lays the folds of the skin on their colours.

Maps, strokes and drivers are those of `render/folds`; here they are weighed and sampled for a batch, on one window
round each face. A map holds differences, so that outside of it there is no change.
"""

from __future__ import annotations

import torch

from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.render.batched import windows
from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.geometry import Moved
from visavis_runtime.render.batched.patches import Patches
from visavis_runtime.render.batched.windows import Box, windows_at
from visavis_runtime.render.folds import fold_gains


def lay_folds(
    frames: torch.Tensor, faces: Faces, slots: torch.Tensor, moved: Moved, *, uv_shade: torch.Tensor, box: Box
) -> torch.Tensor:
    """Change frames [B, S, S, 4] uint8 with sheets [B, 3, S, S]; returns the height and width of each face, [B, 2]."""
    drives, px = moved.drives, moved.px[:, :FACE_POINTS]
    made = torch.bmm(drives.shapes[:, None], faces.fold_drive[slots])[:, 0].clamp(max=1)
    weights = made - faces.fold_rest[slots] * drives.neutral[:, :1]
    low, high = px.amin(dim=1).floor(), px.amax(dim=1).ceil() + 1
    window = windows_at(low, high, box=box, size=uv_shade.shape[-1])
    u, v, _ = windows.read(uv_shade, window).unbind(1)
    start, texels = faces.fold_start[slots][..., None, None], faces.fold_texels[slots][:, None, None]
    change = Patches(faces.fold_map, slots).at((u - start[:, 0]) * texels, (v - start[:, 1]) * texels)
    seen = windows.colours_in(frames, window)
    factor = 1 + torch.einsum("bhwk,bkc->bhwc", change, fold_gains(faces.fold_tint[slots], weights))
    windows.put_colours(frames, window, seen[..., :3] * factor, seen=seen)
    return window.needed
