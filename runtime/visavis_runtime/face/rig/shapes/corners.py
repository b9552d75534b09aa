"""Gives the shapes that pull one side of the mouth: smile, frown, dimple, stretch, press, upper up, lower down.

Each is authored once with a sign and mirrored. A side takes over softly across the middle (`side_share`), so that Left
and Right together make the whole mouth move without a dent at the philtrum. A smile is more than its corners: the lips
thin, the apple of the cheek rises and the fold beside the nose goes out and up.
"""

from __future__ import annotations

from collections.abc import Callable

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import (
    Frame,
    Handles,
    Shape,
    lip_handles,
    mouth_held,
    ring_handles,
    scaled,
    side_share,
)

STILL = (0.0, 0.0, 0.0)


def corner_shapes(frame: Frame) -> dict[str, Shape]:
    """The seven one-sided shapes of the mouth, each for Left and Right."""
    authors: dict[str, Callable[[Frame, str, float], Handles]] = {
        "mouthSmile": _smile,
        "mouthFrown": _frown,
        "mouthDimple": _dimple,
        "mouthStretch": _stretch,
        "mouthPress": _press,
        "mouthLowerDown": _lower_down,
        "mouthUpperUp": _upper_up,
    }
    held = mouth_held() | frame.far
    return {
        name + side.capitalize(): Shape(author(frame, side, sign), held, slides=True)
        for name, author in authors.items()
        for side, sign in rings.SIDES.items()
    }


def _outward(t: float, sign: float) -> float:
    """How far out on this side: 0 in the middle and on the other side, 1 at the corner."""
    return max(t * sign, 0.0)


def _smile(frame: Frame, side: str, sign: float) -> Handles:
    def lift(t: float) -> tuple[float, float, float]:
        share, out = side_share(t, sign=sign), _outward(t, sign)
        return 0.56 * sign * share * out**0.8, 0.66 * share * out**1.5, -0.34 * share * out

    def upper(t: float, ring: float) -> tuple[float, float, float]:
        x, y, z = lift(t)
        return x, y - 0.08 * (1 - ring) * side_share(t, sign=sign), z

    def lower(t: float, ring: float) -> tuple[float, float, float]:
        x, y, z = lift(t)
        return x, y + (0.09 * (1 - ring) - 0.02) * side_share(t, sign=sign), z

    handles = ring_handles(
        frame,
        upper=upper,
        lower=lower,
        corner=lambda s: (0.64 * sign, 0.72, -0.46) if s == sign else STILL,
    )
    cheek = rings.CHEEKS[side]
    handles.update(
        scaled(
            {
                cheek.apple: (0.06 * sign, 0.40, 0.20),
                cheek.fold_high: (0.26 * sign, 0.42, 0.20),
                cheek.fold_mid: (0.34 * sign, 0.40, 0.06),
                cheek.fold_low: (0.46 * sign, 0.42, 0.00),
                cheek.hollow: (0.36 * sign, 0.32, -0.06),
                cheek.under_eye: (0.0, 0.20, 0.10),
            },
            scale=frame.mouth,
        )
    )
    return handles


def _frown(frame: Frame, side: str, sign: float) -> Handles:
    def drop(t: float) -> tuple[float, float, float]:
        share = side_share(t, sign=sign)
        return 0.06 * sign * share, -0.42 * share * _outward(t, sign) ** 1.6, 0.0

    handles = lip_handles(
        frame, upper=drop, lower=drop, corner=lambda s: (0.10 * sign, -0.60, -0.10) if s == sign else STILL
    )
    cheek = rings.CHEEKS[side]
    handles.update(scaled({cheek.fold_low: (0.02 * sign, -0.25, 0.0)}, scale=frame.mouth))
    return handles


