"""Takes an avatar, gives the texture of its skin without what the overlay of the mouth draws.

Where the picture shows the inside of the mouth there is lip skin in its place: were that inside in the texture as well,
shut lips would squeeze it into a bright seam. A mouth that is drawn as a line goes altogether.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.face.layers.opening import opening_between
from visavis_runtime.face.portrait.drawn_mouth import Drawn, cover_of_drawn, find_mouth

Float = npt.NDArray[np.float32]

SEAM_SHADE = 0.85
"""Light on the lips where they meet."""
COVERED_PX = 0.85
"""From so far inside the lips on, the overlay covers the picture wholly."""


def texture_without_mouth(avatar: Avatar) -> tuple[npt.NDArray[np.uint8], Float | None]:
    """The texture without what the overlay draws, [M, M, 4], and how far each texel was painted over, [M, M] or None:
    without teeth, and where the mouth is a drawn line without any.
    """
    drawn = find_mouth(avatar.picture, points=avatar.uv - avatar.margin)
    return texture_without_teeth(avatar) if drawn is None else _without_drawing(avatar, drawn)


def texture_without_teeth(avatar: Avatar) -> tuple[npt.NDArray[np.uint8], Float | None]:
    """The same with lip skin where the picture shows the inside of the mouth, and the mouth else as it is.

    Were that inside in the texture as well, shut lips would squeeze it into a bright seam.
    """
    if not avatar.mouth.is_open:
        return avatar.texture, None
    edges = avatar.texture_px[list(INNER_UPPER)], avatar.texture_px[list(INNER_LOWER)]
    both, scale = np.concatenate(edges), np.float32(avatar.texture_scale)
    low = np.floor(both.min(axis=0) - 12 * scale).astype(int)
    high = np.ceil(both.max(axis=0) + 12 * scale).astype(int) + 1
    window = slice(low[1], high[1]), slice(low[0], high[0])
    part = avatar.texture[window]
    opening = opening_between(*edges, origin=(int(low[0]), int(low[1])), shape=(part.shape[0], part.shape[1]))
    nearest = np.minimum(opening.below_upper, opening.above_lower) / scale
    lips = np.clip(-nearest - 1.0, 0, 1) * np.clip(8 + nearest, 0, 1) * (np.abs(opening.along) < 1)
    skin = push_pull(part[..., :3], weight=lips) * np.float32(SEAM_SHADE)
    inside = np.clip(nearest - COVERED_PX, 0, 1).astype(np.float32)
    return _painted(avatar, window, colour=skin, share=inside)


def _without_drawing(avatar: Avatar, drawn: Drawn) -> tuple[npt.NDArray[np.uint8], Float]:
    """The texture with bare skin in place of a drawn mouth."""
    side = slice(0, avatar.texture.shape[0])
    start = np.full(2, -avatar.margin, np.float32)
    cover = cover_of_drawn(drawn, shape=(side.stop, side.stop), px_per_px=avatar.texture_scale, start=start)
    return _painted(avatar, (side, side), colour=drawn.skin.astype(np.float32), share=cover)


def _painted(
    avatar: Avatar, window: tuple[slice, slice], *, colour: Float, share: Float
) -> tuple[npt.NDArray[np.uint8], Float]:
    """The texture with `share` [h, w] of a colour in one window, and that share for the whole of it."""
    texture, redrawn = avatar.texture.copy(), np.zeros(avatar.texture.shape[:2], np.float32)
    part = texture[window]
    part[..., :3] = np.rint(part[..., :3] + (colour - part[..., :3]) * share[..., None])
    redrawn[window] = share
    return texture, redrawn
