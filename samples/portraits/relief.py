"""From head points to a height field: face, skull, neck, ears, and the small folds no mesh carries.

A thin-plate spline through the points gives one smooth height per pixel (in pixels, bigger is nearer); folds are carved
and ridges raised along curves hung on the same points. A height field is enough for a near-frontal portrait and is
quick to light.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from canvas import Array, blur, fill, offset, ribbon, smoothstep, spline, taper
from head import SIDES, Head
from scipy.interpolate import RBFInterpolator

JAW = [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454]
SKULL_EDGE = [(7.1, 3.4, -3.2), (7.3, 6.4, -4.0), (6.7, 9.4, -4.0), (4.9, 11.8, -3.6), (2.5, 13.0, -3.0)]
SKULL_CENTRE, SKULL_RADII = np.array([0, 4.5, -3.5]), np.array([7.4, 8.9, 9.3])
GRID = 200


class Relief(NamedTuple):
    height: Array  # [H, W] px
    head: Array  # mask of the skull and face
    neck: Array
    ears: Array
    skin: Array  # their union


class Fold(NamedTuple):
    """A crease (depth > 0) or ridge (depth < 0) along a pixel curve."""

    curve: Array
    width_cm: float
    depth_cm: float
    peak: float = 0.5


def skull_outline(head: Head) -> Array:
    left = [(-x, y, z) for x, y, z in SKULL_EDGE]
    arc = head.place([*left, (0, 13.4, -3.0), *SKULL_EDGE[::-1]])
    return spline(np.vstack([head.points[JAW[::-1]], arc])[:, :2], count=400, closed=True)


def skull_cap() -> Array:
    """Points on the ellipsoid of the skull above the hairline, [n, 3] cm."""
    across, up = np.meshgrid(np.linspace(-0.94, 0.94, 11), np.linspace(0.5, 0.985, 7))
    across = across * np.sqrt(1 - up**2)
    unit_z = np.sqrt(np.clip(1 - across**2 - up**2, 0, None))
    points = SKULL_CENTRE + SKULL_RADII * np.stack([across, up, unit_z], -1).reshape(-1, 3)
    return np.asarray(points, np.float32)


def face_height(head: Head) -> Array:
    """The thin-plate surface through the points, [H, W] px."""
    temples = [(sx * x, y, z) for x, y, z in SKULL_EDGE[:2] for sx in (-1, 1)]
    extra = head.place(np.vstack([temples, skull_cap()]))
    knots = np.vstack([head.points[:468], extra]).astype(np.float64)
    knots = knots[np.argsort(-knots[:, 2])]  # of two points at one place the nearer one counts
    kept: list[int] = []
    for index, point in enumerate(knots):
        if not kept or np.min(np.linalg.norm(knots[kept, :2] - point[:2], axis=1)) > head.cm(0.2):
            kept.append(index)
    knots = knots[kept]
    unit = head.px_per_cm
    near_nose = np.exp(-0.5 * ((knots[:, :2] - head.points[4, :2]) ** 2).sum(1) / head.cm(1.6) ** 2)
    stiffness = 0.03 * (1 - near_nose) + 0.002  # nose and lips exact, cheeks and brow smooth
    surface = RBFInterpolator(knots[:, :2] / unit, knots[:, 2] / unit, kernel="thin_plate_spline", smoothing=stiffness)
    low = knots[:, :2].min(0) - unit
    high = knots[:, :2].max(0) + unit
    columns, rows = (np.linspace(low[k], high[k], GRID) / unit for k in (0, 1))
    grid = surface(np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)).reshape(GRID, GRID)
    across, down = np.meshgrid(np.arange(head.size), np.arange(head.size))
    where_x = ((across - low[0]) / (high[0] - low[0]) * (GRID - 1)).astype(np.float32)
    where_y = ((down - low[1]) / (high[1] - low[1]) * (GRID - 1)).astype(np.float32)
    out = cv2.remap(grid.astype(np.float32), where_x, where_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(blur(out, head.cm(0.05)) * unit, np.float32)


def round_off(height: Array, outline: Array, radius_px: float) -> Array:
    """Bends the surface back towards its outline like the limb of a ball."""
    inside = (fill(height.shape, outline) > 0.5).astype(np.uint8)
    distance = blur(cv2.distanceTransform(inside, cv2.DIST_L2, 5), radius_px * 0.08)
    depth = 1 - np.clip(distance / radius_px, 0, 1)
    return np.asarray(height - radius_px * (1 - np.sqrt(np.clip(1 - depth**2, 0.0, 1))), np.float32)


def carve(head: Head, height: Array, folds: list[Fold]) -> Array:
    for fold in folds:
        widths = head.cm(fold.width_cm) * taper(len(fold.curve), peak=fold.peak)
        trench = fill(height.shape, ribbon(fold.curve, widths), soft_px=head.cm(fold.width_cm) * 0.4)
        height = height - head.cm(fold.depth_cm) * trench
    return np.asarray(height, np.float32)


def standard_folds(head: Head, *, age: float = 0.3, lips: float = 1.0) -> list[Fold]:
    """The folds every face has, deeper with age 0..1, and the rolls of the lips."""
    p = head.points[:, :2]
    unit = head.px_per_cm
    folds = [
        Fold(spline((p[[37, 0, 267]] + p[[97, 2, 326]]) / 2, count=9), 0.3, 0.0),
        Fold(np.linspace(p[2], p[0], 30, dtype=np.float32), 0.42, 0.10, 0.7),
        Fold(spline(p[[106, 18, 335]] + (0, -0.05 * unit)), 1.0, 0.14),
        Fold(
            spline(p[[40, 39, 37, 0, 267, 269, 270]] * 0.62 + p[[80, 81, 82, 13, 312, 311, 310]] * 0.38),
            0.5,
            -0.07 * lips,
        ),
        Fold(
            spline(p[[88, 178, 87, 14, 317, 402, 318]] * 0.5 + p[[91, 181, 84, 17, 314, 405, 321]] * 0.5),
            0.7,
            -0.13 * lips,
        ),
        Fold(head.seam(), 0.22, 0.10),
    ]
    for side, nose, cheek, corner in (("right", 129, 206, 57), ("left", 358, 426, 287)):
        sign = SIDES[side]
        lid = spline(
            p[
                [33, 246, 161, 160, 159, 158, 157, 173, 133]
                if side == "right"
                else [263, 466, 388, 387, 386, 385, 384, 398, 362]
            ]
        )
        folds.append(Fold(lid + offset(0, -0.36 * unit), 0.2, 0.12, 0.4))
        bag = spline(p[[31, 228, 229, 230, 231, 232] if side == "right" else [261, 448, 449, 450, 451, 452]])
        folds.append(Fold(bag, 0.28, 0.05 + 0.10 * age, 0.6))
        smile = spline(
            [
                p[nose] + (sign * 0.35 * unit, -0.3 * unit),
                p[cheek] * 0.75 + p[corner] * 0.25,
                p[corner] + (sign * 0.55 * unit, -0.1 * unit),
            ]
        )
        folds.append(Fold(smile, 0.5, 0.03 + 0.27 * age, 0.35))
        wing = p[[198, 129, 64, 98] if side == "right" else [420, 358, 294, 327]]
        folds.append(Fold(spline(wing + offset(sign * 0.06 * unit, 0)), 0.34, 0.26, 0.5))
        folds.append(
            Fold(
                spline(
                    [
                        p[corner] + (0, -0.35 * unit),
                        p[61 if side == "right" else 291] + (sign * 0.1 * unit, 0),
                        p[corner] + (-sign * 0.1 * unit, 0.5 * unit),
                    ]
                ),
                0.35,
                0.10,
            )
        )
    return folds


def forehead_folds(head: Head, *, depth: float) -> list[Fold]:
    """Wrinkles of a forehead and between the brows."""
    p, unit = head.points[:, :2], head.px_per_cm
    rows = [
        spline(p[[68, 104, 69, 108, 151, 337, 299, 333, 298]] * (1, 1) + (0, shift * unit)) for shift in (0.1, 0.95)
    ]
    folds = [Fold(row, 0.26, 0.07 * depth) for row in rows]
    for inner, sign in ((55, -1), (285, 1)):
        folds.append(
            Fold(
                spline(
                    [
                        p[inner] + (-sign * 0.15 * unit, 0.3 * unit),
                        p[inner] + (-sign * 0.3 * unit, -0.5 * unit),
                        p[inner] + (-sign * 0.2 * unit, -1.2 * unit),
                    ]
                ),
                0.26,
                0.12 * depth,
            )
        )
    return folds


def neck_outline(head: Head, *, width_cm: float, bottom_cm: float = -20.0) -> Array:
    w = width_cm / 2
    right = [(w, -3.5, -4), (w * 0.97, -7, -4), (w, -10, -4), (w * 1.25, -13, -4), (w * 2.0, bottom_cm, -4)]
    left = [(-x, y, z) for x, y, z in right[::-1]]
    return np.vstack([spline(head.place(right)[:, :2]), spline(head.place(left)[:, :2])])


def neck_height(head: Head, *, width_cm: float, sinew: float = 1.0) -> Array:
    """A cylinder behind the chin with the two neck muscles and the pit between the collar bones."""
    down, across = np.mgrid[0 : head.size, 0 : head.size].astype(np.float32)
    axis = head.place([(0, -9, -4)])[0]
    x = (across - axis[0]) / head.px_per_cm
    y = (axis[1] - down) / head.px_per_cm - 9
    radius = width_cm / 2 * (1 + 0.02 * np.clip(-9 - y, 0, 8) ** 1.5)
    bulge = np.sqrt(np.clip(radius**2 - x**2, 0, None)) - 3.6 + 0.10 * np.clip(-6 - y, 0, 9)
    sign = np.abs(x)
    rope = np.exp(-(((sign - np.interp(y, [-16, -8], [0.8, 4.0])) / 1.0) ** 2)) * smoothstep(-5, -10, y)
    pit = np.exp(-((x / 1.0) ** 2) - ((y + 15.2) / 1.1) ** 2)
    apple = np.exp(-((x / 0.9) ** 2) - ((y + 10.6) / 1.0) ** 2)
    out = bulge + sinew * (0.35 * rope - 0.5 * pit + 0.45 * apple)
    out = np.where(y > -2.5, -8.0, out)  # it must not shade the head from behind
    return np.asarray(out * head.px_per_cm, np.float32)


def ear_outlines(head: Head, *, tip_cm: float = 0.0, out_cm: float = 1.5) -> dict[str, Array]:
    """Ears beside the head, from brow to nose; `tip_cm` draws them out to a point."""
    shapes = {}
    for side, sign in SIDES.items():
        o = out_cm
        rim = [(6.7, -1.6, -3), (7.0 + 0.3 * o, -1.8, -3.4), (7.0 + 0.6 * o, -0.4, -4), (7.0 + o, 2.0, -4.6)]
        rim += [
            (7.0 + o + tip_cm * 0.45, 3.6 + tip_cm, -5),
            (7.0 + 0.6 * o, 4.1 + tip_cm * 0.25, -4.6),
            (6.6, 3.6, -3.4),
        ]
        shapes[side] = spline(head.place([(sign * x, y, z) for x, y, z in rim])[:, :2], count=120, closed=True)
    return shapes


def ear_height(head: Head, outline: Array) -> Array:
    """A bowl with a rolled rim."""
    inside = (fill((head.size, head.size), outline) > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) / head.px_per_cm
    rim = np.exp(-(((distance - 0.16) / 0.13) ** 2)) * 0.38
    fold = np.exp(-(((distance - 0.62) / 0.14) ** 2)) * 0.26
    bowl = 0.7 * smoothstep(0.25, 0.95, distance)
    return np.asarray(blur((rim + fold - bowl - 3.6) * head.px_per_cm, head.cm(0.05)), np.float32)


def sculpt(
    head: Head, *, folds: list[Fold], neck_cm: float, sinew: float = 1.0, ears: dict[str, Array] | None = None
) -> Relief:
    """Everything with skin on, as one height field with its masks."""
    outline = skull_outline(head)
    shape = (head.size, head.size)
    face = carve(head, round_off(face_height(head), outline, head.cm(0.9)), folds)
    masks = {"head": fill(shape, outline), "neck": fill(shape, neck_outline(head, width_cm=neck_cm))}
    height = neck_height(head, width_cm=neck_cm, sinew=sinew)
    ear_mask = np.zeros(shape, np.float32)
    for ear in (ears or {}).values():
        mask = fill(shape, ear)
        height = np.where(mask > 0.5, ear_height(head, ear), height)
        ear_mask = np.maximum(ear_mask, mask)
    height = np.where(masks["head"] > 0.5, face, height)
    skin = np.maximum(np.maximum(masks["head"], masks["neck"]), ear_mask)
    return Relief(height.astype(np.float32), masks["head"], masks["neck"], ear_mask, skin)
