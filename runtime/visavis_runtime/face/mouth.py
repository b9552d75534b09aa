"""Takes the picture and the landmarks of the mouth, gives the mouth layer: tones of what is inside, and the photo's teeth.

Teeth, gums, tongue and cavity are drawn by `render/mouth.py` from one shared shape; what belongs to the portrait is only
their tone (from the light on the skin and the whites of the eyes) and, where the picture already shows the inside of the
mouth, those very pixels. It does not decide how far the mouth is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.eyes import EyeLayer


@dataclass(frozen=True)
class MouthLayer:
    """The inside of the mouth of one portrait.

    Attributes:
        tones: [5, 3] float32, 0..255: tooth, gum, tongue, cavity, line between nearly shut lips.
        photo: [h, w, 4] uint8, the picture's own mouth interior with a soft alpha; h = w = 0 if the mouth is shut.
        photo_origin: [2] int32, x and y of its first pixel in the picture.
        open_px: how far the inner lips are apart in the picture.
    """

    tones: npt.NDArray[np.float32]
    photo: npt.NDArray[np.uint8]
    photo_origin: npt.NDArray[np.int32]
    open_px: float

    @property
    def is_open(self) -> bool:
        """Whether the picture shows the inside of the mouth."""
        return self.photo.size > 0

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Everything as plain arrays under stable names, for the bundle."""
        return {
            "tones": self.tones,
            "photo": self.photo,
            "photo_origin": self.photo_origin,
            "open_px": np.array([self.open_px], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> MouthLayer:
        """The inverse of `arrays`."""
        return cls(
            tones=arrays["tones"].astype(np.float32),
            photo=arrays["photo"].astype(np.uint8),
            photo_origin=arrays["photo_origin"].astype(np.int32),
            open_px=float(arrays["open_px"].astype(np.float32)[0]),
        )


def build_mouth(
    picture: npt.NDArray[np.uint8], *, points: npt.NDArray[np.float32], eyes: Mapping[str, EyeLayer]
) -> MouthLayer:
    """The mouth layer of a portrait.

    Args:
        picture: [N, N, 3] uint8 RGB, the crop the avatar is made of.
        points: [478, 2 or more] float32 landmarks in px of that crop.
        eyes: the eye layers, `left` and `right`: the whites of the eyes tell the tone of the teeth.
    """
    raise NotImplementedError
