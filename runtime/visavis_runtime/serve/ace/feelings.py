"""Takes emotions with time codes, gives what to steer and when, and what the face shows at each frame.

A wish is weights of the ten names of Audio2Face. It is scaled by `emotion_strength`, cut to the `max_emotions`
strongest and reached in a straight line over `live_transition_time` from its time code on; the face eases into each
step as into any control. Time codes that have passed count from now. What it does not do: no emotion is guessed from
the voice.
"""

from __future__ import annotations

import bisect
import math
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError, LimitError
from visavis.latents import SAMPLE_RATE_HZ
from visavis.vocabulary import nearest
from visavis_runtime.motion.controls import BLEND_S
from visavis_runtime.serve.ace.limits import FPS, KEYS_MAX
from visavis_runtime.serve.ace.names import EMOTIONS, NEUTRAL

Weights = npt.NDArray[np.float64]
STEP_S = 0.1
"""A transition is made in steps of this length (the controls ease over three of them), and wishes that follow each
other faster are made at this rate: more would cost the engine and show nothing."""


class Key(NamedTuple):
    """Weights [10] that were asked for at a time code (seconds)."""

    time_s: float
    weights: Weights


def read_emotion(values: Mapping[str, float]) -> tuple[Weights, list[str]]:
    """Weights [10] 0..1 of a map by name (missing = 0), and the names whose weights had to be clamped.

    Raises:
        InputError: EMOTION_UNKNOWN (the nearest name is given), PARAMETER_NOT_FINITE.
    """
    weights = np.zeros(len(EMOTIONS))
    clamped = []
    for name, value in values.items():
        if not math.isfinite(value):
            raise InputError(f"The emotion {name!r} is {value}; take 0 to 1.", reason="PARAMETER_NOT_FINITE")
        if name.lower() == NEUTRAL:
            continue
        if name.lower() not in EMOTIONS:
            hint = nearest(name, known=EMOTIONS)
            raise InputError(f"There is no emotion {name[:40]!r}: {hint}", reason="EMOTION_UNKNOWN")
        if not 0.0 <= value <= 1.0:
            clamped.append(f"emotion {name.lower()} {value:g} to 0..1")
        weights[EMOTIONS.index(name.lower())] = min(1.0, max(0.0, value))
    return weights, clamped


def by_name(weights: Weights) -> dict[str, float]:
    """All ten by name, as they travel."""
    return dict(zip(EMOTIONS, weights.tolist(), strict=True))


class Feelings:
    """The emotions of one clip; times go forwards only."""

    def __init__(self, beginning: Weights | None, *, transition_s: float, strength: float, most: int) -> None:
        """`beginning` [10] (None: nothing was asked for) holds from the first sample on; `strength` and `most` apply to
        every wish."""
        self._transition_s = max(transition_s, 1e-6)
        self._strength, self._most = strength, most
        self._keys: list[Key] = []
        self._given: deque[Key] = deque()
        first = self._tempered(np.zeros(len(EMOTIONS)) if beginning is None else beginning)
        self._ramp = (0.0, first, first)
        self._ramping = False
        self._now_s, self._key_s = 0.0, -math.inf
        self._told: deque[tuple[int, Weights]] = deque()
        self._target = self._shown = first

    @property
    def beginning(self) -> dict[str, float]:
        """What the face starts with, for `Controls.emotion`."""
        return _strong(self._shown)

    def add(self, key: Key) -> None:
        """Raises InputError TIME_CODE, LimitError EMOTIONS_TOO_MANY."""
        if not 0.0 <= key.time_s < math.inf:
            raise InputError(
                f"An emotion has time code {key.time_s}; take seconds from the start of the clip, 0 or more.",
                reason="TIME_CODE",
            )
        if len(self._keys) >= KEYS_MAX:
            raise LimitError(
                f"{KEYS_MAX} emotions wait for their time already; send later ones with later audio.",
                reason="EMOTIONS_TOO_MANY",
            )
        bisect.insort(self._keys, key, key=lambda other: other.time_s)

    def steps(self, *, until: int) -> list[tuple[int, dict[str, float]]]:
        """Changes of `Controls.emotion` before sample `until` (16 kHz) that were not given yet, with their samples."""
        steps: list[tuple[int, dict[str, float]]] = []
        while True:
            key_s = max(self._keys[0].time_s, self._now_s, self._key_s + STEP_S) if self._keys else math.inf
            tick_s = self._now_s + STEP_S if self._ramping else math.inf
            at_s = min(key_s, tick_s)
            if at_s * SAMPLE_RATE_HZ >= until:
                # A key that comes in later with a time code before this counts from here on.
                self._now_s = self._now_s if self._ramping else max(self._now_s, until / SAMPLE_RATE_HZ)
                return steps
            if key_s <= tick_s:
                self._begin(at_s)
            self._now_s = at_s
            self._ramping = at_s + STEP_S < self._ramp[0] + self._transition_s
            goal = self._at(at_s + STEP_S) if self._ramping else self._ramp[2]
            sample = round(at_s * SAMPLE_RATE_HZ)
            self._told.append((sample, goal))
            steps.append((sample, _strong(goal)))

    def given(self, *, sample: int) -> list[Key]:
        """The wishes that have come into force up to this sample, as they were sent, each once."""
        out = []
        while self._given and self._given[0].time_s * SAMPLE_RATE_HZ <= sample:
            out.append(self._given.popleft())
        return out

    def shown(self, *, sample: int) -> Weights:
        """[10] what the face shows in the next frame, which belongs to this sample."""
        while self._told and self._told[0][0] <= sample:
            self._target = self._told.popleft()[1]
        if sample == 0:
            self._shown = self._target
        self._shown = self._target + (self._shown - self._target) * math.exp(-1.0 / (FPS * BLEND_S))
        return self._shown

    def _begin(self, at_s: float) -> None:
        """Go to the newest wish whose time has come; those that crowd before it are only told."""
        before, self._key_s = self._at(at_s), at_s
        while self._keys and self._keys[0].time_s <= at_s:
            key = self._keys.pop(0)
            self._given.append(key)
            self._ramp = (at_s, before, self._tempered(key.weights))

    def _at(self, time_s: float) -> Weights:
        start_s, before, after = self._ramp
        return before + (after - before) * min(1.0, max(0.0, (time_s - start_s) / self._transition_s))

    def _tempered(self, weights: Weights) -> Weights:
        kept = np.argsort(-weights, kind="stable")[: self._most]
        out = np.zeros_like(weights)
        out[kept] = weights[kept] * self._strength
        return out


def _strong(weights: Weights) -> dict[str, float]:
    return {name: value for name, value in by_name(weights).items() if value > 0.0}
