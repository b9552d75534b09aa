"""Takes the mouth of the voice, the gestures and the eased controls, gives motion latents at 100 Hz.

A feeling adds to what the voice does, but the voice has the right of way: a smile gives room to rounded lips, lids that
blink close over any lid of a feeling. Closures are not enforced here: that is the last step of all, after the frames
have been sampled (`talker.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.motion.controls import Dials
from visavis_runtime.motion.emotion import SHAPES

_ROUNDED_KEEPS = 0.7
_ARKIT = slice(0, len(ARKIT_NAMES))
_MOUTH = np.array([name.startswith("mouth") for name in ARKIT_NAMES])
_BLINK = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]

Rows = npt.NDArray[np.float32]


def compose(curves: Rows, gestures: Rows, *, dials: Dials) -> Rows:
    """`curves` [t, 52] of the mouth and `gestures` [t, 64] -> latents [t, 64] float32, shapes within 0..1."""
    spoken = curves * dials.lip_gain[:, None].astype(np.float32)
    rounded = np.clip(np.maximum(spoken[:, INDEX["mouthFunnel"]], spoken[:, INDEX["mouthPucker"]]), 0.0, 1.0)
    felt = dials.emotion.astype(np.float32) @ SHAPES
    felt[:, _MOUTH] *= (1.0 - _ROUNDED_KEEPS * rounded)[:, None]
    latents = gestures.copy()
    lid = gestures[:, _BLINK]
    latents[:, _ARKIT] += spoken + felt
    latents[:, _BLINK] = felt[:, _BLINK] + (1.0 - felt[:, _BLINK]) * lid
    latents[:, _WIDE] *= 1.0 - lid
    latents[:, _ARKIT] = np.clip(latents[:, _ARKIT], 0.0, 1.0)
    return latents
