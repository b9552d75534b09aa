"""The scholar: an elf with copper hair, in a soft digital-painting style."""

from __future__ import annotations

import numpy as np
from brush import Pass, paint
from canvas import Array, blur, colour, fill, noise, over
from eyes import EyeLook, paint_eye
from features import SkinLook, lip_mask, paint_brows, paint_lip_light, paint_mouth, paint_nostrils, skin_albedo, spot
from hair import paint_hair
from head import SIDES, Bend, Head, pose_head
from light import Sheen, light_skin
from relief import JAW, ear_outlines, sculpt, standard_folds
from scholar_dress import (
    BACK,
    HAIR,
    LAMPS,
    back_hair,
    crown_hair,
    evening_wood,
    fireflies,
    front_hair,
    loose_strands,
    robe,
)

BENDS = [
    Bend((5.0, -4.4, 0), 2.6, scale=(0.84, 1.0, 1.0), shift=(-0.25, 0.1, 0)),
    Bend((0, -7.4, 3), 2.0, scale=(0.80, 1.0, 1.0), shift=(0, 0.25, 0)),
    Bend((0, -0.7, 6), 1.4, scale=(0.80, 0.95, 0.95), shift=(0, 0.1, 0)),
    Bend((3.15, 3.0, 3.4), 1.3, scale=(1.07, 1.14, 1)),
    Bend((4.4, 3.1, 3.0), 0.9, shift=(0.08, 0.16, 0)),
    Bend((0, -4.0, 5), 1.4, scale=(0.95, 1.22, 1.05)),
    Bend((4.4, 5.4, 4.4), 1.3, shift=(0.1, 0.45, 0)),
    Bend((4.8, 0.2, 3), 1.5, shift=(0.1, 0.1, 0.3)),
]
EYES = EyeLook(
    iris="#3f7a5a",
    iris_inner="#b59a4a",
    iris_rim="#10261e",
    sclera="#ece4de",
    lid_line="#2a1210",
    skin_fold="#8a4a40",
    key=(0.5, -0.6),
    lashes=0.7,
)
SOFT = (Pass(0.7, -1.0, 8.0, 0.02), Pass(0.35, 0.02, 9.0, 0.014), Pass(0.18, 0.02, 9.0, 0.010))


def freckles(picture: Array, head: Head) -> Array:
    rng = np.random.default_rng(61)
    size = head.size
    dots = np.zeros((size, size), np.float32)
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    ring = np.stack([np.cos(turn), np.sin(turn)], 1)
    outlines = []
    for index, count, spread in ((50, 26, 1.0), (280, 26, 1.0), (195, 18, 0.7), (4, 10, 0.6)):
        for _ in range(count):
            middle = head.points[index, :2] + rng.normal(0, head.cm(spread), 2) * (1, 0.6)
            outlines.append(middle + ring * head.cm(rng.uniform(0.03, 0.075)))
    dots = fill((size, size), *outlines, soft_px=head.cm(0.02))
    return over(picture, colour("#a85a3c"), dots, opacity=0.35)


def bloom(picture: Array, head: Head, *, amount: float = 0.16) -> Array:
    """Bright places spill a little light, as in a soft lens."""
    return np.clip(picture + amount * blur(np.clip(picture - 0.55, 0, 1), head.cm(0.8)), 0, 1).astype(np.float32)


def face_and_neck(head: Head) -> tuple[Array, object]:
    folds = standard_folds(head, age=0.05, lips=1.2)
    relief = sculpt(head, folds=folds, neck_cm=9.6, sinew=0.6, ears=ear_outlines(head, tip_cm=2.7, out_cm=1.3))
    albedo = skin_albedo(
        head, SkinLook(base="#e2b093", flush="#cf6f66", lips="#b65358", flush_amount=0.5, mottle=0.012), seed=7
    )
    albedo = freckles(albedo, head)
    pores = 0.07 * noise(head.size, 240, seed=8, octaves=2) * head.size / 1536
    gloss = 0.6 + 0.9 * lip_mask(head)
    skin = light_skin(
        relief.height,
        albedo,
        relief.skin,
        LAMPS,
        px_per_cm=head.px_per_cm,
        sky="#8fa8b8",
        ground="#6a5a48",
        ambient=0.33,
        scatter=1.2,
        sheen=Sheen(0.22, 16),
        sheen_map=gloss,
        grain=pores,
    )
    return skin, relief


def draw(size: int) -> Array:
    """The portrait as float RGB [size, size, 3]."""
    head = pose_head(BENDS, size=size, yaw_rad=-0.07, roll_rad=-0.03, pitch_rad=0.0, centre=(0.5, 0.48))
    skin, relief = face_and_neck(head)
    nothing = np.zeros((size, size), np.float32)
    wood = paint(evening_wood(head), px_per_cm=head.px_per_cm, crisp=nothing + 0.25, fine=nothing, passes=SOFT, seed=72)
    picture = paint_hair(fireflies(wood, head), head, back_hair(head), BACK, seed=71)
    picture = over(picture, 0.0, blur(relief.neck, head.cm(0.8)) * (1 - relief.neck), opacity=0.6)
    picture = over(picture, skin, relief.neck)
    under = blur(fill(picture.shape, head.points[JAW[2:-2], :2] + (-head.cm(0.4), head.cm(1.5))), head.cm(0.8))
    picture = over(picture, colour("#5a2a22"), under * relief.neck, opacity=0.6)
    picture = robe(picture, head)
    picture = over(picture, skin, relief.head)
    picture = paint_hair(picture, head, front_hair(head), HAIR, seed=73)
    skull = blur(
        fill(
            picture.shape,
            head.place(
                [
                    (-7.2, 4, -2),
                    (-6.2, 7.6, -1),
                    (-3.6, 9.8, 0),
                    (0, 9.6, 1),
                    (3.6, 9.8, 0),
                    (6.2, 7.6, -1),
                    (7.2, 4, -2),
                    (7.4, 9, -3),
                    (4.6, 12.4, -3),
                    (0, 13.6, -3),
                    (-4.6, 12.4, -3),
                    (-7.4, 9, -3),
                ]
            )[:, :2],
        ),
        head.cm(0.25),
    )
    picture = over(picture, colour(HAIR.dark), skull)
    picture = paint_hair(picture, head, crown_hair(head), HAIR, seed=74)
    ears = relief.ears * (1 - relief.head)
    picture = over(picture, colour("#1a0806"), blur(ears, head.cm(0.3)) * (1 - ears) * (1 - relief.head), opacity=0.55)
    picture = over(picture, skin, ears)
    picture = paint_mouth(paint_nostrils(picture, head), head, line="#421518", strength=0.9)
    picture = paint_lip_light(picture, head, opacity=0.42, side=0.25)
    for side in SIDES:
        smoky = spot(head, head.points[159 if side == "right" else 386, :2], 0.85, squash=0.45)
        picture = over(picture, colour("#7a3a34"), smoky, opacity=0.22)
        picture = paint_eye(picture, head, side, EYES, seed=6)
    picture = paint_brows(picture, head, tint="#6b2d18", hairs=250, length_cm=0.62, base=0.35)
    picture = paint_hair(picture, head, loose_strands(head), HAIR, seed=75)
    return bloom(picture, head)
