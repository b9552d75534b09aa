"""The innkeeper's shirt and leather braces, and his tavern out of focus behind him."""

from __future__ import annotations

import numpy as np
from canvas import Array, blur, colour, fill, gradient, noise, offset, over, ribbon, spline
from clothes import drape, outline_cm, radiating
from features import spot
from head import Head
from light import Lamp, Sheen, light_skin

LAMPS = [Lamp((-0.9, -0.45, 0.5), "#ffd9a0", 1.4), Lamp((0.95, -0.2, 0.1), "#ff8a3a", 0.55, 0.4)]


def tavern(head: Head) -> Array:
    """Shelves, bottles and two lamps, far out of focus."""
    size, rng = head.size, np.random.default_rng(11)
    picture = gradient(size, [(0, "#4a2f1a"), (0.5, "#3a2412"), (1, "#2a190d")])
    box = lambda x, y, w, h: np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]) * size  # noqa: E731
    for y in (0.20, 0.43):
        for x in np.arange(0.0, 1.0, 0.045):
            tall, wide = rng.uniform(0.07, 0.15), rng.uniform(0.022, 0.04)
            tint = colour(rng.choice(["#6d7a3a", "#8a4a1c", "#a8752c", "#3d5a4a", "#b08c58", "#5a2a1c"])) * rng.uniform(
                0.6, 1.1
            )
            picture = over(picture, tint, fill((size, size), box(x, y - tall, wide, tall)))
            picture = over(
                picture, tint * 1.9, fill((size, size), box(x + wide * 0.2, y - tall * 0.9, wide * 0.16, tall * 0.7))
            )
        picture = over(picture, colour("#6b4322"), fill((size, size), box(0, y, 1, 0.022)))
        picture = over(picture, colour("#150b05"), fill((size, size), box(0, y + 0.022, 1, 0.02)))
    picture = over(picture, colour("#24150b"), fill((size, size), box(0.86, 0, 0.07, 1), box(0.03, 0, 0.05, 1)))
    picture = blur(picture, 0.016 * size)
    for x, y, radius, power in ((0.13, 0.17, 0.030, 1.0), (0.90, 0.30, 0.022, 0.8)):
        glow = spot(head, np.array([x, y]) * size, radius * 38)
        wide = spot(head, np.array([x, y]) * size, radius * 150)
        picture = picture + power * (glow[..., None] * colour("#ffdf9a") + 0.4 * wide[..., None] * colour("#ff9a3c"))
    return np.clip(picture, 0, 1)


def dress(picture: Array, head: Head) -> tuple[Array, Array]:
    """A linen shirt with an open collar under a leather apron."""
    creases = radiating(head, (5.5, -13.5), [(9, -21), (13, -21), (16, -19), (12, -16)], seed=3)
    creases += radiating(head, (-5.5, -13.5), [(-9, -21), (-13, -21), (-16, -19), (-12, -16)], seed=4)
    body = outline_cm(head, [(4.6, -11.0), (8, -12.2), (13, -13.4), (17.5, -15.4), (20.5, -19), (22, -26)])
    notch = head.place([(-5.0, -10.6, -4), (0, -17.0, -4), (5.0, -10.6, -4), (0, -8, -4)])[:, :2]
    shirt = drape(head, body, creases, depth_cm=0.5, seed=5)
    mask = np.clip(shirt.mask - fill(shirt.mask.shape, notch), 0, 1)
    weave = noise(head.size, 300, seed=8, octaves=1)
    linen = np.ones((*shirt.mask.shape, 3), np.float32) * colour("#c9b896") * (1 + 0.03 * weave[..., None])
    lit = light_skin(shirt.height, linen, mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0, sheen=Sheen(0.02, 6))
    picture = over(picture, lit, mask)
    for sign in (-1, 1):
        flap = [
            (sign * 4.3, -10.6),
            (sign * 6.6, -12.6),
            (sign * 6.3, -15.2),
            (sign * 3.6, -16.2),
            (sign * 0.5, -17.9),
            (sign * 2.2, -14.6),
        ]
        shape = spline(head.place([(x, y, -3.5) for x, y in flap])[:, :2], count=120, closed=True)
        collar = drape(head, shape, [], thickness_cm=0.8, ripple_cm=0.03, seed=6)
        picture = over(
            picture,
            0.0,
            fill(picture.shape, shape + offset(head.cm(0.12), head.cm(0.25)), soft_px=head.cm(0.25)),
            opacity=0.55,
        )
        picture = over(
            picture,
            light_skin(collar.height, linen * 1.04, collar.mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0),
            collar.mask,
        )
    hide = noise(head.size, 40, seed=9, octaves=4)
    for strap in (
        [(-10.2, -12.0), (-9.0, -15.5), (-7.6, -19.0), (-7.0, -24)],
        [(10.2, -12.0), (9.0, -15.5), (7.6, -19.0), (7.0, -24)],
    ):
        band = ribbon(spline(head.place([(x, y, -4) for x, y in strap])[:, :2]), head.cm(2.2))
        belt = drape(head, band, [], thickness_cm=0.6, ripple_cm=0.02, seed=7)
        leather = np.ones_like(linen) * colour("#6e3f20") * (1 + 0.10 * hide[..., None])
        picture = over(
            picture,
            0.0,
            fill(picture.shape, band + offset(head.cm(0.2), head.cm(0.2)), soft_px=head.cm(0.25)),
            opacity=0.5,
        )
        picture = over(
            picture,
            light_skin(
                belt.height, leather, belt.mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0, sheen=Sheen(0.12, 12)
            ),
            belt.mask,
        )
    return picture, mask
