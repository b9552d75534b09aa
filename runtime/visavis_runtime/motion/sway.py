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
from visavis_runtime.motion.flat import Axis

CHANNELS: tuple[str, ...] = ("yaw", "pitch", "roll", "x", "y", "z", "brow", "smile")
_WAVES = 20
_LOW_HZ, _KNEE_HZ, _HIGH_HZ = 0.05, 0.45, 2.6
_SLOPE = -3.0
_TURN_RAD = np.float32(2.0 * np.pi)
_BLOCK = 1024  # frames at a time: bounds memory on whole files


@lru_cache(maxsize=4096)
def _waves(seed: int) -> npt.NDArray[np.float64]:
    """[3, channels, waves]: frequency (turns per frame), phase (turns) and amplitude; amplitudes make a std of 1."""
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _WAVES + 1)
    shape = (len(CHANNELS), _WAVES)
    where = np.array([between(seed, "swayfreq", i, low=0.0, high=1.0) for i in range(shape[0] * shape[1])])
    frequency_hz = edges[:-1] + (edges[1:] - edges[:-1]) * where.reshape(shape)
    phase = np.array([uniform(seed, "swayphas", i) for i in range(where.size)]).reshape(shape)
    power = np.maximum(1.0, frequency_hz / _KNEE_HZ) ** _SLOPE * (edges[1:] - edges[:-1])
    amplitude = np.sqrt(2.0 * power / power.sum(axis=1, keepdims=True))
    return np.stack([frequency_hz / FRAME_HZ, phase, amplitude])


def sway(frames: npt.NDArray[np.float64], *, seeds: Sequence[int], axis: Axis) -> npt.NDArray[np.float64]:
    """[m, len(CHANNELS)] float64 at `frames` [m] of 10 ms, mean 0 and standard deviation 1 per channel over minutes.

    The frames of talk i of `axis` belong to `seeds[i]`.
    """
    known = np.concatenate([_waves(seed) for seed in seeds]).reshape(len(seeds), 3, len(CHANNELS), 1, _WAVES)
    step, phase, amplitude = known.swapaxes(0, 1)
    # Talks that step together have about as many frames: padded to the most, no table of waves is copied for a frame.
    padded = np.zeros((len(seeds), axis.counts.max()))
    padded[axis.of, axis.place] = frames
    out = np.empty((*padded.shape, len(CHANNELS)))
    block = max(1, _BLOCK // len(seeds))
    for at in range(0, padded.shape[1], block):
        turns = padded[:, None, at : at + block, None] * step
        turns += phase
        turns -= np.rint(turns)
        waves = np.sin(turns.astype(np.float32) * _TURN_RAD)  # whole turns are off: float32 will do, at half the cost
        np.einsum("sctw,scuw->stc", waves, amplitude, out=out[:, at : at + block])
    return out[axis.of, axis.place]
