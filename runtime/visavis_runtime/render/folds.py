"""Takes an avatar, gives the folds of its skin as one small map, and lays them on the colours of a moving face.

A mesh of some hundred vertices has no room for a nasolabial fold or a line on a forehead. So the folds are drawn once,
as a change of light along curves through the landmarks where faces fold: a dark valley, and beside it the ridge that
catches light. Four kinds (smile left and right, raised brows, frown) share the four channels of one picture; a frame
samples it through its own map and weighs the channels by the shapes that make the fold. Skin in a fold grows deeper in
its own colour, not greyer. A portrait whose broad smile is taken back loses the folds that it shows (`laugh` measures
them). After the expression ratio image of Z. Liu et al.,
2001, else authored instead of measured. It moves nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.latents import INDEX
from visavis_runtime.face.arrays import Array
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.opening import smooth_curve
from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.portrait.drawn import shaded
from visavis_runtime.render.composite import Pixels, Sheet
from visavis_runtime.render.geometry import Moved
from visavis_runtime.render.laugh import seen_fold

Float = npt.NDArray[np.float32]

RANGE = 0.4
"""Largest change of light in the map; 127 steps each way."""
REST_SHARE = 0.55
"""Share of its fold that a broad smile loses when it is taken back."""
WHOLE_LAUGH, LAUGH_FADES = 0.5, 0.85
"""Broad smile of a picture from which on its folds are measured on its skin, and how much of those goes at rest."""
DEEPER, TINTS = 1.2, (0.6, 1.5)
"""How much faster the colours that skin has less of go in a fold (an exponent: 0 is grey), and the range of that."""
LEAST_SKIN = 12.0
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
CHEEKS = (50, 280, 205, 425, 117, 346)
"""Landmarks whose skin is plain."""
TEXELS = 0.5
"""Resolution of the map against the texture: folds are soft."""
SMILE_LEFT, SMILE_RIGHT, BROWS_UP, FROWN = range(4)
LAUGH_LINES = {SMILE_LEFT: (358, 423, 426, 436, 432), SMILE_RIGHT: (129, 203, 206, 216, 212)}
"""Landmarks along the folds that a laugh makes from the nose past the corners of the mouth."""
DRIVERS: tuple[dict[str, float], ...] = (
    {"mouthSmileLeft": 1.0, "noseSneerLeft": 0.8, "mouthUpperUpLeft": 0.35, "mouthStretchLeft": 0.4,
     "cheekSquintLeft": 0.25, "mouthDimpleLeft": 0.5},
    {"mouthSmileRight": 1.0, "noseSneerRight": 0.8, "mouthUpperUpRight": 0.35, "mouthStretchRight": 0.4,
     "cheekSquintRight": 0.25, "mouthDimpleRight": 0.5},
    {"browInnerUp": 0.6, "browOuterUpLeft": 0.35, "browOuterUpRight": 0.35},
    {"browDownLeft": 0.5, "browDownRight": 0.5, "noseSneerLeft": 0.25, "noseSneerRight": 0.25},
)  # fmt: skip
"""How much of each kind of fold a shape at full weight makes."""


class Stroke(NamedTuple):
    """One fold: points along it, each a mix of landmarks; depth (share of light), width cm; ridge: its side (+-1)."""

    kind: int
    points: tuple[dict[int, float], ...]
    depth: float
    width_cm: float
    ridge: float


def _between(lower: tuple[int, ...], upper: tuple[int, ...], share: float) -> tuple[dict[int, float], ...]:
    return tuple({a: 1 - share, b: share} for a, b in zip(lower, upper, strict=True))


_BROW, _MIDDLE = (63, 105, 66, 107, 9, 336, 296, 334, 293), (68, 104, 69, 108, 151, 337, 299, 333, 298)
_CORNERS = ((33, 133, SMILE_RIGHT), (263, 362, SMILE_LEFT))
STROKES: tuple[Stroke, ...] = (
    Stroke(SMILE_RIGHT, ({129: 0.9, 203: 0.1}, {203: 0.8, 98: 0.2}, {206: 0.85, 165: 0.15}, {216: 0.8, 92: 0.2},
                         {212: 0.5, 216: 0.3, 57: 0.2}), 0.125, 0.2, 1.0),
    Stroke(SMILE_LEFT, ({358: 0.9, 423: 0.1}, {423: 0.8, 327: 0.2}, {426: 0.85, 391: 0.15}, {436: 0.8, 322: 0.2},
                        {432: 0.5, 436: 0.3, 287: 0.2}), 0.125, 0.2, -1.0),
    *(
        Stroke(kind, ({corner: 1.16, inner: -0.16}, {corner: 1.3, inner: -0.32, brow: 0.02},
                      {corner: 1.4 - lift, inner: -0.4, brow: lift}), 0.05, 0.11, 1.0)
        for (corner, inner, kind), brow in zip(_CORNERS, (70, 300), strict=True) for lift in (-0.22, 0.12)
    ),
    *(Stroke(BROWS_UP, _between(_BROW, _MIDDLE, share), depth, 0.16, -1.0)
      for share, depth in ((0.55, 0.08), (1.0, 0.08))),
    Stroke(FROWN, ({55: 0.5, 8: 0.5}, {55: 0.28, 107: 0.28, 9: 0.44}, {107: 0.5, 9: 0.5}), 0.18, 0.2, 1.0),
    Stroke(FROWN, ({285: 0.5, 8: 0.5}, {285: 0.28, 336: 0.28, 9: 0.44}, {336: 0.5, 9: 0.5}), 0.18, 0.2, -1.0),
    *(Stroke(FROWN, _between((193, 168, 417), (122, 6, 351), share), 0.08, 0.16, -1.0) for share in (0.15, 0.75)),
)  # fmt: skip


class Folds(NamedTuple):
    """The folds of one face.

    map [h, w, 4] uint8, 128 is no change; start [2]: texture px of its first texel; texels: its texels per texture px;
    drive [52, 4]; rest [4]: what the face at rest has less of each than the picture; tint [4, 3]: how much of a change
    of light each of the colours takes, by kind.
    """

    map: npt.NDArray[np.uint8]
    start: Float
    texels: float
    drive: Float
    rest: Float
    tint: Float


def folds_of(avatar: Avatar, *, texture_uv: Float, px_per_cm: float) -> Folds:
    """Draw the folds of a face.

    Args:
        avatar: whose face.
        texture_uv: [V, 2] px of the texture that will be sampled.
        px_per_cm: px of that texture per cm of the head frame.
    """
    points = texture_uv[:FACE_POINTS]
    low = np.floor(points.min(axis=0)) - 2
    width, height = (int(v) for v in np.ceil((points.max(axis=0) + 2 - low) * TEXELS))
    change = np.zeros((height, width, 4), np.float32)
    for stroke in STROKES:
        line = np.stack([sum(share * points[v] for v, share in mix.items()) for mix in stroke.points])
        _draw(change[..., stroke.kind], (line - low) * TEXELS, stroke, texels_per_cm=px_per_cm * TEXELS)
    drive = np.zeros((len(avatar.shapes), 4), np.float32)
    for kind, driver in enumerate(DRIVERS):
        for name, share in driver.items():
            drive[INDEX[name], kind] = share
    taken_back = float(avatar.meta.get("neutral_smile", 0.0) or 0.0)
    rest = np.array([REST_SHARE * taken_back, REST_SHARE * taken_back, 0, 0], np.float32)
    laugh = min(taken_back / WHOLE_LAUGH, 1.0)
    tint = np.tile(_tint_of_skin(avatar), (4, 1))
    if laugh > 0:
        for kind, landmarks in LAUGH_LINES.items():
            where = (points[list(landmarks)] - low) * TEXELS
            seen, tinted = seen_fold(avatar, where, start=low, texels=TEXELS, shape=(height, width), uv=texture_uv)
            # A whole smile gives back what the picture shows: there its folds are its own.
            change[..., kind] += (-seen - change[..., kind]) * laugh
            rest[kind] += (LAUGH_FADES - rest[kind]) * laugh
            drive[:, kind] *= 1 + (LAUGH_FADES - 1) * laugh
            tint[kind] += (tinted - tint[kind]) * laugh
    return Folds(
        map=np.clip(np.rint(128 + shaded(avatar.meta) * change * (127 / RANGE)), 0, 255).astype(np.uint8),
        start=low.astype(np.float32),
        texels=TEXELS,
        drive=drive,
        rest=rest,
        tint=tint,
    )


def _tint_of_skin(avatar: Avatar) -> Float:
    """[3]: how much of a fold's shade each colour takes; all 1 in a grey picture."""
    x, y = np.clip(np.rint((avatar.uv - avatar.margin)[list(CHEEKS)]), 0, avatar.size - 1).astype(int).T
    skin = np.maximum(np.median(cv2.blur(avatar.picture, (5, 5))[y, x], axis=0), LEAST_SKIN)
    tint = np.clip((skin / skin.mean()) ** -DEEPER, *TINTS)
    return np.asarray(tint * (LUMA @ skin) / (LUMA @ (tint * skin)), np.float32)


