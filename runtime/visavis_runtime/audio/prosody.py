"""Takes 16 kHz samples, gives the melody of the voice at 100 Hz: energy, voicing, pitch and accents.

Heads nod and brows rise on accents: syllables that stand out by energy and by F0 (Munhall et al. 2004). Energy is
measured against the voice's own running level, so a quiet line gesticulates as a loud one. Pitch is the peak of the
normalised autocorrelation of 40 ms, in semitones above the voice's own slow mean. Frame t ends at sample 160 (t + 1):
nothing waits for the future; whoever wants to lead the voice delays the picture (see `motion/talker.py`).
What it does not do: it moves no lips (loudness is a bad guide to lips) and tells speech from music only roughly.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

from visavis.latents import SAMPLE_RATE_HZ

HOP = 160
FRAME_HZ = SAMPLE_RATE_HZ // HOP
WINDOW = 640
_TAIL = WINDOW - HOP

PITCH_MIN_HZ = 70.0
PITCH_MAX_HZ = 400.0
_HALF_RATE_HZ = SAMPLE_RATE_HZ // 2
"""Pitch is sought at half the rate: a third of the cost, and a voice's fundamental is far below its limit."""
_LAG_MIN = int(_HALF_RATE_HZ / PITCH_MAX_HZ)
_LAG_MAX = int(_HALF_RATE_HZ / PITCH_MIN_HZ) + 1
_FFT = 512
_OVERLAP = WINDOW / (WINDOW - 2.0 * np.arange(_LAG_MAX + 1))
_VOICED = 0.55
_VOICED_ENERGY = 0.3
_OCTAVE = 0.92
"""The shortest lag that reaches this share of the best one wins: it keeps the estimate from falling an octave."""

RANGE_DB = 30.0
FLOOR_DB = -65.0
LEVEL_FALL_DB_S = 4.0
_FALL_DB = LEVEL_FALL_DB_S / FRAME_HZ
"""The running level jumps up at once and forgets this fast: a shout makes the next sentence small for a few seconds."""

ACCENT_GAP_S = 0.28
_ACCENT_MIN = 0.22
_ACCENT_FORGET = 0.85

Signal = npt.NDArray[np.float32]


class Prosody(NamedTuple):
    """One row per 10 ms, all float32 [t]."""

    energy: Signal
    """0..1, relative to the voice's own running level (1 = at that level, 0 = 30 dB below)."""
    voiced: Signal
    """0 or 1."""
    pitch: Signal
    """Semitones above the voice's own slow mean while voiced, else 0; within -12..12."""
    accent: Signal
    """0, or on the frame where an accent has just peaked its strength 0..1."""


class ProsodyState(NamedTuple):
    """All that the next sample needs to know of the past."""

    tail: Signal
    level_db: float = FLOOR_DB
    fast: float = 0.0
    slow: float = 0.0
    mean_pitch: float = 0.0
    voiced_frames: int = 0
    peak: float = 0.0
    typical_peak: float = 0.35
    since_accent: int = 1000


def start_prosody() -> ProsodyState:
    """State before the first sample."""
    return ProsodyState(tail=np.zeros(_TAIL, np.float32))


def step_prosody(samples: Signal, state: ProsodyState) -> tuple[Prosody, ProsodyState]:
    """Feed n >= 0 samples (16 kHz mono float32); gives the frames that are complete, and the next state."""
    return step_prosodies([samples], [state])[0]


