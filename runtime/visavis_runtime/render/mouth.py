"""Takes a moved face and its frame, draws the inside of the mouth between the lips.

From back to front: the cavity, tongue and lower teeth (they follow the jaw), upper teeth (they follow the skull and are
bent along the dental arch), the picture's own teeth if it shows any, and the light that the lips let in. A narrow
opening is a soft dark-red line, not teeth. It moves no lips.
"""

from __future__ import annotations

import cv2
import numpy as np

from visavis_runtime.face.arrays import Array, Number, at_least, exp_of, namespace, sampled, towards
from visavis_runtime.face.layers.mouth import CAVITY, LINE
from visavis_runtime.render.composite import Pixels
from visavis_runtime.render.gape import AnyGape, Gape, gape_of
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.inked import with_drawing, with_line
from visavis_runtime.render.lips import (
    INNER_ENDS,
    NARROW_SEAM,
    SEAM_OPEN_PX,
    red_of,
    with_joint,
    with_lips,
    with_seam,
    without_spill,
)
from visavis_runtime.render.mouth_scene import LIP, MouthScene
from visavis_runtime.render.teeth import EDGE_CM, HALF_WIDTH_CM, HEIGHT_CM
from visavis_runtime.render.tongue import tongue_back, tongue_tip

Layer = tuple[Array, Array]  # premultiplied colour [h, w, 3], alpha [h, w, 1]

BEHIND_LIPS_CM = 0.8
UPPER_EDGE_CM, LOWER_EDGE_CM = -0.30, -0.38
"""Heights of the biting edges over the line between the shut lips."""
LOWER_INNER_CM, UPPER_INNER_CM, INNER_OPEN_CM, INNER_THERE_CM = 0.14, 0.05, 0.42, 0.15
"""How much of the wet inner side of each lip a wide open mouth shows, the openings at which it mostly does and at which
what is seen of it covers the dark."""
INNER_LIGHT, INNER_FALL, UPPER_INNER_SHADE = 0.92, 0.50, 0.72
"""Light on that inner side at its edge, how much of it is lost inwards, and the shade that the upper one lies in."""
ROUND_SHADE, ROUND_HIDES_CM = 0.55, 0.30
"""Light that pushed forward lips keep out, and how much of both rows of teeth they hide."""
LIP_SHADE, WIDE_LIFTS, LIP_SHADE_CM, SIDE_SHADE = 0.37, 0.05, 0.24, 0.47
"""Light that the upper lip keeps from what is right below it, how much less of it on a wide open mouth, how far that
shade reaches, and the light that is lost towards the corners."""
WIDE_CLEARS = 0.85
"""How much of the dark along the lips goes as the mouth opens wide."""
WIDE_LINE = 0.7
"""The dark along the lips of a wide open mouth by that of the cavity: lighter, it would be a drawn outline."""
FLAT_LIGHT, FLAT_SHARPER = 0.95, 0.6
"""Flat drawings: the light on everything inside, and how much narrower the shadow of the lips is on it."""
JAW_TEETH, JAW_TONGUE = 0.90, 0.72
"""Share of the chin's way that lower teeth and tongue make."""


def draw_mouth(out: Pixels, *, scene: MouthScene, rig: Rig, moved: Moved) -> None:
    """Draw the inside of the mouth into the frame [S, S, 4] (uint8 or float32)."""
    gape = gape_of(scene, rig=rig, moved=moved, size=out.shape[0])
    if gape is None:
        return
    part = out[gape.rows, gape.columns, :3]
    colour = part.astype(np.float32)
    lower = out[np.minimum(np.arange(gape.rows.start, gape.rows.stop) + scene.lip_px, len(out) - 1), gape.columns, :3]
    if scene.own_teeth and gape.widest_px > 0:
        colour = without_spill(colour, gape)
    red = red_of(colour, lower.astype(np.float32), gape)
    if gape.widest_px > 0:
        colour = with_lips(colour, red, gape)
    if not scene.lips:
        colour = with_drawing(colour, gape, _drawing(gape))
    elif gape.widest_px < SEAM_OPEN_PX * scene.scale:
        if scene.parted:
            colour = with_joint(colour, gape)
        if scene.parted or scene.photo is not None:
            colour = with_seam(colour, gape, share=1.0 if scene.photo is not None else gape.rest * NARROW_SEAM)
    tip = tongue_tip(gape, gape.jaw * JAW_TEETH) if gape.tongue > 0 else None
    if tip is not None:
        colour = over(colour, tip)
    inside = over(inside_of(gape, tip), inner_sides(red, gape, tip))
    if scene.photo is not None and gape.rest < 1:
        inside = over(inside, _own_teeth(gape))
    colour += (inside - colour) * gape.opening.coverage[..., None]
    if not scene.lips:
        colour = with_line(colour, gape, None if tip is None else tip[1])
    np.clip(colour, 0, 255, out=colour)
    part[:] = np.rint(colour) if out.dtype == np.uint8 else colour


