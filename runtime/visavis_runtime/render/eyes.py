"""Takes a moved face and its frame, draws one eye into it: lid skin, eyeball, lid shadow, lash line.

The eye is always drawn. Its layers are scaled at load so that they reproduce the photo at rest, so nothing changes at
the moment when the gaze leaves zero or a lid begins to fall. The eyeball turns like a ball under the lids: the iris
moves and is foreshortened, the sclera stays. It does not move the lids: that is the mesh.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyeball import blur_px
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, EyeLayer, Side
from visavis_runtime.face.layers.lid_line import STEEPEST, drawn_line
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.face.portrait.drawn import hair_tones, is_drawn, is_flat, skin_tones
from visavis_runtime.render.composite import Pixels, Sheet
from visavis_runtime.render.drawn_eye import DrawnEye, drawn_eye
from visavis_runtime.render.eyeball import ball_colour, ball_of_photo, lid_shadow, made_of, trace_kept
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.lids import lid_fall, lids_fallen, with_lashes, with_lid, with_line
from visavis_runtime.render.surface import surface_px_per_px

Float = npt.NDArray[np.float32]

BALL_RADIUS = 0.42
"""Radius of the eyeball in widths of the eye."""
GLINT_FOLLOWS, SMALL_GLINT, DRAWN_GLINT = 0.3, 0.03, 0.10
"""A mirrored lamp stands nearly still on a cornea that turns under it; a drawn one is as large as a good part of the
iris and goes with it. Share of the iris' way, and the shares of the iris that tell one from the other."""
LIDS_WIDTHS, LINE_WIDTHS, BALL_WIDTHS = 0.42, 0.22, 0.06
"""How far round the lids' edges is drawn when they move and when they do not, in widths of the eye."""
SOFT_PX, EDGE_BLUR = 0.8, 0.45
"""Half the width of a lid's edge at 512 px, and the share of the blur of the picture's eye that it takes on."""


class EyeScene(NamedTuple):
    """One eye ready to be drawn at one output size."""

    side: Side
    ball: Float  # [s, s, 4] sclera; light on it against the lid's shadow at rest
    iris: Float  # [s, s, 4] premultiplied, alpha 0..1
    glint: Float  # [s, s, 3] light mirrored on it
    glint_follows: float  # its share of the iris' way
    edge: Float  # [s, s, 4] premultiplied edges of the lids, corners and lashes over the ball, alpha 0..1
    trace: Float  # [s, s, 3] what else the photo shows, true for the gaze of the photo alone
    lid: Float  # [s, s, 4] premultiplied lid skin, alpha 0..1
    lash: Float  # [3]
    strip: Float  # [AWAY, ALONG] coverage of the lashes, see `face/layers/lashes`
    scale: float  # output px per patch px
    start: Float  # [2] output px of the patch's pixel 0, at rest
    texture_start: Float  # [2] px of the surface's texture at the patch's pixel 0
    texture_px: float  # px of the surface's texture per patch px
    centre: Float  # [2] iris centre, patch px
    anchor: Float  # [3] a point of the eye that is fixed to the skull, head frame
    anchor_offset: Float  # [2]
    anchor_px: Float  # [2] where the anchor is at rest
    width_px: float
    blur_px: float  # of the picture, see `face/layers/softness`, in output px
    soft_px: float  # half the width of a lid's edge
    drawn: float  # 1: a drawing, 0: anything else
    line: Float  # [AWAY, ALONG, 4], see `drawn_eye`
    front: Float  # [s, s], see `drawn_eye`


