"""Takes 16 kHz samples in chunks of any size, gives mel power frames at 100 Hz.

Frame t is centred on sample 160 t (25 ms Hann window, 512-point FFT, 64 triangular mel bands from 60 to 7800 Hz), so
its value is known 12.5 ms after its centre: half a window of look-ahead. Power is scaled so that a full-scale sine sums
to about 2 over the bands; `audio.level` turns it into what the speech network reads. Power, not log power, because
training mixes noise and room echo in this domain.

The state is a value: the samples that later frames still need. Any cut of the same samples gives the same frames to
float32 rounding. This module does not judge loudness and does not pad the end: `samples_to_flush` says how much silence
brings out the last frames.

Source: the mel scale of O'Shaughnessy 1987; window, hop and bands as is usual in speech recognition.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

RATE_HZ = 16_000
HOP = 160
WINDOW = 400
FFT = 512
BANDS = 64
FRAME_RATE_HZ = RATE_HZ / HOP
HALF_WINDOW_S = WINDOW / 2 / RATE_HZ

_LOW_HZ, _HIGH_HZ = 60.0, 7800.0
_BLOCK = 2048  # frames per FFT call: bounds memory on whole files (2048 x 512 float32 = 4 MB)


class FeatureState(NamedTuple):
    """Samples that the next frames still need: `tail [..., n] float32`."""

    tail: npt.NDArray[np.float32]


def start_features(*, streams: tuple[int, ...] = ()) -> FeatureState:
    """State before the first sample of `streams` parallel streams: half a window of silence, so that frame 0 is centred
    on sample 0."""
    return FeatureState(tail=np.zeros((*streams, WINDOW // 2), np.float32))


def mel_power(samples: npt.NDArray[np.float32], *, state: FeatureState) -> tuple[npt.NDArray[np.float32], FeatureState]:
    """Power in 64 mel bands of every frame that `samples [..., n] float32, -1..1, 16 kHz` completes.

    Returns `power [..., t, 64] float32 >= 0` and the state to go on with. n may be 0.
    """
    buffer = np.concatenate([state.tail, np.asarray(samples, np.float32)], axis=-1)
    count = max(0, (buffer.shape[-1] - WINDOW) // HOP + 1)
    if count == 0:
        return np.zeros((*buffer.shape[:-1], 0, BANDS), np.float32), FeatureState(tail=buffer)
    shape, (*outer, inner) = (*buffer.shape[:-1], count, WINDOW), buffer.strides
    windows = np.ndarray(shape, np.float32, buffer, strides=(*outer, HOP * inner, inner))  # a view, not a copy
    blocks = [_mel_of_windows(windows[..., i : i + _BLOCK, :]) for i in range(0, count, _BLOCK)]
    return np.concatenate(blocks, axis=-2), FeatureState(tail=buffer[..., count * HOP :].copy())


def frame_count(samples: int) -> int:
    """Frames that belong to `samples` samples: one per started hop."""
    return -(-samples // HOP)


def samples_to_flush(samples: int, *, frames: int) -> int:
    """Silence to append after `samples` samples so that `mel_power` has given `frames` frames in all."""
    return max(0, (frames - 1) * HOP + WINDOW // 2 - samples)


def _mel_of_windows(windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    spectrum = rfft(windows * _window(), n=FFT, axis=-1)  # nine times as fast as numpy's on 64 streams
    power = spectrum.real**2 + spectrum.imag**2
    mel = power.reshape(-1, power.shape[-1]) @ _mel_bank()
    return np.asarray(mel.reshape(*power.shape[:-1], BANDS), np.float32)


@functools.cache
def _window() -> npt.NDArray[np.float32]:
    hann = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(WINDOW) / WINDOW)
    return np.asarray(hann * (2.0 / hann.sum()), np.float32)


@functools.cache
def _mel_bank() -> npt.NDArray[np.float32]:
    """`bank [257, 64] float32`: overlapping triangles of height 1, equally spaced in mel."""
    low_mel, high_mel = (2595.0 * math.log10(1.0 + hz / 700.0) for hz in (_LOW_HZ, _HIGH_HZ))
    edges_hz = 700.0 * (10.0 ** (np.linspace(low_mel, high_mel, BANDS + 2) / 2595.0) - 1.0)
    bins_hz = np.fft.rfftfreq(FFT, 1.0 / RATE_HZ)[:, None]
    rising = (bins_hz - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    falling = (edges_hz[2:] - bins_hz) / (edges_hz[2:] - edges_hz[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)
