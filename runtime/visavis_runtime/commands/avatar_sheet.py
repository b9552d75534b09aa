"""Takes an avatar, gives its contact sheet: sounds, expressions and poses, or every shape, each labelled.

The pictures are frames of the ordinary renderer, cut to the head.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from visavis.errors import OutputError
from visavis.latents import ARKIT_NAMES, INDEX, NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.render.renderer import CpuRenderer
from visavis_runtime.write.atomic import atomic_path

U8 = npt.NDArray[np.uint8]
COLUMNS = 7


def _both(**weights: float) -> dict[str, float]:
    return {name + side: weight for name, weight in weights.items() for side in ("Left", "Right")}


POSES: Mapping[str, Mapping[str, float]] = {
    "rest": {},
    "M B P": {"jawOpen": 0.1, "mouthClose": 0.1, **_both(mouthPress=0.7)},
    "F V": {"jawOpen": 0.1, "mouthRollLower": 0.7, **_both(mouthUpperUp=0.35)},
    "AA": {"jawOpen": 0.6, **_both(mouthLowerDown=0.2, mouthUpperUp=0.15)},
    "EE": {"jawOpen": 0.18, **_both(mouthStretch=0.5, mouthSmile=0.35, mouthLowerDown=0.4, mouthUpperUp=0.3)},
    "OH": {"jawOpen": 0.38, "mouthFunnel": 0.7},
    "OO": {"jawOpen": 0.12, "mouthPucker": 0.85, "mouthFunnel": 0.3},
    "SH": {"jawOpen": 0.12, "mouthFunnel": 0.75, "mouthPucker": 0.25},
    "smile": _both(mouthSmile=0.9, cheekSquint=0.5),
    "frown": {**_both(mouthFrown=0.9, browDown=0.7)},
    "surprise": {"jawOpen": 0.4, "browInnerUp": 0.9, **_both(browOuterUp=0.7, eyeWide=0.8)},
    "disgust": _both(noseSneer=0.8, mouthUpperUp=0.5, browDown=0.5, eyeSquint=0.4),
    "blink": _both(eyeBlink=1.0),
    "wink left": {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.6},
    "yaw -15": {"headYaw": math.radians(-15)},
    "yaw +15": {"headYaw": math.radians(15)},
    "pitch -10": {"headPitch": math.radians(-10)},
    "pitch +10": {"headPitch": math.radians(10)},
    "roll +10": {"headRoll": math.radians(10)},
    "look left": {"leftEyeYaw": math.radians(20), "rightEyeYaw": math.radians(20), "eyeLookOutLeft": 0.6,
                  "eyeLookInRight": 0.6},
    "look down": {"leftEyePitch": math.radians(-15), "rightEyePitch": math.radians(-15), **_both(eyeLookDown=0.6)},
}  # fmt: skip


def draw_sheet(avatar: Avatar, *, cell_px: int = 256, every_shape: bool = False) -> U8:
    """Contact sheet [rows * cell_px, COLUMNS * cell_px, 3] uint8 RGB."""
    poses = {name: {name: 1.0} for name in ARKIT_NAMES} if every_shape else POSES
    renderer = CpuRenderer(size=avatar.size)
    scene = renderer.load(avatar)
    window = _head_window(avatar)
    cells = []
    for name, pose in poses.items():
        latents = np.zeros((1, len(NAMES)), np.float32)
        for channel, value in pose.items():
            latents[0, INDEX[channel]] = value
        frame = renderer.render([scene], latents)[0][window][..., :3]
        cells.append(_labelled(cv2.resize(frame, (cell_px, cell_px), interpolation=cv2.INTER_AREA), name))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    return np.ascontiguousarray(np.vstack(rows))


def save_sheet(sheet: U8, path: Path) -> None:
    """Write the sheet as PNG, to a temporary name first.

    Raises:
        OutputError: another suffix than .png, or the folder cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise OutputError(
            f"A sheet is written as .png, not {path.suffix or 'without a suffix'}.", reason="OUTPUT_SUFFIX"
        )
    data = cv2.imencode(".png", sheet[..., ::-1])[1].tobytes()
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def _head_window(avatar: Avatar) -> tuple[slice, slice]:
    """Square part of the frame that shows the head."""
    face = avatar.rest_px[:468]
    centre = (face.max(axis=0) + face.min(axis=0)) / 2
    half = min(float(np.ptp(face, axis=0).max()) * 0.78, avatar.size / 2)
    left, top = np.clip(np.rint(centre - half), 0, avatar.size - 2 * half).astype(int)
    side = int(2 * half)
    return slice(top, top + side), slice(left, left + side)


def _labelled(cell: U8, text: str) -> U8:
    picture = Image.fromarray(np.ascontiguousarray(cell))
    size = max(9, cell.shape[0] // 18)
    place = (size // 2, cell.shape[0] - size // 2)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size)
    draw.text(place, text, font=font, anchor="ls", fill="white", stroke_width=max(1, size // 8), stroke_fill="black")
    return np.asarray(picture)
