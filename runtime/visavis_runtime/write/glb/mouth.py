"""Takes the skin of a native head and its avatar, gives the inside of the mouth: lining, two dental arches, tongue.

The lining is one closed sock from the inner edge of the lips to the throat, so an open mouth never shows what is behind
the head. The teeth are the tables of `render/teeth` in space: each bulges, turns in at its flanks and at its biting
edge, and the row bends along the dental arch; their colours are the renderer's own map of the row. The upper row is
fixed to the skull; lower row and tongue follow the jaw by shapes of the same names as the skin's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import CAVITY, INNER_LOWER, INNER_UPPER, LINE, TONGUE
from visavis_runtime.face.rings import LOWER_RINGS, UPPER_RINGS
from visavis_runtime.render.gape import FUNNEL_ROUNDS
from visavis_runtime.render.mouth import (
    BEHIND_LIPS_CM,
    FLAT_LIGHT,
    JAW_TEETH,
    LOWER_EDGE_CM,
    ROUND_HIDES_CM,
    UPPER_EDGE_CM,
)
from visavis_runtime.render.mouth_scene import CHIN, JAW_SHAPES, LIP, TONGUE_BACK, MouthScene, mouth_scene
from visavis_runtime.render.teeth import ARCH, EDGE_CM, HALF_WIDTH_CM, HEIGHT_CM, LOWER_ROW, UPPER_ROW
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.part import Float, Lining, Part, sheet, tube
from visavis_runtime.write.glb.skeleton import unlit_rig
from visavis_runtime.write.glb.skin import Skin

ACROSS = (-1.0, -0.86, -0.5, 0.0, 0.5, 0.86, 1.0)
"""Columns of one tooth, in half widths."""
BULGE_CM, FLANK_CM, THICK_CM = 0.10, 0.14, 0.30
"""How far the middle of a tooth stands out, how far its flanks turn in, how thick its biting edge is."""
HEIGHTS = (0.0, 0.05, 0.2, 0.45, 0.75, 1.0)
"""Rows of a tooth's front from its biting edge to the gum's far side."""
GUM_TOP_CM = 1.2
LIP_SHADOW = 0.5
"""Light that the gum's side of a row lacks: the lip's shadow, which no unlit engine casts."""
INSET_CM = 0.03
"""Texture coordinates keep so far inside the painted edge of a tooth."""
LOWER_HIDES_CM = 0.9
"""How much lower the row lies in a flat drawing, behind the lip: nobody draws it."""
LOWER_BEHIND = 1.25
"""The lower row stands further behind the lips than the upper one."""
ROW_DETAIL = 4.0
"""Output px per picture px that the rows of teeth are asked for: all that they have."""
RIM_BACK_CM, RIM_IN_CM, RIM = 0.22, 0.08, 0.3
"""Behind their edge the lips go on and overlap, so that a narrow slit shows lip and not teeth, and a wide one the lips'
round; RIM is the depth of that in the lining."""
LIP_EDGE = 0.8
"""Light on the edge of the lips, of that on their red."""
LINING_FROM, LINING_TO = 0.44, 0.56
"""Part of its picture that the lining shows: little, for the round of the lips is a pixel wide on a screen, and a
picture that shrinks more than four times would be mixed with what lies beside it."""
WALL_BEHIND_CM, NEAR_CM = 0.45, 1.1
"""The wall of the mouth lies so far behind the deepest skin within the second way."""


def scene_of_mouth(avatar: Avatar) -> MouthScene:
    """The renderer's own description of this mouth: tones, coloured rows, place, way of the jaw."""
    return mouth_scene(avatar, rig=unlit_rig(avatar, px_per_px=ROW_DETAIL), px_per_px=ROW_DETAIL)


def mouth_pictures(scene: MouthScene, *, lips: Float) -> dict[str, Float]:
    """Pictures of the rows, the lining and the tongue, [h, w, 3] float 0..255 by cell name; `lips` [3]: their tone."""
    dark, flat = scene.tones[CAVITY] * np.float32(0.7), np.float32(scene.flat)
    dark += (scene.tones[CAVITY] * FLAT_LIGHT - dark) * flat
    out = {
        name: _row_picture(row, dark, upper=name == "upper", flat=flat)
        for name, row in (("upper", scene.upper), ("lower", scene.lower))
    }
    rim, far = 0.25 * scene.tones[LINE] + 0.45 * lips, scene.tones[CAVITY] * np.float32(0.62)
    # Flat drawings have a line there, and one dark behind it.
    edge, rim, far = (
        shaded + (plain - shaded) * flat
        for shaded, plain in ((LIP_EDGE * lips, scene.tones[LIP]), (rim, dark), (far, dark))
    )
    along = np.linspace(0, 1, 64, dtype=np.float32)
    inside = _between(along, ((LINING_FROM, edge), (_lining(RIM), rim), (_lining(0.8), far)))
    out["inside"] = np.repeat(inside[None], 16, axis=0)
    along = along[None, :, None]
    across = np.linspace(-1, 1, 32, dtype=np.float32)[:, None, None]
    groove = 1 - 0.12 * np.exp(-((across / 0.12) ** 2))
    shaded = scene.tones[TONGUE] * (0.34 + 0.56 * along) * groove
    out["tongue"] = shaded + (scene.tones[TONGUE_BACK] * FLAT_LIGHT - shaded) * flat
    return out


