"""Takes moved faces and their frames, draws the inside of each mouth between the lips.

Colours, teeth, tongue and light are the very functions of `render/mouth` and `render/tongue`; the order of drawing is
the same. Where one frame leaves out what cannot be seen, a batch multiplies it by nothing.
"""

from __future__ import annotations

import torch

from visavis_runtime.render.batched.faces import Faces
from visavis_runtime.render.batched.gape import Gapes, gapes_of
from visavis_runtime.render.batched.geometry import Moved
from visavis_runtime.render.batched.patches import Affine, applied
from visavis_runtime.render.batched.windows import Box, colours_in, lowered, put_colours
from visavis_runtime.render.inked import with_drawing, with_line
from visavis_runtime.render.lips import NARROW_SEAM, red_of, with_joint, with_lips, with_seam, without_spill
from visavis_runtime.render.mouth import JAW_TEETH, inner_sides, inside_of, over, own_shares
from visavis_runtime.render.tongue import tongue_tip


def draw_mouths(frames: torch.Tensor, faces: Faces, slots: torch.Tensor, moved: Moved, *, box: Box) -> torch.Tensor:
    """Draw into frames [B, S, S, 4] uint8; returns the height and width that would hold each mouth, [B, 2] int64."""
    gapes = gapes_of(faces, slots, moved, box=box, size=frames.shape[1])
    scene, window = gapes.scene, gapes.window
    seen = colours_in(frames, window)
    colour = without_spill(seen[..., :3], gapes)
    red = red_of(
        colour, colours_in(frames, lowered(window, scene.lip_px[:, :, 0], size=frames.shape[1]))[..., :3], gapes
    )
    colour = with_lips(colour, red, gapes)
    if scene.drawing.stack.numel():
        colour = with_drawing(colour, gapes, scene.drawing.at(*_fixed_to_skull(gapes, scene.drawing_start)))
    colour = torch.where((scene.parted * scene.lips > 0)[..., None], with_joint(colour, gapes), colour)
    line = torch.where(scene.has_photo, 1.0, gapes.rest * NARROW_SEAM * scene.parted) * scene.lips
    colour = with_seam(colour, gapes, share=line)
    tip = tongue_tip(gapes, gapes.jaw * JAW_TEETH)
    colour = over(colour, tip)
    inside = over(inside_of(gapes, tip), inner_sides(red, gapes, tip))
    if scene.photo.stack.numel():
        inside = over(inside, _own_teeth(gapes))
    colour = with_line(torch.lerp(colour, inside, gapes.opening.coverage[..., None]), gapes, tip[1])
    put_colours(frames, window, colour, seen=seen)
    return window.needed


def _own_teeth(gapes: Gapes) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures' own mouth interiors, fixed to the skulls; nothing where a picture shows none."""
    scene = gapes.scene
    stay, left = (share[..., None] for share in own_shares(gapes))
    x, y = _fixed_to_skull(gapes, scene.photo_start)
    photo = scene.photo.at(x, y) * torch.where(scene.own_teeth[..., None], stay, left)
    return photo[..., :3] + scene.edge.at(x, y) * left, photo[..., 3:]


def _fixed_to_skull(gapes: Gapes, start: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where every pixel is in layers fixed to the skulls, whose first px are at `start` [B, 2] in the pictures."""
    scene, moved, window = gapes.scene, gapes.moved, gapes.window
    place = applied(moved.turn, start - scene.middle_px) + gapes.middle_px
    return Affine(moved.turn * scene.scale, place).back(window.x, window.y)
