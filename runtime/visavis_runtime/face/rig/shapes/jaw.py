"""Gives the shapes of the jaw bone: it hangs on the ears, so the chin drops and goes back on an arc.

The hinge also glides forward as a real one does, else the chin would vanish into the neck. The lower lip rides on the
bone in the middle and lets go towards the corners; the corners come in and half down; the upper lip barely moves.
`mouthClose` is the exact counterpart of the lips' part of `jawOpen`: both at the same weight leave the lips as at rest,
column by column, on a dropped jaw.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.canonical import LANDMARKS
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, mouth_held, upper_face_held, vector

F64 = npt.NDArray[np.float64]

OPEN_RAD = math.radians(16.0)
GLIDE_CM = (0.0, -0.30, 0.85)
BEARD_CM, BEARD_NARROWS, BEARD_TIP = 3.6, 0.75, 0.75
"""How far below the jaw a beard hangs, how broad it is by the jaw, and how much of the jaw's way its tip makes."""
CLOSE_UPPER_SHARE = 0.3
"""How much of closing over a dropped jaw the upper lip does."""


def jaw_shapes(frame: Frame) -> dict[str, Shape]:
    """jawOpen, jawForward, jawLeft, jawRight."""
    held = upper_face_held() | frame.far
    return {
        "jawOpen": Shape(_open(frame), held),
        "jawForward": Shape(_forward(frame), held | frozenset(rings.UPPER_RINGS[0])),
        "jawLeft": Shape(_sideways(frame, sign=1.0), held),
        "jawRight": Shape(_sideways(frame, sign=-1.0), held),
    }


def close_shape(frame: Frame, *, jaw_open: F64) -> Shape:
    """mouthClose, from the solved displacements [V, 3] of jawOpen."""
    handles: Handles = {}
    inner_upper, inner_lower = rings.UPPER_RINGS[-1], rings.LOWER_RINGS[-1]
    for column in range(1, 10):
        gap = jaw_open[inner_upper[column]] - jaw_open[inner_lower[column]]
        for ring in rings.UPPER_RINGS:
            handles[ring[column]] = -gap * CLOSE_UPPER_SHARE
        for ring in rings.LOWER_RINGS:
            handles[ring[column]] = gap * (1 - CLOSE_UPPER_SHARE)
    for v in rings.CORNERS:
        handles[v] = -jaw_open[v] * np.array([0.8, 0.3, 0.3])
    return Shape(handles, mouth_held() | frame.far)


def _bone(frame: Frame, vertex: int, *, share: float = 1.0) -> F64:
    """Where the open jaw takes a point that belongs to the bone by `share`."""
    ears = (frame.points[234] + frame.points[454]) / 2
    arm = frame.points[vertex] - (ears + vector(0, -1.2, -0.5))
    cos, sin = math.cos(OPEN_RAD * frame.opens), math.sin(OPEN_RAD * frame.opens)
    turned = np.array([arm[0], arm[1] * cos - arm[2] * sin, arm[1] * sin + arm[2] * cos])
    moved: F64 = (turned - arm + np.array(GLIDE_CM) * frame.opens) * share
    moved[0] = 0.0
    return moved


def _open(frame: Frame) -> Handles:
    handles: Handles = {}
    for v in rings.LOWER_LIP:
        t = abs(frame.along(v))
        handles[v] = _bone(frame, v, share=1 - 0.45 * t**2.4) + vector(-0.10 * frame.along(v) * t, 0, 0)
    for sign, corner in ((-1.0, rings.CORNERS_RIGHT), (1.0, rings.CORNERS_LEFT)):
        for v in corner:
            handles[v] = _bone(frame, v, share=0.46) + vector(-0.30 * sign, 0, -0.05, scale=frame.mouth)
    for v in rings.UPPER_LIP:
        t = abs(frame.along(v))
        side = -0.10 * frame.along(v) * t
        handles[v] = vector(side, 0.05 * (1 - t * t), 0, scale=frame.mouth) + _bone(frame, v, share=0.36 * t**2.8)
    for v, share in rings.JAW_LINE.items():
        handles[v] = _bone(frame, v, share=share)
    for v in rings.CHIN:
        handles[v] = _bone(frame, v)
    return handles | _beard(frame)


def _beard(frame: Frame) -> Handles:
    """What hangs below the jaw goes along; without a beard the neck is left to the skin between."""
    if not frame.beard:
        return {}
    jaw = frame.points[[172, 397]]
    chin, half = frame.points[152], 0.5 * BEARD_NARROWS * float(np.linalg.norm(jaw[1] - jaw[0]))
    handles: Handles = {}
    for v in range(LANDMARKS, len(frame.points)):
        down = float(chin[1] - frame.points[v, 1]) / BEARD_CM
        aside = abs(float(frame.points[v, 0] - chin[0])) / half
        if 0 < down < 1 and aside < 1:
            share = frame.beard * (1 - (1 - BEARD_TIP) * down) * (1 - aside**2)
            handles[v] = share * _bone(frame, 152)
    return handles


def _forward(frame: Frame) -> Handles:
    handles: Handles = {v: vector(0, -0.12, 0.65) * share for v, share in rings.JAW_LINE.items()}
    for v in rings.CHIN:
        handles[v] = vector(0, -0.08, 0.65)
    for v in rings.LOWER_LIP:
        handles[v] = vector(0, 0.06, 0.62) * (1 - 0.6 * frame.along(v) ** 2)
    for v in rings.CORNERS:
        handles[v] = vector(0, 0, 0.18)
    return handles


def _sideways(frame: Frame, *, sign: float) -> Handles:
    move = vector(0.60 * sign, 0, 0)
    handles: Handles = {v: move * share for v, share in rings.JAW_LINE.items()}
    for v in rings.CHIN:
        handles[v] = move
    for v in rings.LOWER_LIP:
        handles[v] = move * (0.9 - 0.35 * frame.along(v) ** 2)
    for v in rings.CORNERS:
        handles[v] = move * 0.5
    for v in rings.UPPER_LIP:
        handles[v] = move * 0.15
    return handles
