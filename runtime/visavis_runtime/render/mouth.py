"""Takes a moved face and its frame, draws the inside of the mouth between the lips.

The window between the inner lips is covered exactly (see `face/opening`), less what the lips stand apart in the
picture itself, so a shut mouth draws nothing and an opening one begins with a thin dark line. Inside it, from back to
front: the cavity, tongue and lower teeth (they follow the jaw), upper teeth (they follow the skull and are bent along
the dental arch), the picture's own teeth if it shows any, and the light that the lips let in. It moves no lips.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.mouth import CAVITY, GUM, INNER_LOWER, INNER_UPPER, LINE, TONGUE, TOOTH, clear_of_lips
from visavis_runtime.face.opening import Opening, opening_between
from visavis_runtime.render.composite import Pixels
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.teeth import ARCH, EDGE_CM, HALF_WIDTH_CM, HEIGHT_CM, TEXELS_PER_CM, tooth_row

Float = npt.NDArray[np.float32]

JAW_SHAPES = [INDEX[name] for name in ("jawForward", "jawLeft", "jawRight", "jawOpen")]
CHIN = 152
SOFT_PX = 0.85
"""Half the width of a lip's edge at 512 px."""
TYPICAL_WIDTH_CM = 5.0
"""Mouth width that the shared teeth are made for."""
BEHIND_LIPS_CM = 0.8
UPPER_EDGE_CM, LOWER_EDGE_CM, TONGUE_CM = -0.26, -0.36, -0.55
"""Heights of the biting edges and of the tongue's back over the line between the shut lips."""
TEETH_LIGHT = 0.6
"""A mouth interior brighter than this share of the portrait's tooth tone shows teeth."""
JAW_TEETH, JAW_TONGUE = 0.90, 0.72
"""Share of the chin's way that lower teeth and tongue make."""


class MouthScene(NamedTuple):
    """The mouth ready to be drawn at one output size."""

    tones: Float  # [5, 3]
    upper: Float  # [h, w, 4] premultiplied colour 0..255, alpha 0..1
    lower: Float
    rest_gap: Float  # [n] px between the inner lips that show nothing
    photo: Float | None  # [h, w, 4] premultiplied, alpha 0..1
    edge: Float | None  # [h, w, 3] what the edges of the lips add to it at rest
    own_teeth: bool  # the picture shows teeth
    rest_open_px: float
    photo_start: Float  # [2] output px of the photo's pixel 0, at rest
    scale: float  # output px per photo px
    middle: Float  # [3] between the inner lips at rest, head frame
    middle_offset: Float  # [2]
    middle_px: Float  # [2] where it is at rest
    cm: float  # head-frame cm per cm of the shared teeth
    px_per_cm: float  # output px per head-frame cm
    jaw: Float  # [4, 3] way of the chin by `JAW_SHAPES`


def mouth_scene(avatar: Avatar, *, rig: Rig, px_per_px: float) -> MouthScene:
    """Prepare the mouth for an output whose pixels are `px_per_px` times as fine as the avatar's crop."""
    layer = avatar.mouth
    lips = list(INNER_UPPER), list(INNER_LOWER)
    middle = [INNER_UPPER[5], INNER_LOWER[5]]
    anchor, offset = rig.vertices[middle].mean(axis=0), rig.offset[middle].mean(axis=0)
    upper, lower = ((avatar.uv[ring] - avatar.margin) * px_per_px for ring in lips)
    gap = ((lower - upper) @ _down(upper)).astype(np.float32)
    rest_open_px = float(gap.max())
    photo, edge, own_teeth = _photo_layers(avatar) if layer.is_open else (None, None, False)
    if layer.is_open:
        gap = np.zeros_like(gap)
    return MouthScene(
        tones=layer.tones,
        upper=_coloured(tooth_row(upper=True), layer.tones, 1.0),
        lower=_coloured(tooth_row(upper=False), layer.tones, 0.74),
        rest_gap=np.maximum(gap, 0),
        photo=photo,
        edge=edge,
        own_teeth=own_teeth,
        rest_open_px=rest_open_px,
        photo_start=((layer.photo_origin + 0.5) * px_per_px - 0.5).astype(np.float32),
        scale=px_per_px,
        middle=anchor,
        middle_offset=offset,
        middle_px=anchor @ rig.camera[:2].T + offset,
        cm=float(np.linalg.norm(rig.vertices[291] - rig.vertices[61])) / TYPICAL_WIDTH_CM,
        px_per_cm=float(np.linalg.norm(rig.camera[0])),
        jaw=avatar.shapes[JAW_SHAPES, CHIN].copy(),
    )


