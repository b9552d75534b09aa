"""Skin colour, lips, nostrils and brows, hung on the head's points.

`skin_albedo` and `lip_mask` feed the lighting; the other functions paint over the lit face.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from canvas import Array, blur, colour, fill, noise, offset, over, paint_strokes, ribbon, spline, taper
from head import BROW_BOTTOM, BROW_TOP, LIP_BOTTOM, LIP_TOP, SIDES, Head


class SkinLook(NamedTuple):
    base: str = "#d8a888"
    flush: str = "#c4695a"
    lips: str = "#b0605a"
    flush_amount: float = 0.45
    stubble: str = "#6d6a6c"
    stubble_amount: float = 0.0
    mottle: float = 0.025


def spot(head: Head, centre: Array, radius_cm: float, *, squash: float = 1.0) -> Array:
    """A round soft mask."""
    down, across = np.mgrid[0 : head.size, 0 : head.size].astype(np.float32)
    distance = ((across - centre[0]) ** 2 + ((down - centre[1]) / squash) ** 2) / head.cm(radius_cm) ** 2
    return np.asarray(np.exp(-0.5 * distance), np.float32)


def lip_mask(head: Head, *, soft_cm: float = 0.07) -> Array:
    outline = np.vstack([head.curve(LIP_TOP), head.curve(LIP_BOTTOM)[::-1]])
    return fill((head.size, head.size), outline, soft_px=head.cm(soft_cm))


def skin_albedo(head: Head, look: SkinLook, *, seed: int = 0) -> Array:
    """The unlit colour of skin and lips over the whole canvas."""
    p = head.points[:, :2]
    picture = np.zeros((head.size, head.size, 3), np.float32) + colour(look.base)
    for index, radius, amount in (
        (50, 1.7, 1.0),
        (280, 1.7, 1.0),
        (4, 0.95, 0.9),
        (152, 1.2, 0.35),
        (127, 1.0, 0.5),
        (356, 1.0, 0.5),
    ):
        picture = over(picture, colour(look.flush), spot(head, p[index], radius), opacity=look.flush_amount * amount)
    for index in (230, 450):
        picture = over(picture, colour("#9a6a6a"), spot(head, p[index], 0.8, squash=0.5), opacity=0.25)
    if look.stubble_amount:
        jaw = (
            spot(head, p[152], 3.2)
            + spot(head, p[172], 2.2)
            + spot(head, p[397], 2.2)
            + spot(head, p[164], 1.2, squash=0.5)
        )
        bare = 1 - blur(lip_mask(head), head.cm(0.1))
        picture = over(picture, colour(look.stubble), np.clip(jaw, 0, 1) * bare, opacity=look.stubble_amount)
    patchy = noise(head.size, 34, seed=seed, octaves=4)
    picture = picture * (1 + look.mottle * patchy[..., None] * np.array([0.4, 1.0, 0.9], np.float32))
    lips = lip_mask(head)
    creases = noise(head.size, 120, seed=seed + 1, octaves=2, stretch=(0.45, 3.0))
    tint = colour(look.lips) * (1 + 0.05 * creases[..., None])
    return over(picture, tint, lips, opacity=0.88)


def paint_mouth(picture: Array, head: Head, *, line: str = "#3a1512", strength: float = 1.0) -> Array:
    """The seam between the lips, its shaded corners, and the soft shadow below the lower lip."""
    shape = picture.shape
    seam = head.seam()
    soft = fill(shape, ribbon(seam, head.cm(0.30) * taper(len(seam), start=0.3, end=0.3)), soft_px=head.cm(0.08))
    picture = over(picture, colour(line), soft, opacity=0.38 * strength)
    sharp = fill(shape, ribbon(seam, head.cm(0.105) * taper(len(seam), start=0.5, end=0.5)), soft_px=head.cm(0.012))
    picture = over(picture, colour(line), sharp, opacity=0.9 * strength)
    for index in (61, 291):
        picture = over(picture, colour(line), spot(head, head.points[index, :2], 0.16), opacity=0.45 * strength)
    return picture


def paint_lip_light(
    picture: Array, head: Head, *, tint: str = "#fff0e6", opacity: float = 0.3, side: float = -0.2, seed: int = 3
) -> Array:
    """Broken highlights on the wet part of the lower lip and along the cupid's bow."""
    p = head.points[:, :2]
    low = spline((p[[178, 87, 14, 317, 402]] * 0.45 + p[[181, 84, 17, 314, 405]] * 0.55) + (side * head.px_per_cm, 0))
    grain = np.clip(0.6 + 0.6 * noise(head.size, 150, seed=seed, octaves=1, stretch=(0.4, 4.0)), 0, 1)
    gleam = fill(picture.shape, ribbon(low, head.cm(0.3) * taper(len(low))), soft_px=head.cm(0.08)) * grain
    picture = over(picture, colour(tint), gleam, opacity=opacity)
    bow = spline(p[[40, 39, 37, 0, 267, 269, 270]] + (0, -head.cm(0.06)))
    edge = fill(picture.shape, ribbon(bow, head.cm(0.1) * taper(len(bow))), soft_px=head.cm(0.05))
    return over(picture, colour(tint), edge, opacity=opacity * 0.7)


