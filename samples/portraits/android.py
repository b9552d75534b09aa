"""The android: porcelain face plate, graphite skull, and lights of her own in a dark hall."""

from __future__ import annotations

import numpy as np
from android_shell import GLOW, armour, ear_disc, glow, groove, machine_hall, neck_rings, reflections
from canvas import Array, blur, colour, fill, over, ribbon, spline
from eyes import EyeLook, paint_eye
from features import SkinLook, lip_mask, paint_brows, paint_lip_light, paint_mouth, paint_nostrils, skin_albedo
from head import SIDES, Bend, Head, pose_head
from light import Lamp, Sheen, light_skin
from relief import JAW, sculpt, skull_outline, standard_folds

BENDS = [
    Bend((5.0, -4.6, 0), 2.6, scale=(0.86, 1.0, 1.0), shift=(-0.25, 0.1, 0)),
    Bend((0, -7.4, 3), 2.0, scale=(0.84, 1.0, 1.0), shift=(0, 0.35, 0)),
    Bend((0, -0.7, 6), 1.3, scale=(0.80, 0.95, 0.95), shift=(0, 0.15, 0)),
    Bend((3.15, 3.0, 3.4), 1.3, scale=(1.06, 1.06, 1)),
    Bend((0, -4.0, 5), 1.4, scale=(0.94, 1.20, 1.05)),
    Bend((3.5, 5.4, 4.4), 1.5, shift=(0, 0.35, 0)),
]
LAMPS = [
    Lamp((-0.65, -0.65, 0.7), "#eaf1ff", 0.82, 0.9),
    Lamp((0.97, -0.10, 0.10), "#35cfff", 0.5, 0.5),
    Lamp((-0.98, 0.25, 0.05), "#ff8a5a", 0.28, 0.3),
]
EYES = EyeLook(
    iris="#2a8fae",
    iris_inner="#7ff0ff",
    iris_rim="#062230",
    sclera="#e8edf2",
    lid_line="#161a22",
    skin_fold="#5f7080",
    lashes=0.5,
    glow=0.55,
)


def plate_lines(head: Head) -> list[Array]:
    """Panel lines of the face plate; none crosses lips or lids."""
    p, unit = head.points[:, :2], head.px_per_cm
    lines = []
    for rim, cheek, jaw in ((127, 123, 136), (356, 352, 365)):
        sign = -1 if rim == 127 else 1
        temple = head.place([(sign * 6.2, 6.4, 0)])[0, :2]
        path = [
            temple,
            p[rim] + np.array([-sign * 0.9, 0.2]) * unit,
            p[cheek] + np.array([sign * 0.1, 1.2]) * unit,
            0.6 * p[jaw] + 0.4 * p[214 if sign < 0 else 434],
            p[jaw] + np.array([-sign * 0.7, 0.5]) * unit,
        ]
        lines.append(spline(path, count=120))
    chin = [
        p[150] + np.array([0.5, 0.2]) * unit,
        p[176] * 0.6 + p[208] * 0.4,
        p[152] * 0.62 + p[199] * 0.38,
        p[400] * 0.6 + p[428] * 0.4,
        p[379] + np.array([-0.5, 0.2]) * unit,
    ]
    lines.append(spline(chin, count=90))
    brow = head.place([(0, 13.2, -2), (0, 11.2, 3.2), (0, 8.9, 4.7)])[:, :2]
    lines.append(spline(brow, count=50))
    return lines


def hairline(head: Head) -> Array:
    """The edge where porcelain meets graphite."""
    edge = [
        (-7.15, 4.6, -2.5),
        (-6.5, 6.9, -0.6),
        (-4.6, 9.2, 2.2),
        (-1.9, 9.5, 4.2),
        (0, 8.8, 4.8),
        (1.9, 9.5, 4.2),
        (4.6, 9.2, 2.2),
        (6.5, 6.9, -0.6),
        (7.15, 4.6, -2.5),
    ]
    return spline(head.place(edge)[:, :2], count=200)


def skull_shell(picture: Array, head: Head, height: Array) -> Array:
    """Graphite crown with three ridges and a strip of light."""
    shape, line = picture.shape, hairline(head)
    skull = fill(shape, skull_outline(head))
    above = np.vstack([line, [[head.size * 1.2, -10]], [[-head.size * 0.2, -10]]])
    mask = skull * fill(shape, above)
    albedo = np.zeros_like(picture) + colour("#3a424e")
    lit = light_skin(
        height + head.cm(0.25) * blur(mask, head.cm(0.12)),
        albedo,
        mask,
        LAMPS,
        px_per_cm=head.px_per_cm,
        ambient=0.5,
        scatter=0,
        sheen=Sheen(0.5, 26),
    )
    lit = np.clip(lit + 0.75 * reflections(height, smooth_px=head.cm(0.3)), 0, 1)
    picture = over(picture, lit, mask)
    for x in (-4.3, -2.1, 2.1, 4.3):
        ridge = head.place([(x * 0.72, 13.1, -2), (x, 11.4, 1.6), (x * 1.12, 10.1, 2.6)])[:, :2]
        picture = groove(picture, head, spline(ridge, count=60), width_cm=0.12)

    strip = spline(head.place([(-5.5, 9.75, 0.8), (-3.4, 10.6, 2.6), (-1.6, 10.55, 3.5)])[:, :2], count=60)
    other = spline(head.place([(5.5, 9.75, 0.8), (3.4, 10.6, 2.6), (1.6, 10.55, 3.5)])[:, :2], count=60)
    return glow(picture, fill(shape, ribbon(strip, head.cm(0.13)), ribbon(other, head.cm(0.13))) * skull, head)


