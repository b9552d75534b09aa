"""Takes one eye of a drawing, gives what its renderer moves: bare skin, the line of the upper lid, and hair before it.

An eye in a drawing is ink on skin. When it shuts, nothing above it comes down but the line of its upper lid, as thick
and as curved at its tips as it was drawn; brow and fringe stay where they are, and a strand that hangs before the eye
hangs before the shut lid too. So the line is cut out in coordinates of the lid's edge: along it, and square to it.
Where it was there is skin, filled in from around. All of it lies over the picture and gives it again at rest. It moves
nothing: that is `eyes`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.lid_line import (
    ALONG,
    AWAY,
    DARK,
    DOWN_WIDTHS,
    EDGE_WIDTHS,
    ENDS,
    UP_WIDTHS,
    Strip,
    lid_line,
    strip_of,
)
from visavis_runtime.face.layers.opening import Opening

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SKIN_LEVELS, INK_LEVELS, HAIR_LEVELS = 34.0, 30.0, 30.0
"""Levels away from the skin at which something is none, from what is under a line at which it begins, and within which
something has the colour of hair."""
HAIR_WIDTHS, FAR_WIDTHS, OUTLINE_WIDTHS, BELOW_WIDTHS = 0.17, 0.34, 0.05, 0.06
"""Hair, in widths of the eye: the thinnest strand of a colour unknown, how far above the eye it begins, the thickness
of the line round it, and how far below the lid's line it reaches if it hangs before the eye."""
NO_INK, PLAIN_WIDTHS = 30.0, 0.05
"""Levels and thickness, in widths of the eye, of a line that is not seen."""
BESIDE = 1.15
"""How far to the sides hair may hang before an eye, in halves of its width: further away is the other eye."""
DARKEST, ONE_INK = 40, 55.0
"""Percent of the darkest px at the lid's edge that tell its ink, and levels within which something is that."""
CORNER = (0.25, 0.12)
"""What is left of an eye beyond its corners: so far in halves of its width, so far above and below in its widths."""
LEFT_WIDTHS = 0.12
"""How far white and iris may go on beyond lids that were found too close, in widths of the eye."""
MIX_LEVELS = 34.0
"""Levels from a mixture of ink and skin at which something is no part of a line."""
SPARE_PX = 1.5
"""Px that are taken for the soft edge of a line."""


class DrawnEye(NamedTuple):
    """What of a drawn eye moves; patch [s, s] px.

    lid [s, s, 4]: skin, premultiplied, and where it takes the place of eye and line; front [s, s] 0..1: what hangs
    before the eye; line [AWAY, ALONG, 4] premultiplied RGB 0..255 and coverage 0..1.
    """

    lid: Float
    front: Float
    line: Float


def drawn_eye(
    photo: Float, *, rest: Opening, upper: Float, ball: Float, tones: Float, hair: Float, width_px: float
) -> DrawnEye:
    """Take a drawn eye apart.

    Args:
        photo: [s, s, 3], 0..255, the eye in the picture.
        rest: its opening, distances square to its edges.
        upper: [n, 2] px of the patch, the edge of the upper lid from the picture's left corner to the right one.
        ball: [s, s, 3], what of the eye lies behind the lines.
        tones: [n, 3], colours of the skin.
        hair: [n, 3], colours of the hair; none if they are not known.
        width_px: of the eye.
    """
    inside = rest.coverage > 0.5
    skin = np.abs(photo[..., None, :] - tones).max(axis=-1).min(axis=-1) < SKIN_LEVELS
    bare = cv2.erode((skin & ~inside).astype(np.uint8), np.ones((3, 3), np.uint8))
    under = push_pull(photo, weight=np.maximum(bare.astype(np.float32), 1e-5))
    behind = np.where(inside[..., None], ball, under)
    apart = np.abs(photo - behind).max(axis=2)
    strip = strip_of(rest, upper=upper, width_px=width_px)
    other = apart > INK_LEVELS
    dark = other & _inky(photo, rest=rest, light=float(tones[0].mean()), width_px=width_px)
    locks = _hair(photo, other, rest=rest, hair=hair, width_px=width_px)
    hung = strip.of(locks & (np.abs(rest.below_upper) < BELOW_WIDTHS * width_px)).max(axis=0) > 0.5
    line = lid_line(strip.of(dark & ~locks) > 0.5, hidden=hung, width_px=width_px)
    hairy = locks | (other & (photo.mean(axis=2) < DARK * float(tones[0].mean())))
    front = _front(locks, hairy, strip=strip, reach=line.reach, sure=len(hair) > 0, width_px=width_px)
    if line.cover.max() < 0.5:  # dots and bare lids shut with a line too
        line, dark = line._replace(cover=_plain_line(width_px)), np.zeros_like(dark)
    core = (strip.back(line.cover) > 0.9) & dark
    ink = _ink(photo[core] if core.any() else photo[inside])
    near = _grown(np.maximum(strip.back(line.cover), strip.back(line.tips)) > 0.4, SPARE_PX)
    tips = np.clip((apart - 8) / np.maximum(0.85 * np.abs(ink - behind).max(axis=2) - 8, 12), 0, 1) * near * (1 - front)
    white = np.asarray(np.percentile(ball[inside], 90, axis=0) if inside.any() else ink, np.float32)
    ours = np.minimum(_off_mix(photo, ink, under), _off_mix(photo, white, under)) < MIX_LEVELS
    corner = (np.abs(np.abs(rest.along) - 1.1) < CORNER[0]) & (np.abs(rest.below_upper) < CORNER[1] * width_px)
    left = _grown(inside, LEFT_WIDTHS * width_px) & ~skin & ~dark & (rest.below_upper > -EDGE_WIDTHS * width_px - 1)
    gone = inside | left | (ours & (_grown(inside | near, 1) | (corner & ~skin)))
    hidden = cv2.GaussianBlur(gone.astype(np.float32), (0, 0), 0.6) * (1 - front)
    rows = SPARE_PX * AWAY / ((UP_WIDTHS + DOWN_WIDTHS) * width_px)
    within = cv2.GaussianBlur(_grown(line.tips, rows).astype(np.float32), (0, 0), 0.8)
    cover = np.maximum(line.cover, strip.of(tips) * within)[..., None]
    return DrawnEye(
        lid=np.dstack([under * hidden[..., None], hidden]).astype(np.float32),
        front=front,
        line=np.dstack([ink * cover, cover]).astype(np.float32),
    )