def paint_nostrils(picture: Array, head: Head, *, tint: str = "#38150f", opacity: float = 0.85) -> Array:
    p = head.points[:, :2]
    for wing, base in ((98, 97), (327, 326)):
        sign = 1.0 if wing == 327 else -1.0
        middle = 0.5 * p[wing] + 0.5 * p[base] + (0, -head.cm(0.14))
        arc = spline(
            [
                middle + offset(-sign * head.cm(0.30), head.cm(0.06)),
                middle + offset(0, -head.cm(0.06)),
                middle + offset(sign * head.cm(0.34), head.cm(0.10)),
            ]
        )
        hole = fill(picture.shape, ribbon(arc, head.cm(0.30) * taper(len(arc), peak=0.45)), soft_px=head.cm(0.06))
        picture = over(picture, colour(tint), hole, opacity=opacity)
    return picture


def brow_strokes(head: Head, side: str, *, hairs: int, length_cm: float, seed: int) -> tuple[list[Array], Array]:
    """Hair outlines of one brow and a random shade -1..1 for each, drawn from the nose outwards."""
    rng = np.random.default_rng(seed)
    top = spline(head.points[BROW_TOP[side][::-1], :2], count=100)
    bottom = spline(head.points[BROW_BOTTOM[side][::-1], :2], count=100)
    sign = SIDES[side]
    outlines = []
    for _ in range(hairs):
        along = rng.beta(1.1, 1.15)
        index = min(int(along * 99), 98)
        narrow = np.interp(along, [0, 0.12, 0.55, 1], [0.55, 0.85, 0.75, 0.12])
        across = 0.5 + (rng.uniform(-0.5, 0.5)) * narrow
        root = bottom[index] * (1 - across) + top[index] * across
        flow = (top[index + 1] + bottom[index + 1] - top[index] - bottom[index]) / 2
        flow /= np.linalg.norm(flow) + 1e-9
        lift = np.interp(along, [0, 0.25, 0.6, 1], [1.15, 0.7, 0.25, 0.02]) - 0.75 * (across - 0.35) * np.interp(
            along, [0, 0.3], [0.2, 1]
        )
        direction = flow + np.array([0, -lift])
        direction /= np.linalg.norm(direction)
        size = head.cm(length_cm) * rng.uniform(0.65, 1.2) * np.interp(along, [0, 0.5, 1], [0.8, 1.0, 0.7])
        tip = root + direction * size
        middle = (root + tip) / 2 + np.array([sign * 0.0, -size * 0.08])
        outlines.append(
            ribbon(spline([root, middle, tip], count=8), head.cm(0.052) * taper(8, start=0.7, end=0.05, peak=0.3))
        )
    return outlines, rng.uniform(-1, 1, hairs).astype(np.float32)


def paint_brows(
    picture: Array,
    head: Head,
    *,
    tint: str,
    hairs: int = 260,
    length_cm: float = 0.75,
    base: float = 0.55,
    seed: int = 9,
) -> Array:
    """Both brows: a soft shade of colour first, then hair by hair."""
    for side in ("right", "left"):
        top, bottom = head.curve(BROW_TOP[side]), head.curve(BROW_BOTTOM[side])
        middle = (top + bottom) / 2
        width = np.linalg.norm(top - bottom, axis=1) * np.linspace(0.35, 0.85, len(top))
        under = fill(picture.shape, ribbon(middle, width), soft_px=head.cm(0.14))
        picture = over(picture, colour(tint), under, opacity=base)
        outlines, shade = brow_strokes(head, side, hairs=hairs, length_cm=length_cm, seed=seed + (side == "left"))
        canvas = np.clip(picture * 255, 0, 255).astype(np.uint8)
        paint_strokes(canvas, outlines, colour(tint) * (1 + 0.35 * shade[:, None]))
        picture = canvas.astype(np.float32) / 255
    return picture
