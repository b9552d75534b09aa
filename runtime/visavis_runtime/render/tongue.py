"""Takes an open mouth, gives its tongue: lying in the jaw, between the teeth, or out over the lower lip.

Two flat shapes in the frame of the lower teeth with authored shading and a wet gleam. `tongueOut` up to `LIFTED_AT`
lifts back and tip to the upper teeth (l, d, th); beyond, the tip comes out over the lower lip, as broad as the mouth
lets it, and shades what it lies on. It does not curl or turn sideways.
"""

from __future__ import annotations

import numpy as np

from visavis_runtime.face.arrays import Array, Number, at_least, at_most, namespace, towards
from visavis_runtime.face.layers.mouth import TONGUE
from visavis_runtime.render.gape import AnyGape
from visavis_runtime.render.mouth_scene import TONGUE_BACK

BACK_CM, BACK_WIDTH_CM, BACK_HEIGHT_CM = -0.98, 1.80, 0.84
"""Middle and half axes of the tongue's back against the line between the shut lips."""
LIFT_CM, LIFTED_AT = 0.46, 0.18
"""How far the back rises for l, d and th, and the `tongueOut` at which it has."""
TIP_UP_CM, TIP_DOWN_CM = -0.16, 1.45
"""Height of the tip behind the upper teeth, and its way down over the lower lip."""
TIP_WIDTH_CM, TIP_SPREAD_CM = 1.00, 0.36
"""Half width of the tip, and how much wider it lies when it is out."""
ROUND_CM, ROUND_SPREAD_CM = 0.50, 0.62
"""Length of the rounded end, and how much longer it is when it is out."""
WIDEST, EDGE = 0.86, 7.0
"""Place along the mouth at which it meets the corners of the lips, and how sharply they cut it."""
SHADE, SHADE_DOWN_CM, SHADE_REACH_CM = 0.34, 0.10, 0.30
"""Darkness of its shadow on the lower lip, how far that lies below it, and its soft edge."""
WET = 0.16
"""Strength of the gleam."""


def tongue_back(gape: AnyGape, way: Array) -> tuple[Array, Array]:
    """The tongue lying `way` cm from the lips: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = gape.place(way)
    xp, lift = namespace(x), LIFT_CM * at_most(gape.tongue / LIFTED_AT, 1.0)
    high = (y - BACK_CM - lift) / BACK_HEIGHT_CM
    far = xp.hypot(x / BACK_WIDTH_CM, high)
    alpha = xp.asarray(xp.clip((1 - far) * 5, 0, 1)[..., None], np.float32)
    groove = 0.13 * xp.exp(-((x / 0.17) ** 2)) * xp.clip(1 - high, 0, 1)
    gleam = WET * _spot(xp.abs(x), 0.55, 0.5) * _spot(high, 0.42, 0.25)
    light = xp.clip(1.04 - 0.46 * far * far - groove + gleam, 0.2, 1.3)
    light = towards(light, 1.0, gape.scene.flat)[..., None]
    return xp.asarray(gape.scene.tones[TONGUE_BACK] * light * alpha, np.float32), alpha


def tongue_tip(gape: AnyGape, way: Array) -> tuple[Array, Array]:
    """The tip, in front of the lower teeth and the lower lip: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = gape.place(way)
    xp, below = namespace(x), gape.opening.below_upper / gape.px_per_cm
    out = at_least(gape.tongue - LIFTED_AT, 0.0) / (1 - LIFTED_AT)
    end, half = TIP_UP_CM - TIP_DOWN_CM * out, TIP_WIDTH_CM + TIP_SPREAD_CM * out
    length = ROUND_CM + ROUND_SPREAD_CM * out
    run, wide = _leaf(y, end=end, half=half, length=length)
    within = xp.clip((WIDEST - xp.abs(gape.opening.along)) * EDGE, 0, 1) * xp.clip(below / 0.10, 0, 1)
    within = within * at_most(gape.tongue / (0.8 * LIFTED_AT), 1.0)
    cover = xp.clip((wide - xp.abs(x)) * (gape.px_per_cm * 0.5) + 0.5, 0, 1) * xp.clip(run * 12, 0, 1) * within
    lower, beside = _leaf(y, end=end - SHADE_DOWN_CM, half=half, length=length)
    dark = xp.clip((beside - xp.abs(x)) / SHADE_REACH_CM + 0.5, 0, 1) * xp.clip(lower * 4, 0, 1)
    dark = dark * within * (SHADE * at_most(4 * out, 1.0))
    across = xp.abs(x) / xp.maximum(wide, 0.2)
    bend = 1.04 - 0.30 * xp.clip(across, 0, 1.2) ** 3
    groove = 0.10 * xp.exp(-((x / 0.20) ** 2)) * xp.clip((run - 0.4) / 0.6, 0, 1)
    rim = 0.84 + 0.16 * xp.clip(run / 0.45, 0, 1)
    gleam = WET * (_spot(x, -0.42, 0.30) + 0.6 * _spot(x, 0.46, 0.26)) * _spot(run, 0.52, 0.22)
    shadow = (0.52 + 0.56 * xp.clip(below / 0.7, 0, 1)) * (1 + 0.12 * out)
    alpha = xp.asarray((cover + (1 - cover) * dark)[..., None], np.float32)
    shade = (towards((bend - groove + gleam) * rim * shadow, 1.0, gape.scene.flat) * cover)[..., None]
    return xp.asarray(gape.scene.tones[TONGUE] * shade, np.float32), alpha


def _leaf(y: Array, *, end: Number, half: Number, length: Number) -> tuple[Array, Array]:
    """A rounded leaf that hangs down to height `end`: at heights `y` how many rounded ends it has run from there, and
    half its width, cm."""
    xp = namespace(y)
    run = xp.clip((y - end) / length, 0, None)
    return run, half * xp.sqrt(xp.clip(1 - (1 - xp.minimum(run, 1)) ** 2, 0, 1))


def _spot(value: Array, middle: float, reach: float) -> Array:
    """A soft spot about `middle`."""
    return namespace(value).exp(-(((value - middle) / reach) ** 2))
