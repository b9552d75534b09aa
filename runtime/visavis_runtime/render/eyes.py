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
from visavis_runtime.face.eyes import LOWER_LID, UPPER_LID, Side
from visavis_runtime.face.opening import Opening, opening_between
from visavis_runtime.render.composite import Pixels, Sheet
from visavis_runtime.render.geometry import Moved, Rig, skull_px
from visavis_runtime.render.surface import surface_px_per_px

Float = npt.NDArray[np.float32]

BALL_RADIUS = 0.42
"""Radius of the eyeball in widths of the eye."""
LID_SHADOW, SHADOW_REACH = 0.30, 0.10
"""Depth of the upper lid's shadow on the ball and how far it reaches, in widths of the eye."""
SOFT_PX = 0.8
"""Half the width of a lid's edge at 512 px."""


class EyeScene(NamedTuple):
    """One eye ready to be drawn at one output size."""

    side: Side
    ball: Float  # [s, s, 4] sclera; light on the eyeball in the photo / lid shadow at rest
    iris: Float  # [s, s, 4] premultiplied, alpha 0..1
    rim: Float  # [s, s, 3] what of the photo is not eyeball: lid edges and lashes over it
    lid: Float  # [s, s, 4] premultiplied lid skin, alpha 0..1
    lash: Float  # [3]
    scale: float  # output px per patch px
    start: Float  # [2] output px of the patch's pixel 0, at rest
    texture_start: Float  # [2] px of the surface's texture at the patch's pixel 0
    texture_px: float  # px of the surface's texture per patch px
    centre: Float  # [2] iris centre, patch px
    anchor: Float  # [3] a point of the eye that is fixed to the skull, head frame
    anchor_offset: Float  # [2]
    anchor_px: Float  # [2] where the anchor is at rest
    width_px: float


def eye_scene(avatar: Avatar, *, rig: Rig, side: Side, px_per_px: float) -> EyeScene:
    """Prepare one eye for an output whose pixels are `px_per_px` times as fine as the avatar's crop."""
    layer = avatar.eyes[side]
    sclera, alpha = layer.sclera.astype(np.float32), layer.iris[..., 3:].astype(np.float32) / 255
    made = sclera * (1 - alpha) + layer.iris[..., :3]
    size = sclera.shape[0]
    shift = np.array([[1, 0, -layer.origin[0]], [0, 1, -layer.origin[1]]], np.float32)
    photo = cv2.warpAffine(
        avatar.picture, shift, (size, size), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    points = avatar.uv - avatar.margin
    upper, lower = points[list(UPPER_LID[side])], points[list(LOWER_LID[side])]
    window = (int(layer.origin[0]), int(layer.origin[1]))
    rest = opening_between(upper, lower, origin=window, shape=(size, size))
    near = np.clip(np.minimum(rest.below_upper, rest.above_lower) + 2.5, 0, 1) * (np.abs(rest.along) < 1.06)
    # Darker than iris over sclera is shade, it stays when the iris moves; brighter is a lid, it covers the iris.
    # Only in lightness: a missing blue of a dark iris must not stain the white that comes to its place.
    light, made_light = (colours.mean(axis=2, keepdims=True) + 10 for colours in (photo.astype(np.float32), made))
    ratio = 1 + (light / made_light - 1) * near[..., None]
    cover = np.clip((ratio - 1.02) / 0.5, 0, 1)
    gain = np.clip(ratio, 0, 1) * (1 - cover)
    rim = (photo - made * gain) * near[..., None]
    gain = gain[..., 0] / _shadow(rest, layer.width_px)
    lid_alpha = layer.lid[..., 3:].astype(np.float32) / 255
    corners = [UPPER_LID[side][0], UPPER_LID[side][-1]]
    anchor, offset = rig.vertices[corners].mean(axis=0), rig.offset[corners].mean(axis=0)
    texture_px = surface_px_per_px(avatar, size=round(avatar.size * px_per_px))
    return EyeScene(
        side=side,
        ball=np.dstack([sclera, gain]).astype(np.float32),
        iris=np.dstack([layer.iris[..., :3].astype(np.float32), alpha]),
        rim=rim.astype(np.float32),
        lid=np.dstack([layer.lid[..., :3] * lid_alpha, lid_alpha]).astype(np.float32),
        lash=layer.lash,
        scale=px_per_px,
        start=((layer.origin + 0.5) * px_per_px - 0.5).astype(np.float32),
        texture_start=((layer.origin + avatar.margin + 0.5) * texture_px - 0.5).astype(np.float32),
        texture_px=texture_px,
        centre=layer.centre - layer.origin,
        anchor=anchor,
        anchor_offset=offset,
        anchor_px=anchor @ rig.camera[:2].T + offset,
        width_px=layer.width_px * px_per_px,
    )


def _shadow(opening: Opening, width_px: float) -> Float:
    """[h, w]: light on the ball below the upper lid."""
    depth = np.maximum(opening.below_upper, 0) * np.float32(-1 / (SHADOW_REACH * width_px))
    return 1 - np.float32(LID_SHADOW) * np.exp(depth)


def draw_eye(out: Pixels, *, scene: EyeScene, rig: Rig, moved: Moved, sheet: Sheet) -> None:
    """Draw the eye into the frame [S, S, 4] (uint8 or float32)."""
    upper, lower = moved.px[list(UPPER_LID[scene.side])], moved.px[list(LOWER_LID[scene.side])]
    blink = float(moved.drive.shapes[INDEX[f"eyeBlink{scene.side.capitalize()}"]])
    margin = (0.22 if blink > 0 else 0.06) * scene.width_px + 2
    window = _window(np.concatenate([upper, lower]), margin, out.shape[0])
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
        soft_px=SOFT_PX * scene.scale,
    )
    if blink > 0:
        uv, shade = sheet.uv[rows, columns], sheet.shade[rows, columns]
        colour = _with_lid(colour, scene, (uv - scene.texture_start) / np.float32(scene.texture_px), shade, blink)
    ball = _ball(scene, rig, moved, (columns.start, rows.start), opening)
    colour += (ball - colour) * opening.coverage[..., None]
    if blink > 0:
        colour = _with_lashes(colour, scene, opening, blink)
    np.clip(colour, 0, 255, out=colour)
    part[:] = np.rint(colour) if out.dtype == np.uint8 else colour


