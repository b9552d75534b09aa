"""Takes the network's closure probabilities, gives closure strengths that always go the whole way.

Lips either meet or they do not: a probability above `SURE`, as the mean of two frames, is strength 1, below `UNSURE` it
is 0. Single doubtful frames are what many false closures are made of; two frames together take them out and lose next
to no true ones. A detection lasts at least two frames and strength moves at the speed of lips, so that every detection
becomes a full closure that a viewer gets to see. Every step is continuous: rounding cannot flip a decision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

UNSURE, SURE = 0.53, 0.68
"""Chosen on the human-like voice held out of training, where as many p, b, m are missed as closures are false."""

_RISE, _FALL = 0.50, 0.25  # of the whole way per 10 ms frame: lips close within 20 ms and part within 40


def closure_strengths(probabilities: FloatArray, *, last: FloatArray) -> FloatArray:
    """Strengths `[..., t, 2]` of frames 1..t of `probabilities [..., t + 2, 2]` (one frame before, one after), 0..1.

    `last [..., 2]` is the strength of the frame before.
    """
    pairs = np.float32(0.5) * (probabilities[..., :-1, :] + probabilities[..., 1:, :])
    share = np.minimum(np.maximum((pairs - UNSURE) * (1.0 / (SURE - UNSURE)), 0.0), 1.0)
    held = np.maximum(share[..., :-1, :], share[..., 1:, :])
    strengths = np.empty_like(held)
    for i in range(held.shape[-2]):  # np.clip costs five times as much here
        last = np.minimum(np.maximum(held[..., i, :], last - _FALL), last + _RISE)
        strengths[..., i, :] = last
    return np.asarray(strengths, np.float32)
