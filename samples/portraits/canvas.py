"""Drawing primitives on float pictures: splines, tapered strokes, soft masks, noise, compositing.

Pictures are float32 [H, W, 3] in 0..1 (display values), masks float32 [H, W] in 0..1, curves float [n, 2] in pixels
(x right, y down).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

Array = npt.NDArray[np.float32]
SHIFT = 4  # fixed-point bits of OpenCV's sub-pixel polygons


def colour(hex_code: str) -> Array:
    """'#rrggbb' -> float32 [3] in 0..1."""
    return np.array([int(hex_code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def offset(x: float, y: float) -> Array:
    """A shift in pixels, to be added to points."""
    return np.array((x, y), np.float32)


def spline(points: npt.ArrayLike, *, count: int = 80, closed: bool = False) -> Array:
    """A smooth curve through the points, `count` samples, parametrised by chord length."""
    knots = np.asarray(points, np.float64)
    if closed:
        knots = np.vstack([knots, knots[:1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1) + 1e-6)])
    curve = CubicSpline(length, knots, bc_type="periodic" if closed else "natural")
    return np.asarray(curve(np.linspace(0, length[-1], count)), np.float32)


def taper(count: int, *, start: float = 0.0, end: float = 0.0, peak: float = 0.5) -> Array:
    """Widths 0..1 along a stroke that swells to 1 at `peak` of its length."""
    along = np.linspace(0, 1, count)
    rise = start + (1 - start) * np.sin(np.pi / 2 * np.clip(along / max(peak, 1e-6), 0, 1))
    fall = end + (1 - end) * np.sin(np.pi / 2 * np.clip((1 - along) / max(1 - peak, 1e-6), 0, 1))
    return np.asarray(np.minimum(rise, fall), np.float32)


def ribbon(curve: Array, widths: npt.ArrayLike) -> Array:
    """The outline of a stroke of varying width along a curve."""
    tangent = np.gradient(curve, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    half = normal * np.broadcast_to(np.asarray(widths, np.float32), (len(curve),))[:, None] / 2
    return np.concatenate([curve + half, (curve - half)[::-1]])


def fixed(polygon: npt.ArrayLike) -> npt.NDArray[np.int32]:
    return np.round(np.asarray(polygon) * (1 << SHIFT)).astype(np.int32)


def fill(shape: tuple[int, ...], *polygons: npt.ArrayLike, soft_px: float = 0.0) -> Array:
    """An anti-aliased mask of polygons (their union), blurred by `soft_px`."""
    mask = np.zeros(shape[:2], np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [fixed(polygon)], 255, lineType=cv2.LINE_AA, shift=SHIFT)
    out = mask.astype(np.float32) / 255
    return blur(out, soft_px) if soft_px > 0 else out


def stroke(shape: tuple[int, ...], curve: Array, widths: npt.ArrayLike, *, soft_px: float = 0.0) -> Array:
    return fill(shape, ribbon(curve, widths), soft_px=soft_px)


def paint_strokes(picture: npt.NDArray[np.uint8], outlines: list[Array], colours: Array) -> None:
    """Fills many outlines, each in its own colour, in place on an 8-bit picture (fast enough for 20 000)."""
    for outline, value in zip(outlines, np.clip(colours * 255, 0, 255), strict=True):
        cv2.fillPoly(picture, [fixed(outline)], value.tolist(), lineType=cv2.LINE_AA, shift=SHIFT)


def blur(picture: Array, sigma_px: float) -> Array:
    if sigma_px < 0.3:
        return picture
    factor = int(sigma_px // 6)  # wide blurs run on a reduced picture
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), np.float32)
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (max(8, width // factor), max(8, height // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REPLICATE)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(large, (0, 0), factor * 0.8), np.float32)  # hides the coarse grid from normals


def blur_inside(picture: Array, mask: Array, sigma_px: float) -> Array:
    """A blur that takes nothing from outside the mask."""
    weight = np.maximum(blur(mask, sigma_px), 1e-3)
    weighted = picture * (mask if picture.ndim == 2 else mask[..., None])
    return blur(weighted, sigma_px) / (weight if picture.ndim == 2 else weight[..., None])


def over(picture: Array, value: npt.ArrayLike, mask: Array, *, opacity: float = 1.0) -> Array:
    """The colour or picture `value` laid over `picture` where the mask is."""
    weight = (mask * opacity)[..., None]
    return np.asarray(picture * (1 - weight) + np.asarray(value, np.float32) * weight, np.float32)


def noise(
    size_px: int, cells: float, *, seed: int, octaves: int = 3, stretch: tuple[float, float] = (1.0, 1.0)
) -> Array:
    """Smooth noise of about unit variance; `cells` counts the coarsest bumps over the picture's width."""
    rng = np.random.default_rng(seed)
    out = np.zeros((size_px, size_px), np.float32)
    for octave in range(octaves):
        columns = max(3, round(cells * 2**octave / stretch[0]))
        rows = max(3, round(cells * 2**octave / stretch[1]))
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        out += cv2.resize(grid, (size_px, size_px), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    return out / float(out.std() + 1e-6)


def gradient(size_px: int, stops: list[tuple[float, str]], *, angle_rad: float = np.pi / 2) -> Array:
    """A linear colour gradient over the square; angle 0 runs to the right, pi/2 runs down."""
    axis = np.linspace(-0.5, 0.5, size_px, dtype=np.float32)
    along = np.cos(angle_rad) * axis[None, :] + np.sin(angle_rad) * axis[:, None] + 0.5
    places = [place for place, _ in stops]
    table = np.stack([colour(code) for _, code in stops])
    return np.stack([np.interp(along, places, table[:, k]) for k in range(3)], -1).astype(np.float32)


def smoothstep(low: float, high: float, x: Array) -> Array:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
