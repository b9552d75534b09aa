"""Takes a moved face and its frame, draws the inside of the mouth between the lips.

From back to front: the cavity, tongue and lower teeth (they follow the jaw), upper teeth (they follow the skull and are
bent along the dental arch), the picture's own teeth if it shows any, and the light that the lips let in. A narrow
opening is a soft dark-red line, not teeth. It moves no lips.
"""

from __future__ import annotations

import cv2
import numpy as np

from visavis_runtime.face.arrays import Array, Number, at_least, at_most, exp_of, namespace, sampled, towards
from visavis_runtime.face.layers.mouth import CAVITY, LINE
from visavis_runtime.render.composite import Pixels
from visavis_runtime.render.gape import AnyGape, Gape, gape_of
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.inked import with_drawing, with_line
from visavis_runtime.render.mouth_scene import LIP, MouthScene
from visavis_runtime.render.teeth import EDGE_CM, HALF_WIDTH_CM, HEIGHT_CM
from visavis_runtime.render.tongue import tongue_back, tongue_tip

Layer = tuple[Array, Array]  # premultiplied colour [h, w, 3], alpha [h, w, 1]

BEHIND_LIPS_CM = 0.8
UPPER_EDGE_CM, LOWER_EDGE_CM = -0.30, -0.38
"""Heights of the biting edges over the line between the shut lips."""
LIP_OPEN_CM, LIP_TURN_CM = 0.3, 0.10
"""Opening at which lips have mostly turned in, and how far from their edge that shows."""
UPPER_TURN, LOWER_TURN, LIP_GLEAM = 0.30, 0.12, 0.10
"""Darkest share of light lost at the edge of each lip, and the gleam on the lower one."""
SEAM_OFF, SEAM_REACH_CM = 0.95, 0.22
"""The dark line of shut lips that the picture leaves on the edge of the lower one: how much of it goes as the mouth
opens, and its width."""
SPILL_CM, SPILL_LIGHT = 0.40, 0.85
"""How far teeth that the picture shows have run into the edges of its lips, and the light on the red that is there."""
LOWER_INNER_CM, UPPER_INNER_CM, INNER_OPEN_CM, INNER_THERE_CM, INNER_ENDS = 0.14, 0.05, 0.42, 0.15, 0.75
"""How much of the wet inner side of each lip a wide open mouth shows, the openings at which it mostly does and at which
what is seen of it covers the dark, and where along the mouth it ends: the corners lie in the dark."""
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
SEAM_PX, SEAM_OPEN_PX, SEAM_STRENGTH, NARROW_SEAM = 1.5, 4.0, 0.55, 0.6
"""Half width of the line between lips that the picture shows parted, the opening at which it begins, its strength, and
the share of it between lips that are parted too little to show what is behind them."""


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


def without_spill(colour: Array, gape: AnyGape) -> Array:
    """Lips without the teeth of the picture that have run into their edges, as far as they have left the picture."""
    xp, per_cm = namespace(colour), 1 / gape.px_per_cm
    inside = xp.minimum(gape.opening.below_upper, 0) + xp.minimum(gape.opening.above_lower, 0)
    apart = at_least(gape.widest_px, 0.0) * per_cm
    left = (1 - exp_of(-apart / LIP_OPEN_CM)) * gape.rest * gape.scene.own_teeth
    left = left * xp.clip((1.02 - xp.abs(gape.opening.along)) / 0.1, 0, 1)
    near = xp.clip(1 + inside * (per_cm / SPILL_CM), 0, 1)
    spill = near * near * left
    return colour + xp.minimum(gape.scene.tones[LIP] * SPILL_LIGHT - colour, 0) * spill[..., None]


def red_of(colour: Array, lower: Array, gape: AnyGape) -> Array:
    """[h, w, 3]: the plain red of the lower lip: what is seen `lower` down, at the corners, where it is thin, what is
    there."""
    xp = namespace(colour)
    return colour + (lower - colour) * xp.clip(1 - (gape.opening.along / INNER_ENDS) ** 2, 0, 1)[..., None]


def with_lips(colour: Array, red: Array, gape: AnyGape) -> Array:
    """The lips round the opening: their red turns in towards it and darkens, the lower one catches a wet gleam and
    shows its plain `red` [h, w, 3] where it lay in the dark of the other."""
    opening, per_cm = gape.opening, 1 / gape.px_per_cm
    xp, apart = namespace(opening.along), at_least(gape.widest_px, 0.0) * per_cm
    # Lips that the picture shows open bring their own shade.
    turned = (1 - exp_of(-apart / LIP_OPEN_CM)) * gape.rest * (1 - gape.scene.flat)
    ends = xp.clip((1.02 - xp.abs(opening.along)) / 0.2, 0, 1) * turned
    upper = xp.maximum(-opening.below_upper, 0) * per_cm
    lower = xp.maximum(-opening.above_lower, 0) * per_cm
    # A pixel that the edge cuts may have its middle inside: it belongs to the nearer lip alone.
    by_lower = opening.above_lower < opening.below_upper
    shade = xp.where(by_lower, LOWER_TURN * xp.exp(lower / -LIP_TURN_CM), UPPER_TURN * xp.exp(upper / -LIP_TURN_CM))
    gleam = LIP_GLEAM * xp.exp(-(((lower - 0.17) / 0.07) ** 2)) * by_lower
    bare = SEAM_OFF * xp.exp(-((lower / SEAM_REACH_CM) ** 2)) * by_lower * ends
    colour = colour + (red - colour) * bare[..., None]
    return colour * (1 - (shade - gleam) * ends)[..., None]


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


def with_joint(colour: Array, gape: AnyGape) -> Array:
    """Lips that are parted in the picture and meet at rest, without the steps that their textures meet in."""
    amount = (_on_seam(gape, ends=-0.1) * gape.rest)[..., 1:-1, :, None]
    out = colour
    for _ in range(2):
        across = out[..., :-2, :, :] - 2 * out[..., 1:-1, :, :] + out[..., 2:, :, :]
        out = out + 0.0
        out[..., 1:-1, :, :] += 0.25 * amount * across
    return out


def _on_seam(gape: AnyGape, *, ends: float) -> Array:
    """[h, w] 0..1: how much of each pixel belongs to the seam of lips that come together; `ends`: how far from the
    corners, by half the width of the mouth, it begins."""
    opening, scale = gape.opening, gape.scene.scale
    xp = namespace(opening.along)
    shut = at_most(at_least(1 - gape.widest_px / (SEAM_OPEN_PX * scale), 0.0), 1.0)
    middle = (opening.below_upper - opening.above_lower) / 2
    along = xp.clip((1 - ends - xp.abs(opening.along)) / 0.15, 0, 1)
    return xp.exp(-((middle / (SEAM_PX * scale)) ** 2)) * along * shut


def with_seam(colour: Array, gape: AnyGape, *, share: Number) -> Array:
    """The line between lips that the picture shows parted, as they come together, `share` of it."""
    amount = share * SEAM_STRENGTH * _on_seam(gape, ends=0.0)
    line = gape.scene.tones[LINE]
    return colour + (line - colour) * amount[..., None]
