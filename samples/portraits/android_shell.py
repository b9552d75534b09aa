"""The android's body: skull shell, ear discs, mechanical neck, armour, and the machine hall behind."""

from __future__ import annotations

import numpy as np
from canvas import Array, blur, colour, fill, gradient, offset, over, ribbon, smoothstep, spline, taper
from clothes import outline_cm, shoulder_height
from head import Head
from light import normals

GLOW = "#58e6ff"


def reflections(height: Array, *, smooth_px: float) -> Array:
    """What a polished surface mirrors of a dark room with soft boxes, [H, W, 3]."""
    n = normals(blur(height, smooth_px))
    mirror = 2 * n[..., 2:3] * n - np.array([0, 0, 1], np.float32)
    x, y = mirror[..., 0], mirror[..., 1]
    box = (
        smoothstep(-0.92, -0.80, x)
        * (1 - smoothstep(-0.52, -0.42, x))
        * smoothstep(-0.85, -0.7, y)
        * (1 - smoothstep(0.15, 0.4, y))
    )
    top = smoothstep(-0.98, -0.9, y) * (1 - smoothstep(-0.66, -0.5, y)) * (1 - smoothstep(0.3, 0.6, np.abs(x)))
    strip = smoothstep(0.72, 0.82, x) * (1 - smoothstep(0.93, 0.98, x))
    floor = smoothstep(0.5, 0.95, y)
    fresnel = (1 - np.clip(n[..., 2], 0, 1)) ** 2
    out = 0.55 * box[..., None] * colour("#eef6ff") + 0.5 * top[..., None] * colour("#d8e8ff")
    out = out + 0.9 * strip[..., None] * colour("#46d6ff") + 0.20 * floor[..., None] * colour("#ff9a5a")
    return np.asarray(out * (0.45 + 1.2 * fresnel[..., None]), np.float32)


def glow(picture: Array, mask: Array, head: Head, *, tint: str = GLOW, core: float = 1.0, halo: float = 0.9) -> Array:
    """A light that shines by itself: white-hot core, coloured halo."""
    wide = blur(mask, head.cm(0.7)) * 1.6 + blur(mask, head.cm(0.22)) * 1.2
    picture = picture + halo * wide[..., None] * colour(tint) * 0.55
    picture = over(picture, colour(tint), mask, opacity=core)
    return np.clip(over(picture, (0.93, 1.0, 1.0), blur(mask, head.cm(0.02)) ** 3, opacity=0.65 * core), 0, 1)


def groove(picture: Array, head: Head, curve: Array, *, width_cm: float = 0.09, opacity: float = 0.8) -> Array:
    """A panel line: dark gap with a lit lower edge."""
    width = head.cm(width_cm)
    bevel = fill(
        picture.shape,
        ribbon(curve + offset(width * 0.55, width * 0.75), width * 0.9 * taper(len(curve), start=0.7, end=0.7)),
        soft_px=width * 0.2,
    )
    picture = over(picture, (1, 1, 1), bevel, opacity=0.38 * opacity)
    soft = fill(picture.shape, ribbon(curve, width * 3.2), soft_px=width)
    picture = over(picture, colour("#1b2733"), soft, opacity=0.22 * opacity)
    return over(
        picture,
        colour("#11181f"),
        fill(picture.shape, ribbon(curve, width * taper(len(curve), start=0.7, end=0.7))),
        opacity=opacity,
    )


