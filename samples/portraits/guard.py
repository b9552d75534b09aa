"""The guard: kettle hat, mail and a scar, in ink and flat comic-book colours."""

from __future__ import annotations

import numpy as np
from canvas import Array, blur, colour, fill, offset, over, spline
from clothes import shoulder_height
from features import spot
from guard_kit import KEY, brim_shadow, city_wall, coif_masks, kettle_hat, mail, surcoat
from head import SIDES, Bend, Head, pose_head
from ink import cel, hatch, ink, ink_brow, ink_eye, ink_mouth, ink_nose, ink_points, tones
from relief import JAW, forehead_folds, sculpt, standard_folds

BENDS = [
    Bend((4.6, -5.2, 0), 2.4, scale=(1.12, 1.0, 1.0), shift=(0.35, -0.15, 0)),
    Bend((0, -7.6, 3), 2.2, scale=(1.15, 1.0, 1.05), shift=(0, -0.25, 0.1)),
    Bend((0, -0.6, 6), 1.4, scale=(1.08, 1.05, 1.15)),
    Bend((3.0, 5.3, 4.5), 1.6, scale=(1.0, 0.85, 1.0), shift=(0.0, -0.45, 0.1)),
    Bend((0, -4.0, 5), 1.5, scale=(1.0, 0.94, 1.0)),
]
SKIN = ("#a9613f", "#dc9a6a", "#f4c795")


def shade_face(picture: Array, head: Head) -> Array:
    """Skin in three tones with a warm cheek and a stubbled jaw."""
    relief = sculpt(head, folds=standard_folds(head, age=0.45) + forehead_folds(head, depth=0.5), neck_cm=12.5)
    light = tones(relief.height, KEY, px_per_cm=head.px_per_cm, smooth_cm=0.24)
    light = np.minimum(light, 1 - 0.8 * brim_shadow(head))
    skin = cel(light, SKIN, cuts=(0.40, 0.92))
    p = head.points[:, :2]
    for index in (50, 280, 4):
        skin = over(skin, colour("#c4553a"), spot(head, p[index], 1.1 if index != 4 else 0.7), opacity=0.22)
    jaw = np.clip(
        spot(head, p[152], 3.0)
        + spot(head, p[172], 1.6)
        + spot(head, p[397], 1.6)
        + spot(head, p[164], 1.1, squash=0.4),
        0,
        1,
    )
    skin = over(skin, colour("#7a6258"), np.clip(jaw, 0, 1), opacity=0.30)
    return over(picture, skin, relief.skin)


def stubble(picture: Array, head: Head) -> Array:
    """Short pen marks over chin, jaw and upper lip."""
    rng = np.random.default_rng(8)
    p = head.points[:, :2]
    for _ in range(420):
        index = rng.choice([152, 148, 377, 176, 400, 150, 379, 200, 208, 428, 170, 395, 136, 365])
        root = p[index] + rng.normal(0, head.cm(0.75), 2)
        if np.min(np.linalg.norm(p[[17, 84, 314, 61, 291]] - root, axis=1)) < head.cm(0.75):
            continue
        tip = root + np.array([rng.normal(0, 0.05), 0.17]) * head.px_per_cm
        picture = tick(picture, np.linspace(root, tip, 4, dtype=np.float32), head.cm(0.045))
    return picture


def tick(picture: Array, curve: Array, width: float) -> Array:
    """A tiny mark, painted in its own window only."""
    x0, y0 = (np.floor(curve.min(0)).astype(int) - 4).tolist()
    x1, y1 = (np.ceil(curve.max(0)).astype(int) + 4).tolist()
    side = np.vstack([curve + offset(width / 2, 0), curve[::-1] - (width / 2, 0)]) - (x0, y0)
    picture[y0:y1, x0:x1] = over(picture[y0:y1, x0:x1], colour("#3a2418"), fill((y1 - y0, x1 - x0), side), opacity=0.7)
    return picture


