"""The innkeeper: a broad, bearded host in lamp light, painted in oils."""

from __future__ import annotations

import numpy as np
from brush import paint
from canvas import Array, blur, colour, fill, gradient, noise, over, ribbon, spline, taper
from clothes import drape, outline_cm, radiating
from eyes import EyeLook, paint_eye
from features import SkinLook, lip_mask, paint_brows, paint_lip_light, paint_mouth, paint_nostrils, skin_albedo, spot
from hair import HairLook, Lock, fur, paint_hair
from head import LIP_BOTTOM, LIP_TOP, SIDES, Bend, Head, pose_head
from light import Lamp, Sheen, light_skin
from relief import JAW, ear_outlines, forehead_folds, sculpt, skull_outline, standard_folds

BENDS = [
    Bend((0, -6.0, 2), 4.5, scale=(1.10, 1.02, 1.0)),
    Bend((0, -0.9, 6), 1.3, scale=(1.22, 1.10, 1.12), shift=(0, -0.15, 0.15)),
    Bend((3.1, 3.0, 3.4), 1.3, scale=(0.97, 0.90, 1)),
    Bend((3.2, 5.2, 4.5), 1.4, shift=(0, -0.25, 0.15)),
    Bend((4.6, -0.2, 3), 1.8, shift=(0.25, 0, 0.35)),
]
LAMPS = [Lamp((-0.9, -0.45, 0.5), "#ffd9a0", 1.4), Lamp((0.95, -0.2, 0.1), "#ff8a3a", 0.55, 0.4)]
EYES = EyeLook(iris="#5d4a2c", iris_inner="#9a6a2e", iris_rim="#20140a", lashes=0.3)
HAIR = HairLook("#1d0d07", "#5b3018", "#c98a4c", strand_cm=0.11, wave_cm=0.16, vary=0.3, grey=0.06)
BEARD = HAIR._replace(dark="#220f07", middle="#6d3a1b", light="#d59a58", wave_cm=0.08, strand_cm=0.085, gather=0.5, band_strength=0.45, grey=0.08, root=0.05, root_shade=0.0)


def tavern(head: Head) -> Array:
    """Shelves, bottles and two lamps, far out of focus."""
    size, rng = head.size, np.random.default_rng(11)
    picture = gradient(size, [(0, "#4a2f1a"), (0.5, "#3a2412"), (1, "#2a190d")])
    box = lambda x, y, w, h: np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)]) * size  # noqa: E731
    for y in (0.20, 0.43):
        for x in np.arange(0.0, 1.0, 0.045):
            tall, wide = rng.uniform(0.07, 0.15), rng.uniform(0.022, 0.04)
            tint = colour(rng.choice(["#6d7a3a", "#8a4a1c", "#a8752c", "#3d5a4a", "#b08c58", "#5a2a1c"])) * rng.uniform(0.6, 1.1)
            picture = over(picture, tint, fill((size, size), box(x, y - tall, wide, tall)))
            picture = over(picture, tint * 1.9, fill((size, size), box(x + wide * 0.2, y - tall * 0.9, wide * 0.16, tall * 0.7)))
        picture = over(picture, colour("#6b4322"), fill((size, size), box(0, y, 1, 0.022)))
        picture = over(picture, colour("#150b05"), fill((size, size), box(0, y + 0.022, 1, 0.02)))
    picture = over(picture, colour("#24150b"), fill((size, size), box(0.86, 0, 0.07, 1), box(0.03, 0, 0.05, 1)))
    picture = blur(picture, 0.016 * size)
    for x, y, radius, power in ((0.13, 0.17, 0.030, 1.0), (0.90, 0.30, 0.022, 0.8)):
        glow = spot(head, np.array([x, y]) * size, radius * 38)
        wide = spot(head, np.array([x, y]) * size, radius * 150)
        picture = picture + power * (glow[..., None] * colour("#ffdf9a") + 0.4 * wide[..., None] * colour("#ff9a3c"))
    return np.clip(picture, 0, 1)


