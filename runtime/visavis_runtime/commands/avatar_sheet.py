"""Takes an avatar, gives its contact sheet: picture and rest, sounds, feelings, eyes, poses, and every shape, labelled.

The pictures are frames of the ordinary renderer, cut to the head. What is wrong with a face is seen before it talks.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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
Pose = Mapping[str, float]
COLUMNS = 7
HEAD_WEIGHT, ROOM = 0.5, 1.22
"""What turns so far with the skull is the head, hair too; the cell against the head."""
GROUND, TEXT, DIM = (20, 22, 27), (214, 218, 226), (140, 147, 161)


def _both(**weights: float) -> dict[str, float]:
    return {name + side: weight for name, weight in weights.items() for side in ("Left", "Right")}


def _head(**degrees: float) -> dict[str, float]:
    return {name: math.radians(value) for name, value in degrees.items()}


SECTIONS: Mapping[str, Mapping[str, Pose]] = {
    "Sounds": {
        "M B P": {"jawOpen": 0.1, "mouthClose": 0.1, **_both(mouthPress=0.7)},
        "F V": {"jawOpen": 0.1, "mouthRollLower": 0.7, **_both(mouthUpperUp=0.35)},
        "L TH": {"jawOpen": 0.3, "tongueOut": 0.3, **_both(mouthLowerDown=0.15)},
        "AA": {"jawOpen": 0.6, **_both(mouthLowerDown=0.2, mouthUpperUp=0.15)},
        "EE": {"jawOpen": 0.18, **_both(mouthStretch=0.5, mouthSmile=0.35, mouthLowerDown=0.4, mouthUpperUp=0.3)},
        "OH": {"jawOpen": 0.38, "mouthFunnel": 0.7},
        "OO": {"jawOpen": 0.12, "mouthPucker": 0.85, "mouthFunnel": 0.3},
        "SH": {"jawOpen": 0.12, "mouthFunnel": 0.75, "mouthPucker": 0.25},
        "tongue": {"jawOpen": 0.3, "tongueOut": 1.0},
    },
    "Feelings": {
        "smile": _both(mouthSmile=0.9, cheekSquint=0.5),
        "frown": _both(mouthFrown=0.9, browDown=0.7),
        "surprise": {"jawOpen": 0.4, "browInnerUp": 0.9, **_both(browOuterUp=0.7, eyeWide=0.8)},
        "disgust": _both(noseSneer=0.8, mouthUpperUp=0.5, browDown=0.5, eyeSquint=0.4),
    },
    "Eyes": {
        "half shut": _both(eyeBlink=0.5),
        "blink": _both(eyeBlink=1.0),
        "wink left": {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.6},
        "look left": {**_head(leftEyeYaw=20, rightEyeYaw=20), "eyeLookOutLeft": 0.6, "eyeLookInRight": 0.6},
        "look right": {**_head(leftEyeYaw=-20, rightEyeYaw=-20), "eyeLookInLeft": 0.6, "eyeLookOutRight": 0.6},
        "look up": {**_head(leftEyePitch=15, rightEyePitch=15), **_both(eyeLookUp=0.6)},
        "look down": {**_head(leftEyePitch=-15, rightEyePitch=-15), **_both(eyeLookDown=0.6)},
    },
    "Head": {
        "yaw -15": _head(headYaw=-15),
        "yaw +15": _head(headYaw=15),
        "pitch -10": _head(headPitch=-10),
        "pitch +10": _head(headPitch=10),
        "roll -10": _head(headRoll=-10),
        "roll +10": _head(headRoll=10),
        "nearer": {"headZ": 0.1},
    },
}  # fmt: skip
SHAPES: Mapping[str, Pose] = {name: {name: 1.0} for name in ARKIT_NAMES}


class Cell(NamedTuple):
    """One labelled picture [h, h, 3]."""

    label: str
    picture: U8


def draw_sheet(avatar: Avatar, *, cell_px: int = 256, shapes: bool = True, title: str = "") -> U8:
    """Contact sheet [H, W, 3] uint8 RGB, `COLUMNS` cells wide; with `shapes` also each of the 52 at full weight."""
    renderer = CpuRenderer(size=avatar.size)
    scene, window = renderer.load(avatar), _head_window(avatar)

    def shot(label: str, pose: Pose, neutral: float = 1.0) -> Cell:
        latents = np.zeros((1, len(NAMES)), np.float32)
        for channel, value in pose.items():
            latents[0, INDEX[channel]] = value
        frame = renderer.render([scene], latents, neutral=neutral)[0][window][..., :3]
        return Cell(label, cv2.resize(frame, (cell_px, cell_px), interpolation=cv2.INTER_AREA).astype(np.uint8))

    sections = {name: [shot(*item) for item in poses.items()] for name, poses in SECTIONS.items()}
    first = [shot("picture", {}, 0.0), shot("at rest", {})]
    sections = {"Rest and sounds": first + sections.pop("Sounds"), **sections}
    if shapes:
        sections["The 52 shapes, each at full weight"] = [shot(*item) for item in SHAPES.items()]
    return _laid_out(sections, cell_px=cell_px, title=title, subtitle=_subtitle(avatar))


def _subtitle(avatar: Avatar) -> str:
    """What the portrait stands, in one line."""
    ranges = [f"{name} {math.degrees(low):+.0f} to {math.degrees(high):+.0f}°" for name, (low, high) in
              zip(("yaw", "pitch", "roll"), avatar.limits[:3], strict=True)]  # fmt: skip
    return f"{avatar.size} px, {len(avatar.vertices)} vertices; moves {', '.join(ranges)}"


def _laid_out(sections: Mapping[str, list[Cell]], *, cell_px: int, title: str, subtitle: str) -> U8:
    gap, head = max(2, cell_px // 64), max(14, cell_px // 7)
    rows = {name: -(-len(cells) // COLUMNS) for name, cells in sections.items()}
    width = COLUMNS * (cell_px + gap) + gap
    height = head + sum(head + count * (cell_px + gap) for count in rows.values()) + gap
    sheet = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(head * 0.55)
    draw.text((2 * gap, head * 0.75), title, font=font, anchor="ls", fill=TEXT)
    draw.text((width - 2 * gap, head * 0.75), subtitle, font=ImageFont.load_default(head * 0.4), anchor="rs", fill=DIM)
    y = head
    for name, cells in sections.items():
        draw.text((2 * gap, y + head * 0.75), name, font=ImageFont.load_default(head * 0.45), anchor="ls", fill=DIM)
        y += head
        for number, cell in enumerate(cells):
            place = (gap + number % COLUMNS * (cell_px + gap), y + number // COLUMNS * (cell_px + gap))
            sheet.paste(Image.fromarray(_labelled(cell)), place)
        y += rows[name] * (cell_px + gap)
    return np.asarray(sheet)


def save_sheet(sheet: U8, path: Path) -> None:
    """Write the sheet as PNG, to a temporary name first.

    Raises:
        OutputError: another suffix than .png, or the folder cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise OutputError(
            f"A sheet is written as .png, not {path.suffix or 'without a suffix'}.", reason="OUTPUT_SUFFIX"
        )
    data = io.BytesIO()
    Image.fromarray(sheet).save(data, format="PNG", optimize=True)
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.getvalue())


def _head_window(avatar: Avatar) -> tuple[slice, slice]:
    """Square part of the frame that shows the whole head with its hair, and some room for it to turn."""
    column, row = np.clip(np.rint(avatar.texture_px), 0, avatar.texture.shape[0] - 1).astype(int).T
    head = (avatar.texture[row, column, 3] > 127) & (avatar.head_weight > HEAD_WEIGHT)
    head[:468] = True
    low, high = avatar.rest_px[head].min(axis=0), avatar.rest_px[head].max(axis=0)
    half = min(float((high - low).max()) * ROOM / 2, avatar.size / 2)
    left, top = np.clip(np.rint((low + high) / 2 - half), 0, avatar.size - 2 * half).astype(int)
    side = int(2 * half)
    return slice(top, top + side), slice(left, left + side)


def _labelled(cell: Cell) -> U8:
    picture = Image.fromarray(np.ascontiguousarray(cell.picture))
    size = max(9, cell.picture.shape[0] // 18)
    place = (size // 2, cell.picture.shape[0] - size // 2)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    stroke = max(1, size // 8)
    draw.text(place, cell.label, font=font, anchor="ls", fill="white", stroke_width=stroke, stroke_fill="black")
    return np.asarray(picture)
