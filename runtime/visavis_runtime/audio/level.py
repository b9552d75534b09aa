"""Takes mel power frames, gives features that do not depend on how loud the recording is.

A peak tracker follows the loudness of the stream: it rises at once with a syllable and falls by 8 dB a second, so it is
settled within the first 30 ms of the first word and keeps its value through pauses. Features are the log power relative
to the tracker. A line at -30 dB therefore gives the very features it gives at 0 dB, from its first syllable, with no
gain to wait for: scaling the input shifts tracker and power alike.

Two floors keep silence silent. The tracker never falls below `FLOOR_DB`, so digital silence and the hiss of a quiet
input are not blown up into speech; and power more than 60 dB under the tracker counts as nothing. Louder noise does
come out at full level: telling it from speech is the network's work, which is why its training hears so much of it.

Training and streaming call this one function. The peak follower is written with a running maximum, which is exact for
any cut of the stream. It does not use the future and applies no gain to the samples themselves.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from visavis_runtime.audio.features import FRAME_RATE_HZ

FLOOR_DB = -70.0
"""Lowest level the tracker takes, in dB of mel power summed over the bands (a full-scale sine has +3)."""

RELEASE_DB_PER_S = 8.0
RISE_S = 0.03

_NAT_PER_DB = math.log(10.0) / 10.0
_FLOOR = FLOOR_DB * _NAT_PER_DB
_RELEASE = RELEASE_DB_PER_S * _NAT_PER_DB / FRAME_RATE_HZ
_BLEND = 1.0 - math.exp(-1.0 / (RISE_S * FRAME_RATE_HZ))
_EPSILON = 1e-6  # -60 dB under the tracker
_CENTRE, _SCALE = -8.0, 0.25  # brings the features to about -1.5..2


class LevelState(NamedTuple):
    """Where the tracker stands, float64: `power [...]` smoothed frame power, `peak [...]` natural log of the level."""

    power: npt.NDArray[np.float64]
    peak: npt.NDArray[np.float64]


def start_level(*, streams: tuple[int, ...] = (), level_db: float | npt.NDArray[np.float64] = FLOOR_DB) -> LevelState:
    """State before the first frame of `streams` parallel streams; `level_db` is what the tracker believes at first."""
    peak = np.broadcast_to(np.asarray(level_db, np.float64) * _NAT_PER_DB, streams)
    return LevelState(power=np.zeros(streams), peak=np.maximum(peak, _FLOOR))


def normalise(power: npt.NDArray[np.float32], *, state: LevelState) -> tuple[npt.NDArray[np.float32], LevelState]:
    """Level-independent features of `power [..., t, 64] float32 >= 0`.

    Returns `features [..., t, 64] float32`, about -1.5 (nothing) to 2 (strongest band), and the state to go on with.
    """
    if power.shape[-2] == 0:
        return np.zeros_like(power, np.float32), state
    total = power.sum(axis=-1, dtype=np.float64)
    keep = 1.0 - _BLEND
    smooth, _ = lfilter([_BLEND], [1.0, -keep], total, axis=-1, zi=keep * state.power[..., None])
    ramp = _RELEASE * np.arange(1, total.shape[-1] + 1)
    wanted = np.maximum(np.log(np.maximum(smooth, 1e-30)), _FLOOR) + ramp
    wanted[..., 0] = np.maximum(wanted[..., 0], state.peak)
    peak = np.maximum(np.maximum.accumulate(wanted, axis=-1) - ramp, _FLOOR)
    relative = power * np.exp(-peak).astype(np.float32)[..., None]
    features = (np.log(relative + np.float32(_EPSILON)) - np.float32(_CENTRE)) * np.float32(_SCALE)
    return features.astype(np.float32), LevelState(power=smooth[..., -1].copy(), peak=peak[..., -1].copy())