def _plain_line(width_px: float) -> Float:
    """[AWAY, ALONG]: the line of a shut eye that has none when it is open."""
    away = np.linspace(-UP_WIDTHS, DOWN_WIDTHS, AWAY)[:, None] * width_px
    half = max(PLAIN_WIDTHS * width_px, 2.0) / 2
    ends = np.clip((1 - np.abs(np.linspace(-ENDS, ENDS, ALONG))) * 8, 0, 1)
    return np.asarray(np.clip(half + 0.5 - np.abs(away), 0, 1) * ends, np.float32)


def _ink(seen: Float) -> Float:
    """[3]: the darker colour of some pixels [n, 3]."""
    if not len(seen):
        return np.full(3, NO_INK, np.float32)
    light = seen.mean(axis=1)
    return np.asarray(np.median(seen[light <= np.percentile(light, 60)], axis=0), np.float32)


def _grown(mask: Mask, by_px: float) -> Mask:
    side = 2 * round(by_px) + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _inky(photo: Float, *, rest: Opening, light: float, width_px: float) -> Mask:
    """[s, s]: what is dark on skin of so much light, and of the ink at the edge of the lid: brows and hair are often
    lighter."""
    dark = photo.mean(axis=2) < DARK * light
    edge = dark & (np.abs(rest.below_upper) < EDGE_WIDTHS * width_px + 1) & (np.abs(rest.along) < 0.9)
    if not edge.any():
        return np.asarray(dark)
    lights = photo[edge].mean(axis=1)
    ink = np.median(photo[edge][lights <= np.percentile(lights, DARKEST)], axis=0)
    return np.asarray(dark & (np.abs(photo - ink).max(axis=2) < ONE_INK))


def _off_mix(photo: Float, one: Float, other: Float) -> Float:
    """[s, s]: how far colours are from all mixtures of two, levels: a line's soft edge is one, a brow none."""
    way = one - other
    share = ((photo - other) * way).sum(axis=2) / np.maximum((way**2).sum(axis=2), 1)
    return np.asarray(np.abs(photo - other - np.clip(share, 0, 1)[..., None] * way).max(axis=2), np.float32)


def _hair(photo: Float, other: Mask, *, rest: Opening, hair: Float, width_px: float) -> Mask:
    """[s, s]: what has the colour of hair, or is too bold for a line, and comes from far above the eye."""
    bold = 2 * round(HAIR_WIDTHS * width_px / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (bold, bold))
    locks = np.asarray(cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_OPEN, disc))
    if len(hair):
        alike = np.abs(photo[..., None, :] - hair).max(axis=-1).min(axis=-1) < HAIR_LEVELS
        locks = (other & alike).astype(np.uint8)
    locks = locks * (np.abs(rest.along) < BESIDE)
    _, pieces = cv2.connectedComponents(locks)
    far = np.unique(pieces[(rest.below_upper < -FAR_WIDTHS * width_px) & (locks > 0)])
    return np.asarray(np.isin(pieces, far) & (locks > 0))


def _front(hair: Mask, other: Mask, *, strip: Strip, reach: tuple[float, float], sure: bool, width_px: float) -> Float:
    """[s, s] 0..1: hair that hangs before the eye, with the line round it, and hair above the line of its lid; all of
    it if it is `sure` that it is hair."""
    wide = 2 * round(OUTLINE_WIDTHS * width_px) + 1
    grown = cv2.dilate(hair.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))) > 0
    away = np.linspace(-UP_WIDTHS, DOWN_WIDTHS, AWAY) * width_px
    below = (away > reach[1] + 1) & (away < reach[1] + 1 + BELOW_WIDTHS * width_px)
    before = np.asarray(strip.of(hair)[below] > 0.5).any(axis=0)
    hangs = cv2.dilate(before.reshape(1, -1).astype(np.uint8), np.ones((1, 9), np.uint8))[0]
    free = strip.back(np.repeat(hangs[None], AWAY, axis=0)) > 0.3
    lidless = (strip.away < 0) | (strip.away > AWAY - 1)
    above = strip.back((away < -reach[0] - SPARE_PX)[:, None].repeat(ALONG, axis=1)) > 0.5
    kept = grown & other & (free | above | lidless | np.bool_(sure))
    return np.asarray(cv2.GaussianBlur(kept.astype(np.float32), (0, 0), 0.7), np.float32)