def _between(at: Float, knots: Sequence[tuple[float, Float]]) -> Float:
    """[n, 3]: colours at places 0..1 between knots (place, colour [3])."""
    places, colours = [place for place, _ in knots], np.stack([colour for _, colour in knots])
    return np.stack([np.interp(at, places, colours[:, k]) for k in range(3)], axis=1).astype(np.float32)


def _lining(depth: Any) -> Any:
    """Place 0..1 in the picture of the lining of a depth 0..1 between lips and throat."""
    return LINING_FROM + (LINING_TO - LINING_FROM) * depth


def tone_of_lips(skin: Skin, texture: npt.NDArray[np.uint8]) -> Float:
    """[3] 0..255: middle colour of the red of the lips."""
    ring = [point for rings in (UPPER_RINGS, LOWER_RINGS) for point in rings[2][1:-1]]
    column, row = np.clip(np.rint(skin.px[ring]), 0, texture.shape[0] - 1).astype(int).T
    return np.asarray(np.median(texture[row, column, :3], axis=0), np.float32)


def _row_picture(row: Float, dark: Float, *, upper: bool, flat: np.float32) -> Float:
    """A row over the dark of the mouth, in the light that falls between the lips."""
    colour = row[..., :3] + dark * (1 - row[..., 3:])
    x = (np.arange(row.shape[1], dtype=np.float32) + 0.5) / row.shape[1] * 2 - 1
    y = np.linspace(0, 1, row.shape[0], dtype=np.float32)[:, None, None]
    light = (1 - LIP_SHADOW * (1 - y if upper else y) ** 1.5) * (1.0 - 0.7 * np.abs(x[None, :, None]) ** 1.5)
    return np.asarray(colour * (light + (FLAT_LIGHT - light) * flat), np.float32)


def teeth_part(scene: MouthScene, *, upper: bool, layout: Layout) -> Part:
    """One dental arch with its gum."""
    x, edge, depth = _profile(upper=upper, flat=scene.flat)
    rows = [np.stack([x, edge + 0.06, depth - THICK_CM], axis=1)]
    for height in HEIGHTS:
        y = edge + (GUM_TOP_CM - edge) * height
        rounding = 0.10 * (1 - min(height / 0.2, 1)) ** 2 + 0.10 * height**2
        rows.append(np.stack([x, y, depth - rounding], axis=1))
    flat = np.concatenate(rows).astype(np.float32)
    sign = 1.0 if upper else -1.0
    rise = UPPER_EDGE_CM if upper else LOWER_EDGE_CM - scene.flat * LOWER_HIDES_CM
    behind = BEHIND_LIPS_CM * (1.0 if upper else LOWER_BEHIND)
    places = np.stack([flat[:, 0], sign * flat[:, 1] + rise, flat[:, 2] - behind], axis=1)
    triangles = sheet(len(rows), len(x))
    return Part(
        points=(scene.middle + scene.cm * places).astype(np.float32),
        uv=_row_uv(flat, upper=upper, layout=layout),
        triangles=triangles if upper else np.ascontiguousarray(triangles[:, ::-1]),
        origin=scene.middle,
        shapes=_hidden(scene, len(flat)) if upper else jaw_shapes(scene, len(flat), share=JAW_TEETH),
    )


def _hidden(scene: MouthScene, count: int) -> dict[str, Float]:
    """Shapes that keep the upper row of a flat drawing behind rounded lips."""
    if not scene.flat:
        return {}
    way = np.array([0, ROUND_HIDES_CM * scene.flat * scene.cm, 0], np.float32)
    shares = (("mouthFunnel", FUNNEL_ROUNDS), ("mouthPucker", 1.0))
    return {name: np.repeat((share * way)[None], count, axis=0).astype(np.float32) for name, share in shares}


