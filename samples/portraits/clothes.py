"""Shoulders under cloth: outlines in head centimetres and draped height fields lit like everything else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from canvas import Array, blur, fill, noise, offset, ribbon, spline, taper
from head import Head

Points = list[tuple[float, float]]


class Drape(NamedTuple):
    height: Array
    mask: Array


def outline_cm(head: Head, points: Points, *, mirror: bool = True, z: float = -4.0, count: int = 240) -> Array:
    """A closed outline; with `mirror` the points are the picture's right half, top to bottom."""
    full = [*points, *[(-x, y) for x, y in points[::-1]]] if mirror else points
    smooth = spline(head.place([(x, y, z) for x, y in points])[:, :2], count=count)
    if not mirror:
        return smooth
    other = spline(head.place([(x, y, z) for x, y in full[len(points) :]])[:, :2], count=count)
    return np.vstack([smooth, other])


def shoulder_height(head: Head) -> Array:
    """A broad chest: highest in the middle, falling away to the sides and to the top."""
    down, across = np.mgrid[0 : head.size, 0 : head.size].astype(np.float32)
    axis = head.place([(0, -16, -4)])[0]
    x = (across - axis[0]) / head.px_per_cm
    y = (axis[1] - down) / head.px_per_cm - 16
    chest = 2.2 - 0.016 * x**2 - 0.10 * np.clip(y + 17, 0, None) ** 1.6 - 0.0006 * np.abs(x) ** 3
    return np.asarray((chest - 2.0) * head.px_per_cm, np.float32)


def drape(
    head: Head,
    outline: Array,
    creases: list[Array],
    *,
    thickness_cm: float = 0.3,
    crease_cm: float = 0.7,
    depth_cm: float = 0.4,
    ripple_cm: float = 0.05,
    seed: int = 0,
) -> Drape:
    """Cloth over the shoulders: rounded hems, creases along curves, a low ripple."""
    shape = (head.size, head.size)
    mask = fill(shape, outline)
    height = shoulder_height(head) + head.cm(thickness_cm) * blur(mask, head.cm(0.25))
    for crease in creases:
        widths = head.cm(crease_cm) * taper(len(crease), start=0.2, end=0.1, peak=0.35)
        groove = fill(shape, ribbon(crease, widths), soft_px=head.cm(crease_cm) * 0.35)
        ridge = fill(
            shape,
            ribbon(crease + offset(head.cm(crease_cm) * 0.8, -head.cm(0.1)), widths),
            soft_px=head.cm(crease_cm) * 0.4,
        )
        height = height - head.cm(depth_cm) * groove + head.cm(depth_cm) * 0.7 * ridge
    height = height + head.cm(ripple_cm) * noise(head.size, 9, seed=seed, octaves=3)
    return Drape(height.astype(np.float32), mask)


def radiating(
    head: Head, origin: tuple[float, float], ends: Points, *, bow_cm: float = 0.8, seed: int = 0
) -> list[Array]:
    """Crease curves from one point of tension to several ends."""
    rng = np.random.default_rng(seed)
    curves = []
    for x, y in ends:
        middle = ((origin[0] + x) / 2 + rng.normal(0, bow_cm), (origin[1] + y) / 2 + rng.normal(0, bow_cm))
        place = head.place([(px, py, -4.0) for px, py in (origin, middle, (x, y))])[:, :2]
        curves.append(spline(place, count=50))
    return curves
