"""Takes the skin of a flat drawing's native head, gives its lids: plain sheets that fall over eyes, edged with the ink.

A drawn eye is a shape with an ink line round it. Skin that a blink pulled down over it would stretch lines, hair and
brows above the eye into bars, and the line on the lids is neither skin nor eyeball. So the skin of a drawing keeps
still; a sheet in its one colour lies folded on the edge of the upper lid and comes down from there, over the old line
first, and the ink along the edges of both lids is cut out of the picture as strips that go with them. At rest they make
the picture again. The eyeball behind is `eyes`; photos have `lashes`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import LOWER_LID, UPPER_LID, Side
from visavis_runtime.face.rings import EYES
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.depth import cleared, surface_of
from visavis_runtime.write.glb.ink import ALONG, AWAY, ink_of_eye, px_beside, sampled_at, samples_along, strip_picture
from visavis_runtime.write.glb.part import Float, Lining, Part
from visavis_runtime.write.glb.ribbon import Curve, curve_along, normals_of, ribbon_between
from visavis_runtime.write.glb.skin import Skin

COVERS, COVERS_WIDTHS = 2.0, 0.06
"""How far a shut sheet reaches over the edge of its lid by how far the old line does, for halfway it hides it already;
at least, in widths of the eye."""
SOONER = 3.0
"""By how much sooner a lid of another shape than the blink does that, against its way."""
FALLS = (0.12, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
"""Rows of a sheet between the edge of the open lid and that of the shut one, in shares of the way."""
BEFORE_CM, INK_BEFORE_CM = 0.05, 0.09
"""How far a sheet and its ink stand before the skin."""
SOFT_ENDS = 6
"""Samples on which a sheet ends beside the corners of the eye."""


class Lid(NamedTuple):
    """The lids of one drawn eye, the pieces in the order in which they are drawn."""

    strips: list[Lining]
    pictures: dict[str, Float]


def still_lids(skin: Skin) -> Skin:
    """The skin whose upper lids stay where they are in all shapes that let them fall: the sheets come down instead."""
    shapes = skin.shapes.copy()
    for side, eye in EYES.items():
        above = skin.points[:, 1] > skin.points[[eye.outer, eye.inner], 1].mean()
        for k in _falling(side):
            shapes[k][above & (shapes[k][:, 1] < 0)] = 0
    return skin._replace(shapes=shapes)


def _falling(side: str) -> list[int]:
    """Numbers of the shapes that let an upper lid fall, the blink first."""
    return [INDEX[f"{name}{side.capitalize()}"] for name in ("eyeBlink", "eyeLookDown", "eyeSquint")]


def drawn_lids(skin: Skin, still: Skin, ball: Part, *, avatar: Avatar, side: Side, layout: Layout) -> Lid:
    """The lids of one eye.

    Args:
        skin: with lids that fall.
        still: the same with those of `still_lids`.
        ball: the eyeball.
        avatar: the face.
        side: the subject's.
        layout: with cells for ink.
    """
    falling = _falling(side)
    edge, resting = curve_along(skin, UPPER_LID[side]), curve_along(still, UPPER_LID[side])
    lower = curve_along(still, LOWER_LID[side])
    ink, cm = ink_of_eye(avatar, side), 1 / avatar.camera.scale

    behind = surface_of(still, avatar=avatar, more=ball)

    def clear(piece: Lining, before_cm: float) -> Lining:
        return cleared(piece, behind, by_cm=before_cm, shapes=falling)

    covers_cm = max(COVERS * ink.upper_px[0], COVERS_WIDTHS * avatar.eyes[side].width_px) * cm
    strips, pictures = (
        [],
        {f"lid_{side}": _lid_picture(avatar, resting, edge, side=side, covers_cm=covers_cm)},
    )
    for name, curve, numbers in (("low", lower, LOWER_LID[side]), ("up", edge, UPPER_LID[side])):
        cell = f"ink_{name}_{side}"
        over, under = (far * cm for far in (ink.upper_px if name == "up" else ink.lower_px))
        pictures[cell] = strip_picture(avatar, ink, curve, numbers, over=over, under=under, upper=name == "up")
        rows = [curve.beside(away) for away in (-under, -0.5 * under, 0.0, over)]
        downs = [(over - away) / (over + under) for away in (-under, -0.5 * under, 0.0, over)]
        uv = [_uv(cell, len(curve.points), down, layout) for down in downs]
        strips.append(clear(ribbon_between(rows, uv=uv), INK_BEFORE_CM))
    rows, downs = _sheet(edge, resting, falling=falling, covers_cm=covers_cm)
    uv = [_uv(f"lid_{side}", len(edge.points), down, layout) for down in downs]
    strips.insert(1, clear(ribbon_between(rows, uv=uv), BEFORE_CM))
    return Lid(strips, pictures)


def _uv(cell: str, count: int, down: float, layout: Layout) -> Float:
    return layout.cells[cell].uv(np.linspace(0, 1, count), np.full(count, down), side=layout.side)


def _sheet(edge: Curve, resting: Curve, *, falling: list[int], covers_cm: float) -> tuple[list[Curve], list[float]]:
    """Rows of the sheet of the upper lid, which has no area at rest, lowest first, and their places in its picture."""
    rows, downs = [], []
    for share in reversed(FALLS):
        shapes = resting.shapes.copy()
        shapes[falling] += share * (edge.shapes[falling] - resting.shapes[falling])
        rows.append(Curve(resting.points, shapes))
        downs.append(0.55 + 0.45 * share)
    up = normals_of(resting.points) * covers_cm
    deep = np.abs(edge.shapes[falling] - resting.shapes[falling]).max(axis=(1, 2))
    # A lid that falls a little covers the old line already.
    whole = np.minimum(SOONER * deep / max(float(deep[0]), 1e-6), 1).astype(np.float32)[:, None, None]
    for share in (0.0, 0.5, 1.0):
        shapes = resting.shapes.copy()
        shapes[falling] += share * whole * up
        rows.append(Curve(resting.points, shapes))
        downs.append(0.5 * (1 - share))
    return rows, downs


def _lid_picture(avatar: Avatar, resting: Curve, edge: Curve, *, side: Side, covers_cm: float) -> Float:
    """[AWAY, ALONG, 4] float 0..255: the skin of the lid where it comes to lie; its upper half, over the old line,
    leaves hair free."""
    layer, half = avatar.eyes[side], AWAY // 2
    above = px_beside(avatar, resting, UPPER_LID[side], np.linspace(covers_cm, 0, half))
    blink = _falling(side)[0]
    way = (edge.shapes[blink] - resting.shapes[blink]) @ avatar.camera.rotation.T
    fall = samples_along(way[:, :2] * avatar.camera.scale * np.array([1, -1]))
    below = above[-1] + np.linspace(0, 1, AWAY - half)[:, None, None] * fall
    lid = sampled_at(layer.lid.astype(np.float32), np.concatenate([above, below.astype(np.float32)]) - layer.origin)
    lid[half:, :, 3] = 255
    from_end = np.minimum(np.arange(ALONG), np.arange(ALONG)[::-1])
    lid[:half, :, 3] *= np.clip(from_end / SOFT_ENDS, 0, 1)
    return lid
