"""Takes a picture, gives the person matte: how much each pixel belongs to the person (head, hair, body).

Network: selfie_segmentation (256 x 256). It is soft and coarse by nature; `cutout` refines it along real edges. Flat
drawings before a plain wall tell more than the network knows.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.weights import load_network

SIDE_PX = 256
SEEN, UNSEEN = 0.9, 0.1
"""Matte of what the network surely knows for the person, and for wall."""
WALL_LEVELS, PLAIN_SHARE = 16, 0.9
"""Levels within which a drawn wall has one colour, and the share of the picture's edge that must have it."""


def person_matte(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Matte [H, W] float32, 0..1, of a picture [H, W, 3] uint8.

    Raises: WeightsError if the network cannot be had.
    """
    network = load_network("selfie_segmentation")
    small = cv2.resize(rgb, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    (matte,) = network(torch.from_numpy(small.astype(np.float32) / 255.0)[None])
    full = cv2.resize(matte[0, :, :, 0].numpy(), rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    clipped: npt.NDArray[np.float32] = np.clip(full, 0.0, 1.0).astype(np.float32)
    return clipped


def with_drawn_hair(matte: npt.NDArray[np.float32], *, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The matte of a flat drawing: before a wall of one colour, all that has another and hangs together is the person.

    The network has seen few drawings and takes long drawn hair for wall. Any other wall leaves the matte as it is.

    Args:
        matte: [H, W] float32 0..1, the network's.
        picture: [H, W, 3] uint8.
    """
    ring = np.zeros(matte.shape, bool)
    ring[0], ring[: 2 * len(ring) // 3, [0, -1]] = True, True
    ring &= matte < UNSEEN
    if ring.sum() < matte.shape[0] // 2:
        return matte
    tone = np.median(picture[ring], axis=0)
    like = np.abs(picture - tone).max(axis=2) < WALL_LEVELS
    if like[ring].mean() < PLAIN_SHARE:
        return matte
    _, walls = cv2.connectedComponents(like.astype(np.uint8), connectivity=4)
    wall = like & (np.isin(walls, np.unique(walls[ring & like])) | (matte < 0.5))
    _, parts = cv2.connectedComponents((~wall).astype(np.uint8))
    seen = np.unique(parts[(matte > SEEN) & ~wall])
    person = np.isin(parts, seen[seen > 0])
    return np.where(person, np.maximum(matte, person), np.where(wall, 0, matte)).astype(np.float32)
