"""Takes a talk's frames and curves, gives one PNG to judge it by: evenly spaced frames over what they follow.

The strip shows the voice (grey), the opening of the lips (amber; jawOpen minus mouthClose), blinks (blue ticks) and
where the frames were taken. Lips that move in silence, that never shut, or eyes that never blink are seen at a glance.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from visavis.latents import INDEX, SAMPLE_RATE_HZ

COLUMNS = 5
ROWS = 3
_CELL_PX = 256
_GAP_PX = 8
_MARGIN_PX = 20
_STRIP_PX = 170
_FINE = 2
"""The strip is drawn at twice the size and reduced, which smooths its lines."""

_GROUND, _PANEL, _TEXT = (20, 22, 27), (29, 32, 39), (214, 218, 226)
_DIM, _VOICE, _LIPS, _BLINK = (124, 131, 145), (92, 99, 114), (255, 184, 77), (108, 176, 255)


class Shot(NamedTuple):
    """One frame of the sheet: its number and its picture u8 [S, S, 3 or 4]."""

    frame: int
    picture: npt.NDArray[np.uint8]


def shot_frames(frames: int) -> list[int]:
    """Which frames of a talk of that many go on the sheet: the middles of equal parts."""
    count = min(frames, COLUMNS * ROWS)
    return [int((i + 0.5) * frames / count) for i in range(count)]


def write_sheet(
    path: Path,
    *,
    shots: Sequence[Shot],
    latents: npt.NDArray[np.float32],
    samples: npt.NDArray[np.float32],
    fps: int,
    title: str = "",
) -> None:
    """Draw the sheet: `latents` [k, 64] at `fps`, `samples` [n] the voice at 16 kHz."""
    columns = min(COLUMNS, len(shots))
    rows = -(-len(shots) // max(1, columns))
    width = max(640, 2 * _MARGIN_PX + columns * (_CELL_PX + _GAP_PX) - _GAP_PX)
    top = _MARGIN_PX + (34 if title else 0)
    grid = rows * (_CELL_PX + _GAP_PX)
    sheet = Image.new("RGB", (width, top + grid + _STRIP_PX + _MARGIN_PX + 8), _GROUND)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((_MARGIN_PX, _MARGIN_PX - 4), title, font=_font(20), fill=_TEXT)
    for i, shot in enumerate(shots):
        corner = (_MARGIN_PX + i % columns * (_CELL_PX + _GAP_PX), top + i // columns * (_CELL_PX + _GAP_PX))
        _paste(sheet, shot, corner=corner, fps=fps)
    strip = _strip(
        (width - 2 * _MARGIN_PX, _STRIP_PX), latents=latents, samples=samples, fps=fps,
        marks=[shot.frame / fps for shot in shots],
    )  # fmt: skip
    sheet.paste(strip, (_MARGIN_PX, top + grid + 8))
    sheet.save(path, format="PNG", optimize=True)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _paste(sheet: Image.Image, shot: Shot, *, corner: tuple[int, int], fps: int) -> None:
    picture = Image.fromarray(np.ascontiguousarray(shot.picture[:, :, :3]))
    if picture.width != _CELL_PX:
        picture = picture.resize((_CELL_PX, _CELL_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    sheet.paste(picture, corner)
    draw = ImageDraw.Draw(sheet, "RGBA")
    label = f"{shot.frame / fps:.2f} s"
    left, _, right, _ = draw.textbbox((0, 0), label, font=_font(14))
    x, y = corner[0] + 6, corner[1] + _CELL_PX - 26
    draw.rounded_rectangle((x, y, x + right - left + 12, y + 20), radius=5, fill=(*_GROUND, 190))
    draw.text((x + 6, y + 2), label, font=_font(14), fill=_TEXT)


def _strip(
    size: tuple[int, int], *, latents: npt.NDArray[np.float32], samples: npt.NDArray[np.float32], fps: int,
    marks: Sequence[float],
) -> Image.Image:  # fmt: skip
    """Voice, lip opening, blinks and a time axis."""
    width, height = size[0] * _FINE, size[1] * _FINE
    strip = Image.new("RGB", (width, height), _GROUND)
    draw = ImageDraw.Draw(strip)
    base = height - 26 * _FINE
    draw.rounded_rectangle((0, 0, width - 1, base), radius=8 * _FINE, fill=_PANEL)
    duration_s = max(samples.shape[0] / SAMPLE_RATE_HZ, latents.shape[0] / fps, 1e-3)
    pixels_per_s = width / duration_s
    _draw_voice(draw, samples, middle=int(base * 0.5), reach=base * 0.42, step=SAMPLE_RATE_HZ / pixels_per_s)
    _draw_lips(draw, latents, fps=fps, base=base, reach=base * 0.80, pixels_per_s=pixels_per_s)
    lids = latents[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].mean(axis=1) > 0.5
    for frame in np.flatnonzero(lids[1:] & ~lids[:-1]) + 1:
        x = frame / fps * pixels_per_s
        draw.rounded_rectangle((x - 2 * _FINE, 5 * _FINE, x + 2 * _FINE, 17 * _FINE), radius=2 * _FINE, fill=_BLINK)
    for mark in marks:
        x = (mark + 0.5 / fps) * pixels_per_s
        draw.polygon([(x - 4 * _FINE, base), (x + 4 * _FINE, base), (x, base - 6 * _FINE)], fill=_TEXT)
    _draw_axis(draw, duration_s=duration_s, pixels_per_s=pixels_per_s, y=base + 4 * _FINE, width=width)
    return strip.resize(size, Image.Resampling.LANCZOS)


def _draw_voice(
    draw: ImageDraw.ImageDraw, samples: npt.NDArray[np.float32], *, middle: int, reach: float, step: float
) -> None:
    """The envelope, one column per pixel, scaled to the loudest moment."""
    loudest = max(1e-4, float(np.abs(samples).max(initial=0.0)))
    for x in range(int(samples.shape[0] / step)):
        column = samples[int(x * step) : max(int(x * step) + 1, int((x + 1) * step))]
        low, high = float(column.min()) / loudest, float(column.max()) / loudest
        draw.line((x, middle - high * reach, x, middle - low * reach + 1), fill=_VOICE)


def _draw_lips(
    draw: ImageDraw.ImageDraw, latents: npt.NDArray[np.float32], *, fps: int, base: int, reach: float,
    pixels_per_s: float,
) -> None:  # fmt: skip
    opening = np.clip(latents[:, INDEX["jawOpen"]] - latents[:, INDEX["mouthClose"]], 0.0, 1.0)
    scale = reach / max(0.5, float(opening.max(initial=0.0)))
    points = [(j / fps * pixels_per_s, base - 8 * _FINE - float(o) * scale) for j, o in enumerate(opening)]
    if len(points) > 1:
        draw.line(points, fill=_LIPS, width=2 * _FINE, joint="curve")


def _draw_axis(draw: ImageDraw.ImageDraw, *, duration_s: float, pixels_per_s: float, y: int, width: int) -> None:
    step_s = next(s for s in (0.5, 1, 2, 5, 10, 20, 60, 120) if duration_s / s <= 12 or s == 120)
    font = _font(12 * _FINE)
    for i in range(int(duration_s / step_s) + 1):
        x = i * step_s * pixels_per_s
        if x < width - 330 * _FINE:
            draw.text((x + 2 * _FINE, y), f"{i * step_s:g} s", font=font, fill=_DIM)
    x = width
    for label, colour in (("blinks", _BLINK), ("lips", _LIPS), ("voice", _VOICE)):
        left, _, right, _ = draw.textbbox((0, 0), label, font=font)
        x -= int(right - left) + 8 * _FINE
        draw.text((x, y), label, font=font, fill=_TEXT)
        x -= 16 * _FINE
        draw.rounded_rectangle((x, y + 4 * _FINE, x + 11 * _FINE, y + 12 * _FINE), radius=2 * _FINE, fill=colour)
        x -= 10 * _FINE