def dress(picture: Array, head: Head) -> Array:
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
    picture = over(picture, 0.0, blur(mask, head.cm(0.5)), opacity=0.55)
    picture = over(picture, lit, mask)
    for sign in (-1, 1):
        flap = [(sign * 4.3, -10.6), (sign * 6.6, -12.6), (sign * 6.3, -15.2), (sign * 3.6, -16.2), (sign * 0.5, -17.9), (sign * 2.2, -14.6)]
        shape = spline(head.place([(x, y, -3.5) for x, y in flap])[:, :2], count=120, closed=True)
        collar = drape(head, shape, [], thickness_cm=0.8, ripple_cm=0.03, seed=6)
        picture = over(picture, 0.0, fill(picture.shape, shape + (head.cm(0.12), head.cm(0.25)), soft_px=head.cm(0.25)), opacity=0.55)
        picture = over(picture, light_skin(collar.height, linen * 1.04, collar.mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0), collar.mask)
    hide = noise(head.size, 40, seed=9, octaves=4)
    for strap in ([(-10.2, -12.0), (-9.0, -15.5), (-7.6, -19.0), (-7.0, -24)], [(10.2, -12.0), (9.0, -15.5), (7.6, -19.0), (7.0, -24)]):
        band = ribbon(spline(head.place([(x, y, -4) for x, y in strap])[:, :2]), head.cm(2.2))
        belt = drape(head, band, [], thickness_cm=0.6, ripple_cm=0.02, seed=7)
        leather = np.ones_like(linen) * colour("#6e3f20") * (1 + 0.10 * hide[..., None])
        picture = over(picture, 0.0, fill(picture.shape, band + (head.cm(0.2), head.cm(0.2)), soft_px=head.cm(0.25)), opacity=0.5)
        picture = over(picture, light_skin(belt.height, leather, belt.mask, LAMPS, px_per_cm=head.px_per_cm, scatter=0.0, sheen=Sheen(0.12, 12)), belt.mask)
    return picture


def beard_area(head: Head) -> Array:
    """Where the beard grows: chin and cheeks, the lips left free."""
    p = head.points[:, :2]
    rim = np.vstack([p[[127, 93, 58, 172, 150, 148, 152, 377, 379, 397, 288, 323, 356]]])
    inner = p[[123, 205, 206, 57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287, 426, 425, 352]]
    inner[2:15] = 0.7 * inner[2:15] + 0.3 * (p[13] + p[14]) / 2 + (0, 0.12 * head.px_per_cm)
    area = fill((head.size, head.size), np.vstack([spline(rim), spline(inner)[::-1]]))
    area *= 1 - fill(area.shape, np.vstack([head.curve(LIP_TOP), head.curve(LIP_BOTTOM)[::-1]]), soft_px=head.cm(0.1))
    return np.asarray(area, np.float32)


def beard(head: Head) -> list[Lock]:
    rng = np.random.default_rng(21)
    p, area = head.points[:, :2], beard_area(head)
    ys, xs = np.nonzero(area > 0.5)
    edge = blur(area, head.cm(0.45))[ys, xs]  # thinner towards the cheeks
    pick = rng.choice(len(xs), 950, p=np.clip(edge - 0.3, 0.04, 1) / np.clip(edge - 0.3, 0.04, 1).sum())
    roots = np.stack([xs[pick], ys[pick]], 1).astype(np.float32)
    away = roots - (p[2] + p[0]) / 2
    along = np.stack([0.55 * away[:, 0] / head.px_per_cm, np.full(len(roots), 4.5)], 1)
    shade = 0.25 * np.tanh(-(roots[:, 0] - p[152, 0]) / head.cm(4)) + rng.normal(0, 0.3, len(roots)) - 0.1
    low = np.clip((roots[:, 1] - p[0, 1]) / head.cm(5), 0, 1)
    return fur(head, roots, along, length_cm=(0.55 + 0.5 * edge[pick]) * (0.9 + 1.5 * low), width_cm=0.42, strands=9, curl=0.7, shade=shade, seed=22)


def moustache(head: Head) -> list[Lock]:
    rng = np.random.default_rng(31)
    p, unit = head.points[:, :2], head.px_per_cm
    locks = []
    for row in (0.35, 0.75):
        for along in np.linspace(-1, 1, 26):
            side = np.sign(along) or 1.0
            root = p[164] * (1 - row) + p[0] * row + np.array([along * 1.9, 0.10 + 0.28 * along**2 - 0.42 * row]) * unit + rng.normal(0, 0.06 * unit, 2)
            size = (0.75 + 0.6 * abs(along)) * unit
            bow = np.array([side * (0.55 + 0.3 * abs(along)), 0.16])
            tip = np.array([side * (0.8 + 0.25 * abs(along)), 0.42 + 0.45 * abs(along)])
            locks.append(Lock(np.stack([root, root + bow * size * 0.55, root + tip * size]).astype(np.float32), 0.32, 12, rng.normal(-0.25 * side, 0.22)))
    return locks


