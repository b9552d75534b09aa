"""Takes moved faces and their frames, draws one eye of each: lid skin, eyeball, lid shadow, lashes.

Colours are the very functions of `render/lids` and `render/eyeball`; what is written here is where the parts of an eye
are in a batch.
"""

from __future__ import annotations

from typing import Any

import torch

from visavis.latents import INDEX
from visavis_runtime.face.arrays import towards
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, Side
from visavis_runtime.face.layers.lid_line import STEEPEST
from visavis_runtime.render.batched import windows
from visavis_runtime.render.batched.faces import Faces, scene_rows
from visavis_runtime.render.batched.geometry import Moved, fixed, skull_px
from visavis_runtime.render.batched.opening import Openings, openings_between
from visavis_runtime.render.batched.patches import Affine, applied
from visavis_runtime.render.batched.windows import Box, Windows, colours_in, put_colours, windows_at
from visavis_runtime.render.drives import SIDES
from visavis_runtime.render.eyeball import ball_colour, lid_shadow, trace_kept
from visavis_runtime.render.eyes import BALL_RADIUS, BALL_WIDTHS, LIDS_WIDTHS, LINE_WIDTHS, EyeScene
from visavis_runtime.render.lids import BOW, RISES, lid_fall, with_lashes, with_lid, with_line


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
    blink, down = (
        moved.drives.shapes[:, INDEX[f"eye{n}{side.capitalize()}"], None, None] for n in ("Blink", "LookDown")
    )
    blink = towards(blink, lid_fall(blink, down), scene.drawn)
    reach = towards(LIDS_WIDTHS, LINE_WIDTHS, scene.drawn) * (blink > 0) + BALL_WIDTHS * (blink <= 0)
    window = _window(upper, lower, (reach * scene.width_px + 2)[..., 0], box=box, size=frames.shape[1])
    upper, lower = _lids_fallen(upper, lower, blink * scene.drawn)
    opening = openings_between(
        upper, lower, window=window, soft_px=scene.soft_px, evenly=scene.drawn, steepest=STEEPEST
    )
    seen = colours_in(frames, window)
    u, v, shade = windows.read(uv_shade, window).unbind(1)
    start = scene.texture_start[..., None, None]
    uv = (u - start[:, 0]) / scene.texture_px, (v - start[:, 1]) / scene.texture_px
    colour = with_lid(seen[..., :3], scene.lid.at(*uv), shade=shade, blink=blink, drawn=scene.drawn)
    ball = _ball(scene, faces, slots, moved, window, opening, uv)
    colour = torch.lerp(colour, ball, opening.coverage[..., None])
    drawn = scene.drawn[..., None]
    line = with_line(colour, scene, opening, blink=blink)
    colour = torch.lerp(with_lashes(colour, scene, opening, blink=blink), line, drawn)
    colour = torch.lerp(colour, seen[..., :3], scene.front.at(*uv)[..., None] * drawn)
    put_colours(frames, window, colour, seen=seen)
    return window.needed


def _lids_fallen(upper: torch.Tensor, lower: torch.Tensor, fall: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Edges [B, n, 2] of eyes whose upper lids have come down by `fall` [B, 1, 1]; see `render.lids.lids_fallen`."""
    share = torch.linspace(0, 1, lower.shape[1], device=lower.device)[:, None]
    chord = torch.lerp(lower[:, :1], lower[:, -1:], share)
    width = (lower[:, -1:] - lower[:, :1]).norm(dim=2, keepdim=True)
    deep = (lower - chord).norm(dim=2, keepdim=True).amax(dim=1, keepdim=True)
    meet = chord + (lower - chord) * (BOW * width / deep.clamp(min=1e-3)).clamp(max=1.0)
    return torch.lerp(upper, meet, fall), torch.lerp(lower, meet, fall**RISES)


def _window(upper: torch.Tensor, lower: torch.Tensor, margin: torch.Tensor, *, box: Box, size: int) -> Windows:
    """Windows of eyes with edges [B, n, 2] and a margin [B, 1] px round them."""
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
        shadow=towards(lid_shadow(opening.below_upper, scene.width_px), 1.0, scene.drawn),
    )
    return colour
