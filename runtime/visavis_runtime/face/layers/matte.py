"""Takes a picture, gives the person matte: how much each pixel belongs to the person (head, hair, body).

Network: selfie_segmentation (256 x 256). It is soft and coarse by nature; `matting` refines it along real edges, and
drawings in flat colours tell more than it knows: see `drawn_matte`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.weights import load_network

SIDE_PX = 256


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
