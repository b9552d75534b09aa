"""Takes sheets and moved faces, lays the folds of the skin on their light.

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
from visavis_runtime.render.folds import RANGE


def lay_folds(uv_shade: torch.Tensor, faces: Faces, slots: torch.Tensor, moved: Moved, *, box: Box) -> torch.Tensor:
    """Change the light of sheets [B, 3, S, S] in place; returns the height and width that hold each face, [B, 2]."""
    drives, px = moved.drives, moved.px[:, :FACE_POINTS]
    made = torch.bmm(drives.shapes[:, None], faces.fold_drive[slots])[:, 0].clamp(max=1)
    weights = made - faces.fold_rest[slots] * drives.neutral[:, :1]
    low, high = px.amin(dim=1).floor(), px.amax(dim=1).ceil() + 1
    window = windows_at(low, high, box=box, size=uv_shade.shape[-1])
    seen = windows.read(uv_shade, window)
    start, texels = faces.fold_start[slots][..., None, None], faces.fold_texels[slots][:, None, None]
    change = Patches(faces.fold_map, slots).at((seen[:, 0] - start[:, 0]) * texels, (seen[:, 1] - start[:, 1]) * texels)
    factor = 1 + (change * (weights * (RANGE / 127))[:, None, None]).sum(dim=3) * window.wanted
    windows.write(uv_shade, window, torch.cat([seen[:, :2], seen[:, 2:] * factor[:, None]], dim=1))
    return window.needed
