"""Takes the colours of lips in a moved face, gives them in the light that an open mouth, or a seam, puts on them.

Lips turn in towards an opening and darken there; what the picture left on their edges, teeth or the shade of a shut
mouth, goes as they part. Where lips come together that the picture shows apart, their steps are smoothed and a line is
drawn. The inside of the mouth is `mouth`'s.
"""

from __future__ import annotations

from visavis_runtime.face.arrays import Array, Number, at_least, at_most, exp_of, namespace
from visavis_runtime.face.layers.mouth import LINE
from visavis_runtime.render.gape import AnyGape
from visavis_runtime.render.mouth_scene import LIP

LIP_OPEN_CM, LIP_TURN_CM = 0.3, 0.10
"""Opening at which lips have mostly turned in, and how far from their edge that shows."""
UPPER_TURN, LOWER_TURN, LIP_GLEAM = 0.30, 0.12, 0.10
"""Darkest share of light lost at the edge of each lip, and the gleam on the lower one."""
SEAM_OFF, SEAM_REACH_CM = 0.95, 0.22
"""The dark line of shut lips that the picture leaves on the edge of the lower one: how much of it goes as the mouth
opens, and its width."""
SPILL_CM, SPILL_LIGHT = 0.40, 0.85
"""How far teeth that the picture shows have run into the edges of its lips, and the light on the red that is there."""
INNER_ENDS = 0.75
"""Where along the mouth the inner side of a lip ends: the corners lie in the dark."""
SEAM_PX, SEAM_OPEN_PX, SEAM_STRENGTH, NARROW_SEAM = 1.5, 4.0, 0.55, 0.6
"""Half width of the line between lips that the picture shows parted, the opening at which it begins, its strength, and
the share of it between lips that are parted too little to show what is behind them."""


def without_spill(colour: Array, gape: AnyGape) -> Array:
    """Lips without the teeth of the picture that have run into their edges, as far as they have left the picture."""
    xp, per_cm = namespace(colour), 1 / gape.px_per_cm
    inside = xp.minimum(gape.opening.below_upper, 0) + xp.minimum(gape.opening.above_lower, 0)
    apart = at_least(gape.widest_px, 0.0) * per_cm
    left = (1 - exp_of(-apart / LIP_OPEN_CM)) * gape.rest * gape.scene.own_teeth
    left = left * xp.clip((1.02 - xp.abs(gape.opening.along)) / 0.1, 0, 1)
    near = xp.clip(1 + inside * (per_cm / SPILL_CM), 0, 1)
    spill = near * near * left
    return colour + xp.minimum(gape.scene.tones[LIP] * SPILL_LIGHT - colour, 0) * spill[..., None]


def red_of(colour: Array, lower: Array, gape: AnyGape) -> Array:
    """[h, w, 3]: the plain red of the lower lip: what is seen `lower` down, at the corners, where it is thin, what is
    there."""
    xp = namespace(colour)
    return colour + (lower - colour) * xp.clip(1 - (gape.opening.along / INNER_ENDS) ** 2, 0, 1)[..., None]


def with_lips(colour: Array, red: Array, gape: AnyGape) -> Array:
    """The lips round the opening: their red turns in towards it and darkens, the lower one catches a wet gleam and
    shows its plain `red` [h, w, 3] where it lay in the dark of the other."""
    opening, per_cm = gape.opening, 1 / gape.px_per_cm
    xp, apart = namespace(opening.along), at_least(gape.widest_px, 0.0) * per_cm
    # Lips that the picture shows open bring their own shade.
    turned = (1 - exp_of(-apart / LIP_OPEN_CM)) * gape.rest * (1 - gape.scene.flat)
    ends = xp.clip((1.02 - xp.abs(opening.along)) / 0.2, 0, 1) * turned
    upper = xp.maximum(-opening.below_upper, 0) * per_cm
    lower = xp.maximum(-opening.above_lower, 0) * per_cm
    # A pixel that the edge cuts may have its middle inside: it belongs to the nearer lip alone.
    by_lower = opening.above_lower < opening.below_upper
    shade = xp.where(by_lower, LOWER_TURN * xp.exp(lower / -LIP_TURN_CM), UPPER_TURN * xp.exp(upper / -LIP_TURN_CM))
    gleam = LIP_GLEAM * xp.exp(-(((lower - 0.17) / 0.07) ** 2)) * by_lower
    bare = SEAM_OFF * xp.exp(-((lower / SEAM_REACH_CM) ** 2)) * by_lower * ends
    colour = colour + (red - colour) * bare[..., None]
    return colour * (1 - (shade - gleam) * ends)[..., None]


def with_joint(colour: Array, gape: AnyGape) -> Array:
    """Lips that are parted in the picture and meet at rest, without the steps that their textures meet in."""
    amount = (_on_seam(gape, ends=-0.1) * gape.rest)[..., 1:-1, :, None]
    out = colour
    for _ in range(2):
        across = out[..., :-2, :, :] - 2 * out[..., 1:-1, :, :] + out[..., 2:, :, :]
        out = out + 0.0
        out[..., 1:-1, :, :] += 0.25 * amount * across
    return out


def with_seam(colour: Array, gape: AnyGape, *, share: Number) -> Array:
    """The line between lips that the picture shows parted, as they come together, `share` of it."""
    amount = share * SEAM_STRENGTH * _on_seam(gape, ends=0.0)
    line = gape.scene.tones[LINE]
    return colour + (line - colour) * amount[..., None]


def _on_seam(gape: AnyGape, *, ends: float) -> Array:
    """[h, w] 0..1: how much of each pixel belongs to the seam of lips that come together; `ends`: how far from the
    corners, by half the width of the mouth, it begins."""
    opening, scale = gape.opening, gape.scene.scale
    xp = namespace(opening.along)
    shut = at_most(at_least(1 - gape.widest_px / (SEAM_OPEN_PX * scale), 0.0), 1.0)
    middle = (opening.below_upper - opening.above_lower) / 2
    along = xp.clip((1 - ends - xp.abs(opening.along)) / 0.15, 0, 1)
    return xp.exp(-((middle / (SEAM_PX * scale)) ** 2)) * along * shut
