"""What a director may set: gaze target, distance, feeling, gains, and which regions of the face are driven.

Takes plain numbers and names, checks them, keeps them.
`Controls` is a value; change it between two steps of a talk and the face eases into it (`Dials`, 300 ms), so that no
control can make a frame jump. What it does not do: no timing, no keyframes; the caller holds the script.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.vocabulary import FEELINGS, REGIONS, check_emotion, check_region
from visavis_runtime.motion import emotion as feeling
from visavis_runtime.motion.flat import Axis, axis_of_counts

GAZE_YAW_MAX_RAD = math.radians(35.0)
GAZE_PITCH_MAX_RAD = math.radians(25.0)
DISTANCE_MAX = 1.0
GAIN_MAX = 2.0
BLINK_RATE_MAX = 3.0
BLEND_S = 0.1
"""Time constant of the easing: 95 % of a change is made after 300 ms."""

FRAME_HZ = 100


@dataclass(frozen=True)
class Controls:
    """The director's wishes; the defaults leave the talk to itself.

    Raises:
        InputError: EMOTION_UNKNOWN and REGION_UNKNOWN (they name the nearest name), CONTROL_RANGE.
    """

    gaze_rad: tuple[float, float] | None = None
    """Where to look, (yaw, pitch) in radians, yaw > 0 to the subject's left; None = at the viewer."""
    distance: float = 0.0
    """Head widths away from where the portrait has it: > 0 further away, < 0 nearer."""
    emotion: Mapping[str, float] = field(default_factory=dict)
    """Weights 0..1 by name, e.g. {"happy": 0.6}."""
    head_gain: float = 1.0
    """Size of the head's motion, 0 (still) .. 2."""
    lip_gain: float = 1.0
    """Size of the mouth's motion, 0 .. 2; closures stay closures."""
    blink_rate: float = 1.0
    """Factor on the blink rate, 0 .. 3."""
    regions: Collection[str] = REGIONS
    """The regions that are driven; all others stay at rest, feelings included. `distance` is kept without the head."""

    @cached_property
    def targets(self) -> npt.NDArray[np.float64]:
        """[22] what the dials go to: feelings, regions, distance, gains, blink rate."""
        driven = (float(region in self.regions) for region in REGIONS)
        gains = (self.distance, self.head_gain, self.lip_gain, self.blink_rate)
        return np.array([*feeling.weights_of(self.emotion), *driven, *gains])

    def __post_init__(self) -> None:
        for region in self.regions:
            check_region(region)
        for name, value in self.emotion.items():
            check_emotion(name)
            _check_range(f"emotion {name}", value, low=0.0, high=1.0)
        if self.gaze_rad is not None:
            _check_range("gaze yaw (degrees)", math.degrees(self.gaze_rad[0]), high=math.degrees(GAZE_YAW_MAX_RAD))
            _check_range("gaze pitch (degrees)", math.degrees(self.gaze_rad[1]), high=math.degrees(GAZE_PITCH_MAX_RAD))
        _check_range("distance", self.distance, high=DISTANCE_MAX)
        _check_range("head gain", self.head_gain, low=0.0, high=GAIN_MAX)
        _check_range("lip gain", self.lip_gain, low=0.0, high=GAIN_MAX)
        _check_range("blink rate", self.blink_rate, low=0.0, high=BLINK_RATE_MAX)


def _check_range(name: str, value: float, *, high: float, low: float | None = None) -> None:
    bottom = -high if low is None else low
    # Written so that NaN fails too.
    if not bottom - 1e-9 <= value <= high + 1e-9:
        raise InputError(f"The {name} is {value:g}; {bottom:g} to {high:g} is allowed.", reason="CONTROL_RANGE")


class Dials(NamedTuple):
    """The controls as the face follows them, one row per 10 ms, float64."""

    emotion: npt.NDArray[np.float64]
    """[t, 12] weights of emotion.FEELINGS."""
    regions: npt.NDArray[np.float64]
    """[t, 6] how much each of regions.REGIONS is driven, 0..1."""
    distance: npt.NDArray[np.float64]
    head_gain: npt.NDArray[np.float64]
    lip_gain: npt.NDArray[np.float64]
    blink_rate: npt.NDArray[np.float64]


DialState = npt.NDArray[np.float64]
_GAINS = len(FEELINGS) + len(REGIONS)


def step_dials(controls: Controls, *, count: int, state: DialState | None) -> tuple[Dials, DialState | None]:
    """`count` rows of eased controls and the next state; with state None the controls hold from the first row on."""
    dials, states = step_many_dials([controls], axis=axis_of_counts([count]), states=[state])
    return dials, states[0]


def step_many_dials(
    controls: Sequence[Controls], *, axis: Axis, states: Sequence[DialState | None]
) -> tuple[Dials, list[DialState | None]]:
    """The rows of each, one after another along `axis`, and the next states."""
    target = np.array([one.targets for one in controls])
    begun = np.array([one.targets if state is None else state for one, state in zip(controls, states, strict=True)])
    keep = np.exp(-(1.0 + axis.place) / (BLEND_S * FRAME_HZ))[:, None]
    rows = target[axis.of] + (begun - target)[axis.of] * keep
    columns = rows[:, _GAINS:].T
    dials = Dials(rows[:, : len(FEELINGS)], rows[:, len(FEELINGS) : _GAINS], *columns)
    last = rows[axis.ends - 1] if len(rows) else rows
    following = [last[i] if count else states[i] for i, count in enumerate(axis.counts.tolist())]
    return dials, following
