"""The scholar's hair, robe and circlet, and the evening wood behind her."""

from __future__ import annotations

import numpy as np
from canvas import Array, blur, colour, fill, gradient, noise, over, ribbon, spline
from clothes import drape, outline_cm, radiating
from features import spot
from hair import HairLook, Lock
from head import Head
from light import Lamp, Sheen, light_skin

LAMPS = [Lamp((0.62, -0.62, 0.72), "#ffeeda", 1.15, 0.3), Lamp((-0.97, -0.15, 0.12), "#7fc8ff", 0.30, 0.4)]
HAIR = HairLook(
    "#2b0f0c",
    "#8c3a1e",
    "#f0a25c",
    strand_cm=0.095,
    wave_cm=0.22,
    gather=0.45,
    band=(0.30, 0.13),
    band_strength=0.75,
    key_x=0.6,
    vary=0.2,
)
BACK = HAIR._replace(dark="#170706", middle="#4c1c12", light="#9c4c28", band_strength=0.3)


def evening_wood(head: Head) -> Array:
    """Trunks in mist, a low sun, and fireflies."""
    size, rng = head.size, np.random.default_rng(17)
    shape = (size, size)
    picture = gradient(size, [(0, "#2b4a56"), (0.45, "#6f8f80"), (0.7, "#3d5c50"), (1, "#16241f")])
    picture = picture + 0.30 * spot(head, np.array([0.80, 0.30]) * size, 5.0)[..., None] * colour("#ffd58a")
    picture = picture + 0.20 * spot(head, np.array([0.80, 0.30]) * size, 9.0)[..., None] * colour("#ffb86a")
    for depth, tint in ((0.2, "#55776d"), (0.5, "#34534b"), (1.0, "#182b28")):
        for x in rng.uniform(-0.02, 1.02, 7):
            wide = (0.02 + 0.045 * depth) * rng.uniform(0.7, 1.3) * size
            trunk = spline(
                [
                    (x * size, -20),
                    ((x + rng.normal(0, 0.01)) * size, size * 0.5),
                    ((x + rng.normal(0, 0.015)) * size, size * 1.05),
                ]
            )
            layer = fill(shape, ribbon(trunk, wide * np.linspace(0.8, 1.3, len(trunk))))
            picture = over(picture, colour(tint), blur(layer, size * (0.004 + 0.006 * depth)), opacity=0.75)
    leaves = blur(noise(size, 26, seed=18, octaves=3), size * 0.006)
    canopy = np.clip(1 - np.linspace(0, 1, size)[:, None] * 3.2, 0, 1) * np.clip(leaves, 0, 1)
    picture = over(picture, colour("#1d3a30"), canopy.astype(np.float32), opacity=0.7)
    return np.clip(picture, 0, 1)


def fireflies(picture: Array, head: Head) -> Array:
    rng, size = np.random.default_rng(19), head.size
    turn = np.linspace(0, 2 * np.pi, 40)
    for _ in range(34):
        centre, radius = rng.uniform(0, 1, 2), rng.uniform(0.003, 0.017)
        disc = (centre + radius * np.stack([np.cos(turn), np.sin(turn)], 1)) * size
        tint = colour(rng.choice(["#ffe6a0", "#ffd07a", "#cfeec0"]))
        picture = over(
            picture,
            tint,
            fill((size, size), disc, soft_px=0.0016 * size),
            opacity=float(rng.uniform(0.12, 0.5)) * (0.006 / max(radius, 0.006)) ** 0.5,
        )
    return np.clip(picture, 0, 1)


def px(head: Head, points: list[tuple[float, float]], z: float) -> Array:
    return head.place([(x, y, z) for x, y in points])[:, :2]


def back_hair(head: Head) -> list[Lock]:
    """What falls behind neck and shoulders."""
    rng = np.random.default_rng(51)
    locks = []
    for x in rng.permutation(np.linspace(-1, 1, 64)):
        sway = rng.normal(0, 0.5)
        path = [
            (x * 6.6, 8.5),
            (x * 8.4, 3.5),
            (x * 8.6 + sway, -3.5),
            (x * 8.9 - sway * 0.6, -10.5),
            (x * 9.6 + sway, -17 + rng.normal(0, 1.2)),
        ]
        locks.append(Lock(px(head, path, -4.5), rng.uniform(1.0, 1.8), 22, rng.normal(0.1 * x, 0.25)))
    return locks


