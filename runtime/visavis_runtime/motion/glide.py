"""Takes when and where several axes shall go, gives their smooth course: position at any 10 ms frame in closed form.

Every move is the minimum-jerk course (Flash and Hogan 1985: fifth order in time, at rest at its end) that starts with
whatever position, speed and acceleration the axis has, so a new goal in mid-move never jerks. Closed form, because then
a chunk of four frames and a whole talk give the same numbers and no frame pays for a filter's step. What it does not
do: it knows no heads and no reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.flat import Index

Values = npt.NDArray[np.float64]

_QUINTIC = np.array(
    [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.5, 0.0],
        [-10.0, -6.0, -1.5, 10.0],
        [15.0, 8.0, 1.5, -15.0],
        [-6.0, -3.0, -0.5, 6.0],
    ]
)
"""[6, 4]: (position, speed, acceleration, goal) of a unit of time -> coefficients by rising power."""


class Glide(NamedTuple):
    """The move of every axis: its first frame, its length in frames and its polynomial over 0..1. Never written to."""

    start: Values
    """[axes]"""
    frames: Values
    """[axes]"""
    shape: Values
    """[6, axes] coefficients by rising power."""


def resting(axes: int) -> Glide:
    """At 0 and staying there."""
    return Glide(np.zeros(axes), np.ones(axes), np.zeros((6, axes)))


def glide_course(frames: Values, glides: Sequence[Glide], *, of: Index) -> Values:
    """Positions [m, axes] at `frames` [m]; frame i belongs to glide `of[i]`."""
    start, length, shape = (
        np.concatenate(column).reshape(len(glides), *column[0].shape)[of] for column in zip(*glides, strict=True)
    )
    u = np.minimum(np.maximum((frames[:, None] - start) / length, 0.0), 1.0)
    course = shape[:, 5] * u
    for power in (4, 3, 2, 1):
        course += shape[:, power]
        course *= u
    return np.asarray(course + shape[:, 0])


def glide_to(goal: Sequence[float], *, axes: slice, frame: int, frames: float, glide: Glide) -> Glide:
    """`axes` leave for `goal` at `frame` and arrive `frames` later; the others go on as they were."""
    start, length, shape = glide.start.copy(), glide.frames.copy(), glide.shape.copy()
    position, speed, push = _motion(frame, glide=glide)
    known = np.stack([position[axes], speed[axes] * frames, push[axes] * frames**2, np.asarray(goal, np.float64)])
    start[axes], length[axes], shape[:, axes] = frame, frames, _QUINTIC @ known
    return Glide(start, length, shape)


def _motion(frame: int, *, glide: Glide) -> tuple[Values, Values, Values]:
    """Position, speed per frame and acceleration per frame squared of every axis."""
    u = np.clip((frame - glide.start) / glide.frames, 0.0, 1.0)
    c = glide.shape
    position = ((((c[5] * u + c[4]) * u + c[3]) * u + c[2]) * u + c[1]) * u + c[0]
    speed = (((5 * c[5] * u + 4 * c[4]) * u + 3 * c[3]) * u + 2 * c[2]) * u + c[1]
    push = ((20 * c[5] * u + 12 * c[4]) * u + 6 * c[3]) * u + 2 * c[2]
    moving = u < 1.0
    return position, speed / glide.frames * moving, push / glide.frames**2 * moving
