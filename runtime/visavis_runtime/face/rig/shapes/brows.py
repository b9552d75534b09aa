"""Gives the shapes of the brows: down, inner up, outer up.

The brow is two rows of five points; amounts go with the place from its outer to its inner end. Frowning draws the inner
ends together as well as down. The lid line holds still; the skin between brow and lid folds or stretches.
"""

from __future__ import annotations

import numpy as np

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, vector


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
        down = {v: vector(-0.24 * sign * w, -0.52 * (0.45 + 0.55 * w), 0.06 * w) for v, w in places.items()}
        up = {v: vector(0.04 * sign, 0.74 * (1 - 0.85 * w), 0.0) for v, w in places.items()}
        inner_up |= {v: vector(-0.03 * sign * w, 0.78 * w**1.5, 0.0) for v, w in places.items()}
        out["browDown" + side.capitalize()] = Shape(down, held | other)
        out["browOuterUp" + side.capitalize()] = Shape(up, held | other)
    out["browInnerUp"] = Shape(inner_up, held)
    return out


def _inward(frame: Frame, side: str, sign: float) -> dict[int, float]:
    """Brow vertex -> 0 at the outer end, 1 at the inner."""
    brow = rings.EYES[side].brow
    x = frame.points[list(brow), 0] * sign
    share = (x.max() - x) / max(float(np.ptp(x)), 1e-6)
    return {v: float(s) for v, s in zip(brow, share, strict=True)}