def ink_face(picture: Array, head: Head) -> Array:
    p, unit = head.points[:, :2], head.px_per_cm
    for nose, cheek, corner, sign in ((129, 206, 57, -1), (358, 426, 287, 1)):
        fold = [
            p[nose] + np.array([sign * 0.5, 0.2]) * unit,
            0.5 * p[cheek] + 0.5 * p[corner] + np.array([sign * 0.35, -0.5]) * unit,
            p[corner] + np.array([sign * 0.55, 0.0]) * unit,
        ]
        picture = ink_points(picture, head, fold, 0.10, peak=0.35)
    chin = p[18] + np.array([[-0.9, 0.12], [0.0, -0.06], [0.9, 0.12]]) * unit
    picture = ink_points(picture, head, chin, 0.09)
    picture = ink_points(picture, head, p[152] + np.array([[0.05, -1.0], [0.12, -0.6], [0.06, -0.25]]) * unit, 0.08)
    for inner, sign in ((55, -1), (285, 1)):
        frown = p[inner] + np.array([[-sign * 0.30, -0.55], [-sign * 0.42, 0.1], [-sign * 0.32, 0.6]]) * unit
        picture = ink_points(picture, head, frown, 0.10, peak=0.4)
    cheek = p[425]
    scar = [
        cheek + np.array([0.9, -1.3]) * unit,
        cheek + np.array([0.55, 0.1]) * unit,
        cheek + np.array([0.45, 1.5]) * unit,
    ]
    picture = ink_points(picture, head, scar, 0.26, tint="#f0b896")
    picture = ink_points(picture, head, np.array(scar) + offset(head.cm(0.09), 0), 0.07, tint="#7a3520")
    for along in (0.3, 0.55, 0.78):
        middle = spline(scar, count=50)[int(along * 49)]
        picture = ink_points(
            picture,
            head,
            [middle + offset(-head.cm(0.25), head.cm(0.03)), middle, middle + offset(head.cm(0.28), -head.cm(0.02))],
            0.06,
            tint="#7a3520",
        )
    return picture


def draw(size: int) -> Array:
    """The portrait as float RGB [size, size, 3]."""
    head = pose_head(BENDS, size=size, yaw_rad=-0.06, pitch_rad=0.0, roll_rad=-0.015, centre=(0.5, 0.485))
    outer, outer_line, hole, hole_line = coif_masks(head)
    picture = surcoat(city_wall(head), head)
    bulk = shoulder_height(head) + head.cm(3.2) * blur(outer, head.cm(1.2)) - head.cm(1.5) * blur(hole, head.cm(0.8))
    light = tones(bulk, KEY, px_per_cm=head.px_per_cm, smooth_cm=0.2)
    picture = mail(picture, head, outer, light)
    for half in (outer_line[: len(outer_line) // 2], outer_line[len(outer_line) // 2 :]):
        picture = ink(picture, head, half, 0.24, start=0.6, end=0.5)
    picture = over(picture, shade_face(picture, head), hole)
    dark = np.clip(
        hole
        - fill(hole.shape, head.points[JAW, :2] + (0, 0))
        - fill(hole.shape, head.place([(-6.6, 9, 0), (6.6, 9, 0), (6.8, 0, -2), (-6.8, 0, -2)])[:, :2]),
        0,
        1,
    )
    picture = over(picture, colour("#4a2a20"), dark, opacity=0.85)
    picture = ink(picture, head, head.curve(JAW[4:-4], count=160), 0.17, peak=0.6)
    for half in (hole_line[: len(hole_line) // 2], hole_line[len(hole_line) // 2 :]):
        picture = ink(picture, head, half, 0.24, start=0.5, end=0.6)
    picture = ink_face(stubble(picture, head), head)
    picture = ink_mouth(ink_nose(picture, head, dark_side=1.0), head, upper="#8f4534", lower="#b8654c", light="#e0a084")
    for side in SIDES:
        picture = ink_eye(picture, head, side, iris="#6fa3b8", iris_dark="#2f5a70")
        picture = ink_brow(picture, head, side, tint="#2a1810", shine="#6a4630")
    shadow = brim_shadow(head) * hole
    picture = hatch(picture, head, shadow, spacing_cm=0.24, width_cm=0.07, angle_rad=2.2, tint="#5a2c1c", seed=4)
    return kettle_hat(picture, head)