def machine_hall(head: Head) -> Array:
    """Dark walls, light panels and sparks, out of focus."""
    size, rng = head.size, np.random.default_rng(7)
    shape = (size, size)
    picture = gradient(size, [(0, "#0b1422"), (0.55, "#10233a"), (1, "#070b14")])
    for x in np.linspace(0.03, 0.97, 9):
        wide = rng.uniform(0.02, 0.045)
        bar = np.array([(x, -0.1), (x + wide, -0.1), (x + wide, 1.1), (x, 1.1)]) * size
        picture = over(picture, colour("#1b3550") * rng.uniform(0.5, 1.3), fill(shape, bar))
    for x, y0, y1, tint in (
        (0.09, 0.10, 0.52, "#4fd8ff"),
        (0.135, 0.2, 0.44, "#2f8fd0"),
        (0.90, 0.05, 0.60, "#4fd8ff"),
        (0.85, 0.3, 0.5, "#ff8a4a"),
        (0.05, 0.62, 0.70, "#ff8a4a"),
    ):
        lamp = np.array([(x, y0), (x + 0.012, y0), (x + 0.012, y1), (x, y1)]) * size
        picture = over(picture, colour(tint) * 1.3, fill(shape, lamp))
    for y in (0.24, 0.47, 0.71):
        picture = over(
            picture,
            colour("#050a12"),
            fill(shape, np.array([(0, y), (1, y), (1, y + 0.016), (0, y + 0.016)]) * size),
            opacity=0.8,
        )
    picture = blur(picture, 0.011 * size) + 0.5 * blur(np.clip(picture - 0.25, 0, 1), 0.045 * size)
    turn = np.linspace(0, 2 * np.pi, 7)[:-1]
    for _ in range(26):
        centre, radius = rng.uniform(0, 1, 2), rng.uniform(0.006, 0.018)
        disc = (centre + radius * np.stack([np.cos(turn), np.sin(turn)], 1)) * size
        tint = colour(rng.choice(["#4fd8ff", "#2f8fd0", "#ff9a5a", "#9fb8ff"]))
        picture = over(picture, tint, fill(shape, disc, soft_px=0.0012 * size), opacity=rng.uniform(0.08, 0.3))
    return np.clip(picture, 0, 1)


def neck_rings(head: Head, *, width_cm: float) -> Array:
    """Height of stacked rings round the neck column, px."""
    down, across = np.mgrid[0 : head.size, 0 : head.size].astype(np.float32)
    axis = head.place([(0, -9, -4)])[0]
    x, y = (across - axis[0]) / head.px_per_cm, (axis[1] - down) / head.px_per_cm - 9
    column = np.sqrt(np.clip((width_cm / 2) ** 2 - x**2, 0, None)) - 4.2
    sag = y + 0.05 * x**2
    rings = 0.32 * np.sqrt(np.clip(1 - ((sag % 1.35) / 1.35 * 2 - 1) ** 2, 0, 1))
    return np.where(y > -2.5, -8 * head.px_per_cm, (column + rings) * head.px_per_cm).astype(np.float32)


def armour(head: Head) -> list[tuple[Array, Array, str]]:
    """Shoulder plates from back to front: (height, mask, colour)."""
    shape = (head.size, head.size)
    base = shoulder_height(head)
    plates = []
    rows = [
        ([(3.5, -12.4), (8, -13.0), (13, -14.4), (18, -16.6), (21, -20), (22, -26)], "#252c36", 0.4),
        ([(3.4, -11.2), (5.6, -11.6), (7.2, -13.2), (6.6, -16.0), (4.0, -18.4), (0.01, -19.6)], "#2f3844", 1.2),
    ]
    for points, tint, thick in rows:
        mask = fill(shape, outline_cm(head, points))
        plates.append(((base + head.cm(thick) * blur(mask, head.cm(0.3))).astype(np.float32), mask, tint))
    for sign in (-1, 1):
        cap = [(7.9, -13.4), (11.5, -13.3), (15.5, -14.4), (19.0, -16.9), (20.8, -20.6), (14.5, -20.8), (9.6, -18.0)]
        mask = fill(shape, spline(head.place([(sign * x, y, -3) for x, y in cap])[:, :2], count=160, closed=True))
        dome = base + head.cm(2.2) * np.sqrt(np.clip(blur(mask, head.cm(1.0)), 0, 1))
        plates.append((dome.astype(np.float32), mask, "#b4b9c0"))
    return plates


def ear_disc(head: Head, sign: float) -> tuple[Array, Array]:
    """Outline of the disc over an ear, and the ring of light in it."""
    turn = np.linspace(0, 2 * np.pi, 90)
    wide, tall = 0.95, 1.9
    disc = np.stack([sign * (7.15 + wide * np.cos(turn)), 1.3 + tall * np.sin(turn), np.full(90, -3.0)], 1)
    ring = np.stack([sign * (7.35 + 0.40 * np.cos(turn)), 1.3 + 1.05 * np.sin(turn), np.full(90, -3.0)], 1)
    return head.place(disc)[:, :2], head.place(ring)[:, :2]
