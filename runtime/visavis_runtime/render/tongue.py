"""Takes an open mouth, gives its tongue: lying in the jaw, between the teeth, or out over the lower lip.

Two flat shapes in the frame of the lower teeth with authored shading and a wet gleam. `tongueOut` up to about 0.3 lifts
back and tip to the upper teeth (l, d, th); beyond, the tip comes out over the lower lip. It does not curl or turn
sideways.
"""

from __future__ import annotations

import numpy as np

from visavis_runtime.face.arrays import Array, at_least, at_most, namespace
from visavis_runtime.face.layers.mouth import TONGUE
from visavis_runtime.render.gape import AnyGape

BACK_CM, BACK_WIDTH_CM, BACK_HEIGHT_CM = -0.98, 1.80, 0.84
"""Middle and half axes of the tongue's back against the line between the shut lips."""
LIFT_CM, LIFTED_AT = 0.42, 0.3
"""How far the back rises for l, d and th, and the `tongueOut` at which it has."""
TIP_UP_CM, TIP_DOWN_CM = 0.06, 1.75
"""Height of the tip behind the upper teeth, and its way down over the lower lip."""
TIP_WIDTH_CM, TIP_SPREAD_CM = 0.74, 0.16
"""Half width of the tip, and how much wider it lies when it is out."""
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
    light = xp.clip(1.04 - 0.46 * far * far - groove + gleam, 0.2, 1.3)[..., None]
    return xp.asarray(gape.scene.tones[TONGUE] * light * alpha, np.float32), alpha


def tongue_tip(gape: AnyGape, way: Array) -> tuple[Array, Array]:
    """The tip, in front of the lower teeth and the lower lip: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = gape.place(way)
    xp, out, below = namespace(x), gape.tongue, gape.opening.below_upper / gape.px_per_cm
    end = TIP_UP_CM - TIP_DOWN_CM * at_least(out - LIFTED_AT, 0.0) / (1 - LIFTED_AT)
    half = TIP_WIDTH_CM + TIP_SPREAD_CM * out
    # Lifted it shows its underside as a low dome; out it hangs as a rounded leaf, a little waisted at the lip.
    run = xp.clip((y - end + 0.42 * (1 - out)) / (0.62 + 0.28 * out), 0, None)
    wide = half * xp.sqrt(xp.clip(1 - (1 - xp.minimum(run, 1)) ** 2, 0, 1)) * (1 - 0.10 * out * xp.clip(run - 1, 0, 1))
    soft = gape.px_per_cm * 0.5
    edge = (wide - xp.abs(x)) * soft
    top = xp.where(out <= LIFTED_AT, (0.55 - y) * soft, 9.0)
    cover = xp.clip(edge + 0.5, 0, 1) * xp.clip(top + 0.5, 0, 1)
    cover = cover * xp.clip(below / 0.10, 0, 1) * xp.clip(run * 12, 0, 1) * at_most(out / 0.25, 1.0)
    across = xp.abs(x) / xp.maximum(wide, 0.2)
    bend = 1.02 - 0.38 * xp.clip(across, 0, 1.2) ** 2.5
    groove = 0.09 * xp.exp(-((x / 0.22) ** 2)) * xp.clip((run - 0.4) / 0.6, 0, 1)
    rim = 0.78 + 0.22 * xp.clip(run / 0.35, 0, 1)
    gleam = WET * _spot(x, -0.22, 0.26) * _spot(run, 0.42, 0.20)
    shadow = 0.50 + 0.50 * xp.clip(below / 0.8, 0, 1)
    alpha = xp.asarray(cover[..., None], np.float32)
    shade = ((bend - groove + gleam) * rim * shadow * 1.08)[..., None]
    return xp.asarray(gape.scene.tones[TONGUE] * shade * alpha, np.float32), alpha


def _spot(value: Array, middle: float, reach: float) -> Array:
    """A soft spot about `middle`."""
    return namespace(value).exp(-(((value - middle) / reach) ** 2))
