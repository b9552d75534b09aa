"""Takes the power of a voice below and above 1 kHz, gives how much more or less than usual the mouth opens.

Who raises the voice opens the mouth more (Schulman 1989; Huber and Chandrasekaran 2006), who speaks softly moves the
lips less (Kinematics of loud, soft and whispered speech, Folia Phoniatrica 76, 2024). Loudness itself says little:
level is the distance to the microphone as much as the effort, and within a word it is which phone is spoken. So
nothing here looks at the level of a moment or of a recording. Compared are two memories of the same stream while it
speaks, the last 0.7 s against the last 25 s, in level and in tilt (power above 1 kHz against below, which rises by
about half a decibel with every decibel of vocal loudness: Nordenberg and Sundberg 2003). Their weighted sum is the
effort in dB. A stream starts at no effort and returns to it after a pause; a gain on the whole changes nothing.

How much to open: over 899 sentences of one man reading (GRID s1, 5360 words, each against the mean of the same word)
effort within +-3 dB explains nothing of the measured lip opening (r 0.01 for level, 0.03 for tilt). So small efforts do
nothing here, and beyond that dead zone the slope is a modest choice, not a fit: +10 dB opens about a quarter more. A
voice with next to no power below 1 kHz is a whisper; it opens slightly less by choice, although the paper of 2024 saw
whispering people open more. Without the tilt a shout would not differ from a step towards the microphone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from visavis_runtime.audio.features import BANDS, FRAME_RATE_HZ

FloatArray = npt.NDArray[np.float32]

LEAST, MOST = 0.65, 1.35
"""The gain never leaves this range."""

_SHORT_S, _CALM_S, _LONG_S = 0.7, 0.2, 25.0
_SPLIT, _TOP = 21, 54
"""First mel bands centred above 1 kHz and above 5 kHz: fricatives above say nothing about the voice."""
_OF_LOW, _OF_HIGH = 0.25, 0.5  # a voice 10 dB louder has 9 dB more below 1 kHz and 14 dB more above: effort 9 dB
_DEAD_DB = 3.0
_PER_DB = 0.035
_SURE_AFTER, _USUAL_AFTER = 0.15, 0.02  # filled shares of the memories: 0.3 s and 0.5 s of speech
_WHISPER_DB = (2.0, 8.0)  # tilt that no voiced speech reaches, and the tilt of whisper; voices have -20..-4
_WHISPERED = 0.12
_NOTHING = 1e-15


class EffortState(NamedTuple):
    """The two memories, float64: `short [..., 2, 3]` of power below, power above and share of speech, two stages each;
    `long [..., 1, 2]` of the effort and its weight."""

    short: npt.NDArray[np.float64]
    long: npt.NDArray[np.float64]


def start_effort(*, streams: tuple[int, ...] = ()) -> EffortState:
    """State before the first frame of `streams` parallel streams."""
    return EffortState(np.zeros((*streams, 2, 3)), np.zeros((*streams, 1, 2)))


def voice_bands(power: FloatArray) -> FloatArray:
    """Power `[..., t, 2] float32` below and above 1 kHz of mel power `[..., t, 64]`."""
    return np.asarray(power @ _SUMS, np.float32)


def follow_effort(bands: FloatArray, *, speaking: FloatArray, state: EffortState) -> tuple[FloatArray, EffortState]:
    """Gain `[..., t] float32, 0.65..1.35` for the opening of the mouth, slow and smooth, and the state to go on with.

    `bands [..., t, 2]` is from `voice_bands`; `speaking [..., t], 0..1` says how far each frame is speech.
    """
    if bands.shape[-2] == 0:
        return np.zeros(bands.shape[:-1], np.float32), state
    believed = speaking.astype(np.float64)[..., None]
    heard = np.concatenate([bands * believed, believed], axis=-1)
    short, last_short = lfilter(*_SHORT, heard, axis=-2, zi=state.short)
    filled = short[..., 2]
    decibels = np.log(short + _NOTHING) @ _DB_OF_LOGS
    sure = filled / (filled + _SURE_AFTER)
    weight = speaking * sure * sure  # the first frames of a stream are an onset, not the voice
    usual = np.empty((*weight.shape, 2))
    usual[..., 0], usual[..., 1] = decibels[..., 0] * weight, weight
    long, last_long = lfilter(*_LONG, usual, axis=-2, zi=state.long)
    known = long[..., 1]
    effort_db = (decibels[..., 0] - long[..., 0] / (known + _NOTHING)) * sure * known / (known + _USUAL_AFTER)
    gain = _gain_of_effort(effort_db)
    if decibels[..., 1].max() > _WHISPER_DB[0]:
        gain = gain * (1.0 - _WHISPERED * _whisper_share(decibels[..., 1]) * sure)
    return np.minimum(np.maximum(gain, LEAST), MOST).astype(np.float32), EffortState(last_short, last_long)


def _gain_of_effort(effort_db: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    square = effort_db * effort_db
    beyond_db = effort_db * square / (square + _DEAD_DB * _DEAD_DB)
    return 1.0 + (MOST - 1.0) * np.tanh(beyond_db * (_PER_DB / (MOST - 1.0)))


def _whisper_share(tilt_db: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    share = np.clip((tilt_db - _WHISPER_DB[0]) / (_WHISPER_DB[1] - _WHISPER_DB[0]), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def _memory(*times_s: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Coefficients (`lfilter`) of running sums that fade in the first time; the others round their corners."""
    keeps = [math.exp(-1.0 / (time_s * FRAME_RATE_HZ)) for time_s in times_s]
    return np.array([math.prod(1.0 - keep for keep in keeps)]), np.asarray(np.poly(keeps), np.float64)


def _band_sums() -> FloatArray:
    sums = np.zeros((BANDS, 2), np.float32)
    sums[:_SPLIT, 0] = sums[_SPLIT:_TOP, 1] = 1.0
    return sums


_SUMS = _band_sums()
_SHORT, _LONG = _memory(_SHORT_S, _CALM_S), _memory(_LONG_S)
_DB_OF_LOGS = (10.0 / math.log(10.0)) * np.array([[_OF_LOW, -1.0], [_OF_HIGH, 1.0], [-_OF_LOW - _OF_HIGH, 0.0]])
"""From natural logs of the short memory: the effort before the usual is taken off, and the tilt."""
