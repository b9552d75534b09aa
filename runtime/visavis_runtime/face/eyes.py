"""Takes the picture and the landmarks of one eye, gives its layers: sclera, iris, lid skin, lash colour.

Every part is normalised to the photo: `iris` over `sclera` is the photo again wherever the eye is open in it, so that a
renderer may always draw the eye and nothing changes when the gaze leaves zero. What the photo hides (the sclera behind
the iris, the iris behind the lids, the skin behind the lashes) is filled from its visible neighbours. It does not move
anything: that is `render/eyes.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Side = Literal["left", "right"]


@dataclass(frozen=True)
class EyeLayer:
    """The layers of one eye, in square patches of the picture whose first pixel is `origin`.

    Attributes:
        origin: [2] int32, x and y of the patch's first pixel in the picture (may be negative).
        sclera: [S, S, 3] uint8, the eyeball without its iris.
        iris: [S, S, 4] uint8, premultiplied RGB and alpha; over `sclera` it gives the photo.
        lid: [S, S, 4] uint8, the lid's skin without lashes and eyeball, and how much of it replaces the photo when the
            eye is shut (alpha).
        lash: [3] float32, colour of the lash line, 0..255.
        centre: [2] float32, centre of the iris, picture px.
        radius_px: radius of the iris.
        width_px: distance of the corners of the eye.
    """

    origin: npt.NDArray[np.int32]
    sclera: npt.NDArray[np.uint8]
    iris: npt.NDArray[np.uint8]
    lid: npt.NDArray[np.uint8]
    lash: npt.NDArray[np.float32]
    centre: npt.NDArray[np.float32]
    radius_px: float
    width_px: float

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Everything as plain arrays under stable names, for the bundle."""
        return {
            "origin": self.origin,
            "sclera": self.sclera,
            "iris": self.iris,
            "lid": self.lid,
            "lash": self.lash,
            "centre": self.centre,
            "size": np.array([self.radius_px, self.width_px], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> EyeLayer:
        """The inverse of `arrays`."""
        radius_px, width_px = (float(x) for x in arrays["size"].astype(np.float32))
        return cls(
            origin=arrays["origin"].astype(np.int32),
            sclera=arrays["sclera"].astype(np.uint8),
            iris=arrays["iris"].astype(np.uint8),
            lid=arrays["lid"].astype(np.uint8),
            lash=arrays["lash"].astype(np.float32),
            centre=arrays["centre"].astype(np.float32),
            radius_px=radius_px,
            width_px=width_px,
        )


def build_eye(picture: npt.NDArray[np.uint8], *, points: npt.NDArray[np.float32], side: Side) -> EyeLayer:
    """The layers of the subject's `side` eye.

    Args:
        picture: [N, N, 3] uint8 RGB, the crop the avatar is made of.
        points: [478, 2 or more] float32 landmarks in px of that crop.
        side: the subject's side.
    """
    raise NotImplementedError
