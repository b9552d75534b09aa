"""Takes the photo of an eye and its lid without lashes, gives the lashes as a strip of their own.

Lashes stand on the edge of the upper lid: when it falls they come down with it and point at the cheek. In the picture
they are dark strokes over the lid's skin, so what is darker than the skin just above the edge, and does not go on
further up (eye shadow, a deep crease), is taken as lashes. The strip lies in coordinates of the edge: along it, and
away from it. A face without lashes, or a flat drawing with a line for them, gives what it has. It draws nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

ALONG, AWAY = 64, 16
"""Samples of the strip along the edge of the lid and away from it."""
ENDS = 1.08
"""The strip reaches from -ENDS to ENDS along the eye, whose corners are at -1 and 1."""
LENGTH_WIDTHS = 0.15
"""How far the strip reaches from the edge, in widths of the eye."""
LEAST = 0.06
"""Share of light that skin itself may lack."""


def lash_strip(photo: Float, *, skin: Float, upper: Float, origin: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Coverage of the lashes, [AWAY, ALONG] uint8, the row at the edge of the lid first.

    Args:
        photo: [S, S, 3] float32, 0..255, the eye in the picture.
        skin: [S, S, 3] float32, the same patch with the lid's skin in place of lashes and eyeball.
        upper: [n, 2] px, edge of the upper lid from the picture's left corner to the right one.
        origin: x, y of the patch's first pixel.
    """
    axis = upper[-1] - upper[0]
    width = max(float(np.hypot(*axis)), 1.0)
    along_way, up = axis / width, np.array([axis[1], -axis[0]]) / width
    run = (upper - upper[0]) @ along_way
    rise = (upper - upper[0]) @ up
    place = np.linspace(-ENDS, ENDS, ALONG) * width / 2 + width / 2
    height = np.interp(place, np.maximum.accumulate(run), rise)
    away = np.linspace(0, LENGTH_WIDTHS * width, AWAY)[:, None]
    points = upper[0] + place[None, :, None] * along_way + (height + away)[..., None] * up - np.array(origin)
    where = points.astype(np.float32)
    # One map of two channels needs no second one; OpenCV's stubs do not know it.
    seen, bare = (
        cv2.remap(picture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        for picture in (photo, skin)
    )
    dark = 1 - seen.mean(axis=2) / np.maximum(bare.mean(axis=2), 1)
    far = np.median(dark[-AWAY // 4 :], axis=0)
    cover = np.clip(dark - np.clip(far, 0, 1) - LEAST, 0, 1)
    cover *= np.linspace(1, 0, AWAY)[:, None] ** 0.5
    return np.asarray(np.rint(np.clip(cover * 1.15, 0, 1) * 255), np.uint8)
