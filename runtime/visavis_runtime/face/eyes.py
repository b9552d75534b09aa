"""Takes the picture and the landmarks of one eye, gives its layers: sclera, iris, lid skin, lash colour.

Every part is normalised to the photo: `iris` over `sclera` is the photo again wherever the eye is open in it, so that a
renderer may always draw the eye and nothing changes when the gaze leaves zero. What the photo hides (the sclera behind
the iris, the iris behind the lids, the skin behind the lashes) is filled from its visible neighbours. It does not move
anything: that is `render/eyes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.fill import push_pull
from visavis_runtime.face.lashes import ALONG, AWAY, lash_strip
from visavis_runtime.face.opening import Opening, opening_between
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

PATCH_WIDTHS = 0.85
"""Half the side of a patch in widths of the eye."""
IRIS_SOFT = (0.94, 1.24)
"""Where the iris fades into the sclera, in radii: the rim is wide because painters and lenses blur it."""
OVAL_IRIS = 1.25
"""Drawn irises may be ovals; the small differences that landmarks of people have are noise."""
RINGS = 12
GLINT_SHARE = 0.2
"""A mirrored light covers no more of the iris than this."""


class _Patch(NamedTuple):
    """One eye cut out of the picture, with what is where."""

    photo: Float  # [S, S, 3], 0..255
    opening: Opening
    radius: Float  # [S, S], distance from the iris centre in iris radii
    width_px: float
    radius_px: float


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
    across, down = _iris_radii(flat[list(IRIS[side])])
    radius_px = (across + down) / 2
    y, x = np.mgrid[: 2 * half, : 2 * half].astype(np.float32)
    radius = np.hypot((x + origin[0] - centre[0]) / across, (y + origin[1] - centre[1]) / down)
    patch = _Patch(photo, opening, radius.astype(np.float32), width_px, radius_px)
    sclera = _sclera(patch, even=skin is not None)
    iris, glint = _iris(patch, sclera)
    lid = _lid(patch) if skin is None else _flat_lid(patch, skin)
    return EyeLayer(
        origin=origin,
        sclera=_bytes(sclera),
        iris=_bytes(iris),
        glint=_bytes(glint),
        lid=_bytes(lid),
        lash=_lash(patch),
        strip=lash_strip(photo, skin=lid[..., :3], upper=upper, origin=window),
        centre=centre.copy(),
        radius_px=radius_px,
        width_px=width_px,
    )


def _iris_radii(points: Float) -> tuple[float, float]:
    """Half width and half height of an iris of which middle and rim [5, 2] are known: a circle, unless clearly none."""
    away = np.maximum(np.linalg.norm(points[1:] - points[0], axis=1), 1.0)
    across, down = float(away[[0, 2]].mean()), float(away[[1, 3]].mean())
    if max(across, down) < OVAL_IRIS * min(across, down):
        return float(away.mean()), float(away.mean())
    return across, down


def _cut(picture: npt.NDArray[np.uint8], origin: npt.NDArray[np.int32], side: int) -> Float:
    """A square of the picture as float32; beyond the border its edge pixels repeat."""
    shift = np.array([[1, 0, -origin[0]], [0, 1, -origin[1]]], np.float32)
    cut = cv2.warpAffine(picture, shift, (side, side), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.float32)


def _bytes(values: Float) -> npt.NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _ramp(values: Float, start: float, end: float) -> Float:
    """Smooth step from 0 at `start` to 1 at `end` (falling if end < start)."""
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _inside(patch: _Patch, margin_px: float) -> Float:
    """1 where the eyeball is seen clear of lids and lashes, 0 within `margin_px` of a lid's edge."""
    clear = np.minimum(patch.opening.below_upper, patch.opening.above_lower)
    within = np.abs(patch.opening.along) < 0.94
    return np.asarray(np.clip(clear - margin_px + 0.5, 0, 1) * within, np.float32)


def _sclera(patch: _Patch, *, even: bool) -> Float:
    """[S, S, 3]: the white of the eye, filled in behind the iris and the lids; `even`: with one colour."""
    paper = (patch.opening.coverage > 0.5) & (patch.photo.min(axis=2) > 195) & (np.ptp(patch.photo, axis=2) < 45)
    if even and paper.sum() > 9:
        white = np.median(patch.photo[paper], axis=0)
        return np.asarray(np.where(paper[..., None], patch.photo, white), np.float32)
    clear = _inside(patch, 0.02 * patch.width_px + 0.5)
    light = patch.photo.mean(axis=2)
    white = clear * (patch.radius > IRIS_SOFT[1])
    if white.sum() > 6:
        white = white * (light > 0.72 * np.percentile(light[white > 0.5], 60)) if (white > 0.5).any() else white
    if white.sum() < 4:
        tone = np.array([215, 206, 200], np.float32)
        brightest = (
            np.percentile(light[patch.opening.coverage > 0.5], 90) if (patch.opening.coverage > 0.5).any() else 150
        )
        return np.broadcast_to(tone * np.clip(brightest / 205, 0.4, 1), patch.photo.shape).astype(np.float32)
    filled = push_pull(patch.photo, weight=white)
    # Lids shade what is seen of the sclera; the part behind the iris is its brighter half.
    seen = patch.photo[white > 0.5 * white.max()]
    bright = np.median(seen[seen.mean(axis=1) >= np.percentile(seen.mean(axis=1), 55)], axis=0)
    keep = white[..., None]
    share = 0.0 if even else 0.7
    return np.asarray(patch.photo * keep + (share * filled + (1 - share) * bright) * (1 - keep), np.float32)


