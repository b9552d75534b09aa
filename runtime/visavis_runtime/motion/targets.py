"""Takes timed phones, gives the mouth they ask for: nine articulation channels and two closures at 100 Hz.

Coarticulation after Cohen and Massaro 1993: every phone pulls each channel towards its target with a strength that
falls off exponentially around it, faster or slower by kind of phone and by channel. A vowel between two rounded
consonants is rounded, a jaw does not reach its target in fast speech. Then the closures, which no blending may weaken:
P, B and M shut the lips and F and V bring the lower lip to the upper teeth for the core of the phone.

The numbers of jaw and lips are fitted on measured lips (`training.lips_fit`: 899 sentences of one man, GRID corpus,
Cooke, Barker, Cunningham, Shao 2006, CC BY 4.0), with a hand-made table as the prior, from which ER, UH and the tongue
still come; the amplitude is a little larger than his. On 100 sentences left out the aperture correlates 0.80 with the
measured one (0.69 with slow trends removed), the width 0.56 (0.59); the hand-made table reached 0.65 (0.46) and 0.41
(0.43), a free linear filter over the phones 0.85 (0.77) and 0.70 (0.67).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.phones import BILABIAL, LABIODENTAL, PHONE_INDEX, PHONES, VOWELS, Segment

CHANNELS: tuple[str, ...] = ("jaw", "close", "labiodental", "pucker", "funnel", "wide", "upper", "lower", "tongue")
"""What the speech network draws, each 0..1; `close` shuts the lips over an open jaw."""

CLOSURES: tuple[str, ...] = ("bilabial", "labiodental")

#                     jaw  close labd puck funn wide uppr lowr tong
_TABLE: dict[str, tuple[float, ...]] = {
    "SIL":           (.00, .60, .00, .00, .00, .00, .00, .00, .00),
    "P B M":         (.30, 1.0, .00, .24, .08, .00, .00, .02, .00),
    "F V":           (.00, .00, 1.0, .06, .00, .00, .31, .00, .00),
    "TH DH":         (.00, .00, .00, .02, .00, .05, .12, .17, 1.0),
    "T D":           (.10, .00, .00, .03, .00, .15, .15, .24, .50),
    "N":             (.00, .00, .00, .00, .00, .16, .09, .22, .50),
    "L":             (.24, .00, .00, .03, .04, .13, .15, .27, .80),
    "S Z":           (.03, .00, .00, .09, .08, .29, .37, .37, .20),
    "SH ZH CH JH":   (.06, .00, .00, .11, .66, .00, .26, .26, .10),
    "K G NG":        (.21, .00, .00, .03, .00, .08, .12, .20, .00),
    "HH":            (.20, .00, .00, .00, .00, .06, .07, .14, .00),
    "R":             (.00, .00, .00, .44, .33, .00, .00, .00, .10),
    "ER":            (.25, .00, .00, .30, .45, .00, .10, .20, .10),
    "AA":            (.67, .00, .00, .00, .00, .17, .19, .35, .00),
    "AH":            (.33, .00, .00, .03, .00, .10, .14, .23, .00),
    "AE":            (.55, .00, .00, .00, .00, .36, .21, .39, .00),
    "EH":            (.39, .00, .00, .00, .00, .51, .28, .38, .00),
    "IH":            (.40, .00, .00, .06, .00, .44, .19, .29, .00),
    "IY":            (.39, .00, .00, .00, .00, .75, .38, .38, .00),
    "Y":             (.26, .00, .00, .03, .03, .46, .16, .26, .00),
    "AO":            (.49, .00, .00, .20, .48, .00, .05, .19, .00),
    "UH":            (.30, .00, .00, .40, .35, .00, .05, .15, .00),
    "UW":            (.03, .00, .00, .51, .05, .00, .00, .07, .00),
    "W":             (.00, .10, .00, .78, .00, .00, .00, .00, .00),
}  # fmt: skip
#                     jaw  close labd  round wide  lips tong
_STRENGTHS: dict[str, tuple[float, ...]] = {
    "SIL":           (.40, .35, .35, .52, .50, .50, .35),
    "P B M":         (.99, 6.0, 2.0, .18, .43, .79, .15),
    "F V":           (1.4, 2.0, 6.0, .15, .63, .15, .15),
    "TH DH":         (1.4, .30, .30, .30, .43, .29, 2.0),
    "T D":           (.27, .25, .25, .26, .21, .19, 1.0),
    "N":             (.35, .25, .25, .28, .21, .12, 1.0),
    "L":             (.34, .30, .30, .27, .17, .35, 2.0),
    "S Z":           (.81, .30, .30, .36, .68, .55, .30),
    "SH ZH CH JH":   (1.4, .80, .80, 1.3, .63, .72, .80),
    "K G NG":        (.25, .25, .25, .25, .25, .18, 1.0),
    "HH":            (.25, .25, .25, .25, .27, .25, 1.0),
    "R":             (3.0, .50, .50, .51, .92, 1.7, .50),
    "ER":            (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "AA":            (.69, 1.0, 1.0, 1.2, 1.6, 1.2, 1.0),
    "AH":            (.89, 1.0, 1.0, .96, .85, .86, 1.0),
    "AE":            (.73, 1.0, 1.0, .99, .97, .94, 1.0),
    "EH":            (2.8, 1.0, 1.0, 1.0, .51, .67, 1.0),
    "IH":            (1.0, 1.0, 1.0, 1.1, .81, .58, 1.0),
    "IY":            (1.2, 1.0, 1.0, 1.1, .88, 1.0, 1.0),
    "Y":             (.58, .50, .50, .49, .43, .52, .50),
    "AO":            (.65, 1.0, 1.0, .95, .90, .94, 1.0),
    "UH":            (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "UW":            (1.3, 1.0, 1.0, 1.2, .57, .95, 1.0),
    "W":             (3.0, .80, .80, 1.8, 1.0, 2.1, .80),
}  # fmt: skip
"""How strongly a phone pulls: `round` is pucker and funnel, `lips` the upper and the lower lip."""
_STRENGTH_COLUMN = [0, 1, 2, 3, 3, 4, 5, 5, 6]

TARGETS: dict[str, npt.NDArray[np.float64]] = {p: np.array(row) for names, row in _TABLE.items() for p in names.split()}
_PULLS = {p: np.array(row)[_STRENGTH_COLUMN] for names, row in _STRENGTHS.items() for p in names.split()}

_DIPHTHONGS = {
    "AW": ("AA", "UW", 0.60), "AY": ("AA", "IY", 0.60), "EY": ("EH", "IY", 0.50), "OW": ("AO", "UW", 0.45),
    "OY": ("AO", "IY", 0.55),
}  # fmt: skip
_PLATEAU = 0.97  # share of half the phone on which its strength stays full
#                        jaw   close  labd   pucker funnel wide   upper  lower  tongue
_FADE_BEFORE_S = {
    "vowel":     np.array((.120, .060, .060, .056, .056, .037, .035, .035, .060)),
    "consonant": np.array((.076, .060, .060, .055, .055, .047, .057, .057, .060)),
    "silence":   np.array((.061, .060, .060, .069, .069, .063, .061, .061, .060)),
}  # fmt: skip
_FADE_AFTER_S = {
    "vowel":     np.array((.036, .060, .060, .062, .062, .051, .041, .041, .060)),
    "consonant": np.array((.052, .060, .060, .067, .067, .069, .038, .038, .060)),
    "silence":   np.array((.063, .060, .060, .058, .058, .056, .061, .061, .060)),
}  # fmt: skip
_FADE_INTO_PAUSE_S = 0.12
"""Nothing is anticipated far into a pause: a network with 80 ms of look-ahead cannot know what is about to be said."""
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


def _split_diphthong(segment: Segment) -> tuple[Segment, ...]:
    if segment.phone not in _DIPHTHONGS:
        return (segment,)
    first, second, share = _DIPHTHONGS[segment.phone]
    middle_s = segment.start_s + (segment.end_s - segment.start_s) * share
    return Segment(first, segment.start_s, middle_s), Segment(second, middle_s, segment.end_s)


def _blend(parts: Sequence[Segment], *, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weight = np.full((len(times_s), len(CHANNELS)), _REST_WEIGHT)
    pull = weight * TARGETS["SIL"]
    onset_s = -np.inf
    for part in parts:
        kind = _kind(part.phone)
        first = np.searchsorted(times_s, part.start_s - _REACH_BEFORE_S)
        last = np.searchsorted(times_s, part.end_s + _REACH_AFTER_S)
        near_s = times_s[first:last, None]
        offset_s = near_s - (part.start_s + part.end_s) / 2
        plateau_s = max((part.end_s - part.start_s) / 2, 0.01) * _PLATEAU
        fade_s = np.where(offset_s < 0, _FADE_BEFORE_S[kind], _FADE_AFTER_S[kind])
        strength = _PULLS[part.phone] * np.exp(-np.maximum(np.abs(offset_s) - plateau_s, 0.0) / fade_s)
        strength *= np.exp(-np.maximum(onset_s - near_s, 0.0) / _FADE_INTO_PAUSE_S)
        if kind == "silence":
            onset_s = part.end_s
        weight[first:last] += strength
        pull[first:last] += strength * TARGETS[part.phone]
    return np.asarray(pull / weight)


def _kind(phone: str) -> str:
    return "silence" if phone == "SIL" else "vowel" if phone in VOWELS else "consonant"


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
    missing = [p for p in PHONES if (p not in TARGETS or p not in _PULLS) and p not in _DIPHTHONGS]
    if missing:
        raise KeyError(f"no mouth target for {missing}")
