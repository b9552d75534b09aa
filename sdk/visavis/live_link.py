"""Takes motion latents, gives the 61 values that Unreal calls a Live Link face: names, order, units and signs.

Values 0-51 are the ARKit shapes in the order of the latents, 52-60 yaw, pitch, roll of the head, the left and the right
eye as degrees / 180. Their signs are those of a face that is not mirrored: yaw > 0 turns to the subject's left and roll
> 0 tips to its right shoulder, as in the latents; pitch > 0 looks DOWN. Packets and takes share these values, because
Unreal plays an imported take as a subject. What it does not do: the head's place, which Live Link faces lack.

Sources: Epic's AppleARKitFaceSupport; takes of the Live Link Face app, whose eyes give the signs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.latents import NAMES

COUNT = 61
LIVE_LINK_NAMES: tuple[str, ...] = tuple(name[0].upper() + name[1:] for name in NAMES[:COUNT])
_SHAPES = 52
_SCALE = np.tile(np.array([1.0, -1.0, 1.0]) / np.pi, 3)


def live_link_values(latents: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Values [..., 61] float32 of latents [..., 64]: shapes 0..1, angles as degrees / 180, so -1..1."""
    values = np.array(latents, np.float64)[..., :COUNT]
    values[..., :_SHAPES] = np.clip(values[..., :_SHAPES], 0.0, 1.0)
    # "+ 0.0" turns a negative zero into a plain one.
    values[..., _SHAPES:] = values[..., _SHAPES:] * _SCALE + 0.0
    return values.astype(np.float32)
