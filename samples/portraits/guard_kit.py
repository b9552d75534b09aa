"""What the guard wears and stands before: kettle hat, mail coif, surcoat, and the city wall."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Array, colour, fill, gradient, offset, over, smoothstep, spline
from clothes import outline_cm, radiating, shoulder_height
from head import Head
from ink import INK, cel, ink, tones

KEY = (-0.62, -0.62, 0.62)


def city_wall(head: Head) -> Array:
    """Sky with dots of a cheap print, clouds, a tower and the battlements."""
    size = head.size
    shape = (size, size)
    picture = gradient(size, [(0, "#4f9fb8"), (0.75, "#bfe0d2"), (1, "#e8ead0")])
    step = size / 110
    down, across = np.mgrid[0:size, 0:size].astype(np.float32)
    grid = np.hypot((across + (np.floor(down / step) % 2) * step / 2) % step - step / 2, down % step - step / 2)
    reach = step * 0.42 * np.clip(1 - down / size / 0.75, 0, 1)
    picture = over(picture, colour("#3c8aa8"), 1 - smoothstep(-0.8, 0.8, grid - reach), opacity=0.55)
    for x, y, w in ((0.12, 0.18, 0.16), (0.82, 0.12, 0.14), (0.70, 0.20, 0.10)):
        turn = np.linspace(0, 2 * np.pi, 60)
        puffs = [
            np.stack([x + dx * w + r * w * np.cos(turn), y + dy * w + 0.7 * r * w * np.sin(turn)], 1) * size
            for dx, dy, r in ((-0.6, 0.05, 0.4), (0, -0.1, 0.6), (0.6, 0.06, 0.42))
        ]
        picture = over(picture, colour("#a9cfd0"), fill(shape, *[p + offset(0, 0.012 * size) for p in puffs]))
        picture = over(picture, colour("#f4f1e2"), fill(shape, *puffs))
    return wall(
        wall(picture, head, left=0.70, right=0.98, top=0.30, seed=2), head, left=-0.02, right=1.02, top=0.52, seed=1
    )


def wall(picture: Array, head: Head, *, left: float, right: float, top: float, seed: int) -> Array:
    """Battlements over courses of stone."""
    size, rng = head.size, np.random.default_rng(seed)
    shape, tooth, drop = (size, size), 0.062, 0.05
    edge: list[tuple[float, float]] = [(left, 1.05)]
    x = left
    while x < right:
        edge += [(x, top), (x + tooth, top), (x + tooth, top + drop), (x + 1.6 * tooth, top + drop)]
        x += 1.6 * tooth
    outline = np.array([(min(px, right), py) for px, py in edge] + [(right, 1.05)], np.float32) * size
    mask = fill(shape, outline)
    picture = over(picture, colour("#c9b48c"), mask)
    height = 0.036
    for row, y in enumerate(np.arange(top + drop, 1.02, height)):
        stagger = (row % 2) * 0.045
        for bx in np.arange(left - 0.09 + stagger, right, 0.09):
            box = np.array([(bx, y), (bx + 0.088, y), (bx + 0.088, y + height), (bx, y + height)], np.float32) * size
            tint = colour("#c9b48c") * rng.choice([0.90, 0.96, 1.0, 1.04]) * np.array([1, 1, rng.uniform(0.94, 1.03)])
            picture = over_box(picture, tint, box, mask)
        line = np.linspace((left, y), (right, y), 90) * size + rng.normal(0, size * 0.0006, (90, 2))
        picture = over(
            picture, colour("#6a5740"), fill(shape, np.vstack([line, line[::-1] + offset(0, head.cm(0.07))])) * mask
        )
        for bx in np.arange(left - 0.09 + stagger, right, 0.09):
            joint = np.linspace((bx, y), (bx, y + height), 8) * size
            picture = over_box(
                picture, colour("#6a5740"), np.vstack([joint, joint[::-1] + offset(head.cm(0.06), 0)]), mask
            )
    shadow = np.clip(mask - np.roll(mask, (round(size * 0.012), round(size * 0.014)), (0, 1)), 0, 1)
    picture = over(picture, colour("#f0e0b4"), shadow, opacity=0.7)
    line = np.vstack([outline[1:-1]])
    canvas = np.clip(picture * 255, 0, 255).astype(np.uint8)
    cv2.polylines(
        canvas,
        [np.round(line * 16).astype(np.int32)],
        False,
        (colour("#3a2c22") * 255).tolist(),
        max(2, round(head.cm(0.12))),
        cv2.LINE_AA,
        4,
    )
    return canvas.astype(np.float32) / 255


def over_box(picture: Array, tint: Array, polygon: Array, mask: Array) -> Array:
    """`over`, but only in the polygon's window: a wall has hundreds of stones."""
    size = len(picture)
    x0, y0 = np.clip(np.floor(polygon.min(0)).astype(int) - 1, 0, size)
    x1, y1 = np.clip(np.ceil(polygon.max(0)).astype(int) + 2, 0, size)
    if x1 > x0 and y1 > y0:
        local = fill((y1 - y0, x1 - x0), polygon - (x0, y0)) * mask[y0:y1, x0:x1]
        picture[y0:y1, x0:x1] = over(picture[y0:y1, x0:x1], tint, local)
    return picture


