"""Takes the picture and the landmarks of one eye, gives its layers: sclera, iris, lid skin, lash colour.

Every part is normalised to the photo: `iris` over `sclera` is the photo again wherever the eye is open in it, so that a
renderer may always draw the eye and nothing changes when the gaze leaves zero. What the photo hides (the sclera behind
the iris, the iris behind the lids, the skin behind the lashes) is filled from its visible neighbours. It does not move
anything: that is `render/eyes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import EyePatch, drawn_iris, iris_of, iris_radii, is_dot, sclera_of
from visavis_runtime.face.layers.lashes import ALONG, AWAY, lash_strip
from visavis_runtime.face.layers.lid_line import drawn_line
from visavis_runtime.face.layers.lids import flat_lid, lash_colour, lid_of
from visavis_runtime.face.layers.opening import opening_between
from visavis_runtime.face.spec import ArraySpec, check_arrays

Float = npt.NDArray[np.float32]
Side = Literal["left", "right"]

EYE_ARRAYS: Mapping[str, ArraySpec] = {
    "origin": ArraySpec("int32", (2,), -4096, 4096),
    "sclera": ArraySpec("uint8", ("side", "side", 3), 0, 255),
    "iris": ArraySpec("uint8", ("side", "side", 4), 0, 255),
    "glint": ArraySpec("uint8", ("side", "side", 3), 0, 255),
    "lid": ArraySpec("uint8", ("side", "side", 4), 0, 255),
    "lash": ArraySpec("float32", (3,), 0, 255),
    "strip": ArraySpec("uint8", (AWAY, ALONG), 0, 255),
    "centre": ArraySpec("float32", (2,), -4096, 4096),
    "size": ArraySpec("float32", (2,), 1e-3, 4096),
}
"""What `EyeLayer.arrays` gives and `from_arrays` accepts."""


@dataclass(frozen=True)
class EyeLayer:
    """The layers of one eye, in square patches of the picture whose first pixel is `origin`.

    Attributes:
        origin: [2] int32, x and y of the patch's first pixel in the picture (may be negative).
        sclera: [S, S, 3] uint8, the eyeball without its iris.
        iris: [S, S, 4] uint8, premultiplied RGB and alpha; over `sclera`, and with `glint`, it gives the photo.
        glint: [S, S, 3] uint8, light mirrored by the cornea, added to iris and sclera: it stays when the eye turns.
        lid: [S, S, 4] uint8, the lid's skin without lashes and eyeball, and how much of it replaces the photo when the
            eye is shut (alpha).
        lash: [3] float32, colour of the lashes, 0..255.
        strip: [AWAY, ALONG] uint8, their coverage along the edge of the lid, see `lashes`.
        centre: [2] float32, centre of the iris, picture px.
        radius_px: radius of the iris.
        width_px: distance of the corners of the eye.
    """

    origin: npt.NDArray[np.int32]
    sclera: npt.NDArray[np.uint8]
    iris: npt.NDArray[np.uint8]
    glint: npt.NDArray[np.uint8]
    lid: npt.NDArray[np.uint8]
    lash: npt.NDArray[np.float32]
    strip: npt.NDArray[np.uint8]
    centre: npt.NDArray[np.float32]
    radius_px: float
    width_px: float

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Everything as plain arrays under stable names, for the bundle."""
        return {
            "origin": self.origin,
            "sclera": self.sclera,
            "iris": self.iris,
            "glint": self.glint,
            "lid": self.lid,
            "lash": self.lash,
            "strip": self.strip,
            "centre": self.centre,
            "size": np.array([self.radius_px, self.width_px], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> EyeLayer:
        """The inverse of `arrays`. Raises: ValueError if they do not fit `EYE_ARRAYS`."""
        check_arrays(arrays, specs=EYE_ARRAYS)
        radius_px, width_px = (float(x) for x in arrays["size"].astype(np.float32))
        return cls(
            origin=arrays["origin"].astype(np.int32),
            sclera=arrays["sclera"].astype(np.uint8),
            iris=arrays["iris"].astype(np.uint8),
            glint=arrays["glint"].astype(np.uint8),
            lid=arrays["lid"].astype(np.uint8),
            lash=arrays["lash"].astype(np.float32),
            strip=arrays["strip"].astype(np.uint8),
            centre=arrays["centre"].astype(np.float32),
            radius_px=radius_px,
            width_px=width_px,
        )


UPPER_LID: dict[Side, tuple[int, ...]] = {
    "right": (33, 246, 161, 160, 159, 158, 157, 173, 133),
    "left": (362, 398, 384, 385, 386, 387, 388, 466, 263),
}
LOWER_LID: dict[Side, tuple[int, ...]] = {
    "right": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "left": (362, 382, 381, 380, 374, 373, 390, 249, 263),
}
"""Landmarks of the edges of the lids, from the picture's left corner to the right one."""
IRIS: dict[Side, tuple[int, ...]] = {"right": (468, 469, 470, 471, 472), "left": (473, 474, 475, 476, 477)}
"""Landmarks of the iris: its centre and four points of its rim."""

LASHES_INTO = 0.06
"""How far down the eye lashes are dark, in widths of the eye."""
PATCH_WIDTHS = 0.85
"""Half the side of a patch in widths of the eye."""


def build_eye(
    picture: npt.NDArray[np.uint8], *, points: Float, side: Side, skin: npt.NDArray[np.floating] | None = None
) -> EyeLayer:
    """The layers of the subject's `side` eye.

    Args:
        picture: [N, N, 3] uint8 RGB, the crop the avatar is made of.
        points: [478, 2 or more] float32 landmarks in px of that crop.
        side: the subject's side.
        skin: [3], the one colour of the skin in a flat drawing (see `drawn`), None elsewhere.
    """
    flat = np.asarray(points, np.float32)[:, :2]
    upper, lower = flat[list(UPPER_LID[side])], flat[list(LOWER_LID[side])]
    width_px = float(np.linalg.norm(upper[-1] - upper[0]))
    half = int(np.ceil(width_px * PATCH_WIDTHS)) + 2
    middle = (upper[0] + upper[-1]) / 2
    origin = np.floor(middle).astype(np.int32) - half
    photo = _cut(picture, origin, 2 * half)
    window = (int(origin[0]), int(origin[1]))
    opening = opening_between(upper, lower, origin=window, shape=(2 * half, 2 * half))
    centre = flat[IRIS[side][0]]
    across, down = iris_radii(flat[list(IRIS[side])])
    radius_px = (across + down) / 2
    y, x = np.mgrid[: 2 * half, : 2 * half].astype(np.float32)
    radius = np.hypot((x + origin[0] - centre[0]) / across, (y + origin[1] - centre[1]) / down)
    patch = EyePatch(photo, opening, radius.astype(np.float32), width_px, radius_px)
    sclera = sclera_of(patch, even=skin is not None)
    if skin is None:
        iris, glint = iris_of(patch, sclera, line_px=LASHES_INTO * width_px)
    else:
        line = drawn_line(photo, upper - window, lower - window, skin=skin.astype(np.float32), width_px=width_px)
        iris, glint = drawn_iris(patch, sclera, line=line)
        if is_dot(patch):  # no white that it could look about in
            sclera, iris = photo, np.zeros_like(iris)
    lid = lid_of(patch, outer=1 if side == "left" else -1) if skin is None else flat_lid(patch, skin)
    return EyeLayer(
        origin=origin,
        sclera=_bytes(sclera),
        iris=_bytes(iris),
        glint=_bytes(glint),
        lid=_bytes(lid),
        lash=lash_colour(patch, skin=_skin_of(lid) if skin is None else None),
        strip=lash_strip(photo, skin=lid[..., :3], upper=upper, origin=window),
        centre=centre.copy(),
        radius_px=radius_px,
        width_px=width_px,
    )


def _cut(picture: npt.NDArray[np.uint8], origin: npt.NDArray[np.int32], side: int) -> Float:
    """A square of the picture as float32; beyond the border its edge pixels repeat."""
    shift = np.array([[1, 0, -origin[0]], [0, 1, -origin[1]]], np.float32)
    cut = cv2.warpAffine(picture, shift, (side, side), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.float32)


def _skin_of(lid: Float) -> Float:
    """[3]: the colour of lid skin [S, S, 4]."""
    return np.asarray(np.median(lid[lid[..., 3] > 127][:, :3], axis=0) if (lid[..., 3] > 127).any() else lid[0, 0, :3])


def _bytes(values: Float) -> npt.NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