def crown_hair(head: Head) -> list[Lock]:
    """From the middle parting over the temples and away behind the ears."""
    rng = np.random.default_rng(52)
    locks = []
    for level in np.repeat(np.linspace(1, 0, 20), 4):
        for sign in (-1.0, 1.0):
            y = 9.2 + 4.4 * level + rng.normal(0, 0.08)
            out = 7.3 + 1.0 * level + rng.normal(0, 0.12)
            j = rng.normal(0, 0.14, 5)
            path = [
                (rng.normal(0, 0.18) - 0.1, y),
                (2.4 + j[0], y + 0.05 + 0.25 * level),
                (5.5 + j[1], y - 1.15 - 0.55 * level + j[2]),
                (out - 0.25, min(y - 4.4, 7.8) + j[3]),
                (out + 0.35, 3.0 + j[4]),
                (out + 0.4 + j[2], -3.5 - 4 * level + 4 * j[1]),
            ]
            locks.append(
                Lock(
                    px(head, [(sign * a, b) for a, b in path], -1.0),
                    rng.uniform(0.55, 1.0),
                    20,
                    float(rng.normal(0.12 * sign, 0.22)),
                )
            )
    return locks


def front_hair(head: Head) -> list[Lock]:
    """Two falls of hair over the shoulders and a few loose strands."""
    rng = np.random.default_rng(53)
    locks = []
    for sign in (-1.0, 1.0):
        for _ in range(30):
            x, end = rng.uniform(6.9, 8.6), rng.uniform(4.8, 9.0)
            s = rng.normal(0, 0.35, 4)
            path = [
                (x + 0.4, 4.2 + s[0]),
                (x + 0.3, -3.5),
                (x - 0.3 + s[1], -9.0),
                (end + 0.8 + s[2], -13.5),
                (end + s[3], -19.5 + rng.normal(0, 1.5)),
            ]
            locks.append(
                Lock(
                    px(head, [(sign * a, b) for a, b in path], -3.0),
                    rng.uniform(0.8, 1.5),
                    20,
                    float(rng.normal(0.15 * sign, 0.25)),
                )
            )
    return locks


def loose_strands(head: Head) -> list[Lock]:
    rng = np.random.default_rng(54)
    locks = []
    for sign in (-1.0, 1.0):
        for _ in range(3):
            b = rng.normal(0, 0.25, 3)
            path = [
                (5.6, 8.4 + b[0]),
                (6.7 + b[1] * 0.5, 5.2),
                (6.9 + b[1], 1.0),
                (6.4 + b[2], -3.2),
                (6.9 + b[0], -6.5),
            ]
            locks.append(Lock(px(head, [(sign * x, y) for x, y in path], 0.0), 0.3, 5, 0.35))
    return locks


def robe(picture: Array, head: Head) -> Array:
    """A green velvet robe with a stand-up gold collar over a pale shift."""
    shape, size = picture.shape, head.size
    creases = radiating(head, (4.5, -14.5), [(8, -21), (11, -21), (14, -18)], seed=6) + radiating(
        head, (-4.5, -14.5), [(-8, -21), (-11, -21), (-14, -18)], seed=7
    )
    body = drape(
        head,
        outline_cm(head, [(4.0, -11.4), (6.5, -12.8), (11, -14.4), (15, -16.6), (17.6, -20), (19, -27)]),
        creases,
        depth_cm=0.45,
        seed=8,
    )
    notch = fill(
        shape,
        spline(
            px(head, [(-4.2, -10.6), (-3.0, -14.4), (0, -18.2), (3.0, -14.4), (4.2, -10.6), (0, -8.5)], -3.5),
            count=160,
            closed=True,
        ),
    )
    mask = np.clip(body.mask - notch, 0, 1)
    nap = noise(size, 200, seed=9, octaves=2)
    velvet = np.ones((size, size, 3), np.float32) * colour("#1d5443") * (1 + 0.05 * nap[..., None])
    lit = light_skin(body.height, velvet, mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0, sheen=Sheen(0.03, 4))
    picture = over(picture, 0.0, blur(mask, head.cm(0.5)), opacity=0.5)
    picture = over(picture, lit, mask)
    for sign in (-1, 1):
        hem = spline(px(head, [(sign * 4.3, -11.0), (sign * 3.2, -14.4), (sign * 0.1, -18.3)], -3), count=120)
        band = drape(head, ribbon(hem, head.cm(1.0)), [], thickness_cm=0.5, ripple_cm=0.0)
        gold = np.ones_like(velvet) * colour("#b98a3c")
        trim = light_skin(
            band.height, gold, band.mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0, sheen=Sheen(0.5, 12)
        )
        picture = over(picture, 0.0, fill(shape, ribbon(hem, head.cm(1.3)), soft_px=head.cm(0.2)), opacity=0.5)
        picture = over(picture, trim, band.mask)
        for along in np.linspace(6, 112, 13).astype(int):
            turn = np.linspace(0, 2 * np.pi, 5)[:-1]
            knot = hem[along] + head.cm(0.24) * np.stack([np.cos(turn), 1.5 * np.sin(turn)], 1)
            picture = over(picture, colour("#3f2a10"), fill(shape, knot), opacity=0.65)
            picture = over(picture, colour("#ffe3a0"), fill(shape, hem[along] + (knot - hem[along]) * 0.4), opacity=0.7)
    return picture
