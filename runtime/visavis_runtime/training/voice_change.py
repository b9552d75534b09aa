"""Takes log mel frames of one voice, gives the frames that another voice, tempo or way of speaking might have given.

All of it is done on 64-band log power, which costs next to nothing: a vocal tract of another length and other
proportions is a bent mel axis (vocal-tract length perturbation, Jaitly and Hinton 2013, with a bend of its own),
another microphone a smooth curve over it, clearer or duller resonances a scale on the shape of the spectrum. A whisper
loses its harmonics and the strength of its voiced sounds. Speaking is never even, so tempo wanders within a crop;
singers and hesitating speakers hold their vowels.

None of this changes pitch: the corpora themselves hold many pitches.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.features import BANDS, FRAME_RATE_HZ
from visavis_runtime.motion.phones import PHONE_INDEX, VOWELS

FloatArray = npt.NDArray[np.float32]

_VOWELS = [PHONE_INDEX[phone] for phone in sorted(VOWELS)]
_LOW_BANDS, _HIGH_BAND = 12, 36  # up to about 500 Hz; from about 2.3 kHz


def recolour(log_power: FloatArray, *, random: np.random.Generator) -> FloatArray:
    """Vocal tract (a bent mel axis), resonance, microphone colour and tilt of `log_power [T, 64]`."""
    bands = np.arange(BANDS)
    if random.random() < 0.8:
        bend = curve(random, knots=5, count=BANDS, spread=random.uniform(0, 1.3))
        at = bands * random.uniform(0.88, 1.14) + random.uniform(-1.5, 1.5) + bend
        at = np.clip(np.maximum.accumulate(at), 0, BANDS - 1.001)
        low = at.astype(int)
        share = (at - low).astype(np.float32)
        log_power = log_power[:, low] * (1 - share) + log_power[:, low + 1] * share
    if random.random() < 0.4:
        level = log_power.mean(axis=1, keepdims=True)
        log_power = level + (log_power - level) * np.float32(random.uniform(0.82, 1.2))
    colour = curve(random, knots=8, count=BANDS, spread=random.uniform(0, 1.4))
    tilt = random.uniform(-1.5, 1.5) * np.linspace(-1, 1, BANDS)
    return np.asarray(log_power + (colour + tilt).astype(np.float32), np.float32)


def whisper(log_power: FloatArray, *, random: np.random.Generator) -> FloatArray:
    """`log_power [T, 64]` without voice: smooth over bands, noisy, voiced sounds weaker and with less bass."""
    kernel = np.array([1, 2, 2, 2, 1], np.float32) / 8
    padded = np.pad(log_power, ((0, 0), (2, 2)), mode="edge")
    smooth = sum(weight * padded[:, i : i + BANDS] for i, weight in enumerate(kernel))
    bass = smooth[:, :_LOW_BANDS].mean(axis=1) - smooth[:, _HIGH_BAND:].mean(axis=1)
    voiced = 1.0 / (1.0 + np.exp(-bass))
    weaker = random.uniform(1.5, 3.5) + random.uniform(1.0, 3.0) * np.clip(1 - np.arange(BANDS) / _LOW_BANDS, 0, 1)
    noise = np.log(random.gamma(3.0, 1 / 3.0, log_power.shape) + 1e-3)
    return np.asarray(smooth - voiced[:, None] * weaker + noise, np.float32)


def uneven_tempo(random: np.random.Generator, *, frames: int) -> npt.NDArray[np.float64]:
    """Rising places `[frames]` in a longer or shorter piece of speech, from 0, at a tempo that wanders by a fifth."""
    rate = np.exp(curve(random, knots=6, count=frames, spread=0.18) + random.normal(0, 0.08))
    return np.asarray(np.cumsum(np.clip(rate, 0.6, 1.7)) - rate[0].clip(0.6, 1.7))


def held_vowels(random: np.random.Generator, *, phones: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Rising places in `phones [T]` at which half of the vowels last 2 to 6 times as long."""
    held = np.isin(phones, _VOWELS)
    runs = np.flatnonzero(np.diff(held, prepend=False))
    length = np.ones(len(phones))
    for first, last in zip(runs[::2], np.append(runs[1::2], len(phones)), strict=False):
        if random.random() < 0.5:
            length[first + (last - first) // 3 : last - (last - first) // 3] = random.uniform(2, 6)
    ends = np.cumsum(length)
    return np.asarray(np.interp(np.arange(int(ends[-1])), ends - length, np.arange(len(phones))))


def vibrato(log_power: FloatArray, *, random: np.random.Generator) -> FloatArray:
    """`log_power [T, 64]` with the mel axis swinging 4 to 7 times a second by up to a band."""
    depth, rate_hz = random.uniform(0.1, 1.0), random.uniform(4, 7)
    swing = depth * np.sin(2 * np.pi * rate_hz * np.arange(len(log_power)) / FRAME_RATE_HZ)
    at = np.clip(np.arange(BANDS) + swing[:, None], 0, BANDS - 1.001)
    low = at.astype(int)
    share = (at - low).astype(np.float32)
    rows = np.arange(len(log_power))[:, None]
    return np.asarray(log_power[rows, low] * (1 - share) + log_power[rows, low + 1] * share, np.float32)


def curve(random: np.random.Generator, *, knots: int, count: int, spread: float) -> npt.NDArray[np.float64]:
    """Random curve `[count]` through `knots` heights of standard deviation `spread`."""
    heights = random.normal(0, spread, knots)
    return np.asarray(np.interp(np.linspace(0, knots - 1, count), np.arange(knots), heights))