def over(colour: Array, layer: Layer) -> Array:
    """A layer over a colour."""
    return colour * (1 - layer[1]) + layer[0]


def inside_of(gape: AnyGape, tip: Layer | None) -> Array:
    """[h, w, 3]: everything between the lips; `tip` is the tongue's, between the rows of teeth."""
    scene = gape.scene
    opening = gape.opening
    xp = namespace(opening.below_upper)
    below = xp.maximum(opening.below_upper, 0) / gape.px_per_cm
    above = xp.maximum(opening.above_lower, 0) / gape.px_per_cm
    # Light falls in from the front and from above: most on what is near the lower lip and in the middle.
    depth = below / xp.maximum(below + above, 1e-3)
    colour = scene.tones[CAVITY] * towards(0.55 + 0.75 * depth, FLAT_LIGHT, scene.flat)[..., None]
    away = gape.inwards * BEHIND_LIPS_CM
    colour = over(colour, tongue_back(gape, gape.jaw * JAW_TONGUE + 1.6 * away))
    way, hidden = gape.jaw * JAW_TEETH + 1.25 * away, ROUND_HIDES_CM * gape.rounding
    colour = over(colour, _teeth(gape, scene.lower, way, rise_cm=LOWER_EDGE_CM - hidden, edge_cm=EDGE_CM))
    if tip is not None:
        colour = over(colour, tip)
    colour = over(colour, _teeth(gape, scene.upper, away, rise_cm=UPPER_EDGE_CM + hidden, edge_cm=HEIGHT_CM - EDGE_CM))
    return _lit(colour, gape, below, above, tip)


def _lit(colour: Array, gape: AnyGape, below: Array, above: Array, tip: Layer | None) -> Array:
    """The inside in the light that the lips let in."""
    xp = namespace(below)
    room = 1 - exp_of(-at_least(gape.widest_px, 0.0) / gape.px_per_cm / 0.35)
    light = 1 - (LIP_SHADE - WIDE_LIFTS * room) * xp.exp(below / -LIP_SHADE_CM)
    aside = xp.clip(gape.opening.along, -1, 1)
    light = light * (1 - SIDE_SHADE * aside * aside) * (1 - ROUND_SHADE * gape.rounding)
    light = towards(light, FLAT_LIGHT, gape.scene.flat)
    # Close to the lips everything drowns in their own shadow, so a narrow slit is a soft dark-red line.
    soft = 1 - FLAT_SHARPER * gape.scene.flat
    fine = 1 - WIDE_CLEARS * room
    near_lower = xp.exp(above / (-0.06 * soft)) * fine
    if tip is not None:
        near_lower = near_lower * (1 - tip[1][..., 0])  # the tongue comes out of that shadow
    clear = (1 - xp.exp(below / (-0.09 * soft)) * fine) * (1 - near_lower)
    tones, wide = gape.scene.tones, room * (1 - gape.scene.flat)
    line = towards(tones[LINE], tones[CAVITY] * WIDE_LINE, wide if isinstance(wide, float) else wide[..., None])
    lit = 1 - (1 - light)[..., None] * gape.scene.shade
    return line + (colour * lit - line) * clear[..., None]


