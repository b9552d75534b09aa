"""Takes the picture and the landmarks of the mouth, gives the mouth layer: tones of its inside, and the photo's teeth.

Teeth, gums, tongue and cavity are drawn by `render/mouth.py` from one shared shape; what belongs to the portrait is
only their tone (from the light on the skin and the whites of the eyes) and, where the picture already shows the inside
of the mouth, those very pixels. It does not decide how far the mouth is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyes import EyeLayer
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.face.spec import ArraySpec, check_arrays

Float = npt.NDArray[np.float32]

MOUTH_ARRAYS: Mapping[str, ArraySpec] = {
    "tones": ArraySpec("float32", (5, 3), 0, 255),
    "photo": ArraySpec("uint8", ("height", "width", 4), 0, 255, may_be_empty=True),
    "photo_origin": ArraySpec("int32", (2,), 0, 4096),
    "open_px": ArraySpec("float32", (1,), 0, 4096),
}
"""What `MouthLayer.arrays` gives and `from_arrays` accepts."""

INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Landmarks of the inner edges of the lips, from the picture's left corner to the right one."""
OPEN_SHARE = 0.11
"""Inner lips further apart than this share of the mouth's width show the inside of the mouth."""
TOOTH, GUM, TONGUE, CAVITY, LINE = range(5)
"""Rows of `MouthLayer.tones`."""
LOWER_RED = (84, 17, 314, 85, 16, 315, 86, 15, 316)
"""Landmarks on the red of the lower lip."""
REDDER, RED = 0.12, 0.40
"""How much redder than grey lips must be to lend the tongue their tint, and where they lend most."""
LIPS_TINT = 0.45
"""Share of its tint that a tongue has from red lips."""
TONES = np.array([[240, 230, 212], [176, 96, 94], [182, 104, 102], [62, 24, 26], [88, 34, 34]], np.float32)
SCLERA = np.array([214, 206, 200], np.float32)
SKIN = np.array([186, 146, 128], np.float32)
"""Colours under plain white light; the portrait's light turns them into its tones."""
ONE_TINT, COLOURED = 0.008, 0.025
"""Spread of colour about one tint, by lightness: grey and sepia pictures have 0.003 and less, others 0.05 and more."""
MOST_CAST = (0.72, 1.18)
"""Tint that light may give; more is a coloured eye that was taken for its white."""
BRIGHTER = 1.12
"""Teeth against the bright skin around them."""
LEAST_LIGHT = 0.3
"""Light on the teeth of a face that is lit at all."""
DARKEST, MOST_LIFT = 0.8, 1.7
"""Least light of the dark inside by the darkest parts of the face (nostrils, lashes, pupils), and how far that may lift
it: faded pictures have nothing that is black."""
SHOWS_TEETH, MOST_TINT, IN_SHADE = 0.62, 0.45, 1.18
"""The inside of a mouth shows teeth if its brighter part is so bright against the guess, and no more coloured than
this; what is seen there lies in the shade of the lips."""


@dataclass(frozen=True)
class MouthLayer:
    """The inside of the mouth of one portrait.

    Attributes:
        tones: [5, 3] float32, 0..255: tooth, gum, tongue, cavity, line between nearly shut lips.
        photo: [h, w, 4] uint8, the picture's own mouth interior without the edges of the lips, continued under them
            with a soft alpha; h = w = 0 if the mouth is shut.
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
        """The inverse of `arrays`. Raises: ValueError if they do not fit `MOUTH_ARRAYS`."""
        check_arrays(arrays, specs=MOUTH_ARRAYS)
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
    flat = np.asarray(points, np.float32)[:, :2]
    upper, lower = flat[list(INNER_UPPER)], flat[list(INNER_LOWER)]
    open_px = float(np.linalg.norm(upper - lower, axis=1).max())
    width_px = float(np.linalg.norm(flat[61] - flat[291]))
    tones = _with_tongue_of(_tones(picture, flat, eyes), lips=tone_of_lips(picture, flat))
    if open_px < OPEN_SHARE * width_px:
        return MouthLayer(tones, np.zeros((0, 0, 4), np.uint8), np.zeros(2, np.int32), open_px)
    photo, origin = _inside_of_photo(picture, upper, lower)
    return MouthLayer(_as_shown(tones, photo), photo, origin, open_px)


def _tones(picture: npt.NDArray[np.uint8], points: Float, eyes: Mapping[str, EyeLayer]) -> Float:
    """[5, 3]: tones of the inside in the portrait's own light: brightness of the skin, cast of eyes and skin."""
    left, top = np.floor(points[[234, 10]].min(axis=0)).astype(int)
    right, bottom = np.ceil(points[[454, 152]].max(axis=0)).astype(int)
    face = picture[max(top, 0) : bottom, max(left, 0) : right].reshape(-1, 3).astype(np.float32)
    skin = np.median(face, axis=0) if face.size else np.array([170, 140, 125], np.float32)
    bright = float(np.percentile(face.mean(axis=1), 88)) if face.size else 190.0
    white = np.mean([_white(eye) for eye in eyes.values()], axis=0) if eyes else SCLERA
    # A white thing in this light: the cast is what skin and eye whites share against their usual colours. Teeth take
    # less of it than skin does, and are as bright as the skin that the light falls on.
    cast = np.clip(_cast(white, SCLERA) ** 0.55 * _cast(skin, SKIN) ** 0.35, *MOST_CAST)
    monochrome, tint = _monochrome(picture)
    light = (0.55 * BRIGHTER * bright + 0.45 * max(float(white.mean()), bright)) / TONES[TOOTH].mean()
    # Dark skin has light teeth; a picture without any light has none.
    least = min(LEAST_LIGHT, float(np.percentile(face, 99.5)) / 255) if face.size else LEAST_LIGHT
    tones = TONES * np.clip(light, least, 1.08) * cast
    dark = float(np.percentile(face.mean(axis=1), 1.5)) if face.size else 0.0
    for row in (CAVITY, LINE):
        tones[row] *= np.clip(DARKEST * dark / max(float(tones[row].mean()), 1.0), 1, MOST_LIFT)
    tones = tones + (tones.mean(axis=1, keepdims=True) * tint - tones) * monochrome
    return np.asarray(np.clip(tones, 0, 255), np.float32)


