"""Takes timed phones, gives the mouth they ask for: nine articulation channels and two closures at 100 Hz.

Coarticulation after Cohen and Massaro 1993: every phone pulls each channel towards its target with a strength that
falls off exponentially around it (60 ms; rounding starts 130 ms ahead, which is what lips do). A vowel between two
rounded consonants is rounded, a jaw does not reach its target in fast speech. Then the closures, which no blending may
weaken: P, B and M shut the lips and F and V bring the lower lip to the upper teeth for the core of the phone.

The table is a set of choices guided by JALI (Edwards et al. 2016) and by viseme charts, not fitted to measured lips.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.phones import BILABIAL, LABIODENTAL, PHONE_INDEX, PHONES, ROUNDED, VOWELS, Segment

CHANNELS: tuple[str, ...] = ("jaw", "close", "labiodental", "pucker", "funnel", "wide", "upper", "lower", "tongue")
"""What the speech network draws, each 0..1; `close` shuts the lips over an open jaw."""

CLOSURES: tuple[str, ...] = ("bilabial", "labiodental")

#                     jaw  close labd puck funn wide uppr lowr tong
_TABLE: dict[str, tuple[float, ...]] = {
    "SIL":           (.00, .60, .00, .00, .00, .00, .00, .00, .00),
    "P B":           (.08, 1.0, .00, .05, .00, .05, .00, .00, .00),
    "M":             (.10, 1.0, .00, .05, .00, .05, .00, .00, .00),
    "F V":           (.12, .00, 1.0, .00, .00, .05, .30, .00, .00),
    "TH DH":         (.18, .00, .00, .00, .00, .10, .15, .20, 1.0),
    "T D":           (.12, .00, .00, .00, .00, .15, .15, .25, .50),
    "N":             (.14, .00, .00, .00, .00, .15, .12, .25, .50),
    "L":             (.22, .00, .00, .00, .00, .12, .12, .25, .80),
    "S Z":           (.06, .00, .00, .00, .00, .35, .20, .35, .20),
    "SH ZH CH JH":   (.08, .00, .00, .25, .75, .00, .25, .25, .10),
    "K G NG":        (.20, .00, .00, .00, .00, .12, .10, .20, .00),
    "HH":            (.25, .00, .00, .00, .00, .08, .08, .15, .00),
    "R":             (.16, .00, .00, .35, .45, .00, .10, .15, .10),
    "ER":            (.25, .00, .00, .30, .45, .00, .10, .20, .10),
    "AA":            (.75, .00, .00, .00, .05, .05, .12, .30, .00),
    "AH":            (.48, .00, .00, .00, .00, .08, .10, .25, .00),
    "AE":            (.65, .00, .00, .00, .00, .35, .22, .40, .00),
    "EH":            (.48, .00, .00, .00, .00, .30, .18, .35, .00),
    "IH":            (.32, .00, .00, .00, .00, .35, .15, .28, .00),
    "IY":            (.20, .00, .00, .00, .00, .65, .18, .30, .00),
    "Y":             (.16, .00, .00, .00, .00, .50, .15, .25, .00),
    "AO":            (.60, .00, .00, .20, .55, .00, .08, .22, .00),
    "UH":            (.30, .00, .00, .40, .35, .00, .05, .15, .00),
    "UW":            (.20, .00, .00, .85, .30, .00, .00, .10, .00),
    "W":             (.10, .10, .00, .95, .15, .00, .00, .05, .00),
}  # fmt: skip
TARGETS: dict[str, npt.NDArray[np.float64]] = {p: np.array(row) for names, row in _TABLE.items() for p in names.split()}

_DIPHTHONGS = {
    "AW": ("AA", "UW", 0.60), "AY": ("AA", "IY", 0.60), "EY": ("EH", "IY", 0.50), "OW": ("AO", "UW", 0.45),
    "OY": ("AO", "IY", 0.55),
}  # fmt: skip
_FADE_S = 0.06
_ROUNDING_FADE_S = 0.13
_PLATEAU = 0.6  # share of half the phone on which its dominance stays full
_REACH_BEFORE_S, _REACH_AFTER_S = 0.40, 0.35
_REST_WEIGHT = 1e-3  # where no phone reaches, the mouth is at rest
_RAMP_S = 0.05
_LEAST_CORE_S = 0.03
_CORE_OF_STOP = (0.10, 0.70)  # the burst and the breath after it belong to the phone but are not shut
_CORE_OF_NASAL = (0.05, 0.90)
_CORE_OF_FRICATIVE = (0.15, 0.75)


class Targets(NamedTuple):
    """`phones [t] int64` numbers, `channels [t, 9] float32` 0..1, `closures [t, 2] float32` 0..1, all at 100 Hz."""

    phones: npt.NDArray[np.int64]
    channels: npt.NDArray[np.float32]
    closures: npt.NDArray[np.float32]


def targets_of_segments(segments: Sequence[Segment], *, frames: int, rate_hz: float = 100.0) -> Targets:
    """Mouth that the timed phones of one utterance ask for, over `frames` frames."""
    times_s = np.arange(frames) / rate_hz
    parts = [part for segment in segments for part in _split_diphthong(segment)]
    closures = _closures(parts, times_s=times_s)
    channels = _apply_closures(_blend(parts, times_s=times_s), closures=closures)
    return Targets(_phone_numbers(segments, frames=frames, rate_hz=rate_hz), channels.astype(np.float32), closures)


def dominance(phone: str) -> npt.NDArray[np.float64]:
    """How strongly `phone` pulls each of the nine channels towards its target."""
    weight = np.full(len(CHANNELS), 0.25)
    if phone in BILABIAL:
        weight[:] = (0.6, 6.0, 2.0, 0.15, 0.15, 0.15, 1.5, 1.5, 0.15)
    elif phone in LABIODENTAL:
        weight[:] = (0.8, 2.0, 6.0, 0.15, 0.15, 0.15, 1.5, 0.15, 0.15)
    elif phone in ("S", "Z"):
        weight[:] = 0.3
        weight[0] = 2.0
    elif phone in ("SH", "ZH", "CH", "JH"):
        weight[:] = 0.8
        weight[[0, 3, 4, 5]] = 1.5
    elif phone == "W":
        weight[:] = 0.8
        weight[3:6] = 2.5
    elif phone in ("TH", "DH", "L"):
        weight[:] = 0.3
        weight[8] = 2.0
    elif phone in ("R", "Y"):
        weight[:] = 0.5
    elif phone == "SIL":
        weight[:] = 0.35
    elif phone in VOWELS:
        weight[:] = 1.0
    else:
        weight[8] = 1.0
    return weight


def _split_diphthong(segment: Segment) -> tuple[Segment, ...]:
    if segment.phone not in _DIPHTHONGS:
        return (segment,)
    first, second, share = _DIPHTHONGS[segment.phone]
    middle_s = segment.start_s + (segment.end_s - segment.start_s) * share
    return Segment(first, segment.start_s, middle_s), Segment(second, middle_s, segment.end_s)


def _blend(parts: Sequence[Segment], *, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weight = np.full((len(times_s), len(CHANNELS)), _REST_WEIGHT)
    pull = weight * TARGETS["SIL"]
    for part in parts:
        first = np.searchsorted(times_s, part.start_s - _REACH_BEFORE_S)
        last = np.searchsorted(times_s, part.end_s + _REACH_AFTER_S)
        centre_s = (part.start_s + part.end_s) / 2
        plateau_s = max((part.end_s - part.start_s) / 2, 0.01) * _PLATEAU
        offset_s = times_s[first:last, None] - centre_s
        fade_s = np.full((len(offset_s), len(CHANNELS)), _FADE_S)
        if part.phone in ROUNDED:
            fade_s[:, 3:5] = np.where(offset_s < 0, _ROUNDING_FADE_S, _FADE_S)
        strength = dominance(part.phone) * np.exp(-np.maximum(np.abs(offset_s) - plateau_s, 0.0) / fade_s)
        weight[first:last] += strength
        pull[first:last] += strength * TARGETS[part.phone]
    return np.asarray(pull / weight)


def _closures(parts: Sequence[Segment], *, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    closures = np.zeros((len(times_s), len(CLOSURES)), np.float32)
    for part in parts:
        if part.phone not in BILABIAL and part.phone not in LABIODENTAL:
            continue
        start_s, end_s = _core(part)
        first = np.searchsorted(times_s, start_s - _RAMP_S)
        last = np.searchsorted(times_s, end_s + _RAMP_S) + 1
        near_s = times_s[first:last]
        ramp = np.clip(np.minimum(near_s - start_s, end_s - near_s) / _RAMP_S + 1.0, 0.0, 1.0)
        column = 0 if part.phone in BILABIAL else 1
        shut = (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)
        closures[first:last, column] = np.maximum(closures[first:last, column], shut)
    return closures


def _core(part: Segment) -> tuple[float, float]:
    share = _CORE_OF_NASAL if part.phone == "M" else _CORE_OF_STOP if part.phone in BILABIAL else _CORE_OF_FRICATIVE
    length_s = part.end_s - part.start_s
    start_s, end_s = part.start_s + share[0] * length_s, part.start_s + share[1] * length_s
    if end_s - start_s < _LEAST_CORE_S:
        middle_s = (start_s + end_s) / 2
        start_s, end_s = middle_s - _LEAST_CORE_S / 2, middle_s + _LEAST_CORE_S / 2
    return start_s, end_s


def _apply_closures(channels: npt.NDArray[np.float64], *, closures: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    bilabial, labiodental = closures[:, 0], closures[:, 1]
    shut = channels.copy()
    shut[:, 2] = np.maximum(shut[:, 2], labiodental)
    shut[:, 1] *= 1.0 - labiodental
    shut[:, 1] = np.maximum(shut[:, 1], bilabial)
    shut[:, 2] *= 1.0 - bilabial
    shut[:, 6:8] *= 1.0 - bilabial[:, None]
    return shut


def _phone_numbers(segments: Sequence[Segment], *, frames: int, rate_hz: float) -> npt.NDArray[np.int64]:
    numbers = np.full(frames, PHONE_INDEX["SIL"], np.int64)
    for phone, start_s, end_s in segments:
        numbers[round(start_s * rate_hz) : round(end_s * rate_hz)] = PHONE_INDEX[phone]
    return numbers


def check_table() -> None:
    """Every phone has a target, as itself or as the parts of a diphthong (called by the tests)."""
    missing = [p for p in PHONES if p not in TARGETS and p not in _DIPHTHONGS]
    if missing:
        raise KeyError(f"no mouth target for {missing}")