def eye_scene(avatar: Avatar, *, rig: Rig, side: Side, px_per_px: float, blur: float) -> EyeScene:
    """Prepare one eye for an output whose pixels are `px_per_px` times as fine as the avatar's crop; `blur` is that of
    the crop, px."""
    layer = avatar.eyes[side]
    size = layer.sclera.shape[0]
    shift = np.array([[1, 0, -layer.origin[0]], [0, 1, -layer.origin[1]]], np.float32)
    photo = cv2.warpAffine(
        avatar.picture, shift, (size, size), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    points = avatar.uv - avatar.margin
    upper, lower = points[list(UPPER_LID[side])], points[list(LOWER_LID[side])]
    window = (int(layer.origin[0]), int(layer.origin[1]))
    drawn = float(is_drawn(avatar.meta))
    rest = opening_between(upper, lower, origin=window, shape=(size, size), evenly=drawn, steepest=STEEPEST)
    drawing, inked = _lid_of_photo(layer), None
    if drawn:
        drawing, inked = _drawn_lid(avatar, layer, photo, rest, lids=(upper - layer.origin, lower - layer.origin))
    ball = ball_of_photo(layer, photo, rest, shadow=not drawn, line=inked)
    corners = [UPPER_LID[side][0], UPPER_LID[side][-1]]
    anchor, offset = rig.vertices[corners].mean(axis=0), rig.offset[corners].mean(axis=0)
    edge_px = (blur_px(photo) - 1) * px_per_px
    texture_px = surface_px_per_px(avatar, size=round(avatar.size * px_per_px))
    return EyeScene(
        side=side,
        ball=ball.ball,
        iris=ball.iris,
        glint=layer.glint.astype(np.float32),
        glint_follows=_glint_follows(layer),
        edge=ball.edge,
        trace=ball.trace,
        lid=drawing.lid,
        lash=layer.lash,
        strip=layer.strip.astype(np.float32) / np.float32(255),
        scale=px_per_px,
        start=((layer.origin + 0.5) * px_per_px - 0.5).astype(np.float32),
        texture_start=((layer.origin + avatar.margin + 0.5) * texture_px - 0.5).astype(np.float32),
        texture_px=texture_px,
        centre=layer.centre - layer.origin,
        anchor=anchor,
        anchor_offset=offset,
        anchor_px=anchor @ rig.camera[:2].T + offset,
        width_px=layer.width_px * px_per_px,
        blur_px=blur * px_per_px,
        soft_px=SOFT_PX * px_per_px + EDGE_BLUR * edge_px,
        drawn=drawn,
        line=drawing.line,
        front=drawing.front,
    )


def _lid_of_photo(layer: EyeLayer) -> DrawnEye:
    """Lid skin [s, s, 4], premultiplied, and what only drawn eyes have: nothing."""
    alpha = layer.lid[..., 3:].astype(np.float32) / 255
    lid = np.dstack([layer.lid[..., :3] * alpha, alpha]).astype(np.float32)
    return DrawnEye(lid=lid, front=np.zeros((1, 1), np.float32), line=np.zeros((1, 1, 4), np.float32))


def _drawn_lid(
    avatar: Avatar, layer: EyeLayer, photo: Float, rest: Opening, *, lids: tuple[Float, Float]
) -> tuple[DrawnEye, Float | None]:
    """What of a drawn eye moves, and, where its skin is flat, the line of its upper lid [s, s]; `lids` in patch px."""
    points = avatar.uv - avatar.margin
    tones = skin_tones(avatar.picture, points=points)
    hair = hair_tones(avatar.picture, points=points, skin=tones)
    width_px = layer.width_px
    parts = drawn_eye(photo, rest=rest, upper=lids[0], ball=made_of(layer), tones=tones, hair=hair, width_px=width_px)
    line = drawn_line(photo, *lids, skin=tones[0], width_px=width_px) if is_flat(avatar.meta) else None
    return parts, line


def _glint_follows(layer: EyeLayer) -> float:
    """Share of the iris' way that its mirrored light makes."""
    area = float((layer.glint.mean(axis=2) > 30).sum()) / max(np.pi * layer.radius_px**2, 1.0)
    drawn = float(np.clip((area - SMALL_GLINT) / (DRAWN_GLINT - SMALL_GLINT), 0, 1))
    return GLINT_FOLLOWS + (1 - GLINT_FOLLOWS) * drawn


def draw_eye(out: Pixels, *, scene: EyeScene, rig: Rig, moved: Moved, sheet: Sheet) -> None:
    """Draw the eye into the frame [S, S, 4] (uint8 or float32)."""
    upper, lower = moved.px[list(UPPER_LID[scene.side])], moved.px[list(LOWER_LID[scene.side])]
    blink, down = (float(moved.drive.shapes[INDEX[f"eye{n}{scene.side.capitalize()}"]]) for n in ("Blink", "LookDown"))
    reach = np.concatenate([upper, lower])
    if scene.drawn:
        blink = lid_fall(blink, down)
        upper, lower = lids_fallen(upper, lower, blink)
    falling = LINE_WIDTHS if scene.drawn else LIDS_WIDTHS
    margin = (falling if blink > 0 else BALL_WIDTHS) * scene.width_px + 2
    window = _window(reach, margin, out.shape[0])
    if window is None:
        return
    rows, columns = window
    part = out[rows, columns, :3]
    colour = part.astype(np.float32)
    opening = opening_between(
        upper,
        lower,
        origin=(columns.start, rows.start),
        shape=(colour.shape[0], colour.shape[1]),
        soft_px=scene.soft_px,
        evenly=scene.drawn,
        steepest=STEEPEST,
    )
    uv = (sheet.uv[rows, columns] - scene.texture_start) / np.float32(scene.texture_px)
    if blink > 0:
        colour = with_lid(
            colour, _mapped(scene.lid, uv), shade=sheet.shade[rows, columns], blink=blink, drawn=scene.drawn
        )
    ball = _ball(scene, rig, moved, (columns.start, rows.start), opening, uv)
    colour += (ball - colour) * opening.coverage[..., None]
    if blink > 0:
        colour = (with_line if scene.drawn else with_lashes)(colour, scene, opening, blink=blink)
    if scene.drawn:
        front = _mapped(scene.front, uv)[..., None]
        colour += (part - colour) * front
    np.clip(colour, 0, 255, out=colour)
    part[:] = np.rint(colour) if out.dtype == np.uint8 else colour


def _window(points: Float, margin: float, size: int) -> tuple[slice, slice] | None:
    """Rows and columns round some points, cut at the frame; None if nothing is left."""
    low = np.maximum(np.floor(points.min(axis=0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + margin) + 1, size).astype(int)
    if (high - low < 2).any():
        return None
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _mapped(image: Float, uv: Float) -> Float:
    """An image of the patch as the skin carries it: nothing beyond its border."""
    # One map of two channels needs no second one; OpenCV's stubs do not know it.
    seen = cv2.remap(image, uv, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]
    return np.asarray(seen, np.float32)


def _ball(scene: EyeScene, rig: Rig, moved: Moved, origin: tuple[int, int], opening: Opening, uv: Float) -> Float:
    """[h, w, 3]: the eyeball as it stands now under the edges of its lids, which the skin's map `uv` carries."""
    size = opening.coverage.shape[::-1]
    here = skull_px(rig, moved, scene.anchor, offset=scene.anchor_offset)
    turn = moved.turn.astype(np.float64)
    place = turn @ (scene.start - scene.anchor_px) + here - np.array(origin)
    still = np.c_[turn * scene.scale, place]
    yaw, pitch, roll = moved.drive.gaze[scene.side]
    wide = float(moved.drive.shapes[INDEX[f"eyeWide{scene.side.capitalize()}"]]) * (1 - scene.drawn)
    radius_cm = BALL_RADIUS * scene.width_px / float(np.linalg.norm(rig.camera[0]))
    ahead = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch) - 1])
    slide = moved.skull @ (radius_cm * ahead)
    squeeze = np.diag([np.cos(yaw), np.cos(pitch)])
    spin = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    looked = still[:, :2] @ squeeze @ spin
    centre = still[:, :2] @ scene.centre + still[:, 2] + slide
    iris = _warp(scene.iris, np.c_[looked, centre - looked @ scene.centre], size, cv2.BORDER_CONSTANT)
    glint = _warp(scene.glint, np.c_[still[:, :2], place + scene.glint_follows * slide], size, cv2.BORDER_CONSTANT)
    colour: Float = ball_colour(
        _warp(scene.ball, still, size, cv2.BORDER_REPLICATE),
        iris=iris,
        glint=glint,
        edge=_mapped(scene.edge, uv),
        trace=_mapped(scene.trace, uv),
        kept=trace_kept(float(slide @ slide), scene.width_px, wide=wide),
        shadow=1 if scene.drawn else lid_shadow(opening.below_upper, scene.width_px),
    )
    return colour


def _warp(image: Float, matrix: npt.NDArray[np.float64], size: tuple[int, ...], border: int) -> Float:
    """An image moved by a 2 x 3 matrix into a window of (width, height)."""
    warped = cv2.warpAffine(image, matrix, (size[0], size[1]), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, np.float32)