def _photo_layers(avatar: Avatar) -> tuple[Float, Float, bool]:
    """The picture's own mouth interior, what its lip edges add at rest, and whether it shows teeth."""
    layer = avatar.mouth
    height, width = layer.photo.shape[:2]
    x, y = (int(v) for v in layer.photo_origin)
    alpha = layer.photo[..., 3:].astype(np.float32) / 255
    photo = np.dstack([layer.photo[..., :3] * alpha, alpha]).astype(np.float32)
    points = avatar.uv - avatar.margin
    opening = opening_between(
        points[list(INNER_UPPER)], points[list(INNER_LOWER)], origin=(x, y), shape=(height, width), soft_px=0.5
    )
    near = np.clip(np.minimum(opening.below_upper, opening.above_lower) + 2.0, 0, 1)[..., None]
    cut = avatar.picture[y : y + height, x : x + width]
    edge = ((cut - photo[..., :3]) * near).astype(np.float32)
    inside = clear_of_lips(opening) > 0.5
    light = cut[inside].mean(axis=1) if inside.any() else np.zeros(1)
    return photo, edge, bool(np.percentile(light, 70) > TEETH_LIGHT * layer.tones[TOOTH].mean())


def _down(edge: Float) -> Float:
    """[2]: unit vector across the corners of a lip, towards the chin."""
    axis = edge[-1] - edge[0]
    return np.array([-axis[1], axis[0]], np.float32) / max(float(np.hypot(axis[0], axis[1])), 1e-3)


def _coloured(row: Float, tones: Float, light: float) -> Float:
    """A tooth row in the tones of a portrait, [h, w, 4] premultiplied colour 0..255 and alpha 0..1."""
    shine, gum, edge, cover = (row[..., k : k + 1] for k in range(4))
    enamel = tones[TOOTH] * shine
    # The biting edge is translucent: a little darker and cooler than the body.
    enamel = enamel * (1 - edge * np.array([0.10, 0.07, 0.03], np.float32))
    colour = (enamel * (1 - gum) + tones[GUM] * shine * gum) * light
    return np.dstack([colour * cover, cover]).astype(np.float32)


def draw_mouth(out: Pixels, *, scene: MouthScene, rig: Rig, moved: Moved) -> None:
    """Draw the inside of the mouth into the frame [S, S, 4] (uint8 or float32)."""
    upper, lower = _lips(scene, moved)
    widest = float(((lower - upper) @ _down(upper)).max())
    tongue = float(moved.drive.shapes[INDEX["tongueOut"]])
    if widest <= 0 and tongue <= 0:
        return
    px_per_cm = scene.px_per_cm * scene.cm * moved.drive.zoom
    margin = np.array([3.0, 3.0 + 1.9 * tongue * px_per_cm], np.float32)
    both = np.concatenate([upper, lower])
    low = np.maximum(np.floor(both.min(axis=0) - 3), 0).astype(int)
    high = np.minimum(np.ceil(both.max(axis=0) + margin) + 1, out.shape[0]).astype(int)
    if (high - low < 2).any():
        return
    part = out[low[1] : high[1], low[0] : high[0], :3]
    shape = (part.shape[0], part.shape[1])
    origin = (int(low[0]), int(low[1]))
    opening = opening_between(upper, lower, origin=origin, shape=shape, soft_px=SOFT_PX * scene.scale)
    inside = _inside(scene, rig, moved, opening, origin, px_per_cm, widest)
    colour = part.astype(np.float32)
    colour += (inside - colour) * opening.coverage[..., None]
    if tongue > 0:
        colour = _with_tongue(colour, scene, rig, moved, opening, origin, px_per_cm, tongue)
    np.clip(colour, 0, 255, out=colour)
    part[:] = np.rint(colour) if out.dtype == np.uint8 else colour