def mail(picture: Array, head: Head, mask: Array, light: Array) -> Array:
    """Rows of rings: flat grey tones below, one dark arc and one bright arc for each ring."""
    picture = over(picture, cel(light, ("#3b4250", "#6f7a88", "#a9b4bd"), cuts=(0.40, 0.85)), mask)
    canvas = np.clip(picture * 255, 0, 255).astype(np.uint8)
    before = canvas.copy()
    pitch, size = head.cm(0.44), head.size
    thick = max(1, round(head.cm(0.075)))
    for row, y in enumerate(np.arange(0, size, pitch * 0.72)):
        for x in np.arange((row % 2) * pitch / 2, size, pitch):
            if mask[int(y), min(int(x), size - 1)] < 0.2:
                continue
            tilt = 25 if row % 2 else -25
            centre = (round(x * 16), round(y * 16))
            axes = (round(pitch * 0.46 * 16), round(pitch * 0.40 * 16))
            cv2.ellipse(canvas, centre, axes, tilt, 150, 395, (22, 20, 24), thick, cv2.LINE_AA, 4)
            if light[int(y), min(int(x), size - 1)] > 0.5:
                cv2.ellipse(canvas, centre, axes, tilt, 195, 285, (222, 226, 226), max(1, thick // 2), cv2.LINE_AA, 4)
    return over(before.astype(np.float32) / 255, canvas.astype(np.float32) / 255, mask)


def coif_masks(head: Head) -> tuple[Array, Array, Array, Array]:
    """Outer mask and outline of the coif, and mask and outline of the hole for the face."""
    outer = outline_cm(
        head,
        [
            (7.5, 9.5),
            (8.1, 5),
            (8.0, 0),
            (7.6, -5),
            (8.2, -9.5),
            (10.5, -12.2),
            (13.5, -14.2),
            (12, -17.0),
            (6, -18.6),
            (0.01, -19.2),
        ],
    )
    hole = outline_cm(
        head, [(5.9, 8.8), (6.55, 4.5), (6.5, 0.0), (6.0, -3.6), (4.9, -6.6), (2.8, -8.7), (0.01, -9.25)], z=-0.5
    )
    shape = (head.size, head.size)
    return fill(shape, outer), outer, fill(shape, hole), hole


def surcoat(picture: Array, head: Head) -> Array:
    """A blue coat with a gold hem."""
    body = outline_cm(head, [(6.5, -13.2), (10, -12.6), (14, -13.6), (18, -15.8), (21, -19.5), (23, -27)])
    shape = picture.shape
    height = shoulder_height(head)
    mask = fill(shape, body)
    light = tones(height, KEY, px_per_cm=head.px_per_cm, smooth_cm=0.16)
    picture = over(picture, cel(light, ("#1c3050", "#2f5580", "#4f80ab"), cuts=(0.52, 0.80), edge=0.004), mask)
    for crease in radiating(head, (14.2, -15.2), [(14.8, -21)], seed=2) + radiating(
        head, (-14.6, -15.4), [(-15.8, -21)], seed=3
    ):
        picture = ink(picture, head, crease, 0.20, peak=0.3)
    picture = ink(picture, head, body[: len(body) // 2], 0.22, start=0.6, end=0.6)
    return ink(picture, head, body[len(body) // 2 :], 0.22, start=0.6, end=0.6)


def kettle_hat(picture: Array, head: Head) -> Array:
    """Dome, riveted band and brim, with a sharp reflection."""
    shape, size = picture.shape, head.size
    down, across = np.mgrid[0:size, 0:size].astype(np.float32)
    middle = head.place([(0, 9.0, -1)])[0]
    x, y = (across - middle[0]) / head.px_per_cm, (middle[1] - down) / head.px_per_cm
    dome = outline_cm(head, [(0.01, 16.0), (2.6, 15.6), (5.4, 14.0), (7.2, 11.6), (7.9, 8.6)], z=-1)
    sphere = np.sqrt(np.clip(1.15 - (x / 8.2) ** 2 - (np.clip(y + 0.6, 0, None) / 8.6) ** 2, 0.003, None)) * head.cm(7)
    light = tones(sphere.astype(np.float32), KEY, px_per_cm=head.px_per_cm, smooth_cm=0.05)
    picture = over(picture, cel(light, ("#4a5560", "#8a98a2", "#c6d0d2"), cuts=(0.42, 0.80)), fill(shape, dome))
    glint = spline(head.place([(-5.2, 11.2, -1), (-4.6, 12.8, -1), (-3.2, 14.2, -1)])[:, :2])
    picture = ink(picture, head, glint, 0.5, tint="#f7fbf8")
    picture = ink(
        picture, head, spline(head.place([(0.9, 16.0, -1), (1.3, 13, -1), (1.3, 9.4, -1)])[:, :2]), 0.12, start=0.5
    )
    for half in (dome[: len(dome) // 2], dome[len(dome) // 2 :]):
        picture = ink(picture, head, half, 0.24, start=0.7, end=0.7)
    top = [(-10.4, 8.1), (-7.4, 9.9), (0, 10.4), (7.4, 9.9), (10.4, 8.1)]
    low = [(10.4, 8.1), (8.2, 7.7), (4.5, 7.75), (0, 7.85), (-4.5, 7.75), (-8.2, 7.7), (-10.4, 8.1)]
    upper, lower = (spline(head.place([(px, py, 0) for px, py in row])[:, :2], count=120) for row in (top, low))
    brim = fill(shape, np.vstack([upper, lower]))
    slope = 0.72 - 0.030 * x - 0.35 * (y < -0.70 - 0.002 * x**2)
    picture = over(picture, cel(slope.astype(np.float32), ("#4a5560", "#96a4ac", "#d3dbda"), cuts=(0.52, 0.80)), brim)
    picture = ink(picture, head, upper, 0.15, start=0.5, end=0.5)
    picture = ink(picture, head, lower, 0.26, start=0.6, end=0.6)
    for px in np.linspace(-6.4, 6.4, 9):
        rivet = head.place([(px, 9.75 - 0.012 * px**2, 1)])[0, :2]
        turn = np.linspace(0, 6.3, 24)
        disc = np.stack([np.cos(turn), np.sin(turn)], 1) * head.cm(0.24)
        picture = over(picture, colour(INK), fill(shape, rivet + disc))
        picture = over(picture, colour("#c9b070"), fill(shape, rivet + disc * 0.68 + (-head.cm(0.03), -head.cm(0.03))))
    return picture


def brim_shadow(head: Head) -> Array:
    """The band of shade under the brim."""
    rows = [
        (-7.5, 7.9),
        (-4, 7.9),
        (0, 8.0),
        (4, 7.9),
        (7.5, 7.9),
        (7.2, 5.6),
        (4.0, 6.5),
        (0.4, 6.75),
        (-3.6, 6.75),
        (-7.2, 6.3),
    ]
    return fill((head.size, head.size), head.place([(x, y, 3.5) for x, y in rows])[:, :2])