def _draw(channel: Float, line: Float, stroke: Stroke, *, texels_per_cm: float) -> None:
    """Add one fold along `line` [n, 2] texels: a valley, and a ridge on one side of it."""
    curve = smooth_curve(line.astype(np.float32))
    width = stroke.width_cm * texels_per_cm
    low = np.maximum(np.floor(curve.min(axis=0) - 5 * width), 0).astype(int)
    high = np.minimum(np.ceil(curve.max(axis=0) + 5 * width) + 1, channel.shape[::-1]).astype(int)
    if (high <= low).any():
        return
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    ahead = np.diff(curve, axis=0)
    length = np.maximum(np.linalg.norm(ahead, axis=1), 1e-3)
    off = np.stack([x, y], axis=2)[:, :, None] - curve[:-1]
    along = np.clip((off * ahead).sum(axis=3) / length**2, 0, 1)
    away = off - along[..., None] * ahead
    nearest = (away**2).sum(axis=3).argmin(axis=2)
    pick = (*np.indices(nearest.shape), nearest)
    side = np.sign(ahead[nearest, 0] * off[pick][..., 1] - ahead[nearest, 1] * off[pick][..., 0])
    distance = np.sqrt((away[pick] ** 2).sum(axis=2)) / width
    place = (nearest + along[pick]) / len(ahead)
    taper = np.sin(np.pi * np.clip(0.06 + 0.9 * place, 0, 1)) ** 0.8
    # A fine line in a soft valley: the side of the ridge falls off steeply and then swells a little, the other side
    # rises slowly.
    outer = side * stroke.ridge > 0
    valley = 0.3 * np.exp(-((distance / 0.6) ** 2)) + 0.7 * np.exp(-((distance / np.where(outer, 0.9, 2.4)) ** 2))
    ridge = 0.16 * np.exp(-(((distance - 2.6) / 1.5) ** 2)) * outer
    channel[low[1] : high[1], low[0] : high[0]] += stroke.depth * taper * (ridge - valley)


