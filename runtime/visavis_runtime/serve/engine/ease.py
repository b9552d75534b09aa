"""Takes a pose that a face comes from, gives frames that leave it: hides the seam where a talk begins in mid-life.

A client that lost its server starts a new talk; the first frames are shifted by what lies between the pose that it
last saw and the new one, and the shift fades within 300 ms. What it does not do: it knows no lines and no clock.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visavis.latents import ARKIT_NAMES, SAMPLE_RATE_HZ
from visavis_runtime.serve.messages import Signal

EASE_S = 0.3


class EaseIn:
    """The seam of one talk. `last` is the last pose that came out."""

    def __init__(self, pose: Signal | None) -> None:
        self.last = pose
        self._pose, self._first = pose, -1
        self._shift: Signal | None = None

    def apply(self, latents: Signal, *, samples: Sequence[int]) -> Signal:
        """Frames [k, 64] at `samples` [k], shifted while the seam lasts; shapes stay within 0..1."""
        if self._pose is not None:
            if self._shift is None:
                self._shift, self._first = self._pose - latents[0], samples[0]
            t = np.clip((np.asarray(samples) - self._first) / (EASE_S * SAMPLE_RATE_HZ), 0.0, 1.0).astype(np.float32)
            latents = latents + self._shift * (1.0 - t * t * (3.0 - 2.0 * t))[:, None]
            shapes = latents[:, : len(ARKIT_NAMES)]
            np.clip(shapes, 0.0, 1.0, out=shapes)
            if t[-1] >= 1.0:
                self._pose = None
        self.last = latents[-1]
        return latents