def _iris(patch: _Patch, sclera: Float) -> tuple[Float, Float]:
    """The whole iris [S, S, 4], premultiplied, and the light mirrored on it [S, S, 3].

    What the lids hide follows the visible rings.
    """
    clear = _inside(patch, 0.02 * patch.width_px + 0.5)
    rings = np.full((RINGS, 3), np.nan)
    ring_of = patch.radius * (RINGS - 1) / IRIS_SOFT[1]
    for ring in range(RINGS):
        here = (clear > 0.5) & (np.abs(ring_of - ring) < 0.8)
        if here.sum() > 3:
            rings[ring] = np.median(patch.photo[here], axis=0)
    known = np.flatnonzero(~np.isnan(rings[:, 0]))
    if known.size == 0:
        rings[:], known = 60.0, np.arange(RINGS)
    even = np.stack([np.interp(ring_of, known, rings[known, c]) for c in range(3)], axis=2)
    glint = _glint(patch, even, clear)
    whole = (patch.photo - glint) * clear[..., None] + even * (1 - clear[..., None])
    alpha = _ramp(patch.radius, IRIS_SOFT[1], IRIS_SOFT[0])
    # Premultiplied colour = photo - (1 - alpha) * sclera must not be negative: darker rims need more alpha.
    needed = 1 - (whole / np.maximum(sclera, 1)).min(axis=2)
    alpha = np.maximum(alpha, np.clip(needed, 0, 1) * _ramp(patch.radius, IRIS_SOFT[1] + 0.12, IRIS_SOFT[1]))
    colour = np.clip(whole - (1 - alpha[..., None]) * sclera, 0, 255 * alpha[..., None])
    return np.dstack([colour, alpha * 255]).astype(np.float32), glint


def _glint(patch: _Patch, even: Float, clear: Float) -> Float:
    """[S, S, 3]: what is much brighter than its ring of the iris, if it is small: a mirrored lamp or window."""
    over = patch.photo - even
    light = over.mean(axis=2)
    seen, whole = (clear > 0.5) & (patch.radius < 1.0), patch.photo.mean(axis=2)
    if not seen.any():
        return np.zeros_like(over)
    # Brighter than its ring, and than nearly all of the iris.
    amount = _ramp(light, 12, 40) * _ramp(whole - np.percentile(whole[seen], 80), 4, 24) * seen
    if (amount > 0.5).sum() > GLINT_SHARE * seen.sum():
        return np.zeros_like(over)  # half of the iris is lit: that is its colour, not a mirror
    # Its soft edge belongs to it, else a faint ring would stay on the iris.
    amount = np.maximum(amount, cv2.GaussianBlur(amount, (0, 0), 0.12 * patch.radius_px) * (light > 0) * clear)
    return np.asarray(np.clip(over, 0, 255) * amount[..., None], np.float32)


def _lid(patch: _Patch) -> Float:
    """[S, S, 4]: skin over eyeball and lashes, and where it replaces the photo when the eye is shut."""
    opening, width = patch.opening, patch.width_px
    across = np.abs(opening.along)
    above, below = -opening.below_upper, -opening.above_lower
    shut = (opening.coverage < 0.5).astype(np.uint8)
    apart = np.asarray(cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32) / width
    # Lashes and liner reach further above the eye than below; a wide fade leaves no seam on the skin.
    upper = np.clip(0.5 + (above - below) / (0.2 * width), 0, 1)
    hidden = _ramp(apart, 0.27, 0.10) * upper + _ramp(apart, 0.17, 0.04) * (1 - upper)
    light = patch.photo.mean(axis=2)
    near = (above < 0.45 * width) & (below < 0.3 * width) & (across < 1.3)
    skin = ((hidden < 0.02) & near).astype(np.float32)
    if skin.sum() < 8:
        return np.dstack([patch.photo, np.zeros_like(light)]).astype(np.float32)
    # Brows, creases and loose lashes are darker than the skin around them: they must not bleed into the lid.
    reference = np.percentile(light[skin > 0], 70)
    skin = skin * np.clip(light / max(float(reference), 1.0), 0.05, 1) ** 6
    # A lid is a little darker towards its crease and lit on its bulge.
    bulge = 1.02 - 0.10 * np.clip(above / (0.2 * width) + 0.2, 0, 1)
    return np.dstack([push_pull(patch.photo, weight=skin) * bulge[..., None], hidden * 255]).astype(np.float32)


def _flat_lid(patch: _Patch, skin: npt.NDArray[np.floating]) -> Float:
    """[S, S, 4]: the lid of a flat drawing: one colour, close to the eye, since hair may hang just above it."""
    shut = (patch.opening.coverage < 0.5).astype(np.uint8)
    apart = cv2.distanceTransform(shut, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / patch.width_px
    lid = np.broadcast_to(np.asarray(skin, np.float32), patch.photo.shape)
    return np.dstack([lid, _ramp(np.asarray(apart, np.float32), 0.17, 0.13) * 255]).astype(np.float32)


def _lash(patch: _Patch) -> Float:
    """[3]: the dark line along the upper lid."""
    edge = (np.abs(patch.opening.below_upper) < 0.05 * patch.width_px + 0.7) & (np.abs(patch.opening.along) < 0.8)
    if not edge.any():
        return np.full(3, 40, np.float32)
    colours = patch.photo[edge]
    dark = colours[colours.mean(axis=1) <= np.percentile(colours.mean(axis=1), 25)]
    return np.asarray(np.median(dark, axis=0), np.float32)
