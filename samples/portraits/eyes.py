"""Paints one living eye into a lit face: ball, iris, lids, wet rim, lashes.

Works on an enlarged window of the picture, so that lashes and iris fibres stay crisp after the final downscale.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from canvas import Array, blur, colour, fill, offset, over, ribbon, smoothstep, spline, taper
from head import IRIS, LID_BOTTOM, LID_TOP, SIDES, Head

ZOOM = 3


class EyeLook(NamedTuple):
    iris: str = "#6b7f52"
    iris_inner: str = "#a58a4e"
    iris_rim: str = "#1d2418"
    sclera: str = "#e6ddd2"
    lid_line: str = "#2a1710"
    skin_fold: str = "#7a4632"
    key: tuple[float, float] = (-0.55, -0.6)  # where the window light stands, in iris radii
    lashes: float = 0.7
    glow: float = 0.0  # light of its own, for machines


class Window(NamedTuple):
    """The enlarged square round one eye."""

    x: int
    y: int
    side_px: int

    def local(self, points: Array) -> Array:
        return np.asarray((points - (self.x, self.y)) * ZOOM + (ZOOM - 1) / 2, np.float32)


def iris_picture(shape: tuple[int, int], centre: Array, radius: float, look: EyeLook, *, seed: int) -> Array:
    """The disc of the iris with fibres, collarette, limbus and pupil."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    dx, dy = (across - centre[0]) / radius, (down - centre[1]) / radius
    r = np.sqrt(dx**2 + dy**2)
    turn = (np.arctan2(dy, dx) / (2 * np.pi) + 0.5) % 1
    polar = cv2.resize(rng.standard_normal((5, 70)).astype(np.float32), (720, 64), interpolation=cv2.INTER_CUBIC)
    polar += 0.6 * cv2.resize(
        rng.standard_normal((3, 170)).astype(np.float32), (720, 64), interpolation=cv2.INTER_CUBIC
    )
    fibres = cv2.remap(
        polar, (turn * 719).astype(np.float32), (np.clip(r, 0, 1) * 63).astype(np.float32), cv2.INTER_LINEAR
    )
    mix = smoothstep(0.38, 0.72, r + 0.07 * fibres)[..., None]
    picture = colour(look.iris_inner) * (1 - mix) + colour(look.iris) * mix
    picture = picture * (1 + 0.16 * fibres[..., None])
    caustic = np.exp(-((dx - look.key[0] * -0.6) ** 2 + (dy - look.key[1] * -0.75) ** 2) / 0.28)
    picture = picture * (0.72 + 0.75 * caustic[..., None])
    picture = over(picture, colour(look.iris_rim), smoothstep(0.74, 1.0, r) * 0.85)
    picture = over(picture, colour("#060405"), 1 - smoothstep(0.33, 0.42, r))
    if look.glow:
        ring = np.exp(-(((r - 0.62) / 0.13) ** 2))
        picture = picture + look.glow * ring[..., None] * colour(look.iris_inner)
    return np.asarray(picture, np.float32)


def ball(
    area: Array, top: Array, bottom: Array, centre: Array, radius: float, look: EyeLook, light: Array, *, seed: int
) -> Array:
    """Sclera, iris and the shadow of the upper lid, for the whole window."""
    opening = fill(area.shape, np.vstack([top, bottom[::-1]]))
    down, across = np.mgrid[0 : area.shape[0], 0 : area.shape[1]].astype(np.float32)
    middle = (top.mean(0) + bottom.mean(0)) / 2
    bend = np.clip(
        1 - (((across - middle[0]) / (radius * 2.6)) ** 2 + ((down - middle[1]) / (radius * 2.3)) ** 2), 0.1, 1
    )
    shade = (0.5 + 0.5 * np.sqrt(bend))[..., None] * light
    picture = colour(look.sclera) * shade
    red = np.clip(np.abs(across - middle[0]) / (radius * 2.4), 0, 1) ** 3
    picture = over(picture, colour("#b8705c") * light, red.astype(np.float32), opacity=0.45)
    distance = np.hypot(across - centre[0], down - centre[1])
    disc = 1 - smoothstep(radius * 0.93, radius * 1.05, distance.astype(np.float32))
    iris_light = 0.55 + 0.45 * light
    picture = over(picture, iris_picture(area.shape[:2], centre, radius, look, seed=seed) * iris_light, disc)
    shift = np.array([[1, 0, 0], [0, 1, radius * 0.36]], np.float32)
    lowered = cv2.warpAffine(opening, shift, opening.shape[::-1])
    shadow = blur(np.clip(opening - lowered, 0, 1), radius * 0.2)
    picture = picture * (1 - 0.72 * shadow[..., None])
    rim = blur(opening, radius * 0.12)
    return picture * (0.62 + 0.38 * smoothstep(0.45, 0.95, rim))[..., None]


def catchlights(picture: Array, centre: Array, radius: float, look: EyeLook) -> Array:
    spot = centre + np.array(look.key, np.float32) * radius * 0.62
    size = radius * 0.17
    window = spot + np.array([(-1, -1.2), (0.9, -1.0), (1.0, 1.1), (-0.8, 1.2)], np.float32) * size
    picture = over(picture, (1.0, 0.99, 0.96), fill(picture.shape, window, soft_px=radius * 0.05), opacity=0.95)
    low = centre - np.array(look.key, np.float32) * radius * 0.75
    soft = fill(
        picture.shape,
        low + np.array([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)], np.float32) * size,
        soft_px=radius * 0.12,
    )
    return over(picture, (0.85, 0.9, 1.0), soft, opacity=0.22)


