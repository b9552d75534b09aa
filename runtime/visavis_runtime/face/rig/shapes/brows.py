"""Gives the shapes of the brows: down, inner up, outer up.

The brow is two rows of five points; amounts go with the place from its outer to its inner end. Frowning draws the inner
ends together as well as down, as far as there is room above the eye. The lid line holds still; the skin between brow
and lid folds or stretches.
"""

from __future__ import annotations

import numpy as np

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, vector

ROOM_SHARE = 0.62
"""Share of the skin between brow and lid that a frown may fold away."""


def brow_shapes(frame: Frame) -> dict[str, Shape]:
    """BrowDownLeft/Right, browInnerUp, browOuterUpLeft/Right."""
    lids = [v for eye in rings.EYES.values() for v in (*eye.lid_line, *eye.below)]
    nose = [v for v in rings.NOSE if v not in (8, 9, 168, 151)]
    held = frozenset([*lids, *nose, *rings.LIPS, *rings.TEMPLES, *rings.FOREHEAD]) | frame.far
    inner_up: Handles = {}
    out: dict[str, Shape] = {}
    for side, sign in rings.SIDES.items():
        places = _inward(frame, side, sign)
        other = frozenset(rings.EYES["left" if side == "right" else "right"].brow)
        most = _room(frame, side)
        down = {v: vector(-0.30 * sign * w, -min(0.92 * (0.30 + 0.70 * w), most), 0.12 * w) for v, w in places.items()}
        up = {v: vector(0.04 * sign, 0.84 * (1 - 0.85 * w), 0.0) for v, w in places.items()}
        inner_up |= {v: vector(-0.05 * sign * w, 0.94 * w**1.5 - 0.12 * (1 - w) ** 2, 0.0) for v, w in places.items()}
        out["browDown" + side.capitalize()] = Shape(down, held | other)
        out["browOuterUp" + side.capitalize()] = Shape(up, held | other)
    out["browInnerUp"] = Shape(inner_up, held)
    return out


def _room(frame: Frame, side: str) -> float:
    """How far this brow can come down, cm."""
    eye = rings.EYES[side]
    brow, lid = (frame.points[list(ring), 1] for ring in (eye.brow, eye.upper))
    return ROOM_SHARE * max(float(np.percentile(brow, 30) - lid.max()), 0.2)


def _inward(frame: Frame, side: str, sign: float) -> dict[int, float]:
    """Brow vertex -> 0 at the outer end, 1 at the inner."""
    brow = rings.EYES[side].brow
    x = frame.points[list(brow), 0] * sign
    share = (x.max() - x) / max(float(np.ptp(x)), 1e-6)
    return {v: float(s) for v, s in zip(brow, share, strict=True)}
