"""Takes moved faces and their frames, draws one eye of each: lid skin, eyeball, lid shadow, lashes.

Colours are the very functions of `render/lids` and `render/eyeball`; what is written here is where the parts of an eye
are in a batch.
"""

from __future__ import annotations

from typing import Any

import torch

from visavis.latents import INDEX
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, Side
from visavis_runtime.render.batched import windows
from visavis_runtime.render.batched.faces import Faces, scene_rows
from visavis_runtime.render.batched.geometry import Moved, fixed, skull_px
from visavis_runtime.render.batched.opening import Openings, openings_between
from visavis_runtime.render.batched.patches import Affine, applied
from visavis_runtime.render.batched.windows import Box, Windows, colours_in, put_colours, windows_at
from visavis_runtime.render.eyeball import ball_colour, lid_shadow, trace_kept
from visavis_runtime.render.eyes import (
    BALL_RADIUS,
    BALL_WIDTHS,
    LIDS_WIDTHS,
    EyeScene,
)
from visavis_runtime.render.geometry import SIDES
from visavis_runtime.render.lids import with_lashes, with_lid


def draw_eyes(
    frames: torch.Tensor,
    faces: Faces,
    slots: torch.Tensor,
    moved: Moved,
    *,
    side: Side,
    uv_shade: torch.Tensor,
    box: Box,
) -> torch.Tensor:
    """Draw the eyes of one side into frames [B, S, S, 4] uint8 with sheets uv_shade [B, 3, S, S].

    Returns the height and width that would hold each eye, [B, 2] int64.
    """
    scene: Any = scene_rows(EyeScene, faces.eyes[side], slots, side=side)
    upper, lower = (moved.px[:, fixed(lids[side], moved.px.device)] for lids in (UPPER_LID, LOWER_LID))
    blink = moved.drives.shapes[:, INDEX[f"eyeBlink{side.capitalize()}"], None, None]
    window = _window(upper, lower, blink[..., 0], scene.width_px[..., 0], box=box, size=frames.shape[1])
    opening = openings_between(upper, lower, window=window, soft_px=scene.soft_px)
    seen = colours_in(frames, window)
    u, v, shade = windows.read(uv_shade, window).unbind(1)
    start = scene.texture_start[..., None, None]
    uv = (u - start[:, 0]) / scene.texture_px, (v - start[:, 1]) / scene.texture_px
    colour = with_lid(seen[..., :3], scene.lid.at(*uv), shade=shade, blink=blink, drawn=scene.drawn)
    ball = _ball(scene, faces, slots, moved, window, opening, uv)
    colour = torch.lerp(colour, ball, opening.coverage[..., None])
    put_colours(frames, window, with_lashes(colour, scene, opening, blink=blink), seen=seen)
    return window.needed


def _window(
    upper: torch.Tensor, lower: torch.Tensor, blink: torch.Tensor, width_px: torch.Tensor, *, box: Box, size: int
) -> Windows:
    """Windows of eyes with edges [B, n, 2]; blink and width_px [B, 1]."""
    margin = torch.where(blink > 0, LIDS_WIDTHS, BALL_WIDTHS) * width_px + 2
    both = torch.cat([upper, lower], dim=1)
    return windows_at((both.amin(dim=1) - margin).floor(), (both.amax(dim=1) + margin).ceil() + 1, box=box, size=size)


def _ball(
    scene: Any,
    faces: Faces,
    slots: torch.Tensor,
    moved: Moved,
    window: Windows,
    opening: Openings,
    uv: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """[B, h, w, 3]: the eyeballs as they stand now; see `render.eyes`."""
    drives = moved.drives
    here = skull_px(moved, scene.anchor, offset=scene.anchor_offset)
    place = applied(moved.turn, scene.start - scene.anchor_px) + here
    still = moved.turn * scene.scale
    yaw, pitch, roll = drives.gaze[:, SIDES.index(scene.side)].unbind(1)
    ahead = torch.stack([yaw.sin() * pitch.cos(), pitch.sin(), yaw.cos() * pitch.cos() - 1], dim=1)
    px_per_cm = faces.camera[slots][:, 0].norm(dim=1, keepdim=True)
    slide = applied(moved.skull, BALL_RADIUS * scene.width_px[..., 0] / px_per_cm * ahead)
    squeeze = torch.stack([yaw.cos(), pitch.cos()], dim=1)
    spin = torch.stack([roll.cos(), roll.sin(), -roll.sin(), roll.cos()], dim=1).view(-1, 2, 2)
    looked = torch.bmm(still * squeeze[:, None], spin)
    centre = applied(still, scene.centre) + place + slide
    wide = drives.shapes[:, INDEX[f"eyeWide{scene.side.capitalize()}"], None, None] * (1 - scene.drawn)
    follows = scene.glint_follows[..., 0]
    x, y = Affine(still, place).back(window.x, window.y)
    colour: torch.Tensor = ball_colour(
        scene.ball.at(x, y),
        iris=scene.iris.at(*Affine(looked, centre - applied(looked, scene.centre)).back(window.x, window.y)),
        glint=scene.glint.at(*Affine(still, place + follows * slide).back(window.x, window.y)),
        edge=scene.edge.at(*uv),
        trace=scene.trace.at(*uv),
        kept=trace_kept((slide**2).sum(dim=1)[:, None, None, None], scene.width_px[..., None], wide=wide[..., None]),
        shadow=lid_shadow(opening.below_upper, scene.width_px),
    )
    return colour
