"""Gives the shapes of the lips that act on both sides at once: rounding, rolling, shrugging, shifting.

What reads as a sound is the red of the lips, not only their outline: rounding brings the corners in, the lips forward
and turns them out (outer ring away from the mouth); rolling takes the red in (outer ring towards the seam); F needs the
lower lip thin, up and behind the upper teeth. The cheeks follow the corners a little, else a round mouth looks pasted.
"""

from __future__ import annotations

import numpy as np

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import (
    Frame,
    Handles,
    Shape,
    lip_handles,
    mouth_held,
    ring_handles,
    scaled,
    vector,
)

STILL = (0.0, 0.0, 0.0)


def lip_shapes(frame: Frame) -> dict[str, Shape]:
    """MouthPucker, mouthFunnel, mouthRollUpper/Lower, mouthShrugUpper/Lower, mouthLeft, mouthRight."""
    held = mouth_held() | frame.far
    authored = {
        "mouthPucker": _pucker(frame),
        "mouthFunnel": _funnel(frame),
        "mouthRollUpper": _roll_upper(frame),
        "mouthRollLower": _roll_lower(frame),
        "mouthShrugUpper": _shrug_upper(frame),
        "mouthShrugLower": _shrug_lower(frame),
        "mouthLeft": _shifted(frame, sign=1.0),
        "mouthRight": _shifted(frame, sign=-1.0),
    }
    return {name: Shape(handles, held) for name, handles in authored.items()}


ROUNDER_UPPER, ROUNDER_LOWER = 0.35, 0.7
"""How far a kiss brings the outer edge of each lip to the half of an ellipse."""
MIDDLE_STAYS = 0.35
"""How much less the middle of the lips narrows than their whole: lips bunch at the corners."""
SIDES_SHUT_CM = 0.07
"""How far the lips close beside the opening of a kiss: what stays open is round."""


def _pucker(frame: Frame) -> Handles:
    """A kiss: corners in by a third, lips forward and thicker, their outer edges round: narrowed alone, the bow of a
    lower lip becomes a pointed V, and what opens a slit."""
    handles = ring_handles(
        frame,
        upper=lambda t, ring: (
            -0.88 * _bunched(t),
            (0.18 - 0.20 * ring) * (1 - 0.6 * t * t) - ring * (0.10 * t * t + SIDES_SHUT_CM * _beside(t)),
            0.80 - 0.45 * t * t,
        ),
        lower=lambda t, ring: (
            -0.88 * _bunched(t),
            (-0.22 + 0.24 * ring) * (1 - 0.6 * t * t) + ring * (0.10 * t * t + SIDES_SHUT_CM * _beside(t)),
            0.74 - 0.42 * t * t,
        ),
        corner=lambda sign: (-0.88 * sign, 0.0, 0.40),
    )
    for table, rounder in ((rings.UPPER_RINGS, ROUNDER_UPPER), (rings.LOWER_RINGS, ROUNDER_LOWER)):
        for v, rise in _to_ellipse(frame, table[0]).items():
            column = table[0].index(v)
            for number, ring in enumerate(table[:-1]):
                handles[ring[column]] = handles[ring[column]] + vector(0.0, rounder * rise * (1 - number / 3), 0.0)
    handles.update(_cheeks_in(frame, inward=0.40, forward=0.14))
    handles.update(scaled({18: (0, 0.08, 0.22), 200: (0, 0.14, 0.12)}, scale=frame.mouth))
    return handles


def _bunched(t: float) -> float:
    """How far a place along narrowing lips goes in, 1 at the corners."""
    return t * (1 - MIDDLE_STAYS * (1 - min(t * t, 1.0)))


def _beside(t: float) -> float:
    """0..1: 1 half way between the middle of the lips and their corners."""
    return float(max(np.sin(np.pi * min(abs(t), 1.0)), 0.0)) ** 2


def _to_ellipse(frame: Frame, edge: tuple[int, ...]) -> dict[int, float]:
    """How far, cm upwards, the points of a lip's outer edge are from the ellipse through its corners and its middle."""
    points = frame.points
    corners = points[[edge[0], edge[-1]], 1]
    rises = {}
    for v in edge[1:-1]:
        along = float(np.clip(frame.along(v), -1, 1))
        base = float(corners[0] + (corners[1] - corners[0]) * (along + 1) / 2)
        high = float(points[edge[5], 1]) - float(corners.mean())
        rises[v] = base + high * float(np.sqrt(1 - along * along)) - float(points[v, 1])
    return rises


