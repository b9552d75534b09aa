"""Takes moved faces, gives the openings between their lips on windows of their frames, and places inside them.

The batch of `render/gape`: `Gapes` has the names that the formulas of mouth and tongue use, over tensors. It draws
nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import torch

from visavis.latents import INDEX
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.batched.faces import Faces, scene_rows
from visavis_runtime.render.batched.geometry import Moved, fixed, skull_px
from visavis_runtime.render.batched.opening import Openings, openings_between
from visavis_runtime.render.batched.patches import applied, inverse_2x2
from visavis_runtime.render.batched.windows import Box, Windows, windows_at
from visavis_runtime.render.gape import (
    LIPS_CM,
    ROUND_BACK,
    ROUND_LIPS,
    TONGUE_REACH_CM,
    along_arch,
    evening,
    rounding_of,
    soft_edge,
)
from visavis_runtime.render.mouth_scene import JAW_SHAPES, MouthScene


class Gapes(NamedTuple):
    """Mouths of a batch; see `render.gape.Gape`. Numbers are [B, 1, 1]."""

    scene: Any  # a `MouthScene` of tensors, see `scene_rows`
    moved: Moved
    middle_px: torch.Tensor  # [B, 2], where the middle of the lips at rest is now
    back: torch.Tensor  # [B, 2, 2], px of the frame -> cm across the mouth
    window: Windows
    opening: Openings
    widest_px: torch.Tensor
    px_per_cm: torch.Tensor
    tongue: torch.Tensor
    rounding: torch.Tensor
    light: torch.Tensor  # [B, 1, 1, 1]: it goes with colours
    rest: torch.Tensor
    jaw: torch.Tensor  # [B, 3]
    inwards: torch.Tensor  # [B, 3]

    def place(self, way: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Where every pixel is on a dental arch `way` [B, 3] cm away, [B, h, w]; see `render.gape.place_in_mouth`."""
        middle = self.middle_px + applied(self.moved.skull, way)
        slant = applied(self.back, self.moved.skull[..., 2])[..., None, None] * self.scene.cm[..., None]
        x, y = self.window.x - middle[:, :1, None], self.window.y - middle[:, 1:, None]
        to_x, to_y = self.back[..., None, None].unbind(1)
        return along_arch(x * to_x[:, 0] + y * to_x[:, 1], x * to_y[:, 0] + y * to_y[:, 1], slant[:, 0], slant[:, 1])


def gapes_of(faces: Faces, slots: torch.Tensor, moved: Moved, *, box: Box, size: int) -> Gapes:
    """The mouths as they are open now; windows of those of which nothing shows want no pixel."""
    scene: Any = scene_rows(MouthScene, faces.mouth, slots)
    shapes = moved.drives.shapes
    rest, tongue = moved.drives.neutral[:, :1, None], shapes[:, INDEX["tongueOut"], None, None]
    upper, lower = (moved.px[:, fixed(edge, moved.px.device)] for edge in (INNER_UPPER, INNER_LOWER))
    down = _down(upper)
    stand = scene.rest_gap[:, 0] + (scene.rest_gap[:, 1] - scene.rest_gap[:, 0]) * rest[:, 0]
    gap = applied(lower - upper, down)
    close = ((gap - (gap - stand).clamp(min=0)) / 2)[..., None] * down[:, None]
    kinked, even = (_evening(upper.shape[1], share, upper.device) for share in (0.0, 1.0))
    even = kinked + (even - kinked) * rest
    straight = upper + close, lower - close
    upper, lower = (torch.bmm(even, edge) for edge in straight)
    # As in one frame, the widest place is measured across the lips that are drawn.
    bare = straight[1] - straight[0] + 2 * close
    widest = (applied(bare, _down(upper)) - stand)[:, 1:-1].amax(dim=1)[:, None, None]
    px_per_cm = scene.px_per_cm * scene.cm * moved.drives.zoom[:, None, None]
    rounding = rounding_of(shapes)[:, None, None]
    window = _window(upper, lower, px_per_cm[..., 0], tongue[..., 0], box=box, size=size)
    shown = (widest > 0) | (tongue > 0) | scene.has_photo | scene.parted | (scene.lips == 0)
    return Gapes(
        scene=scene,
        moved=moved,
        middle_px=skull_px(moved, scene.middle, offset=scene.middle_offset),
        back=inverse_2x2(moved.skull[..., :2] * scene.cm),
        window=window._replace(wanted=window.wanted & shown, needed=window.needed * shown[:, 0]),
        opening=openings_between(upper, lower, window=window, soft_px=soft_edge(scene, rest), evenly=rest),
        widest_px=widest,
        px_per_cm=px_per_cm,
        tongue=tongue,
        rounding=rounding,
        light=moved.shade[:, fixed(ROUND_LIPS, moved.px.device)].mean(dim=1)[:, None, None, None],
        rest=rest,
        jaw=torch.bmm(shapes[:, fixed(tuple(JAW_SHAPES), shapes.device)][:, None], scene.jaw)[:, 0],
        inwards=torch.cat(
            [torch.zeros_like(scene.middle[:, :2]), -scene.cm[:, 0] * (1 + ROUND_BACK * rounding[:, 0])], dim=1
        ),
    )


def _window(
    upper: torch.Tensor, lower: torch.Tensor, px_per_cm: torch.Tensor, tongue: torch.Tensor, *, box: Box, size: int
) -> Windows:
    """The windows of mouths with edges [B, n, 2]; px_per_cm and tongue [B, 1]."""
    both = torch.cat([upper, lower], dim=1)
    lips = LIPS_CM * px_per_cm
    below = torch.cat([lips, (LIPS_CM + TONGUE_REACH_CM * tongue) * px_per_cm], dim=1)
    return windows_at((both.amin(dim=1) - lips).floor(), (both.amax(dim=1) + below).ceil() + 1, box=box, size=size)


@cache
def _evening(count: int, share: float, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(evening(count, share=share)).to(device)


def _down(edge: torch.Tensor) -> torch.Tensor:
    """[B, 2]: unit vectors across the corners of lips, towards the chin."""
    axis = edge[:, -1] - edge[:, 0]
    length = torch.hypot(axis[:, 0], axis[:, 1]).clamp(min=1e-3)
    return torch.stack([-axis[:, 1], axis[:, 0]], dim=1) / length[:, None]