def _dimple(frame: Frame, side: str, sign: float) -> Handles:
    def pull(t: float) -> tuple[float, float, float]:
        share, out = side_share(t, sign=sign), _outward(t, sign)
        return 0.34 * sign * share * out, 0.10 * share * out**2, -0.16 * share * out

    handles = lip_handles(
        frame, upper=pull, lower=pull, corner=lambda s: (0.42 * sign, 0.14, -0.42) if s == sign else STILL
    )
    cheek = rings.CHEEKS[side]
    handles.update(
        scaled({cheek.fold_low: (0.18 * sign, 0.06, 0.06), cheek.hollow: (0.14 * sign, 0.0, 0.06)}, scale=frame.mouth)
    )
    return handles


def _stretch(frame: Frame, side: str, sign: float) -> Handles:
    def upper(t: float, ring: float) -> tuple[float, float, float]:
        share, out = side_share(t, sign=sign), _outward(t, sign)
        return 0.58 * sign * share * out, (-0.04 - 0.05 * (1 - ring)) * share, -0.18 * share * out

    def lower(t: float, ring: float) -> tuple[float, float, float]:
        share, out = side_share(t, sign=sign), _outward(t, sign)
        return 0.58 * sign * share * out, (-0.10 + 0.06 * (1 - ring)) * share, -0.18 * share * out

    handles = ring_handles(
        frame, upper=upper, lower=lower, corner=lambda s: (0.74 * sign, -0.12, -0.32) if s == sign else STILL
    )
    cheek = rings.CHEEKS[side]
    handles.update(
        scaled({cheek.fold_low: (0.40 * sign, -0.02, 0.0), cheek.hollow: (0.30 * sign, 0.0, 0.0)}, scale=frame.mouth)
    )
    return handles


def _press(frame: Frame, side: str, sign: float) -> Handles:
    """Lips against each other: the red gets thin, the corner firm."""

    def upper(t: float, ring: float) -> tuple[float, float, float]:
        share = side_share(t, sign=sign) * (1 - t * t)
        return 0.0, -(0.20 - 0.18 * ring) * share, -(0.06 + 0.12 * ring) * share

    def lower(t: float, ring: float) -> tuple[float, float, float]:
        share = side_share(t, sign=sign) * (1 - t * t)
        return 0.0, (0.28 - 0.26 * ring) * share, -(0.06 + 0.12 * ring) * share

    handles = ring_handles(
        frame, upper=upper, lower=lower, corner=lambda s: (0.10 * sign, 0.03, -0.12) if s == sign else STILL
    )
    handles.update(scaled({18: (0.0, 0.08, 0.05)}, scale=frame.mouth))
    return handles


def _lower_down(frame: Frame, side: str, sign: float) -> Handles:
    def lower(t: float, ring: float) -> tuple[float, float, float]:
        share = side_share(t, sign=sign) * (1 - 0.8 * t * t)
        return 0.05 * sign * share, -(0.44 + 0.14 * ring) * share, (0.10 - 0.12 * ring) * share

    handles = ring_handles(
        frame,
        upper=lambda t, ring: STILL,
        lower=lower,
        corner=lambda s: (0.03 * sign, -0.10, 0.0) if s == sign else STILL,
    )
    handles.update(scaled({18: (0.0, -0.18, 0.02)}, scale=frame.mouth))
    return handles


def _upper_up(frame: Frame, side: str, sign: float) -> Handles:
    def upper(t: float, ring: float) -> tuple[float, float, float]:
        share = side_share(t, sign=sign) * (1 - 0.8 * t * t)
        return 0.04 * sign * share, (0.46 + 0.14 * ring) * share, 0.06 * share

    handles = ring_handles(
        frame,
        upper=upper,
        lower=lambda t, ring: STILL,
        corner=lambda s: (0.03 * sign, 0.12, 0.0) if s == sign else STILL,
    )
    cheek = rings.CHEEKS[side]
    handles.update(
        scaled({cheek.fold_mid: (0.04 * sign, 0.32, 0.06), cheek.fold_high: (0.0, 0.16, 0.06)}, scale=frame.mouth)
    )
    return handles
