"""Takes the mouth of the voice, the gestures and the eased controls, gives motion latents at 100 Hz.

A feeling adds to what the voice does, but the voice has the right of way: a smile gives room to rounded lips, a jaw
drops in surprise only while the voice has parted the lips, lids that blink close over any lid of a feeling. Closures
are enforced last of all, after the frames have been sampled (`articulation.py`); `seal_lips` then sees to what a
feeling does to shut lips.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX
from visavis.vocabulary import REGIONS
from visavis_runtime.motion.controls import Dials
from visavis_runtime.motion.emotion import SHAPES, mood_of_weights
from visavis_runtime.motion.regions import MEMBERS

_ROUNDED_KEEPS = 0.7
_PARTED = 0.40
"""Opening of the lips by the voice (jawOpen - mouthClose) from which on a feeling may open them as far as it likes: at
less, short openings between two closures would pop."""
_LIP_AFTER_SNEER = 0.6
"""On our rigs `noseSneer` parts the lips as far as `mouthRollLower` brings them together (0.09 of an open jaw); a
closure keeps some of that in hand already."""
_ARKIT = slice(0, len(ARKIT_NAMES))
_MOUTH = np.array([name.startswith("mouth") for name in ARKIT_NAMES])
_BLINK = [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]
_WIDE = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
_SNEERS, _ROLL_LOWER = [INDEX["noseSneerLeft"], INDEX["noseSneerRight"]], INDEX["mouthRollLower"]
_JAW, _CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
_OPENERS = [
    i for i, name in enumerate(ARKIT_NAMES)
    if name in ("jawOpen", "mouthFunnel") or name.startswith(("mouthUpperUp", "mouthLowerDown"))
]  # fmt: skip
"""Shapes of feelings that part the lips."""
_FUNNEL, _PUCKER = INDEX["mouthFunnel"], INDEX["mouthPucker"]
# The head is at rest already where it is not driven: the eyes must know, and the distance stays.
_LEFT_OUT = MEMBERS * np.array([[float(region != "head")] for region in REGIONS], np.float32)

Rows = npt.NDArray[np.float32]


def compose(curves: Rows, gestures: Rows, *, dials: Dials) -> Rows:
    """`curves` [t, 52] of the mouth and `gestures` [t, 64] -> latents [t, 64] float32, shapes within 0..1.

    Regions that are not driven come out at rest.
    """
    latents = gestures.copy()
    shapes = latents[:, _ARKIT]
    if dials.emotion.any():
        gain = dials.lip_gain * mood_of_weights(dials.emotion).lips
        felt = dials.emotion.astype(np.float32) @ SHAPES
        spoken = curves * gain[:, None].astype(np.float32)
        rounded = np.minimum(np.maximum(spoken[:, _FUNNEL], spoken[:, _PUCKER]), 1.0)
        felt[:, _MOUTH] *= (1.0 - _ROUNDED_KEEPS * rounded)[:, None]
        parted = np.minimum(np.maximum(spoken[:, _JAW] - spoken[:, _CLOSE], 0.0) / _PARTED, 1.0)
        felt[:, _OPENERS] *= parted[:, None]
        lid = gestures[:, _BLINK]
        blink = felt[:, _BLINK] + (1.0 - felt[:, _BLINK]) * lid
        shapes += spoken + felt
        shapes[:, _BLINK] = blink
        shapes[:, _WIDE] *= 1.0 - lid
    else:
        shapes += curves * dials.lip_gain[:, None].astype(np.float32)
    np.minimum(shapes, 1.0, out=shapes)
    np.maximum(shapes, 0.0, out=shapes)
    if not (dials.regions == 1.0).all():
        latents *= 1.0 - (1.0 - dials.regions).astype(np.float32) @ _LEFT_OUT
    return latents


def seal_lips(latents: Rows, closures: Rows) -> Rows:
    """`latents` [k, 64] whose lips are shut by `closures` [k, 2]: shut under a sneer too.

    A raised nose pulls the upper lip up with it; the lower lip follows. Returns new latents.
    """
    latents = latents.copy()
    latents[:, _ROLL_LOWER] += _LIP_AFTER_SNEER * closures[:, 0] * latents[:, _SNEERS].max(axis=1)
    return latents
