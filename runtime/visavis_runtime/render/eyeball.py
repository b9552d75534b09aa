"""Takes an eye's layers and the photo, gives an eyeball in parts that make the photo again, and the parts' colour.

Three things lie over each other. The ball, smooth and whole, with the iris that turns. The edges of the lids, which
cover the ball and go with the skin: what the iris darkens of them in the photo is filled in from beside it. And the
trace: what is left of the photo, veins, blur and the iris' own surroundings. It is true for the photo's gaze alone, so
it fades as the eye looks away; else the old place of the iris would stay behind as a crescent. It draws nothing: that
is `eyes`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.arrays import Array, Number, exp_of, namespace
from visavis_runtime.face.layers.eyeball import blur_px
from visavis_runtime.face.layers.eyes import EyeLayer
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.opening import Opening

Float = npt.NDArray[np.float32]

EDGE_WIDTHS, EDGE_BLURS, EDGE_LEAST_PX = 0.045, 0.6, 1.3
"""How far from the lids their edges and lashes reach over the ball: widths of the eye, lengths of the picture's blur,
px of the crop."""
INK = (12.0, 36.0)
"""Levels away from white and iris of a drawn eye at which a line begins, and is full."""
INK_LIGHT, LOWER_WIDTHS = 0.55, 0.1
"""Light of a drawn line at the lower lid, by that of the white, at the most, and how far it is from there in widths of
the eye."""
LASH_LEVELS = 10.0
"""How much lighter lashes become when an iris leaves the place behind them."""
CORNER = (0.84, 1.0)
"""Where a corner of the eye begins and where nothing of the ball is left, in halves of the eye's width."""
BESIDE_RADII, ABOUT_RADII = 0.3, 0.5
"""How far round an iris, in its radii, the edges of the lids are dark from it, and the trace belongs to it."""
TRACE_WIDTHS = 0.045
"""Way of the iris, in widths of the eye, on which the trace falls to a third."""
TRACE_WIDE = 0.35
"""Weight of a wide eye at which it does."""
LID_SHADOW, SHADOW_REACH = 0.30, 0.10
"""Depth of the upper lid's shadow on the ball and how far it reaches, in widths of the eye."""


class Ball(NamedTuple):
    """An eyeball whose parts make the photo again; see `EyeScene`."""

    ball: Float
    iris: Float
    edge: Float
    trace: Float


def ball_of_photo(
    layer: EyeLayer, photo: Float, rest: Opening, *, shadow: bool = True, line: Float | None = None
) -> Ball:
    """The parts of an eye that the photo [s, s, 3] shows with the opening `rest`.

    `shadow`: whether its upper lid casts one. `line` [s, s] 0..1: that of the upper lid of a flat drawing, else None.
    """
    drawn = float(line is not None)
    sclera, alpha = layer.sclera.astype(np.float32), layer.iris[..., 3:].astype(np.float32) / 255
    iris = layer.iris[..., :3].astype(np.float32)
    made = made_of(layer)
    cover = edge_cover(rest, max(EDGE_WIDTHS * layer.width_px, EDGE_BLURS * blur_px(photo), EDGE_LEAST_PX))
    # Drawn lines are ink on the lids, however thick: what is neither iris nor white is a line.
    if line is not None:
        ink = np.clip((np.abs(photo - made).max(axis=2) - INK[0]) / (INK[1] - INK[0]), 0, 1)
        dark = photo.mean(axis=2) < INK_LIGHT * np.percentile(sclera.mean(axis=2), 50)
        rim = (rest.above_lower < LOWER_WIDTHS * layer.width_px) | (np.abs(rest.along) > CORNER[0])
        cover = np.asarray(ink * np.maximum(line, dark & rim), np.float32)  # nothing but ink lies over a drawn ball
    near = np.minimum(rest.below_upper, rest.above_lower)
    # A little is known everywhere, for the lids of an iris that fills its eye; skin beyond the edge is none of it.
    clear = 1 - _grown(alpha[..., 0], BESIDE_RADII * layer.radius_px)
    lids = push_pull(photo, weight=np.clip(clear * cover * np.clip(near + 0.8, 0, 1), 1e-4, 1))
    lids += (photo - lids) * np.clip(-near - 1, 0, 1)[..., None]
    # Lashes are dark with and without an iris behind them.
    upper = np.clip(0.5 + (rest.above_lower - rest.below_upper) / max(0.1 * layer.width_px, 1), 0, 1)[..., None]
    lids += (np.minimum(lids, photo + LASH_LEVELS) - lids) * upper
    edge, cover = lids * cover[..., None], cover[..., None]
    trace = photo - made * (1 - cover) - edge
    # Far from the iris it is shade and texture of the eye itself.
    reach_px = ABOUT_RADII * layer.radius_px * (1 - 0.8 * drawn)
    about = cv2.GaussianBlur(_grown(alpha[..., 0], reach_px), (0, 0), 0.4 * reach_px)[..., None]
    edge, trace = np.dstack([edge + trace * (1 - about), cover]), trace * about
    gain = 1 / lid_shadow(rest.below_upper, layer.width_px) if shadow else np.ones_like(rest.below_upper)
    return Ball(
        ball=np.dstack([sclera, gain]).astype(np.float32),
        iris=np.dstack([iris, alpha]).astype(np.float32),
        edge=edge.astype(np.float32),
        trace=trace.astype(np.float32),
    )