def step_prosodies(samples: Sequence[Signal], states: Sequence[ProsodyState]) -> list[tuple[Prosody, ProsodyState]]:
    """What `step_prosody` gives for each of many voices; all their windows are measured at once."""
    buffers = [np.concatenate([state.tail, one], dtype=np.float32) for one, state in zip(samples, states, strict=True)]
    counts = [max(0, (buffer.shape[0] - _TAIL) // HOP) for buffer in buffers]
    least_db = [state.level_db - _FALL_DB * count for count, state in zip(counts, states, strict=True)]
    columns = _measure(buffers, counts=counts, least_db=np.repeat(least_db, counts))
    measured = list(zip(*(column.tolist() for column in columns), strict=True))
    frames: list[float] = []
    following, begin = [], 0
    for buffer, count, state in zip(buffers, counts, states, strict=True):
        end = begin + count
        following.append(_follow(measured[begin:end], tail=buffer[count * HOP :], state=state, frames=frames))
        begin = end
    table = np.array(frames, dtype=np.float32).reshape(-1, len(Prosody._fields)).T
    rows = [Prosody(*table[:, end - count : end]) for end, count in zip(accumulate(counts), counts, strict=True)]
    return list(zip(rows, following, strict=True))


def finish_prosody(state: ProsodyState) -> tuple[Prosody, ProsodyState]:
    """The last, partly filled frame, if there is one: in all ceil(samples / 160) frames come out."""
    missing = -(state.tail.shape[0] - _TAIL) % HOP
    return step_prosody(np.zeros(missing, np.float32), state)


def _measure(
    buffers: Sequence[Signal], *, counts: Sequence[int], least_db: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], ...]:
    """Of all windows that the buffers complete: level in dB of the last 20 ms, clarity of the pitch 0..1, pitch in
    semitones above 100 Hz.

    `least_db` [t] is what the running level cannot be below. Where a window is too quiet against it to be voiced, there
    is nothing to measure: clarity 0. So pauses cost next to nothing.
    """
    spans = [count + _TAIL // HOP if count else 0 for count in counts]
    sound = np.concatenate([one[: span * HOP] for one, span in zip(buffers, spans, strict=True)], dtype=np.float64)
    firsts = np.concatenate([np.arange(end - span, end - span + count) for end, span, count in
                             zip(accumulate(spans), spans, counts, strict=True)])  # fmt: skip
    hops = sound.reshape(-1, HOP)
    power = np.einsum("ij,ij->i", hops, hops)
    level_db = 10.0 * np.log10((power[firsts + 2] + power[firsts + 3]) / (2 * HOP) + 1e-12)
    clarity, semitones = np.zeros(len(firsts)), np.zeros(len(firsts))
    heard = level_db > np.maximum(FLOOR_DB, least_db - (1.0 - _VOICED_ENERGY) * RANGE_DB)
    if heard.any():
        half = (sound[::2] + sound[1::2]).astype(np.float32)  # the transforms cost half as much, and the ear less
        step, item = HOP // 2, half.itemsize  # a view; numpy's own way to make it takes as long as a transform
        shape = (1 + (len(half) - WINDOW // 2) // step, WINDOW // 2)
        windows: Signal = np.ndarray(shape, half.dtype, half, strides=(step * item, item))
        clarity[heard], pitch_hz = _pitch(windows[firsts[heard]])
        semitones[heard] = 12.0 * np.log2(pitch_hz / 100.0)
    return level_db, clarity, semitones


def _pitch(half: Signal) -> tuple[Signal, npt.NDArray[np.float64]]:
    """Clarity [t] and pitch in Hz [t] of windows at half the rate [t, 320], which are written over."""
    half -= half.mean(axis=1, keepdims=True)
    spectrum = rfft(half, _FFT, axis=1)
    product = irfft(spectrum.real**2 + spectrum.imag**2, _FFT, axis=1)[:, : _LAG_MAX + 1]
    correlation = product * (_OVERLAP / (product[:, :1] + 1e-9))
    before, inside, after = (
        correlation[:, _LAG_MIN - 1 : -2],
        correlation[:, _LAG_MIN:-1],
        correlation[:, _LAG_MIN + 1 :],
    )
    best = inside.max(axis=1)
    good = (inside >= before) & (inside >= after) & (inside >= _OCTAVE * best[:, None])
    at = np.where(good.any(axis=1), good.argmax(axis=1), inside.argmax(axis=1))
    rows = np.arange(len(at))
    left, top, right = before[rows, at], inside[rows, at], after[rows, at]
    # The peak of the parabola through three lags: at 400 Hz a whole lag would be almost a semitone.
    bend = np.maximum(2.0 * top - left - right, 1e-9)
    lag = _LAG_MIN + at + np.clip(0.5 * (right - left) / bend, -0.5, 0.5)
    return best, _HALF_RATE_HZ / lag


def _follow(
    measured: list[tuple[float, float, float]], *, tail: Signal, state: ProsodyState, frames: list[float]
) -> ProsodyState:
    """The frames of one voice through the level control, the pitch mean and the accent picker.

    `measured` is what `_measure` gives of each; energy, voicing, pitch and accent of each are appended to `frames`.
    """
    _, running_db, fast, slow, mean_pitch, voiced_frames, peak, typical, since = state
    for level_db, clarity, semitones in measured:
        running_db = max(level_db, running_db - _FALL_DB, FLOOR_DB)
        energy = max(0.0, 1.0 + (level_db - running_db) / RANGE_DB) if level_db > FLOOR_DB else 0.0
        fast += 0.22 * (energy - fast)
        slow += 0.035 * (energy - slow)
        prominence = fast - slow if fast > slow else 0.0
        voiced, pitch = clarity > _VOICED and energy > _VOICED_ENERGY, 0.0
        if voiced:
            voiced_frames += 1
            mean_pitch += (semitones - mean_pitch) * max(1.0 / voiced_frames, 0.005)
            pitch = min(12.0, max(-12.0, semitones - mean_pitch))
            if pitch > 0.0:
                prominence += 0.5 * min(6.0, pitch) / 6.0 * fast
        accent, since = 0.0, since + 1
        if prominence >= peak:
            peak = prominence
        else:
            accent, peak, typical, since = _pick_accent(prominence, peak, typical, since)
        frames += (energy, float(voiced), pitch, accent)
    return ProsodyState(tail, running_db, fast, slow, mean_pitch, voiced_frames, peak, typical, since)


def _pick_accent(prominence: float, peak: float, typical: float, since: int) -> tuple[float, float, float, int]:
    """Of a prominence below the peak: accent strength (0 = none), running peak, typical peak, frames since the last.

    An accent is told when the prominence has just turned down from a peak that is no smaller than most before it.
    """
    if peak > max(_ACCENT_MIN, 0.8 * typical) and prominence < 0.93 * peak and since > ACCENT_GAP_S * FRAME_HZ:
        return min(1.0, peak), prominence, _ACCENT_FORGET * typical + (1.0 - _ACCENT_FORGET) * peak, 0
    # The peak fades, so that a loud start does not hide what follows; the bar sinks too while nothing passes it.
    return 0.0, max(prominence, 0.96 * peak), typical * 0.9993, since