def _lips(scene: MouthScene, moved: Moved) -> tuple[Float, Float]:
    """The inner edges of the lips [n, 2], drawn together by what they stand apart at rest."""
    upper, lower = moved.px[list(INNER_UPPER)], moved.px[list(INNER_LOWER)]
    down = _down(upper)
    gap = (lower - upper) @ down
    seen = np.where(scene.rest_gap > 0, np.maximum(gap - scene.rest_gap, 0), np.maximum(gap, 0))
    close = ((gap - seen) / 2)[:, None] * down
    return np.asarray(upper + close, np.float32), np.asarray(lower - close, np.float32)


def _inside(
    scene: MouthScene,
    rig: Rig,
    moved: Moved,
    opening: Opening,
    origin: tuple[int, int],
    px_per_cm: float,
    widest_px: float,
) -> Float:
    """[h, w, 3]: everything behind the lips."""
    weights = moved.drive.shapes[JAW_SHAPES]
    jaw = weights @ scene.jaw
    below = opening.below_upper / np.float32(px_per_cm)
    above = opening.above_lower / np.float32(px_per_cm)
    # Light falls in from the front and from above: most on what is near the lower lip and in the middle.
    depth = np.clip(below / np.maximum(below + above, 1e-3), 0, 1)
    colour = scene.tones[CAVITY] * (0.55 + 0.75 * depth)[..., None]
    away = np.array([0, 0, -BEHIND_LIPS_CM * scene.cm], np.float32)
    rows = [
        (scene.lower, LOWER_EDGE_CM, jaw * JAW_TEETH + 1.25 * away, EDGE_CM),
        (scene.upper, UPPER_EDGE_CM, away, HEIGHT_CM - EDGE_CM),
    ]
    colour = _over(colour, *_tongue_back(scene, rig, moved, jaw * JAW_TONGUE + 1.6 * away, opening, origin))
    for row, rise, way, edge_row in () if scene.own_teeth else rows:
        x, y = _in_mouth(scene, rig, moved, way, opening.coverage.shape, origin)
        texel_x = (x + HALF_WIDTH_CM) * TEXELS_PER_CM - np.float32(0.5)
        texel_y = (edge_row - (y - rise)) * TEXELS_PER_CM - np.float32(0.5)
        layer = np.asarray(cv2.remap(row, texel_x, texel_y, cv2.INTER_LINEAR), np.float32)
        colour = _over(colour, layer[..., :3], layer[..., 3:])
    room = 1 - np.exp(-widest_px / px_per_cm / 0.35)
    light = (0.46 + 0.30 * room) + (0.54 - 0.30 * room) * (1 - np.exp(-np.maximum(below, 0) / 0.35))
    light = light * (1 - 0.45 * np.clip(np.abs(opening.along), 0, 1) ** 3)
    colour = colour * light[..., None]
    # Close to the lips everything drowns in their own shadow, so a narrow slit is a soft dark-red line.
    clear = (1 - np.exp(-np.maximum(below, 0) / 0.09)) * (1 - np.exp(-np.maximum(above, 0) / 0.06))
    line = scene.tones[LINE]
    colour = line + (colour - line) * clear[..., None]
    if scene.photo is None:
        return np.asarray(colour, np.float32)
    # The lips' own edges belong to the picture's opening: they go as the lips leave it.
    left = float(np.exp(-abs(widest_px - scene.rest_open_px) / (2.5 * scene.scale)))
    own = _own_teeth(scene, rig, moved, opening.coverage.shape, origin, left)
    return _over(colour, own[..., :3], own[..., 3:])


def _over(colour: Float, layer: Float, alpha: Float) -> Float:
    """A premultiplied layer over a colour."""
    return np.asarray(colour * (1 - alpha) + layer, np.float32)


def _in_mouth(
    scene: MouthScene, rig: Rig, moved: Moved, way: Float, shape: tuple[int, ...], origin: tuple[int, int]
) -> tuple[Float, Float]:
    """Where every pixel is on a dental arch, [h, w] cm of the shared teeth: x to the picture's right, y up.

    The arch runs back, so a turned head shows it bent: x and y are solved for its depth by two fixed-point steps.
    """
    middle = skull_px(rig, moved, scene.middle + way, offset=scene.middle_offset)
    axes = np.asarray(moved.skull * scene.cm, np.float32)
    back = np.asarray(np.linalg.inv(axes[:, :2]), np.float32)
    slant = back @ axes[:, 2]
    px = np.arange(shape[1], dtype=np.float32) + np.float32(origin[0] - middle[0])
    py = (np.arange(shape[0], dtype=np.float32) + np.float32(origin[1] - middle[1]))[:, None]
    flat_x = px * back[0, 0] + py * back[0, 1]
    flat_y = px * back[1, 0] + py * back[1, 1]
    x: Float = np.asarray(flat_x, np.float32)
    for _ in range(2):
        x = np.asarray(flat_x + slant[0] * ARCH * x * x, np.float32)
    return x, np.asarray(flat_y + slant[1] * ARCH * x * x, np.float32)


