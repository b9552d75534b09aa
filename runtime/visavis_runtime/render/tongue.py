"""Takes an open mouth, gives its tongue: lying in the jaw, between the teeth, or out over the lower lip.

Two flat shapes in the frame of the lower teeth with authored shading and a wet gleam. `tongueOut` up to about 0.3 lifts
back and tip to the upper teeth (l, d, th); beyond, the tip comes out over the lower lip. It does not curl or turn
sideways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.mouth import TONGUE
from visavis_runtime.render.gape import Gape, place_in_mouth

Float = npt.NDArray[np.float32]

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


def tongue_back(gape: Gape, way: Float) -> tuple[Float, Float]:
    """The tongue lying `way` cm from the lips: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = place_in_mouth(gape, way)
    lift = LIFT_CM * min(gape.tongue / LIFTED_AT, 1.0)
    high = (y - BACK_CM - lift) / BACK_HEIGHT_CM
    far = np.hypot(x / BACK_WIDTH_CM, high)
    alpha = np.asarray(np.clip((1 - far) * 5, 0, 1)[..., None], np.float32)
    groove = 0.13 * np.exp(-((x / 0.17) ** 2)) * np.clip(1 - high, 0, 1)
    gleam = WET * _spot(np.abs(x), 0.55, 0.5) * _spot(high, 0.42, 0.25)
    light = np.clip(1.04 - 0.46 * far * far - groove + gleam, 0.2, 1.3)[..., None]
    return np.asarray(gape.scene.tones[TONGUE] * light * alpha, np.float32), alpha


def tongue_tip(gape: Gape, way: Float) -> tuple[Float, Float]:
    """The tip, in front of the lower teeth and the lower lip: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = place_in_mouth(gape, way)
    out, below = gape.tongue, gape.opening.below_upper / np.float32(gape.px_per_cm)
    end = TIP_UP_CM - TIP_DOWN_CM * max(out - LIFTED_AT, 0.0) / (1 - LIFTED_AT)
    half = TIP_WIDTH_CM + TIP_SPREAD_CM * out
    # Lifted it shows its underside as a low dome; out it hangs as a rounded leaf, a little waisted at the lip.
    run = np.clip((y - end + 0.42 * (1 - out)) / (0.62 + 0.28 * out), 0, None)
    wide = half * np.sqrt(np.clip(1 - (1 - np.minimum(run, 1)) ** 2, 0, 1)) * (1 - 0.10 * out * np.clip(run - 1, 0, 1))
    soft = np.float32(gape.px_per_cm * 0.5)
    edge = (wide - np.abs(x)) * soft
    top = (0.55 - y) * soft if out <= LIFTED_AT else np.full_like(y, 9.0)
    cover = np.clip(edge + 0.5, 0, 1) * np.clip(top + 0.5, 0, 1)
    cover = cover * np.clip(below / 0.10, 0, 1) * np.clip(run * 12, 0, 1) * min(out / 0.25, 1.0)
    across = np.abs(x) / np.maximum(wide, 0.2)
    bend = 1.02 - 0.38 * np.clip(across, 0, 1.2) ** 2.5
    groove = 0.09 * np.exp(-((x / 0.22) ** 2)) * np.clip((run - 0.4) / 0.6, 0, 1)
    rim = 0.78 + 0.22 * np.clip(run / 0.35, 0, 1)
    gleam = WET * _spot(x, -0.22, 0.26) * _spot(run, 0.42, 0.20)
    shadow = 0.50 + 0.50 * np.clip(below / 0.8, 0, 1)
    alpha = np.asarray(cover[..., None], np.float32)
    shade = ((bend - groove + gleam) * rim * shadow * 1.08)[..., None]
    return np.asarray(gape.scene.tones[TONGUE] * shade * alpha, np.float32), alpha


def _spot(value: Float, middle: float, reach: float) -> Float:
    """A soft spot about `middle`."""
    return np.asarray(np.exp(-(((value - middle) / reach) ** 2)), np.float32)
