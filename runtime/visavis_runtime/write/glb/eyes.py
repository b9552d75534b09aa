"""Takes the skin of a native head and its avatar, gives the eyes: balls that turn, and what closes the gaps round them.

The ball is a cap of a sphere just behind the lids that turns about its centre. It carries the photo's own eye with the
iris completed under the lids, projected along the photo's line of sight, so at rest it shows the photo. A ball never
fills the corners of an eye; a lining runs from the edges of the lids back behind it and shows the photo's corners.
Lids are pushed out to slide over the ball as they fall.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, EyeLayer, Side
from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.opening import opening_between
from visavis_runtime.face.rings import EYES
from visavis_runtime.render.eyes import BALL_RADIUS
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.part import Float, Lining, Part, sheet, tube
from visavis_runtime.write.glb.skin import Skin

CLEAR_CM = 0.04
"""Room between the lids and the ball."""
FILLS_HEIGHT, TURNS = 0.62, 0.4
"""Half the height of the ball of a drawn eye, in heights of the eye, and how much further back it lies, in radii for
each by which it is taller than wide."""
MOST_LIFT = 0.7
"""A falling lid is pushed out by no more than this, in radii of the ball."""
OVERLAP, OVERLAP_CM = 0.07, 0.03
"""How far a shut upper lid reaches over the lower one, in openings of the eye, and how far it lies before it."""
CAP_RAD = np.deg2rad(105)
"""The ball reaches so far from the front that no turn shows its end."""
RINGS, SPOKES = 14, 28
PATCH_WIDTHS, PATCH_HEIGHTS = 0.62, 0.58
"""Half the side of the texture of an eye, in widths and at least in heights of the eye."""
DARKEST = 0.35
LID_DARK = 0.55
"""Light that is missing behind the edge of the upper lid."""
LINING_BACK_CM, DRAWN_WIDE = 0.22, 0.95
"""How far the edge of the lining goes straight back, and how wide, by that edge, it is behind a drawn eye."""


class Ball(NamedTuple):
    """An eyeball: centre [3] cm and radius in cm, head frame; drawn ones may be `tall` times as high as wide."""

    centre: Float
    radius: float
    tall: float = 1.0


class Window(NamedTuple):
    """The square of the picture that an eye's texture shows: left and top edge, side, in px."""

    left: float
    top: float
    side: float


def ball_behind(points: Float, *, side: Side, sight: Float | None = None) -> Ball:
    """The largest ball of the eye's size that stays behind its lids.

    Args:
        points: [n, 3] cm, the skin at rest; the first 468 are the face's.
        side: the subject's.
        sight: for the eye of a flat drawing, which may be taller than it is wide, so that its ball fills it from top to
            bottom: the way to who sees the picture, see `sight_of`.
    """
    eye = EYES[side]
    width = float(np.linalg.norm(points[eye.outer] - points[eye.inner]))
    radius = BALL_RADIUS * width
    middle = points[list(eye.lid_line)].mean(axis=0)
    lids = points[[*eye.upper, *eye.lower, *eye.crease, *eye.below]]
    high = float(np.ptp(points[list(eye.lid_line), 1]))
    tall = max(FILLS_HEIGHT * high / radius, 1.0) ** 0.5 if sight is not None else 1.0
    radius *= tall  # half of it by size, half by form: a tall ball comes forward where it turns up and down
    apart = np.hypot(lids[:, 0] - middle[0], (lids[:, 1] - middle[1]) / tall)
    near = apart < 0.9 * radius
    front = lids[near, 2] - np.sqrt(radius**2 - apart[near] ** 2) if near.any() else middle[2:] - radius
    centre = np.array([middle[0], middle[1], front.min() - CLEAR_CM], np.float32)
    if sight is not None:
        centre -= TURNS * (tall - 1) * radius * sight
    return Ball(centre, radius, tall)


def sight_of(avatar: Avatar) -> Float:
    """[3]: the way from the head to who sees its picture; z is 1."""
    return np.asarray(avatar.camera.rotation[2] / avatar.camera.rotation[2, 2], np.float32)


