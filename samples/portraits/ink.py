"""Comic-book drawing: flat tones cut from smooth light, and ink lines of varying width.

Lines hang on the head's points; tones come from lighting the height field once without colour.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from canvas import Array, blur, colour, fill, offset, over, ribbon, smoothstep, spline, taper
from head import BROW_BOTTOM, BROW_TOP, IRIS, LID_BOTTOM, LID_TOP, LIP_BOTTOM, LIP_TOP, SIDES, Head
from light import cast_shadow, normals, unit

INK = "#16110f"


def ink(
    picture: Array,
    head: Head,
    curve: Array,
    width_cm: float,
    *,
    peak: float = 0.5,
    start: float = 0.0,
    end: float = 0.0,
    tint: str = INK,
) -> Array:
    """One brush line, thick in the middle and thin at its ends."""
    widths = head.cm(width_cm) * taper(len(curve), start=start, end=end, peak=peak)
    return over(picture, colour(tint), fill(picture.shape, ribbon(curve, widths)))


def ink_points(
    picture: Array, head: Head, points: npt.ArrayLike, width_cm: float, *, peak: float = 0.5, tint: str = INK
) -> Array:
    return ink(picture, head, spline(points), width_cm, peak=peak, tint=tint)


def tones(height: Array, direction: tuple[float, float, float], *, px_per_cm: float, smooth_cm: float = 0.10) -> Array:
    """Light 0..1 on a height field, smoothed so that its level lines are clean curves."""
    soft = blur(height, smooth_cm * px_per_cm)
    facing = np.clip(normals(soft) @ unit(direction), 0, 1)
    shadow = cast_shadow(soft, direction, reach_px=8 * px_per_cm, soft=8.0)
    return blur(facing * (0.25 + 0.75 * shadow), smooth_cm * px_per_cm)


def cel(
    light: Array, shades: tuple[str, str, str], *, cuts: tuple[float, float] = (0.42, 0.86), edge: float = 0.012
) -> Array:
    """Three flat colours: shadow, base, light."""
    shadow, base, bright = (colour(code) for code in shades)
    lit = smoothstep(cuts[0] - edge, cuts[0] + edge, light)[..., None]
    shine = smoothstep(cuts[1] - edge, cuts[1] + edge, light)[..., None]
    return np.asarray(shadow * (1 - lit) + base * lit * (1 - shine) + bright * shine, np.float32)


def hatch(
    picture: Array,
    head: Head,
    area: Array,
    *,
    spacing_cm: float,
    width_cm: float,
    angle_rad: float,
    tint: str = INK,
    seed: int = 0,
) -> Array:
    """Parallel ink strokes inside a mask, each broken off at a random length."""
    rng = np.random.default_rng(seed)
    direction = np.array([np.cos(angle_rad), np.sin(angle_rad)])
    across = np.array([-direction[1], direction[0]])
    ys, xs = np.nonzero(area > 0.5)
    if len(xs) == 0:
        return picture
    middle = np.array([xs.mean(), ys.mean()])
    reach = np.hypot(np.ptp(xs), np.ptp(ys)) / 2
    strokes = []
    for place in np.arange(-reach, reach, head.cm(spacing_cm)):
        ends = [middle + across * place + direction * reach * s * rng.uniform(0.8, 1.1) for s in (-1, 1)]
        curve = np.linspace(ends[0], ends[1], 40, dtype=np.float32)
        strokes.append(ribbon(curve, head.cm(width_cm) * taper(40, peak=rng.uniform(0.3, 0.7))))
    return over(picture, colour(tint), fill(picture.shape, *strokes) * area)


def ink_eye(
    picture: Array, head: Head, side: str, *, iris: str, iris_dark: str, white: str = "#f3ece0", shade: str = "#a9a0a0"
) -> Array:
    """A comic eye: flat white, shadow of the lid, two-tone iris, heavy upper lid."""
    shape, sign = picture.shape, SIDES[side]
    top, bottom = head.curve(LID_TOP[side]), head.curve(LID_BOTTOM[side])
    ring = head.points[IRIS[side], :2]
    radius = float(np.linalg.norm(ring[1:] - ring[0], axis=1).mean()) * 1.04
    opening = fill(shape, np.vstack([top, bottom[::-1]]))
    turn = np.linspace(0, 2 * np.pi, 60)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1).astype(np.float32)
    picture = over(picture, colour(white), opening)
    for scale, tint in ((1.0, INK), (0.86, iris_dark)):
        picture = over(picture, colour(tint), fill(shape, ring[0] + circle * radius * scale) * opening)
    lower = fill(shape, ring[0] + circle * radius * 0.80) * fill(
        shape, ring[0] + (0, radius * 0.55) + circle * radius * 1.05
    )
    picture = over(picture, colour(iris), lower * opening)
    picture = over(picture, colour("#0c0908"), fill(shape, ring[0] + circle * radius * 0.42) * opening)
    band = ribbon(top + offset(0, radius * 0.12), radius * 0.62 * taper(len(top), start=0.4, end=0.4))
    picture = over(picture, colour(shade) * 0.55, fill(shape, band) * opening, opacity=0.5)
    picture = over(
        picture, (1, 1, 1), fill(shape, ring[0] + (-radius * 0.38, -radius * 0.36) + circle * radius * 0.25) * opening
    )
    picture = over(
        picture,
        (1, 1, 1),
        fill(shape, ring[0] + (radius * 0.36, radius * 0.40) + circle * radius * 0.11) * opening,
        opacity=0.8,
    )
    wing = np.vstack([top[0] + np.array([sign * 0.22, -0.04]) * head.px_per_cm, top])
    picture = ink(picture, head, spline(wing), 0.24, peak=0.3, start=0.15, end=0.2)
    picture = ink(picture, head, bottom[8:72] + offset(0, head.cm(0.02)), 0.085, peak=0.3)
    crease = top[6:74] + (0, -head.cm(0.42)) * taper(68, start=0.75, end=0.55)[:, None]
    picture = ink(picture, head, crease, 0.085, peak=0.35)
    bag = bottom[28:74] + (0, head.cm(0.42)) * taper(46, start=0.8, end=0.6)[:, None]
    return ink(picture, head, bag, 0.06, peak=0.7)


def ink_brow(picture: Array, head: Head, side: str, *, tint: str, shine: str) -> Array:
    """A solid brow with a notched edge and a few lighter hairs."""
    rng = np.random.default_rng(5 + (side == "left"))
    top, bottom = head.curve(BROW_TOP[side][::-1]), head.curve(BROW_BOTTOM[side][::-1])
    middle = (top + bottom) / 2
    width = (
        np.linalg.norm(top - bottom, axis=1)
        * np.linspace(0.95, 0.8, len(top))
        * taper(len(top), start=0.55, end=0.05, peak=0.3)
    )
    picture = over(picture, colour(tint), fill(picture.shape, ribbon(middle, width)))
    flow = np.gradient(middle, axis=0)
    for along in np.linspace(2, 70, 24):
        index = int(along)
        root = middle[index] + rng.normal(0, 0.18) * (bottom[index] - top[index])
        tip = root + flow[index] / np.linalg.norm(flow[index]) * head.cm(0.55) + (0, -head.cm(rng.uniform(0.12, 0.5)))
        picture = ink_points(
            picture,
            head,
            [root, (root + tip) / 2 + (0, -head.cm(0.04)), tip],
            0.09,
            peak=0.3,
            tint=tint if along % 3 else shine,
        )
    return picture


def ink_mouth(picture: Array, head: Head, *, upper: str, lower: str, light: str) -> Array:
    """Flat lips, a darker upper one, and a bold seam."""
    p, seam, shape = head.points[:, :2], head.seam(), picture.shape
    top, bottom = head.curve(LIP_TOP, count=120), head.curve(LIP_BOTTOM, count=120)
    picture = over(picture, colour(lower), fill(shape, np.vstack([seam, bottom[::-1]])))
    picture = over(picture, colour(upper), fill(shape, np.vstack([top, seam[::-1]])))
    gleam = spline(p[[87, 14, 317]] * 0.5 + p[[84, 17, 314]] * 0.5 + (-head.cm(0.25), 0))
    picture = ink(picture, head, gleam, 0.26, tint=light)
    picture = ink(picture, head, seam, 0.15, start=0.5, end=0.5)
    for corner, sign in ((61, -1), (291, 1)):
        c = p[corner]
        picture = ink_points(
            picture,
            head,
            [
                c + offset(-sign * head.cm(0.1), 0),
                c + offset(sign * head.cm(0.12), head.cm(0.02)),
                c + offset(sign * head.cm(0.16), head.cm(0.25)),
            ],
            0.11,
        )
    picture = ink(picture, head, bottom[38:82] + offset(0, head.cm(0.06)), 0.10)
    return ink(picture, head, top[30:92], 0.045)


def ink_nose(picture: Array, head: Head, *, dark_side: float) -> Array:
    """Wings, nostrils and one line down the dark side of the bridge."""
    p, unit_px = head.points[:, :2], head.px_per_cm
    for wing, base, sign in ((129, 98, -1), (358, 327, 1)):
        arc = [
            p[wing] + np.array([-sign * 0.05, -0.45]) * unit_px,
            p[wing] + np.array([sign * 0.12, 0.1]) * unit_px,
            p[base] + np.array([sign * 0.42, 0.12]) * unit_px,
        ]
        picture = ink_points(picture, head, arc, 0.13, peak=0.6)
        middle = 0.55 * p[base] + 0.45 * p[2]
        hole = [
            middle + np.array([-sign * 0.42, 0.02]) * unit_px,
            middle + np.array([0, -0.16]) * unit_px,
            middle + np.array([sign * 0.40, 0.04]) * unit_px,
        ]
        picture = ink_points(picture, head, hole, 0.26, peak=0.5)
    low = [
        p[2] + np.array([-0.42, 0.0]) * unit_px,
        p[2] + np.array([0, 0.14]) * unit_px,
        p[2] + np.array([0.42, 0.0]) * unit_px,
    ]
    picture = ink_points(picture, head, low, 0.09)
    points = p[[417, 465, 351]] if dark_side > 0 else p[[193, 245, 122]]
    return ink_points(picture, head, points, 0.12, peak=0.25)