def _profile(*, upper: bool, flat: float) -> tuple[Float, Float, Float]:
    """Columns of a row: x, height of the biting edge and depth in cm of the shared teeth, [n] each.

    Flat drawings, by `flat` 0..1, have one straight band above and nothing below.
    """
    x, edge, depth = [], [], []
    begin = 0.0
    for tooth in UPPER_ROW if upper else LOWER_ROW:
        half = tooth.width / 2
        for u in ACROSS:
            corner = tooth.round * (0.10 + 0.05 * max(u, 0)) * u**4
            x.append(begin + half + u * half)
            edge.append((tooth.lift + corner) * (1 - flat))
            depth.append(BULGE_CM * (1 - u * u) - FLANK_CM * max(abs(u) - 0.86, 0) / 0.14)
        begin += tooth.width
    right = np.array(x), np.array(edge), np.array(depth)
    whole = [np.concatenate([sign * values[::-1], values]) for sign, values in zip((-1, 1, 1), right, strict=True)]
    whole[2] = whole[2] - ARCH * whole[0] ** 2
    return whole[0].astype(np.float32), whole[1].astype(np.float32), whole[2].astype(np.float32)


def _row_uv(flat: Float, *, upper: bool, layout: Layout) -> Float:
    """Texture coordinates of places x, y (towards the gum) in the map of a row."""
    down = (HEIGHT_CM - EDGE_CM - (flat[:, 1] + INSET_CM)) / HEIGHT_CM
    x = (flat[:, 0] + HALF_WIDTH_CM) / (2 * HALF_WIDTH_CM)
    cell = layout.cells["upper" if upper else "lower"]
    return cell.uv(x, down if upper else 1 - down, side=layout.side)


def jaw_shapes(scene: MouthScene, count: int, *, share: float) -> dict[str, Float]:
    """Jaw shapes that carry `count` points along with the chin by `share`."""
    return {
        ARKIT_NAMES[index]: np.repeat((way * share)[None], count, axis=0).astype(np.float32)
        for index, way in zip(JAW_SHAPES, scene.jaw, strict=True)
    }


def mouth_lining(skin: Skin, scene: MouthScene, *, layout: Layout) -> Lining:
    """The sock from the lips to the throat."""
    loop = [*reversed(INNER_UPPER), *INNER_LOWER[1:-1]]
    above = np.array([True] * len(INNER_UPPER) + [False] * (len(INNER_LOWER) - 2))
    along = np.r_[np.linspace(1, -1, len(INNER_UPPER)), np.linspace(-1, 1, len(INNER_LOWER))[1:-1]]
    up = np.sqrt(1 - along**2) * np.where(above, 1, -1)
    outward = np.stack([along * np.abs(along), up, 0 * up], axis=1).astype(np.float32)
    cm, edge = np.float32(scene.cm), skin.points[loop]
    back = np.array([0, 0, -1], np.float32)
    inward = np.where(np.abs(along) < 1, np.where(above, -1, 1), 0)[:, None] * np.array([0, 1, 0], np.float32)
    rim = edge + cm * (RIM_BACK_CM * back + RIM_IN_CM * inward)
    reach = np.where(above, 1.15, 1.5)[:, None] * np.array([0.5, 1.0, 0], np.float32)
    wall = edge + cm * (outward * reach)
    wall[:, 2] = np.minimum(_behind_skin(wall, skin) - WALL_BEHIND_CM * cm, rim[:, 2] - 0.05 * cm)
    deep = scene.middle + (wall - scene.middle) * np.array([0.75, 0.85, 0], np.float32) + cm * 4.6 * back
    throat = scene.middle[None] + cm * np.array([[0, -0.6, -5.6]], np.float32)
    lips = skin.shapes[:, loop]
    chin = np.zeros_like(lips)
    chin[JAW_SHAPES] = np.where(above, 0, 0.85)[:, None] * skin.shapes[JAW_SHAPES, CHIN][:, None]
    # The wall stays behind lips and cheeks: it follows them back whole, and forth and sideways only a little.
    wall_way = 0.3 * lips
    wall_way[..., 2] = np.minimum(lips[..., 2], wall_way[..., 2])
    wall_way[JAW_SHAPES] = 0.25 * lips[JAW_SHAPES] + 0.75 * chin[JAW_SHAPES]
    shapes = [lips, lips, wall_way, 0.8 * chin, 0.5 * chin[:, len(INNER_UPPER) + 4][:, None]]
    points = np.concatenate([edge, rim, wall, deep, throat]).astype(np.float32)
    depth = _lining(np.r_[np.repeat([0.0, RIM, 0.65, 0.95], len(loop)), 1.0])
    return Lining(
        points=points,
        uv=layout.cells["inside"].uv(depth, np.full(len(depth), 0.5), side=layout.side),
        triangles=tube(4, len(loop), tip=True),
        shapes=np.concatenate(shapes, axis=1).astype(np.float32),
    )


def _behind_skin(places: Float, skin: Skin) -> Float:
    """[n]: depth of the deepest skin of the face within a short way of each place."""
    face = skin.points[:468]
    apart = np.linalg.norm(places[:, None, :2] - face[None, :, :2], axis=2)
    near = apart < np.maximum(NEAR_CM, apart.min(axis=1, keepdims=True) + 1e-3)
    return np.asarray(np.where(near, face[None, :, 2], np.inf).min(axis=1), np.float32)
