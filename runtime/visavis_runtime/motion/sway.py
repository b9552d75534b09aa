"""Takes a seed and frame numbers, gives the slow wandering that a living body never stops: a pure function of time.

Each channel is a sum of sinusoids whose power falls as f^-3 above a knee, the slope measured on people who talk freely
(-2.5 to -3.5, 90 % of the power below 2 Hz). A closed form needs no state, cannot drift, and is the same at any
chunking. The knee (0.45 Hz) puts 90 % of the power of a talking head, postures and nods included, below 0.8 Hz
(measured: 0.6-1.8 Hz). What it does not do: it hears nothing; posture, nods and gaze are events (`gesture_head.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.chance import between, uniform
from visavis_runtime.motion.cue import FRAME_HZ
from visavis_runtime.motion.flat import Index

CHANNELS: tuple[str, ...] = ("yaw", "pitch", "roll", "x", "y", "z", "brow", "smile")
_WAVES = 20
_LOW_HZ, _KNEE_HZ, _HIGH_HZ = 0.05, 0.45, 2.6
_SLOPE = -3.0
_BLOCK = 1024  # frames at a time: bounds memory on whole files


@lru_cache(maxsize=4096)
def _waves(seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Angular frequency (rad per frame), phase and amplitude, each [channels, waves]; amplitudes make a std of 1."""
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _WAVES + 1)
    shape = (len(CHANNELS), _WAVES)
    where = np.array([between(seed, "swayfreq", i, low=0.0, high=1.0) for i in range(shape[0] * shape[1])])
    frequency_hz = edges[:-1] + (edges[1:] - edges[:-1]) * where.reshape(shape)
    phase = 2.0 * np.pi * np.array([uniform(seed, "swayphas", i) for i in range(where.size)]).reshape(shape)
    power = np.maximum(1.0, frequency_hz / _KNEE_HZ) ** _SLOPE * (edges[1:] - edges[:-1])
    amplitude = np.sqrt(2.0 * power / power.sum(axis=1, keepdims=True))
    return 2.0 * np.pi * frequency_hz / FRAME_HZ, phase, amplitude


def sway(frames: npt.NDArray[np.float64], *, seeds: Sequence[int], of: Index) -> npt.NDArray[np.float64]:
    """[m, len(CHANNELS)] float64 at `frames` [m] of 10 ms, mean 0 and standard deviation 1 per channel over minutes.

    Frame i belongs to seed `of[i]`.
    """
    step, phase, amplitude = (np.array(column) for column in zip(*map(_waves, seeds), strict=True))
    out = np.empty((len(frames), len(CHANNELS)))
    for at in range(0, len(frames), _BLOCK):
        block, who = slice(at, at + _BLOCK), of[at : at + _BLOCK]
        angles = frames[block, None, None] * step[who]
        angles += phase[who]
        out[block] = np.einsum("tcw,tcw->tc", np.sin(angles, out=angles), amplitude[who])
    return out
