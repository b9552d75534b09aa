"""Lights a height field: key, fill, rim, cast shadows, ambient occlusion, and light that bleeds through skin.

Takes heights in pixels and an albedo picture, gives a lit float picture. Directions point towards the light (x right,
y down, z viewer).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from canvas import Array, blur, blur_inside, colour, smoothstep

SCATTER_CM = (0.30, 0.12, 0.06)  # how far red, green and blue light wander under skin


class Lamp(NamedTuple):
    direction: tuple[float, float, float]
    tint: str
    strength: float = 1.0
    shadow: float = 0.9  # how dark its cast shadow is


class Sheen(NamedTuple):
    strength: float
    sharpness: float


SOFT_SHEEN = Sheen(0.25, 18.0)


def normals(height: Array) -> Array:
    """Unit normals [H, W, 3] of a height field."""
    dx = cv2.Scharr(height, cv2.CV_32F, 1, 0, scale=1 / 32)
    dy = cv2.Scharr(height, cv2.CV_32F, 0, 1, scale=1 / 32)
    out = np.dstack([-dx, -dy, np.ones_like(dx)])
    return np.asarray(out / np.linalg.norm(out, axis=2, keepdims=True), np.float32)


def unit(direction: tuple[float, float, float]) -> Array:
    vector = np.array(direction, np.float32)
    return vector / float(np.linalg.norm(vector))


def cast_shadow(height: Array, direction: tuple[float, float, float], *, reach_px: float, soft: float = 3.5) -> Array:
    """1 where the light arrives, 0 in shadow; walks the height field towards the light at a quarter of the size."""
    factor = 2
    small = cv2.resize(height, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA) / factor
    d = unit(direction)
    slope = d[2] / max(float(np.hypot(d[0], d[1])), 1e-3)
    flat = d[:2] / max(float(np.hypot(d[0], d[1])), 1e-3)
    light = np.ones_like(small)
    steps = np.unique(np.round(np.geomspace(2, reach_px / factor, 36)))
    for step in steps:
        move = np.array([[1, 0, flat[0] * step], [0, 1, flat[1] * step]], np.float32)
        blocker = cv2.warpAffine(
            small,
            move,
            small.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        clearance = (small + slope * step - blocker) / step
        light = np.minimum(light, np.clip(0.5 + soft * clearance, 0, 1))
    light = blur(light * light * (3 - 2 * light), 1.2)
    return np.asarray(cv2.resize(light, height.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def occlusion(height: Array, *, unit_px: float, strength: float = 1.0) -> Array:
    """1 in the open, darker in hollows, gathered over four sizes."""
    out = np.ones_like(height)
    for width_cm in (0.12, 0.35, 0.9, 2.2):
        sigma = width_cm * unit_px
        hollow = (blur(height, sigma) - height) / sigma
        out *= 1 - 0.42 * strength * smoothstep(0.04, 0.75, hollow)
    return out


def light_skin(
    height: Array,
    albedo: Array,
    mask: Array,
    lamps: list[Lamp],
    *,
    px_per_cm: float,
    sky: str = "#8f97ad",
    ground: str = "#6b4f40",
    ambient: float = 0.4,
    scatter: float = 1.0,
    sheen: Sheen = SOFT_SHEEN,
    sheen_map: Array | None = None,
    grain: Array | None = None,
) -> Array:
    """Skin (or any matter) under the lamps. `grain` is a small height in pixels that only the surface light sees."""
    normal = normals(height if grain is None else height + grain)
    open_sky = occlusion(height, unit_px=px_per_cm)
    up = (0.5 - 0.5 * normal[..., 1])[..., None]
    light = ambient * (colour(sky) * up + colour(ground) * (1 - up)) * open_sky[..., None]
    gloss = np.zeros_like(light)
    for lamp in lamps:
        direction = unit(lamp.direction)
        facing = normal @ direction
        shade = 1 - lamp.shadow * (1 - cast_shadow(height, lamp.direction, reach_px=9 * px_per_cm))
        wrap = 0.14 * scatter
        lit = np.clip((facing + wrap) / (1 + wrap), 0, 1) * shade * (0.55 + 0.45 * open_sky)
        light = light + lamp.strength * lit[..., None] * colour(lamp.tint)
        half = unit((direction[0], direction[1], direction[2] + 1))
        shine = np.clip(normal @ half, 0, 1) ** sheen.sharpness * smoothstep(-0.05, 0.3, facing) * shade
        gloss += (lamp.strength * sheen.strength * shine * open_sky)[..., None] * colour(lamp.tint)
    if scatter > 0:
        sharp = light
        for channel, width_cm in enumerate(SCATTER_CM):
            soft = blur_inside(np.ascontiguousarray(light[..., channel]), mask, width_cm * px_per_cm * scatter)
            sharp[..., channel] = 0.25 * sharp[..., channel] + 0.75 * soft
        light = sharp
    if sheen_map is not None:
        gloss = gloss * sheen_map[..., None]
    return tone(albedo * albedo * light * 1.1 + gloss)


def tone(linear: Array) -> Array:
    """Linear light -> display values, the brightest part rolled off."""
    x = np.clip(linear, 0, None)
    rolled = np.where(x > 0.6, 0.6 + 0.4 * (1 - np.exp(-(x - 0.6) / 0.4)), x)
    return np.asarray(rolled**0.5, np.float32)