def _window(points: Float, margin: float, size: int) -> tuple[slice, slice] | None:
    """Rows and columns round some points, cut at the frame; None if nothing is left."""
    low = np.maximum(np.floor(points.min(axis=0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + margin) + 1, size).astype(int)
    if (high - low < 2).any():
        return None
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _ball(scene: EyeScene, rig: Rig, moved: Moved, origin: tuple[int, int], opening: Opening) -> Float:
    """[h, w, 3]: the eyeball as it stands now, with the photo's own shading and the shadow of the lid."""
    size = opening.coverage.shape[::-1]
    here = skull_px(rig, moved, scene.anchor, offset=scene.anchor_offset)
    turn = moved.turn.astype(np.float64)
    place = turn @ (scene.start - scene.anchor_px) + here - np.array(origin)
    still = np.c_[turn * scene.scale, place]
    yaw, pitch, roll = moved.drive.gaze[scene.side]
    radius_cm = BALL_RADIUS * scene.width_px / float(np.linalg.norm(rig.camera[0]))
    ahead = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch) - 1])
    slide = moved.skull @ (radius_cm * ahead)
    squeeze = np.diag([np.cos(yaw), np.cos(pitch)])
    spin = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    looked = still[:, :2] @ squeeze @ spin
    centre = still[:, :2] @ scene.centre + still[:, 2] + slide
    iris = _warp(scene.iris, np.c_[looked, centre - looked @ scene.centre], size, cv2.BORDER_CONSTANT)
    still_ball = _warp(scene.ball, still, size, cv2.BORDER_REPLICATE)
    ball = still_ball[..., :3] * (1 - iris[..., 3:]) + iris[..., :3]
    ball *= (still_ball[..., 3] * _shadow(opening, scene.width_px))[..., None]
    ball += _warp(scene.rim, still, size, cv2.BORDER_CONSTANT)
    return np.asarray(ball, np.float32)


def _warp(image: Float, matrix: npt.NDArray[np.float64], size: tuple[int, ...], border: int) -> Float:
    """An image moved by a 2 x 3 matrix into a window of (width, height)."""
    warped = cv2.warpAffine(image, matrix, (size[0], size[1]), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, np.float32)


def _with_lid(colour: Float, scene: EyeScene, uv: Float, shade: Float, blink: float) -> Float:
    """Lid skin in place of lashes and eyeball, as far as the eye is shut."""
    # One map of two channels needs no second one; OpenCV's stubs do not know it.
    skin = cv2.remap(scene.lid, uv, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]
    amount = np.float32(1 - (1 - blink) ** 2)
    skin[..., :3] *= shade[..., None]
    return np.asarray(colour * (1 - amount * skin[..., 3:]) + amount * skin[..., :3], np.float32)


def _with_lashes(colour: Float, scene: EyeScene, opening: Opening, blink: float) -> Float:
    """The lash line along the edge of the falling lid, thicker towards the temple."""
    strength = min(max((blink - 0.15) / 0.75, 0.0), 1.0)
    strength = strength * strength * (3 - 2 * strength)
    outward = opening.along if scene.side == "left" else -opening.along
    thick = scene.width_px * np.float32(0.022) * (1 + 0.45 * outward) + np.float32(0.55)
    ends = np.clip((1.06 + 0.05 * outward - np.abs(opening.along)) / 0.25, 0, 1)
    depth = (opening.below_upper - 0.3 * thick) / thick
    # The line itself, and the soft fringe and shadow of the lashes below it.
    line = 0.72 * np.exp(-(depth**2)) + 0.22 * np.exp(-(((depth - 1.6) / 2.2) ** 2))
    amount = (np.float32(strength) * line * ends)[..., None]
    return np.asarray(colour * (1 - amount) + scene.lash * amount, np.float32)