def in_front(places: Float, ball: Ball) -> Float:
    """[n]: z just before the ball at places [n, 2 or more], NaN beside it."""
    apart2 = (places[:, 0] - ball.centre[0]) ** 2 + ((places[:, 1] - ball.centre[1]) / ball.tall) ** 2
    surface = ball.centre[2] + np.sqrt(np.maximum((ball.radius + CLEAR_CM) ** 2 - apart2, 0))
    return np.where(apart2 < ball.radius**2, surface, np.nan).astype(np.float32)


def lids_over_balls(skin: Skin, balls: dict[Side, Ball]) -> Skin:
    """The skin with blinks that pass in front of the balls, halfway and wholly shut."""
    shapes = skin.shapes.copy()
    for side, ball in balls.items():
        way = shapes[INDEX[f"eyeBlink{side.capitalize()}"]]
        _overlap(way, side=side)
        moved = np.flatnonzero(np.abs(way).max(axis=1) > 1e-3)
        lift = np.zeros(len(moved), np.float32)
        for share in (0.5, 0.75, 1.0):
            place = skin.points[moved] + way[moved] * share
            lift = np.fmax(lift, (in_front(place, ball) - place[:, 2]) / share)
        way[moved, 2] += np.clip(lift, 0, MOST_LIFT * ball.radius)
    return skin._replace(shapes=shapes)


def _overlap(way: Float, *, side: Side) -> None:
    """Let the upper lid of a blink come to lie a little over the lower one, column by column."""
    eye = EYES[side]
    upper, lower = list(eye.upper), list(eye.lower)
    way[upper] += OVERLAP * (way[upper] - way[lower])
    way[upper, 2] += OVERLAP_CM


def eye_window(avatar: Avatar, *, side: Side) -> Window:
    """The square of the picture round an eye that its texture covers."""
    points = avatar.rest_px[[*UPPER_LID[side], *LOWER_LID[side][1:-1]]]
    high = float(np.ptp(points[:, 1]))
    half = max(PATCH_WIDTHS * avatar.eyes[side].width_px, PATCH_HEIGHTS * high)
    left, top = points.mean(axis=0) - half
    return Window(float(left), float(top), 2 * float(half))


def picture_of_patch(avatar: Avatar, layer: EyeLayer) -> Float:
    """[S, S, 3] float 0..255: the picture on the patch of an eye."""
    count = layer.sclera.shape[0]
    shift = np.array([[1, 0, -layer.origin[0]], [0, 1, -layer.origin[1]]], np.float32)
    cut = cv2.warpAffine(
        avatar.picture, shift, (count, count), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.float32)


def whole_ball(layer: EyeLayer) -> Float:
    """[S, S, 3] float 0..255: the white with the whole iris on it, without lids."""
    alpha = layer.iris[..., 3:].astype(np.float32) / 255
    return np.asarray(layer.sclera.astype(np.float32) * (1 - alpha) + layer.iris[..., :3] + layer.glint, np.float32)


