"""The regions of a face that can be left to somebody else: names, and the latents that belong to each.

An engine that animates, say, the brows itself leaves them out of the talk, and gets them at rest. What it does not do:
no blending with the other animation; that is the engine's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import NAMES
from visavis.vocabulary import REGIONS

_STARTS: dict[str, tuple[str, ...]] = {
    "brows": ("brow",),
    "lids": ("eyeBlink", "eyeSquint", "eyeWide"),
    "eyes": ("eyeLook", "leftEye", "rightEye"),
    "cheeks": ("cheek", "nose"),
    "mouth": ("jaw", "mouth", "tongue"),
    "head": ("head",),
}


def _members() -> npt.NDArray[np.float32]:
    table = np.array(
        [[name.startswith(starts) for name in NAMES] for starts in map(_STARTS.__getitem__, REGIONS)], np.float32
    )
    table.flags.writeable = False
    return table


MEMBERS: npt.NDArray[np.float32] = _members()
"""[6, 64] float32, 1 where a latent belongs to the region of REGIONS; every latent has one region."""
