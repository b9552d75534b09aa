"""Takes the colours round an eye, gives them with its lid as far as it has come down: skin, lashes, the lids' meeting.

A shut eye shows a dark, soft line of lashes, thickest at the outer corner, that hang down from it, and the shade of two
round edges. In a flat drawing it is the drawn line that comes down with the lid. The skin was made with the avatar
(`face/layers/lids`); the formulas are for arrays and for tensors. The mesh moves the lids; those of drawn
eyes fall here, before skin that stays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.arrays import Array, Number, at_least, at_most, namespace, sampled
from visavis_runtime.face.layers.lashes import ALONG, AWAY, ENDS, LENGTH_WIDTHS
from visavis_runtime.face.layers.lid_line import ALONG as LINE_ALONG
from visavis_runtime.face.layers.lid_line import AWAY as LINE_AWAY
from visavis_runtime.face.layers.lid_line import DOWN_WIDTHS as LINE_DOWN
from visavis_runtime.face.layers.lid_line import ENDS as LINE_ENDS
from visavis_runtime.face.layers.lid_line import UP_WIDTHS as LINE_UP

Float = npt.NDArray[np.float32]

LASHES_DOWN, MEETING = 1.1, 0.80
"""Length of the lashes that point down against those that point up, and strength of the line between shut lids."""
ROOT_WIDTHS, ROOT_OUTWARD, FRINGE, FRINGE_LASHES = 0.020, 0.6, 0.75, 0.5
"""Half the thickness of that line, in widths of the eye, how much thicker it is at the outer corner and thinner at the
inner one, its sharpness below against that above, and how much less that is where lashes hang."""
SEAM_SHADE, SEAM_WIDTHS = 0.38, 0.055
"""Shade that the lids' round edges cast on each other, and how far it reaches."""
INK_GOES = 0.06
"""Fall of a drawn lid at which its line is in no part any more the picture's, but all its own."""
LINE_BLUR = 1.4
"""By how much of the picture's blur (a standard deviation) that line is wider: no more ink, but on a wider line."""
LOOKING_DOWN = 0.42
"""Share of its opening by which a drawn upper lid follows an eye that looks down as far as it can."""
BOW, RISES = 0.26, 3
"""Depth of the bow of a shut drawn eye in its widths, at the most; how late, as a power, its lower lid comes up."""


def with_lid(colour: Array, skin: Array, *, shade: Array, blink: Number, drawn: Number) -> Array:
    """Lid skin in place of lashes and eyeball, as far as the eye is shut; `drawn` 0..1 as in `EyeScene`."""
    amount = _hidden(blink, drawn)
    return colour * (1 - (amount * skin[..., 3])[..., None]) + skin[..., :3] * (amount * shade)[..., None]


def _hidden(blink: Number, drawn: Number) -> Number:
    """Share of the open eye's lashes that are gone; those that are ink would be seen through the lid for long."""
    photo = 1 - (1 - blink) ** 2
    return photo + (at_most(blink / INK_GOES, 1.0) - photo) * drawn


def with_lashes(colour: Array, scene: Any, opening: Any, *, blink: Number) -> Array:
    """The portrait's lashes on the edge of the falling lid, and the fine dark line where the lids meet."""
    xp = namespace(opening.along)
    strength = at_most(at_least((blink - 0.1) / 0.6, 0.0), 1.0)
    strength = strength * strength * (3 - 2 * strength)
    below = opening.below_upper / scene.width_px
    across = (opening.along + ENDS) * ((ALONG - 1) / (2 * ENDS))
    down = below * ((AWAY - 1) / (LENGTH_WIDTHS * LASHES_DOWN * at_least(blink, 1e-3)))
    lashes = sampled(scene.strip, across, xp.maximum(down, 0)) * xp.clip(below * scene.width_px + 1, 0, 1)
    outward = opening.along if scene.side == "left" else -opening.along
    side = xp.clip(outward, -1, 1)
    thick = scene.width_px * ROOT_WIDTHS * (1 + ROOT_OUTWARD * side) + 0.4
    ends = xp.clip((1.08 + 0.06 * side - xp.abs(opening.along)) / (0.35 - 0.20 * side), 0, 1)
    # No line is finer than what the picture shows; lashes hang down from it, so it is softer below.
    soft = (thick**2 + (LINE_BLUR * scene.blur_px) ** 2) ** 0.5
    away = (opening.below_upper - 0.3 * thick) / soft
    sharp = FRINGE - FRINGE_LASHES * lashes
    line = MEETING * xp.exp(-((xp.maximum(away, 0) * sharp - xp.minimum(away, 0)) ** 2)) * (thick / soft)
    round_px = (opening.below_upper**2 + soft**2) ** 0.5
    shade = SEAM_SHADE * xp.exp(round_px * (-1 / SEAM_WIDTHS) / scene.width_px)
    line = (1 - (1 - line) * (1 - shade)) * ends
    amount = (strength * (1 - (1 - lashes) * (1 - line)))[..., None]
    return colour * (1 - amount) + scene.lash * amount


def with_line(colour: Array, scene: Any, opening: Any, *, blink: Number) -> Array:
    """The drawn line of the upper lid at its falling edge."""
    across = (opening.along + LINE_ENDS) * ((LINE_ALONG - 1) / (2 * LINE_ENDS))
    down = (opening.below_upper / scene.width_px + LINE_UP) * ((LINE_AWAY - 1) / (LINE_UP + LINE_DOWN))
    line = sampled(scene.line, across, down) * (0 * across + at_most(blink / INK_GOES, 1.0))[..., None]
    return colour * (1 - line[..., 3:]) + line[..., :3]


def lid_fall(blink: Number, look_down: Number) -> Number:
    """Share of its opening by which the upper lid of a drawn eye has come down; others fall with the mesh."""
    return 1 - (1 - blink) * (1 - LOOKING_DOWN * look_down)


def lids_fallen(upper: Float, lower: Float, fall: float) -> tuple[Float, Float]:
    """Edges [n, 2] px of a drawn eye whose upper lid has come down by a share `fall` of its way.

    They meet on the lower one, or, where that is a deep bow, on a flatter one: no shut eye is drawn as half a circle.
    """
    chord = lower[0] + (lower[-1] - lower[0]) * np.linspace(0, 1, len(lower), dtype=np.float32)[:, None]
    width, deep = np.linalg.norm(lower[-1] - lower[0]), np.linalg.norm(lower - chord, axis=1).max()
    meet = chord + (lower - chord) * min(BOW * float(width) / max(float(deep), 1e-3), 1.0)
    return upper + (meet - upper) * fall, lower + (meet - lower) * fall**RISES
