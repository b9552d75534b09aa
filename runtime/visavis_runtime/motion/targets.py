"""Takes timed phones, gives the mouth they ask for: nine articulation channels and two closures at 100 Hz.

Coarticulation after Cohen and Massaro 1993: every phone pulls each channel towards its target with a strength that
falls off exponentially around it, faster or slower by kind of phone and by channel. A vowel between two rounded
consonants is rounded, a jaw does not reach its target in fast speech. Then the closures, which no blending may weaken:
P, B and M shut the lips and F and V bring the lower lip to the upper teeth for the core of the phone.

The numbers of jaw and lips are fitted on measured lips (`training.lips_fit`: 899 sentences of one man, GRID corpus,
Cooke, Barker, Cunningham, Shao 2006, CC BY 4.0), with a table made by hand as the prior: ER, UH and the tongue still
come from it. What one man and one sentence frame cannot tell was set by judgement: IY less open than his, TH, EH and R
less strong, how nearly W, R and UW shut. On 100 sentences left out the aperture correlates 0.80 with the measured one
(0.70 without the one-second trend), the width 0.58 (0.61); the table made by hand reached 0.65 (0.46) and 0.41 (0.43),
a free linear filter over the phones reaches 0.85 (0.77) and 0.71 (0.68).
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
TABLE: dict[str, tuple[float, ...]] = {
    "SIL":           (.00, .60, .00, .00, .00, .00, .00, .00, .00),
    "P B M":         (.22, 1.0, .00, .28, .12, .00, .00, .02, .00),
    "F V":           (.00, .00, 1.0, .09, .00, .00, .32, .00, .00),
    "TH DH":         (.05, .00, .00, .04, .00, .00, .10, .15, 1.0),
    "T D":           (.10, .00, .00, .07, .00, .15, .16, .24, .50),
    "N":             (.00, .00, .00, .05, .00, .17, .08, .21, .50),
    "L":             (.33, .00, .00, .02, .05, .13, .17, .28, .80),
    "S Z":           (.02, .00, .00, .18, .11, .33, .47, .34, .20),
    "SH ZH CH JH":   (.05, .00, .00, .03, .60, .00, .27, .26, .10),
    "K G NG":        (.22, .00, .00, .05, .00, .06, .13, .20, .00),
    "HH":            (.17, .00, .00, .02, .00, .02, .06, .14, .00),
    "R":             (.00, .70, .00, .56, .06, .00, .00, .00, .10),
    "ER":            (.25, .00, .00, .30, .45, .00, .10, .20, .10),
    "AA":            (.72, .00, .00, .00, .00, .20, .23, .38, .00),
    "AH":            (.34, .00, .00, .05, .00, .12, .18, .22, .00),
    "AE":            (.62, .00, .00, .00, .00, .36, .21, .39, .00),
    "EH":            (.34, .00, .00, .00, .00, .60, .36, .43, .00),
    "IH":            (.30, .00, .00, .06, .00, .51, .23, .30, .00),
    "IY":            (.20, .00, .00, .00, .00, .81, .35, .36, .00),
    "Y":             (.30, .00, .00, .05, .05, .44, .17, .27, .00),
    "AO":            (.56, .00, .00, .21, .45, .00, .04, .18, .00),
    "UH":            (.30, .00, .00, .40, .35, .00, .05, .15, .00),
    "UW":            (.00, .60, .00, .55, .00, .00, .00, .10, .00),
    "W":             (.03, .95, .00, .80, .00, .00, .00, .00, .00),
}  # fmt: skip
#                     jaw  close labd  round wide  lips tong
STRENGTHS: dict[str, tuple[float, ...]] = {
    "SIL":           (.40, .35, .35, .54, .49, .50, .35),
    "P B M":         (.80, 6.0, 2.0, .19, .44, .79, .15),
    "F V":           (1.8, 2.0, 6.0, .15, .80, .15, .15),
    "TH DH":         (1.4, .30, .30, .30, .75, .30, 2.0),
    "T D":           (.29, .24, .25, .26, .19, .16, 1.0),
    "N":             (.38, .24, .25, .28, .18, .09, 1.0),
    "L":             (.53, .33, .30, .25, .13, .38, 2.0),
    "S Z":           (.86, .32, .30, .42, 1.2, .84, .30),
    "SH ZH CH JH":   (1.4, .80, .80, 1.2, .42, .66, .80),
    "K G NG":        (.25, .25, .25, .25, .24, .14, 1.0),
    "HH":            (.25, .25, .25, .24, .31, .25, 1.0),
    "R":             (2.2, 1.8, .50, .52, .93, 2.1, .50),
    "ER":            (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "AA":            (.64, 1.1, 1.0, 1.3, 1.9, 1.7, 1.0),
    "AH":            (.84, 1.0, 1.0, .92, .72, .78, 1.0),
    "AE":            (.67, 1.0, 1.0, .99, .93, .92, 1.0),
    "EH":            (2.0, 1.1, 1.0, .96, .42, .75, 1.0),
    "IH":            (1.1, .98, 1.0, 1.1, .76, .47, 1.0),
    "IY":            (1.6, 1.0, 1.0, 1.1, .66, .95, 1.0),
    "Y":             (.63, .50, .50, .48, .40, .53, .50),
    "AO":            (.62, .98, 1.0, .91, .77, .92, 1.0),
    "UH":            (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "UW":            (1.4, 1.6, 1.0, .99, .43, .94, 1.0),
    "W":             (2.0, 3.0, .80, 1.6, .82, 2.9, .80),
}  # fmt: skip
"""How strongly a phone pulls: `round` is pucker and funnel, `lips` the upper and the lower lip."""
_STRENGTH_COLUMN = [0, 1, 2, 3, 3, 4, 5, 5, 6]

TARGETS: dict[str, npt.NDArray[np.float64]] = {p: np.array(row) for names, row in TABLE.items() for p in names.split()}
_PULLS = {p: np.array(row)[_STRENGTH_COLUMN] for names, row in STRENGTHS.items() for p in names.split()}

_DIPHTHONGS = {
    "AW": ("AA", "UW", 0.60), "AY": ("AA", "IY", 0.60), "EY": ("EH", "IY", 0.50), "OW": ("AO", "UW", 0.45),
    "OY": ("AO", "IY", 0.55),
}  # fmt: skip
KINDS: tuple[str, ...] = ("vowel", "consonant", "silence")
PLATEAU = 0.97  # share of half the phone on which its strength stays full
#                        jaw   close  labd   pucker funnel wide   upper  lower  tongue
BEFORE_S = {
    "vowel":     np.array((.120, .067, .060, .047, .047, .031, .027, .027, .060)),
    "consonant": np.array((.090, .059, .060, .055, .055, .042, .058, .058, .060)),
    "silence":   np.array((.061, .060, .060, .072, .072, .067, .062, .062, .060)),
}  # fmt: skip
AFTER_S = {
    "vowel":     np.array((.032, .047, .060, .051, .051, .051, .035, .035, .060)),
    "consonant": np.array((.049, .054, .060, .067, .067, .085, .030, .030, .060)),
    "silence":   np.array((.065, .060, .060, .056, .056, .052, .062, .062, .060)),
}  # fmt: skip
FADE_INTO_PAUSE_S = 0.12
"""Nothing is anticipated far into a pause: a network with 80 ms of look-ahead cannot know what is about to be said."""
LABEL_LEAD_S = 0.02
"""For labels of a network with little look-ahead: it opens the jaw later than it is told to, because it cannot know the
vowel that comes. Measured against real lips on the first network that was trained on this table."""
_REACH_BEFORE_S, _REACH_AFTER_S = 0.40, 0.35
REST_WEIGHT = 1e-3  # where no phone reaches, the mouth is at rest
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


def targets_of_segments(
    segments: Sequence[Segment], *, frames: int, rate_hz: float = 100.0, lead_s: float = 0.0
) -> Targets:
    """Mouth that the timed phones of one utterance ask for, over `frames` frames; the mouth runs `lead_s` ahead."""
    times_s = np.arange(frames) / rate_hz + lead_s
    parts = [part for segment in segments for part in split_diphthong(segment)]
    closures = _closures(parts, times_s=times_s)
    channels = _apply_closures(_blend(parts, times_s=times_s), closures=closures)
    return Targets(_phone_numbers(segments, frames=frames, rate_hz=rate_hz), channels.astype(np.float32), closures)


def split_diphthong(segment: Segment) -> tuple[Segment, ...]:
    """The two parts of a diphthong, or the segment itself."""
    if segment.phone not in _DIPHTHONGS:
        return (segment,)
    first, second, share = _DIPHTHONGS[segment.phone]
    middle_s = segment.start_s + (segment.end_s - segment.start_s) * share
    return Segment(first, segment.start_s, middle_s), Segment(second, middle_s, segment.end_s)


def _blend(parts: Sequence[Segment], *, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weight = np.full((len(times_s), len(CHANNELS)), REST_WEIGHT)
    pull = weight * TARGETS["SIL"]
    onset_s = -np.inf
    for part in parts:
        kind = kind_of_phone(part.phone)
        first = np.searchsorted(times_s, part.start_s - _REACH_BEFORE_S)
        last = np.searchsorted(times_s, part.end_s + _REACH_AFTER_S)
        near_s = times_s[first:last, None]
        offset_s = near_s - (part.start_s + part.end_s) / 2
        plateau_s = max((part.end_s - part.start_s) / 2, 0.01) * PLATEAU
        fade_s = np.where(offset_s < 0, BEFORE_S[kind], AFTER_S[kind])
        strength = _PULLS[part.phone] * np.exp(-np.maximum(np.abs(offset_s) - plateau_s, 0.0) / fade_s)
        strength *= np.exp(-np.maximum(onset_s - near_s, 0.0) / FADE_INTO_PAUSE_S)
        if kind == "silence":
            onset_s = part.end_s
        weight[first:last] += strength
        pull[first:last] += strength * TARGETS[part.phone]
    return np.asarray(pull / weight)


def kind_of_phone(phone: str) -> str:
    """One of `KINDS`."""
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