def fold_weights(folds: Folds, *, shapes: Float, neutral: Float) -> Float:
    """[4] how strong each kind of fold is, for shapes [52] and the way to rest [3]; below 0 a fold fades."""
    return np.asarray(np.minimum(shapes @ folds.drive, 1) - folds.rest * neutral[0], np.float32)


def lay_folds(out: Pixels, *, folds: Folds, moved: Moved, sheet: Sheet) -> None:
    """Change the colours of a frame [S, S, 4] (uint8 or float32) by the folds of the face, in place."""
    weights = fold_weights(folds, shapes=moved.drive.shapes, neutral=moved.drive.neutral)
    if not np.abs(weights).max() > 1e-4:
        return
    size = out.shape[0]
    low = np.clip(np.floor(moved.px[:FACE_POINTS].min(axis=0)), 0, size).astype(int)
    high = np.clip(np.ceil(moved.px[:FACE_POINTS].max(axis=0)) + 1, 0, size).astype(int)
    if (high <= low).any():
        return
    window = slice(low[1], high[1]), slice(low[0], high[0])
    where = (sheet.uv[window] - folds.start) * np.float32(folds.texels)
    change = cv2.remap(folds.map, where, None, cv2.INTER_LINEAR, borderValue=(128, 128, 128, 128))  # type: ignore[call-overload]
    matrix = np.zeros((4, 5), np.float32)
    matrix[:3, :4] = fold_gains(folds.tint, weights).T
    matrix[:, 4] = 1 - 128 * matrix.sum(axis=1)
    factor = cv2.transform(change.astype(np.float32), matrix)
    part = out[window]
    cv2.multiply(part, factor, dst=part, dtype=cv2.CV_8U if out.dtype == np.uint8 else cv2.CV_32F)


def fold_gains(tint: Array, weights: Array) -> Array:
    """[..., 4, 3]: change of each colour by a step of the map, for tints [..., 4, 3] and weights [..., 4]."""
    return tint * (weights * (RANGE / 127))[..., None]
