"""Takes features, gives how alive the spectrum is: speech never stands still, a held chord does.

The measure is the mean change of a band's level against the mean of all bands from one 10 ms frame to the next, so
that tremolo and loudness do not count. It is followed slowly, and only while the network believes in speech: over a
dozen recordings speech stays above 0.11, over the sample lines above 0.076; held chords of sines, organs and saws stay
below 0.057. A singer's vowel held for more than a third of a second without vibrato is taken for a chord.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.features import BANDS

FloatArray = npt.NDArray[np.float32]

STILL, ALIVE = 0.055, 0.085
TYPICAL = 0.12
"""Where a stream starts: the first word is trusted."""
_MEAN = np.full(BANDS, 1.0 / BANDS, np.float32)
_FOLLOW = 0.03  # of the way per frame: a third of a second


def band_change(features: FloatArray, *, last: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Change of shape `[..., t] float32` of `features [..., t, 64]` against the frame before; `last [..., 64]` is the
    shape so far.

    Returns the changes and the last shape; an all-zero `last` marks a stream that has not begun.
    """
    if features.shape[-2] == 0:
        return np.zeros(features.shape[:-1], np.float32), last
    shapes = features - (features @ _MEAN)[..., None]
    before = np.concatenate([last[..., None, :], shapes[..., :-1, :]], axis=-2)
    change = np.abs(shapes - before) @ _MEAN
    change[..., 0] = np.where(last.any(axis=-1), change[..., 0], TYPICAL)
    return np.asarray(change, np.float32), shapes[..., -1, :]


def follow_liveliness(change: FloatArray, *, speaking: FloatArray, last: FloatArray | float) -> FloatArray:
    """Liveliness `[..., t]` of `change [..., t]`, followed where `speaking [..., t]` is believed; `last [...]` is the
    value so far."""
    out = np.empty(change.shape, np.float32)
    follow = _FOLLOW * speaking
    lively = np.asarray(last, np.float32)
    for i in range(change.shape[-1]):
        lively = lively + follow[..., i] * (change[..., i] - lively)
        out[..., i] = lively
    return out


def alive_share(liveliness: FloatArray) -> FloatArray:
    """0 for a spectrum that stands still, 1 for speech, smooth between."""
    share = np.minimum(np.maximum((liveliness - STILL) / (ALIVE - STILL), 0.0), 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)