def inner_sides(red: Array, gape: AnyGape, tip: Layer | None) -> Layer:
    """The inner sides of the lips, which an opening mouth shows: their thickness. The lower one goes on in the colours
    `red` [h, w, 3] that it has below its edge, so that nothing but its light tells where it turns in."""
    opening, scene = gape.opening, gape.scene
    xp, flat = namespace(red), scene.flat
    apart, soft = at_least(gape.widest_px, 0.0) / gape.px_per_cm, scene.soft_px / gape.px_per_cm
    seen = (1 - exp_of(-apart / INNER_OPEN_CM)) * xp.clip(1 - (opening.along / INNER_ENDS) ** 2, 0, 1)
    lower, low = _side(opening.above_lower / gape.px_per_cm, LOWER_INNER_CM * seen, soft)
    upper, up = _side(opening.below_upper / gape.px_per_cm, UPPER_INNER_CM * seen, soft)
    if tip is not None:
        lower = lower * (1 - tip[1][..., 0])
    by_upper = upper > lower
    turned = xp.where(by_upper, up, low)
    shade = (INNER_LIGHT - INNER_FALL * (1 - turned)) * (1 - (1 - UPPER_INNER_SHADE) * by_upper)
    shade = shade * (1 - ROUND_SHADE * gape.rounding)
    alpha = xp.maximum(upper, lower) if xp is np else upper.maximum(lower)
    alpha = alpha * (1 - exp_of(-apart / INNER_THERE_CM)) * scene.lips
    tone = scene.tones[LIP]
    skin = towards(xp.where(by_upper[..., None], tone, red), tone, flat if isinstance(flat, float) else flat[..., None])
    alpha = xp.asarray(alpha[..., None], np.float32)
    return xp.asarray(skin * shade[..., None] * alpha, np.float32), alpha


def _side(far: Array, width: Array, soft: Number) -> tuple[Array, Array]:
    """An inner side that shows `width` cm [h, w] of itself: its cover at `far` cm from the edge of the lip, never
    sharper than `soft` cm, and how much of it still faces forward, both 0..1."""
    xp = namespace(far)
    cover = xp.clip(0.5 + (width - 0.5 * soft - far) / (2 * soft + width), 0, 1)
    return cover * cover * (3 - 2 * cover), xp.clip(1 - far / (width + soft), 0, 1)


def _teeth(gape: AnyGape, row: Array, way: Array, *, rise_cm: Number, edge_cm: float) -> Layer:
    """One row of teeth, `way` [3] cm from the lips, its biting edge at `rise_cm` and at `edge_cm` in its map."""
    x, y = gape.place(way)
    texels = gape.scene.texels_per_cm
    layer = sampled(row, (x + HALF_WIDTH_CM) * texels - 0.5, (edge_cm - (y - rise_cm)) * texels - 0.5)
    return layer[..., :3], layer[..., 3:]


def own_shares(gape: AnyGape) -> tuple[Number, Number]:
    """How much is left of the inside that the picture shows, and of the edges that its lips leave on it.

    A mouth on its way to rest gets the teeth that all mouths have. The edges belong to the picture's opening: they go
    as soon as the lips leave it.
    """
    stay, apart = 1 - gape.rest, abs(gape.widest_px - gape.scene.rest_open_px)
    return stay, stay * exp_of(-apart / (2.5 * gape.scene.scale))


def _own_teeth(gape: Gape) -> Layer:
    """The picture's own mouth interior, fixed to the skull."""
    scene, shape = gape.scene, gape.opening.coverage.shape
    assert scene.photo is not None
    assert scene.edge is not None
    stay, left = own_shares(gape)
    photo = scene.photo * np.float32(stay if scene.own_teeth else left)
    whole = np.dstack([photo[..., :3] + scene.edge * np.float32(left), photo[..., 3]])
    matrix = _skull_matrix(gape, scene.photo_start)
    moved = np.asarray(cv2.warpAffine(whole, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR), np.float32)
    return moved[..., :3], moved[..., 3:]


def _drawing(gape: Gape) -> Array:
    """[h, w, 3]: the drawn mouth of the picture, on the skin."""
    scene = gape.scene
    assert scene.drawing is not None
    height, width = gape.opening.coverage.shape
    matrix = _skull_matrix(gape, scene.drawing_start)
    return np.asarray(cv2.warpAffine(scene.drawing, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def _skull_matrix(gape: Gape, start: Array) -> Array:
    """[2, 3]: px of a layer fixed to the skull, which begins at `start` [2] in the picture -> px of the window."""
    scene = gape.scene
    here = skull_px(gape.rig, gape.moved, scene.middle, offset=scene.middle_offset)
    turn = gape.moved.turn.astype(np.float64)
    place = turn @ (start - scene.middle_px) + here - np.array([gape.columns.start, gape.rows.start])
    return np.c_[turn * scene.scale, place]
