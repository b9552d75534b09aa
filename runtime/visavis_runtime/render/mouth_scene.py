"""Takes an avatar, gives its mouth ready to be drawn: teeth in the tones of the portrait, and the picture's own ones.

Made once when a face is loaded. Where the picture shows the inside of the mouth, the overlay draws that, fixed to the
skull (`bare_lips` takes it out of the texture), and the soft edges that the lips leave on it are a layer of their own,
which goes as soon as the lips leave their place. It draws nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import (
    GUM,
    INNER_LOWER,
    INNER_UPPER,
    LINE,
    TONGUE,
    TOOTH,
    clear_of_lips,
    tone_of_lips,
)
from visavis_runtime.face.layers.opening import opening_between
from visavis_runtime.face.layers.softness import blur_of
from visavis_runtime.face.portrait.drawn import shaded
from visavis_runtime.face.portrait.drawn_mouth import Drawn, cover_of_drawn, find_mouth
from visavis_runtime.face.rings import LOWER_RINGS
from visavis_runtime.render.geometry import Rig
from visavis_runtime.render.teeth import HALF_WIDTH_CM, TEXELS_PER_CM, tooth_row

Float = npt.NDArray[np.float32]

JAW_SHAPES = [INDEX[name] for name in ("jawForward", "jawLeft", "jawRight", "jawOpen")]
CHIN = 152
TYPICAL_WIDTH_CM = 5.0
"""Mouth width that the shared teeth are made for."""
TEETH_LIGHT = 0.6
"""A mouth interior brighter than this share of the portrait's tooth tone shows teeth."""
TEETH_TEXELS = 1.3
"""Texels of the rows of teeth per px of the output: enough to stay sharp, few enough not to flicker."""
WHITER = 0.7
"""How much of their tint the teeth of flat drawings lose."""
DRAWN_PX = 12
"""Picture px that a drawn mouth is looked at beyond its outline."""
LIP, TONGUE_BACK = 5, 6
"""Rows of `MouthScene.tones` after those of the layer: the red of the lips, the tongue where it lies in the mouth."""
WARM_SHADE, NEUTRAL = 0.45, (0.45, 0.25)
"""How much less of the lips' shade those colours take that gums are rich in, since it comes through and off red skin,
and the spread of colour of the teeth, by their light, at which none and all of that shows: yellow teeth would become
one with the lips."""
BACK_LIGHT, BACK_COLOUR = 0.5, 0.8
"""Light on that tongue, and what is left of its colour: as light as the lips, it would be taken for one."""
PLAIN_CM, PLAIN_SHARE = 0.42, 0.5
"""How far below the line between the lips the lower one shows its plain red, and at most which share of its height."""
LEAST_SOFT_PX, SOFT_OF_BLUR = 0.85, 1.73
"""Half the width of an edge at least, and what a blur adds to that of a pixel (so wide is a box of the same spread)."""
LINE_OF_LIPS, LINE_SHADE = 0.7, 0.40
"""How much of the line between nearly shut lips is their own red in the shade, and how dark that is."""