def _tongue_back(
    scene: MouthScene, rig: Rig, moved: Moved, way: Float, opening: Opening, origin: tuple[int, int]
) -> tuple[Float, Float]:
    """The tongue lying in the jaw: premultiplied colour [h, w, 3] and alpha [h, w, 1]."""
    x, y = _in_mouth(scene, rig, moved, way, opening.coverage.shape, origin)
    lift = 0.45 * min(float(moved.drive.shapes[INDEX["tongueOut"]]) / 0.3, 1.0)
    far = np.hypot(x / 1.75, (y - TONGUE_CM + 0.75 - lift) / 0.80)
    alpha = np.clip((1 - far) * 4, 0, 1)[..., None]
    groove = 0.10 * np.exp(-((x / 0.16) ** 2))
    light = np.clip(0.98 - 0.42 * far * far - groove, 0.2, 1.1)[..., None]
    return scene.tones[TONGUE] * light * alpha, alpha


def _with_tongue(
    colour: Float,
    scene: MouthScene,
    rig: Rig,
    moved: Moved,
    opening: Opening,
    origin: tuple[int, int],
    px_per_cm: float,
    tongue: float,
) -> Float:
    """The tip of the tongue between the teeth and, further out, over the lower lip."""
    jaw = moved.drive.shapes[JAW_SHAPES] @ scene.jaw
    x, y = _in_mouth(scene, rig, moved, jaw * JAW_TEETH, opening.coverage.shape, origin)
    tip = 0.10 - 1.55 * tongue * tongue - 0.35 * tongue
    half = 0.68 + 0.22 * tongue
    length = np.clip((0.9 - y) / (0.9 - tip), 0, None)
    wide = half * np.sqrt(np.clip(1 - np.clip((length - 0.55) / 0.45, 0, 1) ** 2.2, 0, 1))
    soft = np.float32(px_per_cm * 0.5)
    cover = np.clip((wide - np.abs(x)) * soft + 0.5, 0, 1) * np.clip((y - tip) * soft + 0.5, 0, 1)
    cover = cover * np.clip(opening.below_upper / (0.10 * px_per_cm), 0, 1) * min(tongue / 0.25, 1.0)
    bend = 1 - 0.30 * np.clip(np.abs(x) / np.maximum(wide, 0.2), 0, 1.2) ** 3
    groove = 0.11 * np.exp(-((x / 0.15) ** 2)) * np.clip((y - tip - 0.1) / 0.6, 0, 1)
    rim = 0.72 + 0.28 * np.clip((y - tip) / 0.22, 0, 1)
    shadow = 0.50 + 0.50 * np.clip(opening.below_upper / (0.9 * px_per_cm), 0, 1)
    shade = ((bend - groove) * rim * shadow * 1.12)[..., None]
    return np.asarray(colour + (scene.tones[TONGUE] * shade - colour) * cover[..., None], np.float32)


def _own_teeth(
    scene: MouthScene, rig: Rig, moved: Moved, shape: tuple[int, ...], origin: tuple[int, int], left: float
) -> Float:
    """[h, w, 4] premultiplied: the picture's own mouth interior, fixed to the skull; `left` of its lip edges."""
    if scene.photo is None or scene.edge is None:
        return np.zeros((*shape, 4), np.float32)
    here = skull_px(rig, moved, scene.middle, offset=scene.middle_offset)
    turn = moved.turn.astype(np.float64)
    place = turn @ (scene.photo_start - scene.middle_px) + here - np.array(origin)
    matrix = np.c_[turn * scene.scale, place]
    photo = scene.photo if scene.own_teeth else scene.photo * np.float32(left)
    whole = np.dstack([photo[..., :3] + scene.edge * np.float32(left), photo[..., 3]])
    return np.asarray(cv2.warpAffine(whole, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR), np.float32)
