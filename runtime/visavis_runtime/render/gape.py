"""Takes a moved face, gives the opening between its lips on the pixels of the frame, and places inside it.

The window between the inner lips is covered exactly (see `face/layers/opening`), less what the lips stand apart in the
picture itself, so a shut mouth covers nothing and an opening one begins at zero. It draws nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.arrays import Array, Number, towards
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.face.rings import LOWER_RINGS, UPPER_RINGS
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.mouth_scene import JAW_SHAPES, MouthScene, down_of
from visavis_runtime.render.teeth import ARCH

Float = npt.NDArray[np.float32]

SHOWN_PX = 0.85
"""Half the width of a lip's edge at 512 px on the inside of a mouth that the picture itself shows."""
TONGUE_REACH_CM, LIPS_CM = 1.9, 0.42
"""How far the tongue hangs out, and how much of the lips round the opening is drawn on."""
ROUND_LIPS = (*UPPER_RINGS[0], *LOWER_RINGS[0])
FUNNEL_ROUNDS, ROUND_BACK = 0.35, 0.45
"""How much of a pucker's rounding a funnel has, and how much deeper behind round lips everything lies."""


class Gape(NamedTuple):
    """One mouth in one frame.

    rows, columns: the window of the frame; opening [h, w]: see `face/layers/opening`; widest_px: largest distance of
    the lips (negative if they are pressed into each other); px_per_cm: output px per cm of the shared teeth; jaw [3]:
    way of the chin; tongue: 0..1; rounding: 0..1, how far the lips are pushed forward to a tube; light: on the skin
    round the lips, 1 as in the picture.
    """

    scene: MouthScene
    rig: Rig
    moved: Moved
    rows: slice
    columns: slice
    opening: Opening
    widest_px: float
    px_per_cm: float
    jaw: Float
    tongue: float
    rounding: float
    light: float

    @property
    def rest(self) -> float:
        """How far the mouth has left the picture for rest, 0..1."""
        return float(self.moved.drive.neutral[0])

    @property
    def inwards(self) -> Float:
        """[3]: the way of one cm into the mouth, head frame."""
        return np.array([0, 0, -self.scene.cm * (1 + ROUND_BACK * self.rounding)], np.float32)

    def place(self, way: Float) -> tuple[Float, Float]:
        """See `place_in_mouth`."""
        return place_in_mouth(self, way)


AnyGape = Any
"""A `Gape`, or its like for a batch (`render.batched.gape`): the same names over tensors with a batch in front."""


def gape_of(scene: MouthScene, *, rig: Rig, moved: Moved, size: int) -> Gape | None:
    """The mouth as it is open now; None if nothing of it is to be drawn on a frame of `size` px."""
    upper, lower = inner_lips(scene, moved)
    gap = (moved.px[list(INNER_LOWER)] - moved.px[list(INNER_UPPER)]) @ down_of(upper) - _rest_gap(scene, moved)
    widest_px = float(gap[1:-1].max())
    tongue = float(moved.drive.shapes[INDEX["tongueOut"]])
    if widest_px <= 0 and tongue <= 0 and scene.photo is None and scene.lips and not scene.parted:
        return None
    px_per_cm = scene.px_per_cm * scene.cm * moved.drive.zoom
    both = np.concatenate([upper, lower])
    below = (LIPS_CM + np.array([0.0, TONGUE_REACH_CM * tongue])) * px_per_cm
    low = np.maximum(np.floor(both.min(axis=0) - LIPS_CM * px_per_cm), 0).astype(int)
    high = np.minimum(np.ceil(both.max(axis=0) + below) + 1, size).astype(int)
    if (high - low < 2).any():
        return None
    rows, columns = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    origin = (columns.start, rows.start)
    rest = float(moved.drive.neutral[0])
    soft_px = soft_edge(scene, rest)
    opening = opening_between(upper, lower, origin=origin, shape=shape, soft_px=soft_px, evenly=rest)
    jaw = moved.drive.shapes[JAW_SHAPES] @ scene.jaw
    rounding = float(rounding_of(moved.drive.shapes))
    light = float(moved.shade[list(ROUND_LIPS)].mean())
    return Gape(scene, rig, moved, rows, columns, opening, widest_px, px_per_cm, jaw, tongue, rounding, light)


