"""The innkeeper: a broad, bearded host in lamp light, painted in oils."""

from __future__ import annotations

import numpy as np
from brush import paint_figure
from canvas import Array, blur, colour, fill, noise, over
from eyes import EyeLook, paint_eye
from features import SkinLook, lip_mask, paint_brows, paint_lip_light, paint_mouth, paint_nostrils, skin_albedo, spot
from hair import paint_hair
from head import SIDES, Bend, Head, pose_head
from innkeeper_dress import LAMPS, dress, tavern
from innkeeper_hair import BEARD, HAIR, beard, beard_area, hair_base, mane, moustache
from light import Sheen, light_skin
from relief import JAW, ear_outlines, forehead_folds, sculpt, standard_folds

BENDS = [
    Bend((0, -6.0, 2), 4.5, scale=(1.10, 1.02, 1.0)),
    Bend((0, -0.9, 6), 1.3, scale=(1.22, 1.10, 1.12), shift=(0, -0.15, 0.15)),
    Bend((3.1, 3.0, 3.4), 1.3, scale=(0.97, 0.90, 1)),
    Bend((3.2, 5.2, 4.5), 1.4, shift=(0, -0.25, 0.15)),
    Bend((4.6, -0.2, 3), 1.8, shift=(0.25, 0, 0.35)),
]
EYES = EyeLook(iris="#5d4a2c", iris_inner="#9a6a2e", iris_rim="#20140a", lashes=0.3)


def draw(size: int) -> Array:
    """The portrait as float RGB [size, size, 3]."""
    head = pose_head(BENDS, size=size, yaw_rad=0.07, roll_rad=0.02, pitch_rad=-0.02)
    ears = ear_outlines(head, out_cm=1.0)
    relief = sculpt(
        head, folds=standard_folds(head, age=1.0) + forehead_folds(head, depth=1.2), neck_cm=12.5, ears=ears
    )
    albedo = skin_albedo(
        head, SkinLook(base="#d39a76", flush="#b9503f", lips="#b0675a", flush_amount=0.6, mottle=0.03), seed=2
    )
    pores = 0.16 * noise(size, 230, seed=4, octaves=2) * size / 1536
    skin = light_skin(
        relief.height,
        albedo,
        relief.skin,
        LAMPS,
        px_per_cm=head.px_per_cm,
        sky="#6a6a80",
        ground="#7a4a2a",
        ambient=0.34,
        sheen=Sheen(0.3, 16),
        sheen_map=0.55 + 0.9 * lip_mask(head),
        grain=pores,
    )
    ground = tavern(head)
    picture = over(ground, skin, relief.skin)
    beneath = blur(fill(picture.shape, head.points[JAW[3:-3], :2] + (0, head.cm(3.0))), head.cm(0.9))
    picture = over(picture, colour("#1a0c06"), beneath * relief.neck * (1 - relief.head), opacity=0.8)
    picture, cloth = dress(picture, head)
    base = hair_base(head)
    picture = over(picture, colour(HAIR.dark), base)
    stubble = blur(beard_area(head), head.cm(0.4)) * (1 - lip_mask(head))
    picture = over(picture, colour("#45200f"), stubble, opacity=0.75)
    figure = np.maximum(np.maximum(relief.skin, cloth), base)
    ground = over(ground, 0.0, blur(figure, head.cm(1.6)), opacity=0.45)
    face = spot(head, head.points[1, :2], 6.0)
    crisp = np.clip(np.clip(0.25 + 0.45 * face, 0, 1) * relief.skin + 0.75 * lip_mask(head), 0, 0.8)
    picture = paint_figure(
        ground, picture, figure, px_per_cm=head.px_per_cm, crisp=crisp, fine=np.clip(face * 1.2, 0, 1), seed=5
    )
    return paint_features(picture, head)


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
