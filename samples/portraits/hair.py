"""Hair as thousands of tapered strands combed into locks.

A lock is a guide curve; its strands start spread over the lock's width and draw together at the tip. Each strand is
painted in short pieces, so that a band of light can run across it. Locks are painted in the order given: what grows
lower first, what lies on top last.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from canvas import Array, colour, paint_strokes, ribbon, spline, taper
from head import Head

PIECES = 19
STEPS = 40


class Lock(NamedTuple):
    guide: Array  # [k, 2] px, root to tip
    width_cm: float
    strands: int
    shade: float = 0.0  # -1 dark .. 1 light


class HairLook(NamedTuple):
    dark: str
    middle: str
    light: str
    strand_cm: float = 0.10
    wave_cm: float = 0.10
    gather: float = 0.65  # how far the strands draw together at the tip
    band: tuple[float, float] = (0.35, 0.16)  # place and width of the band of light along a strand
    band_strength: float = 0.8
    key_x: float = -0.6  # the side the light comes from
    vary: float = 0.28
    grey: float = 0.0  # share of grey strands
    root: float = 0.6  # width at the root
    root_shade: float = 0.3


def strand_colours(look: HairLook, value: Array, grey: npt.NDArray[np.bool_]) -> Array:
    """value [n] in about -1..1 -> colours [n, 3]."""
    stops = np.stack([colour(code) for code in (look.dark, look.middle, look.light)])
    rgb = np.stack([np.interp(value, [-0.9, 0.0, 0.95], stops[:, k]) for k in range(3)], -1)
    pale = np.clip(rgb.mean(1, keepdims=True) * 1.15 + 0.08, 0, 1) * np.array([1.0, 0.92, 0.80])
    return np.where(grey[:, None], pale, rgb).astype(np.float32)


def comb(head: Head, lock: Lock, look: HairLook, rng: np.random.Generator) -> tuple[list[Array], Array]:
    """The pieces of one lock's strands with their colours."""
    guide = spline(lock.guide, count=STEPS).astype(np.float64)
    tangent = np.gradient(guide, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / (np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9)
    along = np.linspace(0, 1, STEPS)
    outlines: list[Array] = []
    values: list[float] = []
    greys: list[bool] = []
    phase, where = rng.uniform(0, 6.3), look.band[0] + rng.normal(0, 0.06)
    for _ in range(lock.strands):
        offset = rng.uniform(-0.5, 0.5)
        spread = (
            offset
            * lock.width_cm
            * (1 - look.gather * along**1.4)
            * (0.55 + 0.45 * np.sin(np.pi * np.clip(along * 0.9 + 0.12, 0, 1)))
        )
        wave = look.wave_cm * np.sin(along * rng.uniform(5, 8) + phase + offset * 2) * along
        stop = max(int(STEPS * rng.uniform(0.72, 1.0)), 8)
        curve = (guide + normal * ((spread + wave) * head.px_per_cm)[:, None])[:stop]
        widths = head.cm(look.strand_cm) * rng.uniform(0.7, 1.3) * taper(stop, start=look.root, end=0.04, peak=0.35)
        round_off = 0.35 - 1.5 * (offset - 0.5 * look.key_x) ** 2  # a lock is a small cylinder
        own = lock.shade + round_off * 0.5 + rng.normal(0, look.vary)
        shift = rng.normal(0, 0.07)
        is_grey = bool(rng.random() < look.grey)
        cuts = np.linspace(0, stop - 1, PIECES + 1)
        cuts[1:-1] += rng.uniform(-0.9, 0.9)  # else the joints of a lock line up like bricks
        cuts = np.round(cuts).astype(int)
        for first, last in pairwise(cuts):
            place = (first + last) / 2 / STEPS
            band = look.band_strength * np.exp(-(((place - where - shift) / look.band[1]) ** 2))
            stretch = slice(first, min(last + 2, stop))
            outlines.append(ribbon(curve[stretch].astype(np.float32), widths[stretch]))
            values.append(own + band - look.root_shade * np.exp(-((place / 0.1) ** 2)) - 0.1)
            greys.append(is_grey)
    return outlines, strand_colours(look, np.array(values, np.float32), np.array(greys))


def paint_hair(picture: Array, head: Head, locks: list[Lock], look: HairLook, *, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    canvas = np.clip(picture * 255, 0, 255).astype(np.uint8)
    for lock in locks:
        outlines, colours = comb(head, lock, look, rng)
        paint_strokes(canvas, outlines, colours)
    return canvas.astype(np.float32) / 255


def hair_mask(head: Head, locks: list[Lock], look: HairLook, *, seed: int) -> Array:
    """Where `paint_hair` with the same arguments leaves a mark."""
    white = look._replace(dark="#ffffff", middle="#ffffff", light="#ffffff", grey=0.0)
    return np.asarray(
        paint_hair(np.zeros((head.size, head.size, 3), np.float32), head, locks, white, seed=seed)[..., 0], np.float32
    )


def fur(
    head: Head,
    roots: Array,
    directions: Array,
    *,
    length_cm: npt.ArrayLike,
    width_cm: float,
    strands: int,
    curl: float,
    shade: Array,
    seed: int,
) -> list[Lock]:
    """Short locks (beard, moustache, cropped hair) from roots [n, 2] px along directions [n, 2], top ones last."""
    rng = np.random.default_rng(seed)
    lengths = np.broadcast_to(np.asarray(length_cm, np.float32), (len(roots),))
    locks = []
    for index in np.argsort(-roots[:, 1]):
        direction = directions[index] / (np.linalg.norm(directions[index]) + 1e-9)
        side = np.array([-direction[1], direction[0]]) * rng.choice([-1, 1]) * curl * rng.uniform(0.4, 1)
        size = head.cm(float(lengths[index])) * rng.uniform(0.75, 1.2)
        root = roots[index]
        guide = np.stack(
            [
                root,
                root + size * (0.4 * direction + 0.16 * side),
                root + size * (0.75 * direction + 0.15 * side),
                root + size * (direction - 0.10 * side),
            ]
        )
        locks.append(Lock(guide.astype(np.float32), width_cm, strands, float(shade[index])))
    return locks