def tone_of_lips(picture: npt.NDArray[np.uint8], points: Float) -> Float:
    """[3] 0..255: the middle colour of the lower lip."""
    x, y = np.clip(np.rint(points[list(LOWER_RED), :2]), 0, picture.shape[0] - 1).astype(int).T
    return np.asarray(np.median(picture[y, x, :3], axis=0), np.float32)


def _with_tongue_of(tones: Float, *, lips: Float) -> Float:
    """The tones with a tongue as light as before and tinted like the lips [3], as far as they are red."""
    tint = lips / max(float(lips.mean()), 1.0)
    red = float(np.clip((tint[0] - tint[1:].mean() - REDDER) / (RED - REDDER), 0, 1))
    light = float(tones[TONGUE].mean())
    out = tones.copy()
    out[TONGUE] += (np.clip(tint, 0.6, 1.7) * light - tones[TONGUE]) * (LIPS_TINT * red)
    return out


def _monochrome(picture: npt.NDArray[np.uint8]) -> tuple[float, Float]:
    """How far (0..1) the picture is drawn in the shades of one tint, and that tint [3], mean 1."""
    pixels = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    light = pixels.mean(axis=1)
    tint = (pixels * light[:, None]).sum(axis=0) / max(float((light**2).sum()), 1.0)
    rest = float(np.sqrt(((pixels - light[:, None] * tint) ** 2).mean())) / max(float(light.mean()), 1.0)
    return float(np.clip((COLOURED - rest) / (COLOURED - ONE_TINT), 0, 1)), tint.astype(np.float32)


def _cast(colour: Float, usual: Float) -> Float:
    """[3]: tint of a colour against what it is in plain light."""
    return np.asarray(np.maximum(colour, 1) / max(float(colour.mean()), 1) / (usual / usual.mean()), np.float32)


def _as_shown(tones: Float, photo: npt.NDArray[np.uint8]) -> Float:
    """The tones [5, 3] with the colour of the teeth that the picture shows, if it does."""
    inside = photo[photo[..., 3] == 255][:, :3].astype(np.float32)
    if len(inside) < 20:
        return tones
    light = inside.mean(axis=1)
    teeth = inside[light >= np.percentile(light, 82)]  # the rest is tinted by the lips
    shown = np.median(teeth, axis=0)
    if shown.mean() < SHOWS_TEETH * tones[TOOTH].mean() or np.ptp(shown) > MOST_TINT * shown.mean():
        return tones
    out = tones.copy()
    out[TOOTH] = shown * min(IN_SHADE, 255 / float(shown.max()))
    return out


def _white(eye: EyeLayer) -> Float:
    """[3]: colour of the white of an eye."""
    return np.asarray(np.percentile(eye.sclera.reshape(-1, 3), 60, axis=0), np.float32)


def _inside_of_photo(
    picture: npt.NDArray[np.uint8], upper: Float, lower: Float
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The picture's own mouth interior [h, w, 4], continued under the lips, and its first pixel."""
    both = np.concatenate([upper, lower])
    width_px = float(np.linalg.norm(upper[-1] - upper[0]))
    pad = 8 + int(0.15 * width_px)
    x0, y0 = np.maximum(np.floor(both.min(axis=0)).astype(int) - pad, 0)
    x1, y1 = np.minimum(np.ceil(both.max(axis=0)).astype(int) + pad, picture.shape[1::-1])
    cut = picture[y0:y1, x0:x1]
    shape = (cut.shape[0], cut.shape[1])
    opening = opening_between(upper, lower, origin=(int(x0), int(y0)), shape=shape, soft_px=0.5)
    inside = clear_of_lips(opening)
    colour = push_pull(cut, weight=inside if inside.sum() > 4 else np.maximum(opening.coverage, 1e-3))
    # The teeth go on under the upper lip and fade out below the lower one; inside the alpha is exactly 1.
    under_upper, under_lower = 0.10 * width_px, 0.025 * width_px
    fade = np.clip(1 + (opening.above_lower + 1.5) / under_lower, 0, 1)
    fade = fade * np.clip(1 + (opening.below_upper + under_upper) / (0.5 * under_upper), 0, 1)
    alpha = fade * np.clip((1.12 - np.abs(opening.along)) / 0.1, 0, 1)
    layer = np.dstack([colour, alpha * 255])
    return np.clip(np.rint(layer), 0, 255).astype(np.uint8), np.array([x0, y0], np.int32)


def clear_of_lips(opening: Opening) -> Float:
    """1 where a mouth opening shows its inside without the soft edges of the lips."""
    nearest = np.minimum(opening.below_upper, opening.above_lower)
    return np.asarray(np.clip(nearest - 1.0, 0, 1) * (np.abs(opening.along) < 0.97), np.float32)