class MouthScene(NamedTuple):
    """The mouth ready to be drawn at one output size."""

    tones: Float  # [7, 3], those of the layer, `LIP` and `TONGUE_BACK`
    shade: Float  # [3], how much of the lips' shade each colour takes
    flat: float  # 0..1, how far the picture is drawn in flat colours: so is its mouth
    lips: float  # 1; 0 for a drawn mouth that has none, only a line
    drawing: Float | None  # [h, w, 3] what that mouth adds to bare skin
    drawing_start: Float  # [2] output px of its pixel 0, at rest
    line_px: float  # width of the line, photo px
    ink: Float  # [3]
    upper: Float  # [h, w, 4] premultiplied colour 0..255, alpha 0..1
    lower: Float
    texels_per_cm: float  # of the two rows
    soft_px: float  # half the width of an edge that is as soft as the picture, output px
    lip_px: int  # how far below its edge the lower lip has its plain red, output px
    rest_gap: Float  # [2, n] px between the inner lips that show nothing: in the picture, at rest
    photo: Float | None  # [h, w, 4] premultiplied, alpha 0..1
    edge: Float | None  # [h, w, 3] what the edges of the lips add to it at rest
    own_teeth: bool  # the picture shows teeth
    parted: bool  # the lips of the picture are apart, those of the face at rest are brought together
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
    middle = [INNER_UPPER[5], INNER_LOWER[5]]
    rest = rig.vertices + rig.neutral.sum(axis=0).reshape(-1, 3)
    anchor, offset = rest[middle].mean(axis=0), rig.offset[middle].mean(axis=0)
    gaps = np.stack([_gap(points @ rig.camera[:2].T + rig.offset) for points in (rig.vertices, rest)])
    rest_open_px = float(gaps[0].max())
    photo, edge, own_teeth = _photo_layers(avatar) if layer.is_open else (None, None, False)
    gaps[0] *= not layer.is_open
    cm = float(np.linalg.norm(rest[291] - rest[61])) / TYPICAL_WIDTH_CM
    px_per_cm = float(np.linalg.norm(rig.camera[0]))
    flat = 1 - shaded(avatar.meta)
    drawn = find_mouth(avatar.picture, points=avatar.uv - avatar.margin)
    drawing, start = (None, np.zeros(2)) if drawn is None else _drawing(avatar, drawn)
    rows = [
        _coloured(_plain(tooth_row(upper=upper), upper=upper, flat=flat), _whiter(layer.tones, flat), light)
        for upper, light in ((True, 1.0), (False, 0.80))
    ]
    share = min(max(TEETH_TEXELS * px_per_cm * cm / TEXELS_PER_CM, 0.1), 1.0)
    blur_px = blur_of(avatar.picture, points=avatar.uv - avatar.margin) * px_per_px
    blur = max(blur_px, 0.1) * share * TEXELS_PER_CM / (px_per_cm * cm)
    small = (cv2.resize(row, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) for row in rows)
    upper, lower = (cv2.GaussianBlur(row, (0, 0), blur) for row in small)
    return MouthScene(
        tones=_with_lips(layer.tones, _tone_of_edge(avatar), flat=flat),
        shade=_shade(layer.tones),
        flat=flat,
        lips=1.0 if drawn is None else 0.0,
        drawing=drawing,
        drawing_start=((start + 0.5) * px_per_px - 0.5).astype(np.float32),
        line_px=0.0 if drawn is None else drawn.line_px,
        ink=np.asarray(np.zeros(3) if drawn is None else drawn.ink, np.float32),
        upper=np.asarray(upper, np.float32),
        lower=np.asarray(lower, np.float32),
        texels_per_cm=upper.shape[1] / (2 * HALF_WIDTH_CM),
        soft_px=max(LEAST_SOFT_PX * px_per_px, 0.5 + SOFT_OF_BLUR * blur_px),
        lip_px=max(round(min(PLAIN_CM * px_per_cm * cm, PLAIN_SHARE * _lower_lip_px(rig, rest))), 1),
        rest_gap=np.maximum(gaps, 0),
        photo=photo,
        edge=edge,
        own_teeth=own_teeth,
        parted=bool(rig.neutral[0].any()),
        rest_open_px=rest_open_px,
        photo_start=((layer.photo_origin + 0.5) * px_per_px - 0.5).astype(np.float32),
        scale=px_per_px,
        middle=anchor,
        middle_offset=offset,
        middle_px=anchor @ rig.camera[:2].T + offset,
        cm=cm,
        px_per_cm=px_per_cm,
        jaw=avatar.shapes[JAW_SHAPES, CHIN].copy(),
    )


def _lower_lip_px(rig: Rig, rest: Float) -> float:
    """Height of the red of the lower lip at rest, px."""
    return float(np.linalg.norm((rest[INNER_LOWER[5]] - rest[LOWER_RINGS[0][5]]) @ rig.camera[:2].T))


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