def body(picture: Array, head: Head) -> Array:
    shape = picture.shape
    rings = neck_rings(head, width_cm=9.4)
    column = fill(shape, head.place([(-4.7, -3, -4), (4.7, -3, -4), (4.9, -14, -4), (-4.9, -14, -4)])[:, :2])
    chin = blur(fill(shape, head.points[JAW[2:-2], :2] + (0, head.cm(1.3))), head.cm(0.8))
    dark = np.zeros_like(picture) + colour("#3b4450")
    lit = light_skin(
        rings, dark, column, LAMPS, px_per_cm=head.px_per_cm, ambient=0.45, scatter=0, sheen=Sheen(0.6, 20)
    )
    lit = np.clip(lit + 0.5 * reflections(rings, smooth_px=head.cm(0.08)), 0, 1)
    picture = over(picture, over(lit, (0.01, 0.02, 0.03), chin, opacity=0.85), column)
    for height, mask, tint in armour(head):
        picture = over(picture, 0.0, blur(mask, head.cm(0.5)), opacity=0.5)
        albedo = np.zeros_like(picture) + colour(tint)
        lit = light_skin(
            height, albedo, mask, LAMPS, px_per_cm=head.px_per_cm, ambient=0.45, scatter=0, sheen=Sheen(0.4, 30)
        )
        picture = over(picture, np.clip(lit + 0.5 * reflections(height, smooth_px=head.cm(0.15)), 0, 1), mask)
    collar = [
        spline(
            head.place([(s * 5.5, -12.2, -3), (s * 6.2, -14.0, -3), (s * 4.2, -17.0, -3), (s * 1.2, -18.7, -3)])[:, :2]
        )
        for s in (-1, 1)
    ]
    picture = glow(picture, fill(shape, *[ribbon(c, head.cm(0.16)) for c in collar]), head)
    heart = head.place([(0, -16.2, -2)])[0, :2]
    turn = np.linspace(0, 2 * np.pi, 40)
    disc = heart + head.cm(0.62) * np.stack([np.cos(turn), np.sin(turn)], 1)
    return glow(picture, fill(shape, disc) - fill(shape, heart + (disc - heart) * 0.66), head)


def draw(size: int) -> Array:
    """The portrait as float RGB [size, size, 3]."""
    head = pose_head(BENDS, size=size, yaw_rad=-0.05, roll_rad=0.0, pitch_rad=0.015, centre=(0.5, 0.475))
    relief = sculpt(head, folds=standard_folds(head, age=0.0, lips=1.2), neck_cm=9)
    skin = skin_albedo(head, SkinLook(base="#cfced2", flush="#d8a8a4", lips="#ad6f76", flush_amount=0.30, mottle=0.004))
    lips = lip_mask(head)
    lit = light_skin(
        relief.height,
        skin,
        relief.head,
        LAMPS,
        px_per_cm=head.px_per_cm,
        sky="#7088b0",
        ground="#3a3f50",
        ambient=0.34,
        scatter=0.7,
        sheen=Sheen(0.42, 42),
        sheen_map=1 - 0.3 * lips,
    )
    lit = np.clip(lit + 0.22 * reflections(relief.height, smooth_px=head.cm(0.5)) * (1 - lips[..., None]), 0, 1)
    picture = body(machine_hall(head), head)
    for sign in (-1.0, 1.0):
        disc, ring = ear_disc(head, sign)
        mask = fill(picture.shape, disc)
        dome = head.cm(1.2) * np.sqrt(np.clip(blur(mask, head.cm(0.35)), 0, 1))
        metal = light_skin(
            dome.astype(np.float32),
            np.zeros_like(picture) + colour("#59636f"),
            mask,
            LAMPS,
            px_per_cm=head.px_per_cm,
            scatter=0,
            sheen=Sheen(0.5, 24),
        )
        picture = over(
            picture, np.clip(metal + 0.4 * reflections(dome.astype(np.float32), smooth_px=head.cm(0.1)), 0, 1), mask
        )
        picture = glow(
            picture, fill(picture.shape, ribbon(ring.astype(np.float32), head.cm(0.17))) * (1 - relief.head), head
        )
    picture = over(picture, lit, relief.head)
    for line in plate_lines(head):
        picture = groove(picture, head, line)
    picture = skull_shell(picture, head, relief.height)
    picture = paint_mouth(
        paint_nostrils(picture, head, tint="#3a3a48", opacity=0.7), head, line="#3b2630", strength=0.85
    )
    picture = paint_lip_light(picture, head, tint="#ffffff", opacity=0.4)
    for side in SIDES:
        picture = paint_eye(picture, head, side, EYES, seed=5)
    picture = paint_brows(picture, head, tint="#49525f", hairs=230, length_cm=0.6, base=0.45)
    marks = [head.place([(s * 5.0, 0.35, 2.0), (s * 5.55, 0.9, 1.6), (s * 5.75, 1.75, 1.4)])[:, :2] for s in (-1, 1)]
    picture = glow(
        picture, fill(picture.shape, *[ribbon(spline(m), head.cm(0.10)) for m in marks]), head, tint=GLOW, halo=0.7
    )
    brow = head.place([(0, 7.2, 5.2)])[0, :2]
    gem = brow + head.cm(0.16) * np.array([(0, -1.6), (1, 0), (0, 1.6), (-1, 0)])
    return glow(picture, fill(picture.shape, gem), head, halo=0.8)
