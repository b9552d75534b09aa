"""The innkeeper's hair, beard and moustache as locks of strands."""

from __future__ import annotations

import numpy as np
from canvas import Array, blur, fill, spline
from hair import HairLook, Lock, fur
from head import LIP_BOTTOM, LIP_TOP, Head

HAIR = HairLook("#1d0d07", "#5b3018", "#c98a4c", strand_cm=0.11, wave_cm=0.16, vary=0.3, root=0.1, root_shade=0.12)
BEARD = HAIR._replace(
    dark="#220f07",
    middle="#6d3a1b",
    light="#d59a58",
    wave_cm=0.08,
    strand_cm=0.085,
    gather=0.5,
    band_strength=0.45,
    grey=0.08,
    root=0.05,
    root_shade=0.0,
)


def beard_area(head: Head) -> Array:
    """Where the beard grows: chin and cheeks, the lips left free."""
    p = head.points[:, :2]
    rim = np.vstack([p[[234, 93, 58, 172, 150, 148, 152, 377, 379, 397, 288, 323, 454]]])
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
    pick = rng.choice(len(xs), 1500, p=np.clip(edge - 0.3, 0.04, 1) / np.clip(edge - 0.3, 0.04, 1).sum())
    roots = np.stack([xs[pick], ys[pick]], 1).astype(np.float32)
    away = roots - (p[2] + p[0]) / 2
    along = np.stack([0.55 * away[:, 0] / head.px_per_cm, np.full(len(roots), 4.5)], 1)
    shade = 0.25 * np.tanh(-(roots[:, 0] - p[152, 0]) / head.cm(4)) + rng.normal(0, 0.3, len(roots)) - 0.1
    low = np.clip((roots[:, 1] - p[0, 1]) / head.cm(5), 0, 1)
    return fur(
        head,
        roots,
        along,
        length_cm=(0.7 + 0.6 * edge[pick]) * (0.9 + 1.5 * low),
        width_cm=0.30,
        strands=6,
        curl=0.45,
        shade=shade,
        seed=22,
    )


def moustache(head: Head) -> list[Lock]:
    rng = np.random.default_rng(31)
    p, unit = head.points[:, :2], head.px_per_cm
    locks = []
    for row in (0.35, 0.75):
        for along in np.linspace(-1, 1, 26):
            side = np.sign(along) or 1.0
            root = (
                p[164] * (1 - row)
                + p[0] * row
                + np.array([along * 2.1, 0.05 + 0.30 * along**2 - 0.42 * row]) * unit
                + rng.normal(0, 0.06 * unit, 2)
            )
            size = (0.85 + 0.75 * abs(along)) * unit
            bow = np.array([side * (0.55 + 0.3 * abs(along)), 0.16])
            tip = np.array([side * (0.8 + 0.25 * abs(along)), 0.42 + 0.45 * abs(along)])
            locks.append(
                Lock(
                    np.stack([root, root + bow * size * 0.55, root + tip * size]).astype(np.float32),
                    0.32,
                    12,
                    rng.normal(-0.25 * side, 0.22),
                )
            )
    return locks


def mane(head: Head) -> list[Lock]:
    """Wavy hair from a side parting, brushed back over the ears."""
    rng = np.random.default_rng(41)
    locks = []
    for level in np.repeat(np.linspace(1, 0, 15), 5):
        y = 9.7 + 4.0 * level + rng.normal(0, 0.12)
        x = -2.0 + rng.normal(0, 0.15)
        drop, out = rng.uniform(0.8, 5.4), 7.5 + 0.5 * level + rng.normal(0, 0.15)
        right = [
            (x, y),
            (x + 2.6, y + 0.75),
            (x + 6.2, y - 0.7 - 0.6 * level),
            (out - 0.3, min(y - 3.2, 8.3)),
            (out + rng.normal(0.05, 0.3), drop),
        ]
        left = [
            (x, y),
            (x - 1.8, y + 0.35),
            (x - 4.0, y - 1.7 - level),
            (-out + 0.1, min(y - 3.6, 7.4)),
            (-out + rng.normal(0.05, 0.3), drop),
        ]
        for path in (right, left):
            jitter = rng.normal(0, 0.24, (len(path), 2))
            place = head.place([(px + jx, py + jy, -1.5) for (px, py), (jx, jy) in zip(path, jitter, strict=True)])[
                :, :2
            ]
            locks.append(Lock(place, rng.uniform(0.7, 1.5), 24, rng.normal(0.0, 0.28) - 0.3 * (path is right)))
    return locks


def hair_base(head: Head) -> Array:
    """The dark mass under the strands."""
    edge = [(-7.5, 3.4), (-7.4, 8.5), (-4.6, 12.6), (0, 13.9), (4.6, 12.6), (7.4, 8.5), (7.5, 3.4)]
    edge += [(6.8, 6.6), (5.2, 9.2), (1.0, 10.3), (-3.0, 10.0), (-5.6, 8.6), (-6.8, 6.0)]
    outline = spline(head.place([(x, y, -1.5) for x, y in edge])[:, :2], count=200, closed=True)
    return fill((head.size, head.size), outline, soft_px=head.cm(0.2))
