"""Takes the network's closure probabilities, gives closure strengths that always go the whole way.

Lips either meet or they do not: a probability above `SURE` is strength 1, below `UNSURE` it is 0. A detection lasts at
least three frames and strength rises and falls at the speed of lips, so that a single sure frame still becomes a full
closure that a viewer gets to see. Every step is continuous in the probabilities: rounding cannot flip a decision.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

UNSURE, SURE = 0.40, 0.60
"""Chosen on voices held out of training, recall counting double (F2): a p without lips is the worse fault."""

_RISE, _FALL = 0.34, 0.25  # of the whole way per 10 ms frame: lips close within 30 ms and part within 40


def closure_strengths(probabilities: FloatArray, *, last: FloatArray) -> FloatArray:
    """Strengths `[..., t, 2]` of frames 1..t of `probabilities [..., t + 2, 2]` (one frame before, one after), 0..1.

    `last [..., 2]` is the strength of the frame before.
    """
    share = np.minimum(np.maximum((probabilities - UNSURE) * (1.0 / (SURE - UNSURE)), 0.0), 1.0)
    held = np.maximum(np.maximum(share[..., :-2, :], share[..., 1:-1, :]), share[..., 2:, :])
    strengths = np.empty_like(held)
    for i in range(held.shape[-2]):  # np.clip costs five times as much here
        last = np.minimum(np.maximum(held[..., i, :], last - _FALL), last + _RISE)
        strengths[..., i, :] = last
    return np.asarray(strengths, np.float32)
