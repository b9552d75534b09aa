"""Takes the layers at the picture's resolution and the finer crop, gives the person's texture at the finer resolution.

Inside the person the texture is the source's own pixels, in the soft rim the estimated colours plus what the finer crop
has beyond their mix. Sampled at picture resolution it looks like the picture again; the renderer makes that exact.
It finds no matte: see `cutout`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.cutout import Cutout

U8 = npt.NDArray[np.uint8]

LEAST_SHARE = 0.25
"""Squared matte below which the finer detail of a mixed pixel is given to the person only in part."""


def fine_texture(fine: U8, *, layers: Cutout) -> U8:
    """The texture at the resolution of `fine`.

    Args:
        fine: [M', M', 3] uint8, the bordered crop with the source's own pixels.
        layers: texture [M, M, 4] and plate [M, M, 3] of the same square; M <= M'.

    Returns:
        [M', M', 4] uint8, straight colour and matte.
    """
    if fine.shape[0] == layers.texture.shape[0]:
        return layers.texture
    side = fine.shape[:2]
    texture = np.asarray(cv2.resize(layers.texture, side, interpolation=cv2.INTER_CUBIC), np.uint8)
    plate = np.asarray(cv2.resize(layers.plate, side, interpolation=cv2.INTER_CUBIC), np.uint8)
    solid = texture[..., 3] == 255
    texture[solid, :3] = fine[solid]
    soft = (texture[..., 3] > 0) & ~solid
    mixed = texture[soft].astype(np.float32)
    share, person = mixed[:, 3:] / 255, mixed[:, :3]
    rest = fine[soft] - share * person - (1 - share) * plate[soft]
    texture[soft, :3] = np.rint(np.clip(person + rest * share / np.maximum(share**2, LEAST_SHARE), 0, 255))
    return texture
