"""Gives the shapes of the lids: blink, squint, wide, and the skin's part of looking in the four directions.

Upper and lower lid meet column by column, nine tenths of the way done by the upper one. The skin above it unrolls: the
crease follows three fifths of the way and the orbit a third, else lashes and shadow would smear over the brow. When
the eyeball turns, the lid rides on the bulge of the cornea: down with it, up with it, and a little sideways.
Lids are membranes, not plates: the solve is harmonic and every other landmark holds still.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, face_held, vector

F64 = npt.NDArray[np.float64]

UPPER_SHARE = 0.9
CREASE_SHARES = (0.36, 0.56, 0.62, 0.62, 0.62, 0.60, 0.54)
"""How far the crease follows the upper lid, column by column from the outer corner, where it would pass the lid."""
ORBIT_SHARE = 0.30
TALL = 0.5
"""Height of an eye in its widths from which on the skin above it follows less: no person's eye reaches it."""
SIDEWAYS_CM = 0.10


def eye_shapes(frame: Frame) -> dict[str, Shape]:
    """EyeBlink, eyeSquint, eyeWide and eyeLookDown/In/Out/Up, each for Left and Right."""
    out: dict[str, Shape] = {}
    for side, sign in rings.SIDES.items():
        eye = rings.EYES[side]
        authored = {
            "eyeBlink": _blink(frame, eye),
            "eyeSquint": _squint(frame, eye),
            "eyeWide": _wide(frame, eye),
            "eyeLookDown": _look(frame, eye, upper=0.42, crease=0.30, lower=-0.14),
            "eyeLookUp": _look(frame, eye, upper=-0.22, crease=-0.12, lower=0.08),
            "eyeLookIn": _sideways(frame, eye, sign=-sign),
            "eyeLookOut": _sideways(frame, eye, sign=sign),
        }
        skin = (*eye.upper, *eye.lower, *eye.crease, *eye.orbit, *eye.below, *eye.corners)
        held = face_held(moving=skin) | frame.far
        for name, handles in authored.items():
            out[name + side.capitalize()] = Shape(handles, held, membrane=True)
    return out


def _columns(eye: rings.Eye) -> list[tuple[int, int, int, int, int]]:
    """Upper lid, lower lid, crease, orbit and below, column by column."""
    return list(zip(eye.upper, eye.lower, eye.crease, eye.orbit, eye.below, strict=True))


def _pinned(eye: rings.Eye) -> Handles:
    return {eye.outer: np.zeros(3), eye.inner: np.zeros(3)}


def _opening(frame: Frame, upper: int, lower: int) -> F64:
    result: F64 = frame.points[lower] - frame.points[upper]
    return result


def _blink(frame: Frame, eye: rings.Eye) -> Handles:
    handles = _pinned(eye)
    follow = _follow(frame, eye)
    for (upper, lower, crease, orbit, below), share in zip(_columns(eye), CREASE_SHARES, strict=True):
        gap = _opening(frame, upper, lower)
        handles[upper] = gap * UPPER_SHARE
        handles[lower] = -gap * (1 - UPPER_SHARE)
        handles[crease] = gap * (share * follow)
        handles[orbit] = gap * (follow * ORBIT_SHARE * _room(frame, eye, orbit, float(np.linalg.norm(gap))))
        handles[below] = -gap * 0.06
    return handles


def _follow(frame: Frame, eye: rings.Eye) -> float:
    """0..1: how far skin round the eye goes along. Above one that is drawn tall hangs hair, not a lid that could come
    so far down, and its outline is no lid that opens or narrows by a share of such a height.
    """
    width = float(np.linalg.norm(frame.points[eye.outer] - frame.points[eye.inner]))
    middle = len(eye.upper) // 2
    tall = float(np.linalg.norm(_opening(frame, eye.upper[middle], eye.lower[middle]))) / max(width, 1e-6)
    return min(1.0, TALL / max(tall, 1e-6)) ** 2


def _room(frame: Frame, eye: rings.Eye, orbit: int, gap: float) -> float:
    """0.2..1: how much skin there is below the brow to go along; low brows would be drawn down into streaks."""
    away = np.linalg.norm(frame.points[list(eye.brow), :2] - frame.points[orbit, :2], axis=1).min()
    return float(np.clip(float(away) / max(0.9 * gap, 1e-6), 0.2, 1))


def _squint(frame: Frame, eye: rings.Eye) -> Handles:
    handles, follow = _pinned(eye), _follow(frame, eye)
    for upper, lower, crease, _, below in _columns(eye):
        gap = _opening(frame, upper, lower) * follow
        handles[upper] = gap * 0.20
        handles[lower] = -gap * 0.32
        handles[crease] = gap * 0.10
        handles[below] = -gap * 0.34 + vector(0, 0.05, 0)
    return handles


def _wide(frame: Frame, eye: rings.Eye) -> Handles:
    """Scaled by the width of the eye as well, so that narrow eyes open too."""
    handles, follow = _pinned(eye), _follow(frame, eye)
    width = float(np.linalg.norm(frame.points[eye.outer] - frame.points[eye.inner]))
    for number, (upper, lower, crease, orbit, _) in enumerate(_columns(eye)):
        arch = np.sin(np.pi * (number + 1) / 8)
        gap = float(np.linalg.norm(_opening(frame, upper, lower)))
        up = vector(0, follow * (0.15 * gap + 0.055 * width * arch), 0)
        handles[upper] = up
        handles[crease] = up * 0.60
        handles[orbit] = up * 0.25
        handles[lower] = -up * 0.22
    return handles


def _look(frame: Frame, eye: rings.Eye, *, upper: float, crease: float, lower: float) -> Handles:
    """Lids that follow the eyeball up or down; shares of the opening, positive downwards."""
    handles = _pinned(eye)
    for up, low, fold, orbit, below in _columns(eye):
        gap = _opening(frame, up, low)
        handles[up] = gap * upper
        handles[fold] = gap * crease
        handles[orbit] = gap * crease * 0.4
        handles[low] = -gap * lower
        handles[below] = -gap * lower * 0.5
    return handles


def _sideways(frame: Frame, eye: rings.Eye, *, sign: float) -> Handles:
    """The cornea pushes the lids sideways, most in the middle of the eye; `sign` of x."""
    handles = _pinned(eye)
    width = float(np.linalg.norm(frame.points[eye.outer] - frame.points[eye.inner]))
    move = vector(SIDEWAYS_CM * sign * width / 2.6, 0, 0)
    for number, (upper, lower, crease, orbit, below) in enumerate(_columns(eye)):
        arch = float(np.sin(np.pi * (number + 1) / 8))
        handles[upper] = move * arch
        handles[crease] = move * arch * 0.6
        handles[orbit] = move * arch * 0.2
        handles[lower] = move * arch * 0.7
        handles[below] = move * arch * 0.3
    return handles
