"""Gives the shapes of cheeks and nose: cheekPuff, cheekSquint, noseSneer.

Puffing is mostly towards the viewer, so what shows is light and outline; the lips stay shut and firm. A squint lifts
the apple of the cheek into the lower lid. A sneer lifts the wing of the nose and the lip under it.
"""

from __future__ import annotations

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import (
    Frame,
    Handles,
    Shape,
    lip_handles,
    mouth_held,
    scaled,
    side_share,
    upper_face_held,
)

STILL = (0.0, 0.0, 0.0)


def cheek_shapes(frame: Frame) -> dict[str, Shape]:
    """CheekPuff, cheekSquintLeft/Right, noseSneerLeft/Right."""
    held = mouth_held() | frame.far
    out = {"cheekPuff": Shape(_puff(frame), upper_face_held() | frame.far)}
    for side, sign in rings.SIDES.items():
        lower_lid = frozenset((*rings.EYES[side].below, *rings.EYES[side].lower))
        out["cheekSquint" + side.capitalize()] = Shape(_squint(side, sign), held - lower_lid)
        wing = frozenset(rings.CHEEKS[side].wing)
        out["noseSneer" + side.capitalize()] = Shape(_sneer(frame, side, sign), held - wing)
    return out


def _puff(frame: Frame) -> Handles:
    handles = lip_handles(
        frame,
        upper=lambda t: (0.0, 0.02 * (1 - t * t), 0.10 * (1 - t * t)),
        lower=lambda t: (0.0, -0.02 * (1 - t * t), 0.10 * (1 - t * t)),
        corner=lambda sign: (-0.06 * sign, 0.0, 0.10),
    )
    for side, cheek in rings.CHEEKS.items():
        sign = rings.SIDES[side]
        handles.update(
            scaled(
                {
                    cheek.apple: (0.22 * sign, 0.04, 0.40),
                    cheek.fold_high: (0.30 * sign, 0.0, 0.60),
                    cheek.fold_low: (0.42 * sign, -0.04, 0.75),
                    cheek.hollow: (0.55 * sign, 0.0, 0.65),
                    cheek.fold_mid: (0.20 * sign, 0.0, 0.45),
                }
            )
        )
    return handles


def _squint(side: str, sign: float) -> Handles:
    cheek, eye = rings.CHEEKS[side], rings.EYES[side]
    handles = scaled(
        {
            cheek.apple: (0.05 * sign, 0.44, 0.20),
            cheek.under_eye: (0.0, 0.36, 0.16),
            cheek.fold_high: (0.06 * sign, 0.28, 0.12),
        }
    )
    handles.update(scaled(dict.fromkeys(eye.below[1:6], (0.0, 0.16, 0.06))))
    handles.update(scaled(dict.fromkeys(eye.lower[1:6], (0.0, 0.07, 0.0))))
    return handles


def _sneer(frame: Frame, side: str, sign: float) -> Handles:
    cheek = rings.CHEEKS[side]

    def upper(t: float) -> tuple[float, float, float]:
        return 0.0, 0.20 * side_share(t, sign=sign) * (1 - t * t), 0.0

    handles = lip_handles(frame, upper=upper, lower=lambda t: STILL, corner=lambda s: STILL)
    handles.update(scaled(dict.fromkeys(cheek.wing, (0.06 * sign, 0.35, 0.03))))
    handles.update(scaled({cheek.nostril: (0.07 * sign, 0.38, 0.06)}))
    handles.update(scaled(dict.fromkeys(cheek.sneer, (0.05 * sign, 0.38, 0.12))))
    return handles
