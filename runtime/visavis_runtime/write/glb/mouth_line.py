"""Takes the skin of a flat drawing whose mouth is a line, gives that line: ink along both edges of the opening.

Such a mouth has no lips, and its line stretched with the skin would fray and go grey. So it is taken out of the skin's
picture, as the renderer does (`render/inked`), and lies as two ribbons of even thickness on the edges of the mouth;
shut, they are one line. What is between them is `mouth`.
"""

from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.render.gape import evening
from visavis_runtime.render.mouth_scene import MouthScene
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.depth import cleared, room_behind, surface_of
from visavis_runtime.write.glb.part import Float, Lining, Part
from visavis_runtime.write.glb.ribbon import curve_along, ribbon_between
from visavis_runtime.write.glb.skin import Skin

CELL = "ink_mouth"
SOFT_PX, BEFORE_CM = 1.0, 0.08
"""Width of the line's soft edges in px of the picture, and how far it stands before the skin."""
BEHIND_CM = 0.1
"""How far behind the skin round it the inside of a mouth stays."""
OPENS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthPucker")
ACROSS, ALONG = 24, 256
MOVES = [
    INDEX[name]
    for name in (
        "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
        "mouthFrownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight",
        "mouthRollLower", "mouthRollUpper",
    )
]  # fmt: skip
"""Shapes that move the lips most."""


def line_picture(scene: MouthScene, skin: Skin) -> Float:
    """[ACROSS, ALONG, 4] float 0..255: the ink of a line along the lips of a skin, with soft edges and round ends."""
    points = skin.points[list(INNER_UPPER)] * (scene.px_per_cm / scene.scale)
    half, length = scene.line_px / 2, float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    away = np.linspace(-1, 1, ACROSS, dtype=np.float32)[:, None] * (half + SOFT_PX)
    end = half + SOFT_PX
    place = np.linspace(-end, length + end, ALONG, dtype=np.float32)
    far = np.hypot(away, np.fmax(np.fmax(-place, place - length), 0))
    cover = np.clip((half + 0.5 * SOFT_PX - far) / SOFT_PX, 0, 1)
    cover[[0, -1]] = cover[:, [0, -1]] = 0
    colour = np.broadcast_to(scene.ink, (ACROSS, ALONG, 3))
    return np.dstack([colour, 255 * cover]).astype(np.float32)


def evened_lips(skin: Skin) -> Skin:
    """The skin without the kinks of its inner lips, which would show in a fine line (see `render/gape.evening`)."""
    points, shapes = skin.points.copy(), skin.shapes.copy()
    for numbers in (list(INNER_UPPER), list(INNER_LOWER)):
        even = evening(len(numbers), share=1.0)
        points[numbers], shapes[:, numbers] = even @ points[numbers], even @ shapes[:, numbers]
    return skin._replace(points=points, shapes=shapes)


def mouth_lines(skin: Skin, scene: MouthScene, *, avatar: Avatar, layout: Layout) -> list[Lining]:
    """The ribbons of the upper and of the lower edge."""
    px = 1 / avatar.camera.scale
    half_cm, surface = (scene.line_px / 2 + SOFT_PX) * px, surface_of(skin, avatar=avatar)
    lines = []
    for numbers in (INNER_LOWER, INNER_UPPER):
        curve = curve_along(skin, numbers).longer(half_cm)
        rows = [curve.beside(away) for away in (-half_cm, 0.0, half_cm)]
        uv = [
            layout.cells[CELL].uv(curve.run(), np.full(len(curve.points), down), side=layout.side)
            for down in (1.0, 0.5, 0.0)
        ]
        lines.append(cleared(ribbon_between(rows, uv=uv), surface, by_cm=BEFORE_CM, shapes=MOVES))
    return lines


def behind_lips(
    lining: Lining, parts: dict[str, Part], skin: Skin, *, avatar: Avatar
) -> tuple[Lining, dict[str, Part]]:
    """The inside of a drawn mouth, so far back that nothing of it comes through the bumpy face round it."""
    surface = surface_of(skin, avatar=avatar)
    edge = len(INNER_UPPER) + len(INNER_LOWER) - 2
    lining = cleared(lining, surface, by_cm=BEHIND_CM, shapes=MOVES, behind=True, fixed=edge)
    way = room_behind(list(parts.values()), surface, by_cm=BEHIND_CM, shapes=[(name, INDEX[name]) for name in OPENS])
    moved = {name: part._replace(points=part.points + way, origin=part.origin + way) for name, part in parts.items()}
    return lining, moved