def made_of(layer: EyeLayer) -> Float:
    """[s, s, 3]: the eyeball without lids."""
    alpha = layer.iris[..., 3:].astype(np.float32) / 255
    white, iris, glint = (part.astype(np.float32) for part in (layer.sclera, layer.iris[..., :3], layer.glint))
    return np.asarray(white * (1 - alpha) + iris + glint * alpha, np.float32)


def _grown(mask: npt.NDArray[np.floating], by_px: float) -> Float:
    """A mask [s, s] that reaches further on all sides."""
    side = 2 * max(1, round(by_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(np.ascontiguousarray(mask), disc), np.float32)


def edge_cover(rest: Opening, reach_px: float) -> Float:
    """[s, s], 0..1: how far the edges, `reach_px` wide, and the corners of the lids cover the ball."""
    nearest = np.minimum(rest.below_upper, rest.above_lower)
    lids = 1 - np.clip(nearest / reach_px, 0, 1)
    corners = np.clip((np.abs(rest.along) - CORNER[0]) / (CORNER[1] - CORNER[0]), 0, 1)
    bare = (1 - lids) * (1 - corners * corners * (3 - 2 * corners))
    return np.asarray(1 - bare, np.float32)


def lid_shadow(below_upper: Array, width_px: Number) -> Array:
    """[h, w]: light on the ball below the upper lid."""
    xp = namespace(below_upper)
    return 1 - LID_SHADOW * xp.exp(xp.maximum(below_upper, 0) * (-1 / (SHADOW_REACH * width_px)))


def trace_kept(slide2_px2: Number, width_px: Number, *, wide: Number) -> Number:
    """Share of the trace that is still true when the iris has moved, or the lid gone up from it.

    `slide2_px2` is the square of the iris' way, `wide` 0..1 how far the eye is opened beyond its rest.
    """
    return exp_of(-slide2_px2 / (TRACE_WIDTHS * width_px) ** 2 - (wide / TRACE_WIDE) ** 2)


def ball_colour(
    ball: Array, *, iris: Array, glint: Array, edge: Array, trace: Array, kept: Number, shadow: Array
) -> Array:
    """[h, w, 3]: an eyeball of its parts where they are now."""
    cover = iris[..., 3:]
    colour = ball[..., :3] * (1 - cover) + iris[..., :3] + glint * cover
    colour = colour * (ball[..., 3] * shadow)[..., None]
    return colour * (1 - edge[..., 3:]) + edge[..., :3] + trace * kept
