"""Takes an avatar that is a drawing, finds the ink on the lids of its eyes and lays it flat as strips.

Ink is what is neither skin nor white nor iris and touches the edge of a lid. A strip lies in coordinates of that edge:
along it, and away from it. It has the picture's own line, however that swells and ends, and the bit of skin that may
lie between the edge and the line. What carries it is `drawn_eyes`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, Side
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.opening import Opening, opening_between, smooth_curve
from visavis_runtime.write.glb.eyes import picture_of_patch, whole_ball
from visavis_runtime.write.glb.part import Float
from visavis_runtime.write.glb.ribbon import EVERY, Curve, normals_of

ABOVE, BELOW, LOWER_ABOVE, LOWER_BELOW = 0.13, 0.35, 0.12, 0.10
"""The farthest that ink is looked for over and below the edge of the upper lid, over and below that of the lower one,
in widths of the eye."""
MARGIN_PX = 2.0
"""How much wider than its ink a strip is on both sides."""
ALONG, AWAY = 64, 16
"""Samples of a strip of ink along the lid and across it."""
LEAST_LEVELS, USUAL = 40.0, 97
"""Ink is at least so far from what is round it; percentile of these differences that is taken for pure ink."""
FAINT = 0.25
"""Coverage below which a strip is as good as see-through."""
TOUCHES_PX, INKY = 2.0, 0.5
"""Ink belongs to a lid if it comes so near to its edge; coverage from where on something is ink."""


class Ink(NamedTuple):
    """The ink of one eye on its patch of the picture.

    colour [s, s, 3] 0..255 and cover [s, s] 0..1; skin [3]: the colour round it; upper_px, lower_px: how far over and
    under the edges of both lids it reaches; origin [2]: px of the patch's first pixel.
    """

    colour: Float
    cover: Float
    skin: Float
    upper_px: tuple[float, float]
    lower_px: tuple[float, float]
    origin: Float


def ink_of_eye(avatar: Avatar, side: Side) -> Ink:
    """What is neither skin nor white nor iris round an eye and touches its lids."""
    layer = avatar.eyes[side]
    photo, made = picture_of_patch(avatar, layer), whole_ball(layer)
    origin, size = (int(layer.origin[0]), int(layer.origin[1])), photo.shape[0]
    points = avatar.uv - avatar.margin
    opening = opening_between(
        points[list(UPPER_LID[side])], points[list(LOWER_LID[side])], origin=origin, shape=(size, size)
    )
    skin = layer.lid[..., :3].astype(np.float32)
    from_skin, from_ball = (np.abs(photo - other).max(axis=2) for other in (skin, made))
    away = np.minimum(from_skin, from_ball)
    nearest = np.minimum(np.abs(opening.below_upper), np.abs(opening.above_lower))
    by_lid = (nearest < 0.1 * layer.width_px) & (np.abs(opening.along) < 1.05)
    usual = max(float(np.percentile(away[by_lid], USUAL)), LEAST_LEVELS) if by_lid.any() else LEAST_LEVELS
    colour = push_pull(photo, weight=np.clip(away / usual, 1e-3, 1) ** 4)
    over_skin, over_ball = (
        near / np.maximum(np.abs(colour - ground).max(axis=2), LEAST_LEVELS)
        for near, ground in ((from_skin, skin), (from_ball, made))
    )
    cover = np.clip(np.minimum(over_skin, over_ball), 0, 1)
    hidden = layer.lid[..., 3].astype(np.float32) / 255
    cover = cover * np.maximum(opening.coverage, hidden)
    _, pieces = cv2.connectedComponents((cover > INKY).astype(np.uint8))
    touching = np.unique(pieces[(nearest < TOUCHES_PX) & (pieces > 0)])
    near = cv2.dilate(np.isin(pieces, touching).astype(np.uint8), np.ones((3, 3), np.uint8))
    cover = np.asarray(cover * near, np.float32)
    return Ink(
        colour,
        cover,
        np.median(skin.reshape(-1, 3), axis=0),
        (
            _reach(cover, -opening.below_upper, opening, layer.width_px, most=ABOVE),
            _reach(cover, opening.below_upper, opening, layer.width_px, most=BELOW, iris=layer.iris[..., 3]),
        ),
        (
            _reach(cover, opening.above_lower, opening, layer.width_px, most=LOWER_ABOVE, iris=layer.iris[..., 3]),
            _reach(cover, -opening.above_lower, opening, layer.width_px, most=LOWER_BELOW),
        ),
        np.array(origin, np.float32),
    )


def _reach(
    cover: Float,
    away: Float,
    opening: Opening,
    width_px: float,
    *,
    most: float,
    iris: npt.NDArray[np.uint8] | None = None,
) -> float:
    """How far, px, ink [s, s] reaches to where `away` px [s, s] from an edge is positive, beside the iris."""
    beside = (np.abs(opening.along) < 0.8) & (away > 0) & (away < most * width_px)
    if iris is not None:
        beside &= (iris < 128) & (away < (opening.below_upper + opening.above_lower) / 2)
    there = away[beside & (cover > INKY)]
    return (float(np.percentile(there, USUAL)) if there.size else 0.0) + MARGIN_PX


def strip_picture(
    avatar: Avatar, ink: Ink, curve: Curve, numbers: tuple[int, ...], *, over: float, under: float, upper: bool
) -> Float:
    """[AWAY, ALONG, 4] float 0..255: the ink as far `over` and `under` the edge of a lid, cm, the upper row first."""
    places = px_beside(avatar, curve, numbers, np.linspace(over, -under, AWAY)) - ink.origin
    strip = sampled_at(np.dstack([ink.colour, 255 * ink.cover]).astype(np.float32), places)
    cover, edge = strip[..., 3:] / 255, round(AWAY * over / (over + under))
    # Rows run away from the skin. Between the edge of a lid and its ink there may be skin, which goes along with both.
    order = slice(None) if upper else slice(None, None, -1)
    cover, edge = cover[order], edge if upper else AWAY - edge
    whole = cover.copy()
    whole[edge:] = np.maximum.accumulate(cover[edge:][::-1])[::-1]
    # What is see-through has the colour of its side, for pixels of the texture mix.
    inky = cover / np.maximum(whole, FAINT)
    inky[edge:][whole[edge:] < FAINT] = 1
    strip[..., :3] = ink.skin + (strip[..., :3] - ink.skin) * inky[order]
    strip[..., 3:] = 255 * whole[order]
    strip[[0, 1, -2, -1], :, 3] = 0
    return strip


def sampled_at(picture: Float, places: npt.NDArray[np.floating]) -> Float:
    """[..., C]: a picture [h, w, C] at places [k, n, 2] px."""
    # One map of two channels needs no second one; OpenCV's stubs do not know it.
    where = places.astype(np.float32)
    return np.asarray(
        cv2.remap(picture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),  # type: ignore[call-overload]
        np.float32,
    )


def px_beside(avatar: Avatar, curve: Curve, numbers: tuple[int, ...], away_cm: npt.NDArray[np.floating]) -> Float:
    """[k, ALONG, 2] px of the picture: along the edge of a lid, `away_cm` [k] to its left."""
    edge = smooth_curve((avatar.uv - avatar.margin)[list(numbers)])[::EVERY]
    up = (normals_of(curve.points) @ avatar.camera.rotation.T)[:, :2] * avatar.camera.scale * np.array([1, -1])
    edge, up = samples_along(edge), samples_along(up)
    return np.asarray(edge[None] + away_cm[:, None, None] * up[None], np.float32)


def samples_along(values: Float) -> Float:
    """[ALONG, k] of values [n, k] at the points of a curve."""
    at = np.linspace(0, len(values) - 1, ALONG)
    return np.stack([np.interp(at, np.arange(len(values)), column) for column in values.T], axis=1).astype(np.float32)
