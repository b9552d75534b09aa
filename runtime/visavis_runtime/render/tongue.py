"""Takes an open mouth, gives its tongue: lying in the jaw, between the teeth, or out over the lower lip.

Two flat shapes in the frame of the lower teeth with authored shading. `tongueOut` up to about 0.3 lifts the tip to the
teeth (l, th); beyond, it comes out. It does not curl or turn sideways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.mouth import TONGUE
from visavis_runtime.render.gape import Gape, place_in_mouth

Float = npt.NDArray[np.float32]

BACK_CM, BACK_WIDTH_CM, BACK_HEIGHT_CM = -1.30, 1.75, 0.80
"""Middle and half axes of the tongue's back against the line between the shut lips."""
LIFT_CM, LIFTED_AT = 0.45, 0.3
TIP_LENGTH_CM, TIP_WIDTH_CM = (0.35, 1.55), (0.68, 0.22)
"""Reach and half width of the tip: by `tongueOut`, and by its square (reach) or added to it (width)."""


def tongue_back(gape: Gape, way: Float) -> tuple[Float, Float]:
    """The tongue lying `way` cm from the lips: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = place_in_mouth(gape, way)
    lift = LIFT_CM * min(gape.tongue / LIFTED_AT, 1.0)
    far = np.hypot(x / BACK_WIDTH_CM, (y - BACK_CM - lift) / BACK_HEIGHT_CM)
    alpha = np.asarray(np.clip((1 - far) * 4, 0, 1)[..., None], np.float32)
    groove = 0.10 * np.exp(-((x / 0.16) ** 2))
    light = np.clip(0.98 - 0.42 * far * far - groove, 0.2, 1.1)[..., None]
    return np.asarray(gape.scene.tones[TONGUE] * light * alpha, np.float32), alpha


def tongue_tip(gape: Gape, way: Float) -> tuple[Float, Float]:
    """The tip, in front of the lower teeth and the lower lip: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = place_in_mouth(gape, way)
    out, below = gape.tongue, gape.opening.below_upper / np.float32(gape.px_per_cm)
    tip = 0.10 - TIP_LENGTH_CM[0] * out - TIP_LENGTH_CM[1] * out * out
    half = TIP_WIDTH_CM[0] + TIP_WIDTH_CM[1] * out
    length = np.clip((0.9 - y) / (0.9 - tip), 0, None)
    wide = half * np.sqrt(np.clip(1 - np.clip((length - 0.5) / 0.5, 0, 1) ** 2.2, 0, 1))
    soft = np.float32(gape.px_per_cm * 0.5)
    cover = np.clip((wide - np.abs(x)) * soft + 0.5, 0, 1) * np.clip((y - tip) * soft + 0.5, 0, 1)
    cover = cover * np.clip(below / 0.10, 0, 1) * min(out / 0.25, 1.0)
    bend = 1 - 0.30 * np.clip(np.abs(x) / np.maximum(wide, 0.2), 0, 1.2) ** 3
    groove = 0.11 * np.exp(-((x / 0.15) ** 2)) * np.clip((y - tip - 0.1) / 0.6, 0, 1)
    rim = 0.72 + 0.28 * np.clip((y - tip) / 0.22, 0, 1)
    shadow = 0.55 + 0.45 * np.clip(below / 0.9, 0, 1)
    alpha = np.asarray(cover[..., None], np.float32)
    shade = ((bend - groove) * rim * shadow * 1.12)[..., None]
    return np.asarray(gape.scene.tones[TONGUE] * shade * alpha, np.float32), alpha
