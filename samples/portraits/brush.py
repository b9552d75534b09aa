"""Turns a rendered picture into a painting: layers of curved bristle strokes, coarse to fine.

After Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes" (SIGGRAPH 1998), with strokes that
follow the local structure tensor and with bristles. What must stay crisp (eyes, lips) is given as a mask and keeps
most of the original.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from canvas import SHIFT, Array, blur, blur_inside, noise, over, smoothstep


class Pass(NamedTuple):
    radius_cm: float
    threshold: float  # colour difference below which the coarser layer is left alone
    length: float = 6.0  # longest stroke in radii
    jitter: float = 0.03


PASSES = (
    Pass(0.75, -1.0, 7.0, 0.035),
    Pass(0.38, 0.02, 8.0, 0.022),
    Pass(0.2, 0.025, 9.0, 0.016),
    Pass(0.11, 0.035, 9.0, 0.012),
)


def flow(picture: Array, sigma_px: float) -> Array:
    """Unit vectors [H, W, 2] along the edges: the weak axis of the smoothed structure tensor."""
    grey = blur(picture.mean(2), 1.2)
    gx, gy = (cv2.Scharr(grey, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    xx, yy, xy = (blur(np.asarray(v, np.float32), sigma_px) for v in (gx * gx, gy * gy, gx * gy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


def trace(
    start: Array, field: Array, reference: Array, *, step_px: float, steps: int, tolerance: float
) -> tuple[Array, Array]:
    """Stroke paths [n, steps, 2] and their valid lengths [n]; a stroke ends where the colour under it has changed."""
    size = field.shape[0]
    position = start.copy()
    heading = np.zeros_like(start)
    alive = np.ones(len(start), bool)
    length = np.ones(len(start), np.int32)
    columns = [position.copy()]
    first = reference[start[:, 1].astype(int), start[:, 0].astype(int)]
    for _ in range(steps - 1):
        ij = np.clip(position.astype(int), 0, size - 1)
        vector = field[ij[:, 1], ij[:, 0]]
        vector = np.where(((vector * heading).sum(1) < 0)[:, None], -vector, vector)
        heading = 0.55 * vector + 0.45 * np.where(heading.any(1, keepdims=True), heading, vector)
        heading /= np.linalg.norm(heading, axis=1, keepdims=True) + 1e-6
        position = position + heading * step_px
        ij = np.clip(position.astype(int), 0, size - 1)
        alive &= np.abs(reference[ij[:, 1], ij[:, 0]] - first).mean(1) < tolerance
        length += alive
        columns.append(position.copy())
    return np.stack(columns, 1), length


def lay(
    canvas: np.ndarray,
    paths: Array,
    lengths: Array,
    colours: Array,
    radius: float,
    rng: np.random.Generator,
    jitter: float,
) -> None:
    """Paints strokes in place, each as a bundle of bristles of slightly different lightness."""
    bristles = int(np.clip(radius / 2.0, 3, 9))
    offsets = np.linspace(-0.9, 0.9, bristles) * radius
    thick = max(1, round(2.3 * radius / bristles))
    for index in rng.permutation(len(paths)):
        path = paths[index, : max(int(lengths[index]), 2)]
        tangent = np.gradient(path, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / (np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6)
        tone = colours[index] * (1 + rng.normal(0, jitter)) + rng.normal(0, jitter * 0.4, 3)
        rough = rng.normal(0, jitter * 1.1, bristles)
        for offset, change in zip(offsets, rough, strict=True):
            points = np.round((path + normal * offset) * (1 << SHIFT)).astype(np.int32)
            value = np.clip((tone + change) * 255, 0, 255).tolist()
            cv2.polylines(canvas, [points], False, value, thick, cv2.LINE_AA, SHIFT)


def paint_figure(
    ground: Array, figure: Array, mask: Array, *, px_per_cm: float, crisp: Array, fine: Array, seed: int
) -> Array:
    """Paints what stands behind and what stands before apart, so that no stroke of one smears into the other."""
    nothing = np.zeros_like(mask)
    behind = paint(ground, px_per_cm=px_per_cm, crisp=nothing, fine=nothing, seed=seed)
    spread = over(blur_inside(figure, mask, 1.2 * px_per_cm), figure, mask)
    before = paint(spread, px_per_cm=px_per_cm, crisp=crisp, fine=fine, seed=seed + 1)
    ragged = blur(mask, 0.07 * px_per_cm) + 0.10 * noise(len(mask), 130, seed=seed + 2, octaves=2) * (
        blur(mask, 0.2 * px_per_cm) < 0.98
    )
    return over(behind, before, smoothstep(0.30, 0.60, ragged))


def paint(
    picture: Array, *, px_per_cm: float, crisp: Array, fine: Array, passes: tuple[Pass, ...] = PASSES, seed: int = 0
) -> Array:
    """The painted picture. `crisp` 0..1 keeps the original, `fine` 0..1 asks for the smaller brushes there."""
    rng = np.random.default_rng(seed)
    size = picture.shape[0]
    canvas = np.clip(blur(picture, 0.5 * px_per_cm) * 255, 0, 255).astype(np.uint8)
    for brush in passes:
        radius = brush.radius_cm * px_per_cm
        reference = blur(picture, radius * 0.45)
        field = flow(picture, max(radius * 1.3, 0.3 * px_per_cm))
        side = np.arange(radius * 0.5, size, radius * 0.95)
        start = (
            np.stack(np.meshgrid(side, side), -1).reshape(-1, 2) + rng.uniform(-0.5, 0.5, (len(side) ** 2, 2)) * radius
        )
        start = np.clip(start, 0, size - 1).astype(np.float32)
        ij = start.astype(int)
        error = np.abs(blur(canvas.astype(np.float32) / 255, radius * 0.4) - reference).mean(2)[ij[:, 1], ij[:, 0]]
        want = error > brush.threshold * (1.6 - 1.2 * fine[ij[:, 1], ij[:, 0]])
        start = start[want]
        paths, lengths = trace(
            start,
            field,
            reference,
            step_px=radius * 0.8,
            steps=int(brush.length / 0.8),
            tolerance=0.05 if radius < 0.3 * px_per_cm else 0.08,
        )
        colours = reference[ij[want][:, 1], ij[want][:, 0]]
        whole = lengths >= (1 if brush.threshold < 0 else 4)  # stubs look like crumbs
        paths, lengths, colours = paths[whole], lengths[whole], colours[whole]
        lay(canvas, paths, lengths, colours, radius, rng, brush.jitter)
    painted = canvas.astype(np.float32) / 255
    relief = painted.mean(2) - blur(painted.mean(2), 2.5)
    emboss = cv2.filter2D(relief, -1, np.array([[1, 0.5, 0], [0.5, 0, -0.5], [0, -0.5, -1]], np.float32))
    painted = painted * (1 + 0.35 * np.clip(emboss, -0.15, 0.15))[..., None]
    return over(painted, picture, crisp)