def eye_picture(avatar: Avatar, *, side: Side, size: int, drawn: bool = False) -> Float:
    """[size, size, 3] float 0..255: the whole eye; in the photo's light and with its own corners, if not `drawn`."""
    layer, window = avatar.eyes[side], eye_window(avatar, side=side)
    made = whole_ball(layer)
    whole = made if drawn else _in_light(avatar, layer, made, side=side)
    scale = window.side / size
    start = np.array([window.left, window.top]) - layer.origin + (scale - 1) / 2
    matrix = np.array([[scale, 0, start[0]], [0, scale, start[1]]])
    soft = cv2.GaussianBlur(whole, (0, 0), 0.35 * scale) if scale > 1.3 else whole
    return np.asarray(
        cv2.warpAffine(
            soft, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def _in_light(avatar: Avatar, layer: EyeLayer, made: Float, *, side: Side) -> Float:
    """[S, S, 3]: a ball in the light and shade that the photo has on it, with the photo's corners."""
    photo, count = picture_of_patch(avatar, layer), made.shape[0]
    upper, lower = avatar.rest_px[list(UPPER_LID[side])], avatar.rest_px[list(LOWER_LID[side])]
    origin = (int(layer.origin[0]), int(layer.origin[1]))
    opening = opening_between(upper, lower, origin=origin, shape=(count, count))
    nearest = np.minimum(opening.below_upper, opening.above_lower)
    # The lids' shadow on the ball goes on where the picture hides it, so that no bright rim comes into view.
    ratio = np.clip((photo.mean(axis=2) + 10) / (made.mean(axis=2) + 10), DARKEST, 1)
    seen = np.clip(nearest - 0.5, 0, 1) * (np.abs(opening.along) < 0.9)
    shade = push_pull(ratio[..., None], weight=seen) if seen.sum() > 4 else np.ones_like(ratio)[..., None]
    ball = made * np.clip(shade, DARKEST, 1)
    corner = np.clip((np.abs(opening.along) - 0.8) / 0.1, 0, 1) * opening.coverage
    whole = ball + (photo - ball) * corner[..., None]
    # What lies behind the edge of the upper lid is in its dark.
    whole *= (1 - LID_DARK * np.clip(0.5 - opening.below_upper / (0.02 * layer.width_px + 0.5), 0, 1))[..., None]
    return np.asarray(whole, np.float32)


def _uv(points: Float, *, avatar: Avatar, side: Side, layout: Layout) -> Float:
    """Texture coordinates of points seen along the photo's line of sight."""
    camera, window = avatar.camera, eye_window(avatar, side=side)
    space = camera.scale * points @ camera.rotation.T + camera.translation
    x = (space[:, 0] - window.left) / window.side
    y = (-space[:, 1] - window.top) / window.side
    return layout.cells[side].uv(x, y, side=layout.side)


def eye_part(ball: Ball, *, avatar: Avatar, side: Side, layout: Layout) -> Part:
    """The eyeball: a cap of a sphere, its pole towards +z."""
    angle = np.linspace(0.02, CAP_RAD, RINGS)[::-1]
    turn = np.linspace(0, 2 * np.pi, SPOKES + 1)
    ring, spoke = np.meshgrid(angle, turn, indexing="ij")
    # Rows run from the rim to the pole, columns round it the other way, so that the outside is the front.
    directions = np.stack([np.sin(ring) * np.cos(spoke), np.sin(ring) * np.sin(spoke), np.cos(ring)], axis=-1)
    directions[..., 1] *= ball.tall
    points = (ball.centre + ball.radius * directions.reshape(-1, 3)).astype(np.float32)
    triangles = sheet(RINGS, SPOKES + 1)
    pole = len(points)
    tip = np.array([(pole - 1 - SPOKES + k, pole - SPOKES + k, pole) for k in range(SPOKES)], np.int32)
    points = np.concatenate([points, ball.centre[None] + np.array([[0, 0, ball.radius]], np.float32)])
    return Part(
        points=points,
        uv=_uv(points, avatar=avatar, side=side, layout=layout),
        triangles=np.concatenate([triangles, tip]),
        origin=ball.centre,
    )


def eye_lining(skin: Skin, ball: Ball, *, avatar: Avatar, side: Side, layout: Layout, drawn: bool = False) -> Lining:
    """The pocket behind the lids."""
    loop = [*reversed(UPPER_LID[side]), *LOWER_LID[side][1:-1]]
    edge = skin.points[loop]
    middle = edge.mean(axis=0)
    # A drawn ball fills its eye up to the edge: seen from where the picture was, no wall stands before its rim.
    sight = sight_of(avatar) if drawn else np.array([0, 0, 1], np.float32)
    back = np.asarray(-LINING_BACK_CM * sight, np.float32)
    deep = middle + (edge - middle) * (DRAWN_WIDE if drawn else 0.8)
    deep += (ball.centre[2] + 0.2 * ball.radius - deep[:, 2:]) * sight
    centre = np.array([[middle[0], middle[1], ball.centre[2]]], np.float32)
    points = np.concatenate([edge, edge + back, deep, centre]).astype(np.float32)
    way = skin.shapes[:, loop]
    shapes = np.concatenate([way, way, way * 0.5, np.zeros((len(way), 1, 3), np.float32)], axis=1)
    return Lining(
        points=points,
        uv=_uv(points, avatar=avatar, side=side, layout=layout),
        triangles=tube(3, len(loop), tip=True),
        shapes=shapes.astype(np.float32),
    )