def _funnel(frame: Frame) -> Handles:
    """SH, OH: a round opening, lips turned out like a trumpet."""

    def round_(t: float) -> float:
        return float(max(1 - t * t, 0.0) ** 0.6)

    handles = ring_handles(
        frame,
        upper=lambda t, ring: (-0.62 * _bunched(t), 0.32 * round_(t) + 0.06 * (1 - ring), 0.62 * (1 - 0.5 * t * t)),
        lower=lambda t, ring: (-0.62 * _bunched(t), -0.40 * round_(t) - 0.08 * (1 - ring), 0.58 * (1 - 0.5 * t * t)),
        corner=lambda sign: (-0.62 * sign, 0.0, 0.28),
    )
    handles.update(_cheeks_in(frame, inward=0.28, forward=0.08))
    return handles


def _roll_upper(frame: Frame) -> Handles:
    """Upper lip in over the teeth: its red nearly vanishes."""
    return ring_handles(
        frame,
        upper=lambda t, ring: (0.0, -(0.26 - 0.18 * ring) * (1 - t * t), -(0.12 + 0.30 * ring) * (1 - t * t)),
        lower=lambda t, ring: STILL,
        corner=lambda _: STILL,
    )


def _roll_lower(frame: Frame) -> Handles:
    """Lower lip up and in under the upper teeth; the skin below it follows."""

    def arch(t: float) -> float:
        return float(max(1 - t * t, 0.0) ** 0.8)

    handles = ring_handles(
        frame,
        upper=lambda t, ring: STILL,
        lower=lambda t, ring: (0.0, (0.52 - 0.32 * ring) * arch(t), -(0.08 + 0.55 * ring) * arch(t)),
        corner=lambda _: (0.0, 0.02, -0.04),
    )
    handles.update(
        scaled(
            {18: (0, 0.24, -0.08), 83: (0, 0.2, -0.06), 313: (0, 0.2, -0.06), 200: (0, 0.10, 0.05)}, scale=frame.mouth
        )
    )
    return handles


def _shrug_upper(frame: Frame) -> Handles:
    return lip_handles(
        frame,
        upper=lambda t: (0.0, 0.24 * (1 - t * t), 0.22 * (1 - t * t)),
        lower=lambda t: (0.0, 0.08 * (1 - t * t), 0.05),
        corner=lambda _: STILL,
    )


def _shrug_lower(frame: Frame) -> Handles:
    """The chin pushes the lower lip up and out; the upper lip gives way."""
    handles = lip_handles(
        frame,
        upper=lambda t: (0.0, 0.16 * (1 - t * t), 0.06 * (1 - t * t)),
        lower=lambda t: (0.0, 0.34 * (1 - 0.8 * t * t), 0.26 * (1 - 0.8 * t * t)),
        corner=lambda _: (0.0, -0.06, 0.0),
    )
    handles.update(scaled({18: (0, 0.36, 0.16), 199: (0, 0.28, 0.08), 200: (0, 0.38, 0.12)}, scale=frame.mouth))
    return handles


def _shifted(frame: Frame, *, sign: float) -> Handles:
    """The whole mouth to one side: that corner goes out and back, the other comes round."""
    move = (0.52 * sign, 0.0, 0.0)
    handles = lip_handles(
        frame,
        upper=lambda t: (move[0], 0.03 * t * sign, -0.10 * t * sign),
        lower=lambda t: (move[0], 0.03 * t * sign, -0.10 * t * sign),
        corner=lambda side: (move[0], 0.06 * side * sign, -0.12 * side * sign),
    )
    handles.update({v: vector(0.20 * sign, 0.0, 0.0, scale=frame.mouth) for v in (18, 200)})
    return handles


def _cheeks_in(frame: Frame, *, inward: float, forward: float) -> Handles:
    """The skin beside the mouth goes with narrowing lips."""
    out: Handles = {}
    for side, cheek in rings.CHEEKS.items():
        sign = -rings.SIDES[side]
        out[cheek.fold_low] = vector(inward * sign, 0.0, forward, scale=frame.mouth)
        out[cheek.fold_mid] = vector(0.7 * inward * sign, 0.0, forward, scale=frame.mouth)
        out[cheek.hollow] = vector(0.6 * inward * sign, 0.0, 0.0, scale=frame.mouth)
    return out