def mane(head: Head) -> list[Lock]:
    """Wavy hair from a side parting, brushed back over the ears."""
    rng = np.random.default_rng(41)
    locks = []
    for level in np.repeat(np.linspace(1, 0, 15), 5):
        y = 9.7 + 4.0 * level + rng.normal(0, 0.12)
        x = -2.0 + rng.normal(0, 0.15)
        drop, out = rng.uniform(0.8, 5.4), 7.5 + 0.5 * level + rng.normal(0, 0.15)
        right = [(x, y), (x + 2.6, y + 0.75), (x + 6.2, y - 0.7 - 0.6 * level), (out - 0.3, min(y - 3.2, 8.3)), (out + rng.normal(0.05, 0.3), drop)]
        left = [(x, y), (x - 1.8, y + 0.35), (x - 4.0, y - 1.7 - level), (-out + 0.1, min(y - 3.6, 7.4)), (-out + rng.normal(0.05, 0.3), drop)]
        for path in (right, left):
            jitter = rng.normal(0, 0.24, (len(path), 2))
            place = head.place([(px + jx, py + jy, -1.5) for (px, py), (jx, jy) in zip(path, jitter, strict=True)])[:, :2]
            locks.append(Lock(place, rng.uniform(0.7, 1.5), 24, rng.normal(0.0, 0.28) - 0.3 * (path is right)))
    return locks


def draw(size: int) -> Array:
    """The portrait as float RGB [size, size, 3]."""
    head = pose_head(BENDS, size=size, yaw_rad=0.07, roll_rad=0.02, pitch_rad=-0.02)
    ears = ear_outlines(head, out_cm=1.0)
    relief = sculpt(head, folds=standard_folds(head, age=1.0) + forehead_folds(head, depth=1.2), neck_cm=12.5, ears=ears)
    albedo = skin_albedo(head, SkinLook(base="#d39a76", flush="#b9503f", lips="#b0675a", flush_amount=0.6, mottle=0.03), seed=2)
    pores = 0.16 * noise(size, 230, seed=4, octaves=2) * size / 1536
    skin = light_skin(relief.height, albedo, relief.skin, LAMPS, px_per_cm=head.px_per_cm, sky="#6a6a80", ground="#7a4a2a", ambient=0.34,
                      sheen=Sheen(0.3, 16), sheen_map=0.55 + 0.9 * lip_mask(head), grain=pores)
    picture = tavern(head)
    skull = skull_outline(head)
    picture = over(picture, 0.0, fill(picture.shape, skull, soft_px=head.cm(1.2)), opacity=0.45)
    picture = over(picture, skin, relief.skin)
    picture = over(picture, colour("#1a0c06"), blur(fill(picture.shape, head.points[JAW[3:-3], :2] + (0, head.cm(3.0))), head.cm(0.9)) * relief.neck * (1 - relief.head), opacity=0.8)
    picture = dress(picture, head)
    picture = over(picture, colour(HAIR.dark), hair_base(head))
    stubble = blur(beard_area(head), head.cm(0.4)) * (1 - lip_mask(head))
    picture = over(picture, colour("#45200f"), stubble, opacity=0.75)
    face = spot(head, head.points[1, :2], 6.0)
    crisp = np.clip(0.25 + 0.45 * face, 0, 1) * relief.skin + 0.75 * lip_mask(head)
    picture = paint(picture, px_per_cm=head.px_per_cm, crisp=np.clip(crisp, 0, 0.8), fine=np.clip(face * 1.2, 0, 1), seed=5)
    return paint_features(picture, head)


def hair_base(head: Head) -> Array:
    """The dark mass under the strands."""
    edge = [(-7.5, 3.4), (-7.4, 8.5), (-4.6, 12.6), (0, 13.9), (4.6, 12.6), (7.4, 8.5), (7.5, 3.4)]
    edge += [(6.8, 6.6), (5.2, 9.2), (1.0, 10.3), (-3.0, 10.0), (-5.6, 8.6), (-6.8, 6.0)]
    outline = spline(head.place([(x, y, -1.5) for x, y in edge])[:, :2], count=200, closed=True)
    return fill((head.size, head.size), outline, soft_px=head.cm(0.2))


def paint_features(picture: Array, head: Head) -> Array:
    """Eyes, lips and all hair go on last, stroke by stroke, so that they stay sharp."""
    picture = paint_mouth(paint_nostrils(picture, head), head)
    picture = paint_lip_light(picture, head, opacity=0.22)
    for side in SIDES:
        picture = paint_eye(picture, head, side, EYES, seed=3)
    picture = paint_brows(picture, head, tint="#40210f", hairs=330, length_cm=0.9, base=0.4)
    picture = paint_hair(picture, head, mane(head), HAIR, seed=42)
    lips = picture.copy()
    picture = paint_hair(picture, head, beard(head), BEARD, seed=43)
    picture = over(picture, lips, blur(lip_mask(head, soft_cm=0.05), head.cm(0.05)))
    return paint_hair(picture, head, moustache(head), BEARD, seed=44)