def _drawing(avatar: Avatar, drawn: Drawn) -> tuple[Float, Float]:
    """[h, w, 3]: what a drawn mouth adds to the bare skin of the picture, and px of its first pixel [2]."""
    low = np.maximum(np.floor(drawn.outline.min(axis=0)).astype(int) - DRAWN_PX, 0)
    high = np.minimum(np.ceil(drawn.outline.max(axis=0)).astype(int) + DRAWN_PX, avatar.size)
    cut = avatar.picture[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    cover = cover_of_drawn(drawn, shape=cut.shape[:2], start=low)
    return np.asarray((cut - drawn.skin) * cover[..., None], np.float32), low.astype(np.float32)


def _tone_of_edge(avatar: Avatar) -> Float:
    """[3] 0..255: the colour of the edges of an opening mouth: the red of the lips, in flat drawings their ink."""
    points, flat = avatar.uv - avatar.margin, 1 - shaded(avatar.meta)
    lips = tone_of_lips(avatar.picture, points)
    x, y = np.clip(np.rint(points[[INNER_UPPER[5], INNER_LOWER[5]]]), 0, avatar.size - 1).astype(int).T
    return np.asarray(lips + (avatar.picture[y, x].min(axis=0) - lips) * flat, np.float32)


def _with_lips(tones: Float, lips: Float, *, flat: float) -> Float:
    """[7, 3]: the tones with the colour of the lips [3], whose shade is the line between them, and of the tongue's
    back, which in flat drawings, by `flat` 0..1, is as light as its tip."""
    grey = tones[TONGUE].mean()
    back = BACK_LIGHT * grey + BACK_COLOUR * (tones[TONGUE] - grey)
    out = np.vstack([tones, lips, back + (tones[TONGUE] - back) * flat]).astype(np.float32)
    out[LINE] += (lips * LINE_SHADE - tones[LINE]) * LINE_OF_LIPS
    return out


def _shade(tones: Float) -> Float:
    """[3]: how much of the lips' shade each colour takes; all 1 in grey pictures."""
    tooth, gum = tones[TOOTH], tones[GUM]
    spread = float(np.ptp(tooth)) / max(float(tooth.mean()), 1.0)
    warm = WARM_SHADE * float(np.clip((NEUTRAL[0] - spread) / (NEUTRAL[0] - NEUTRAL[1]), 0, 1))
    return np.asarray(1 - warm * (gum / max(float(gum.mean()), 1.0) - 1), np.float32)


def _gap(px: Float) -> Float:
    """[n] px between the inner lips of vertices [V, 2], column by column."""
    upper, lower = px[list(INNER_UPPER)], px[list(INNER_LOWER)]
    return np.asarray((lower - upper) @ down_of(upper), np.float32)


def down_of(edge: Float) -> Float:
    """[2]: unit vector across the corners of a lip, towards the chin."""
    axis = edge[-1] - edge[0]
    return np.array([-axis[1], axis[0]], np.float32) / max(float(np.hypot(axis[0], axis[1])), 1e-3)


def _plain(row: Float, *, upper: bool, flat: float) -> Float:
    """A row of teeth as flat drawings have it, by `flat` 0..1: one white band above, nothing below."""
    if flat == 0:
        return row
    out = row.copy()
    out[..., 0] += (1 - out[..., 0]) * flat
    out[..., 1:3] *= 1 - flat
    band = np.maximum.accumulate(out[..., 3].max(axis=1)[::-1])[::-1, None] if upper else np.zeros(1, np.float32)
    out[..., 3] += (band - out[..., 3]) * flat
    return out


def _whiter(tones: Float, flat: float) -> Float:
    """The tones with teeth that flat drawings have: hardly tinted by the light."""
    out = tones.copy()
    out[TOOTH] += (tones[TOOTH].max() - tones[TOOTH]) * (WHITER * flat)
    return out


def _coloured(row: Float, tones: Float, light: float) -> Float:
    """A tooth row in the tones of a portrait, [h, w, 4] premultiplied colour 0..255 and alpha 0..1."""
    shine, gum, edge, cover = (row[..., k : k + 1] for k in range(4))
    enamel = tones[TOOTH] * shine
    # The biting edge is translucent: a little darker and cooler than the body.
    enamel = enamel * (1 - edge * np.array([0.10, 0.07, 0.03], np.float32))
    colour = (enamel * (1 - gum) + tones[GUM] * shine * gum) * light
    return np.dstack([colour * cover, cover]).astype(np.float32)