def lash_strokes(lid: Array, radius: float, *, sign: float, upper: bool, seed: int) -> list[Array]:
    """Curved tapered hairs fanning out from a lid, outer corner first."""
    rng = np.random.default_rng(seed)
    strokes = []
    for along in np.linspace(0.03, 0.93 if upper else 0.8, 46 if upper else 26):
        root = lid[int(along * (len(lid) - 1))] + rng.normal(0, radius * 0.02, 2)
        length = radius * (0.62 if upper else 0.26) * (1.15 - 0.75 * along) * rng.uniform(0.7, 1.15)
        lean = sign * np.interp(along, [0, 0.5, 1], [1.0, 0.45, -0.35]) + rng.normal(0, 0.1)
        rise = -1.0 if upper else 0.8
        middle = root + length * 0.55 * np.array([lean * 0.9, rise * 0.25])
        tip = root + length * np.array([lean * 1.15, rise * 0.85])
        curve = spline([root, middle, tip], count=10)
        strokes.append(ribbon(curve, radius * (0.085 if upper else 0.045) * taper(10, start=1.0, end=0.05, peak=0.05)))
    return strokes


def paint_eye(picture: Array, head: Head, side: str, look: EyeLook, *, seed: int = 1) -> Array:
    """The picture with one eye painted in. `side` is the subject's."""
    sign = SIDES[side]
    reach = round(head.cm(2.9))
    middle = head.points[LID_TOP[side] + LID_BOTTOM[side], :2].mean(0)
    window = Window(int(middle[0]) - reach, int(middle[1]) - reach, 2 * reach)
    patch = picture[window.y : window.y + window.side_px, window.x : window.x + window.side_px]
    area = cv2.resize(patch, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC)
    top = spline(window.local(head.points[LID_TOP[side], :2]), count=90)
    bottom = spline(window.local(head.points[LID_BOTTOM[side], :2]), count=90)
    ring = window.local(head.points[IRIS[side], :2])
    radius = float(np.linalg.norm(ring[1:] - ring[0], axis=1).mean())
    opening = fill(area.shape, np.vstack([top, bottom[::-1]]))
    local_light = np.clip(blur(area, radius).mean(2, keepdims=True) * 1.5 + 0.12, 0.35, 1.0)

    crease = top + (0, -radius * 0.62) * taper(90, start=0.55, end=0.3, peak=0.45)[:, None]
    area = over(
        area,
        colour(look.skin_fold),
        fill(area.shape, ribbon(crease, radius * 0.2 * taper(90, peak=0.4)), soft_px=radius * 0.07),
        opacity=0.75,
    )
    socket = fill(area.shape, ribbon((top + crease) / 2, radius * 0.5 * taper(90)), soft_px=radius * 0.3)
    area = over(area, colour(look.skin_fold), socket, opacity=0.22)
    area = over(area, ball(area, top, bottom, ring[0], radius, look, local_light, seed=seed), opening)
    area = over(area, catchlights(area, ring[0], radius, look), opening)

    inner = top[-1] * 0.93 + bottom[len(bottom) * 3 // 4] * 0.07
    tear = (
        inner
        + np.stack([np.cos(np.linspace(0, 6.3, 20)) * 0.22, np.sin(np.linspace(0, 6.3, 20)) * 0.15], 1) * radius
        - (-sign * 0.12 * radius, 0)
    )
    area = over(
        area, colour("#c9806d") * local_light, fill(area.shape, tear, soft_px=radius * 0.08) * opening, opacity=0.8
    )
    wet = ribbon(bottom + offset(0, radius * 0.07), radius * 0.17 * taper(90, start=0.3, end=0.3))
    area = over(area, colour("#e8b9a4") * local_light, fill(area.shape, wet, soft_px=radius * 0.04), opacity=0.65)
    under = ribbon(bottom + offset(0, radius * 0.2), radius * 0.09 * taper(90, start=0.2, peak=0.25))
    area = over(
        area, colour(look.lid_line), fill(area.shape, under, soft_px=radius * 0.06), opacity=0.35 + 0.25 * look.lashes
    )
    line = ribbon(top + offset(0, -radius * 0.03), radius * 0.24 * taper(90, start=0.35, end=0.15, peak=0.3))
    area = over(area, colour(look.lid_line), fill(area.shape, line, soft_px=radius * 0.03), opacity=0.92)
    hairs = fill(area.shape, *lash_strokes(top, radius, sign=sign, upper=True, seed=seed + 5))
    area = over(area, colour(look.lid_line) * 0.7, hairs, opacity=look.lashes)
    hairs = fill(
        area.shape, *lash_strokes(bottom + offset(0, radius * 0.18), radius, sign=sign, upper=False, seed=seed + 6)
    )
    area = over(area, colour(look.lid_line), hairs, opacity=look.lashes * 0.6)

    out = picture.copy()
    small = cv2.resize(area, (window.side_px, window.side_px), interpolation=cv2.INTER_AREA)
    out[window.y : window.y + window.side_px, window.x : window.x + window.side_px] = small
    return out