def soft_edge(scene: Any, rest: Number) -> Number:
    """Half the width of the lips' edges, px: as soft as the picture once the mouth has left it by `rest` 0..1."""
    return towards(SHOWN_PX * scene.scale, scene.soft_px, rest)


def rounding_of(shapes: Array) -> Array:
    """[...] 0..1: how far shapes [..., 52] push the lips forward to a tube."""
    pushed = shapes[..., INDEX["mouthPucker"]] + FUNNEL_ROUNDS * shapes[..., INDEX["mouthFunnel"]]
    return pushed.clip(0, 1)


def inner_lips(scene: MouthScene, moved: Moved) -> tuple[Float, Float]:
    """The inner edges of the lips [n, 2], drawn together by what they stand apart at rest."""
    upper, lower = moved.px[list(INNER_UPPER)], moved.px[list(INNER_LOWER)]
    down = down_of(upper)
    gap = (lower - upper) @ down
    seen = np.maximum(gap - _rest_gap(scene, moved), 0)
    close = ((gap - seen) / 2)[:, None] * down
    evened = evening(len(upper), share=float(moved.drive.neutral[0]))
    return np.asarray(evened @ (upper + close), np.float32), np.asarray(evened @ (lower - close), np.float32)


def evening(count: int, *, share: float) -> Float:
    """[count, count]: takes the kinks out of a row of points, whose ends stay, by `share` 0..1.

    Landmarks of parted lips are laid on one seam column by column: what they were wrong by would show as a wavy edge.
    """
    plain = np.eye(count, dtype=np.float32)
    once = plain.copy()
    once[1:-1] = (plain[:-2] + 2 * plain[1:-1] + plain[2:]) / 4
    return plain + (once @ once - plain) * np.float32(share)


def _rest_gap(scene: MouthScene, moved: Moved) -> Float:
    """[n] px that the inner lips stand apart without showing anything, between the picture and its rest."""
    picture, rest = scene.rest_gap
    return np.asarray(picture + (rest - picture) * moved.drive.neutral[0], np.float32)


def place_in_mouth(gape: Gape, way: Float) -> tuple[Float, Float]:
    """Where every pixel is on a dental arch, [h, w] cm of the shared teeth: x to the picture's right, y up.

    `way` [3] cm is how far the arch is from the middle of the lips at rest. The arch runs back, so a turned head shows
    it bent: x and y are solved for its depth by two fixed-point steps.
    """
    scene = gape.scene
    middle = skull_px(gape.rig, gape.moved, scene.middle + way, offset=scene.middle_offset)
    axes = np.asarray(gape.moved.skull * scene.cm, np.float32)
    back = np.asarray(np.linalg.inv(axes[:, :2]), np.float32)
    slant = back @ axes[:, 2]
    px = np.arange(gape.columns.start, gape.columns.stop, dtype=np.float32) - np.float32(middle[0])
    py = (np.arange(gape.rows.start, gape.rows.stop, dtype=np.float32) - np.float32(middle[1]))[:, None]
    return along_arch(px * back[0, 0] + py * back[0, 1], px * back[1, 0] + py * back[1, 1], *slant.tolist())


def along_arch(flat_x: Array, flat_y: Array, slant_x: Number, slant_y: Number) -> tuple[Array, Array]:
    """Places on a flat row of teeth -> on one that runs back; slant: how far one cm of depth shifts its picture, cm."""
    x = flat_x
    for _ in range(2):
        x = flat_x + slant_x * ARCH * x * x
    return x, flat_y + slant_y * ARCH * x * x
