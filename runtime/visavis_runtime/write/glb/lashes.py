"""Takes the skin of a native head and its avatar's lashes, gives the fringes that hang from its upper lids in a blink.

Open, the lashes are part of the skin's picture, as the portrait shows them. A blink would pull that picture long, so
most of it hides (`skin.LASHES_SHUT`), and a shut eye would be one hard thin line. The fringe lies folded on the edge
of the lid at rest, where it has no area, and grows with the blink: the avatar's own strip of lashes, and a soft dark
line where the lids meet. It moves nothing else and hides nothing of an open eye.
"""

from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.layers.eyes import Side
from visavis_runtime.face.layers.lashes import ALONG, AWAY, ENDS, LENGTH_WIDTHS
from visavis_runtime.face.rings import EYES
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.part import Float, Lining, sheet
from visavis_runtime.write.glb.skin import Skin

LINE, LINE_ROWS = 0.7, 6.0
"""Coverage of the dark line where the lids meet, and the rows of the strip on which it ends."""
THICKER = 1.5
"""Coverage of shut lashes, which lie one over another, of that of open ones."""
LIFT_CM, TIP_LIFT_CM = 0.05, 0.3
"""How far the fringe stands before the skin, at the lid and at its tips."""
DROP = 0.9
"""How far shut lashes hang down, of their length."""
OUTWARD = 0.35
"""How far those at the corners point away from the middle of the eye, of their length."""


def lash_picture(avatar: Avatar, *, side: Side) -> Float:
    """[AWAY, ALONG, 4] float 0..255: colour and coverage, the row at the edge of the lid first."""
    eye = avatar.eyes[side]
    along = np.linspace(-ENDS, ENDS, ALONG, dtype=np.float32)
    rows = np.arange(AWAY, dtype=np.float32)[:, None]
    line = LINE * np.exp(-((rows / LINE_ROWS) ** 2)) * np.clip(1 - np.abs(along) ** 4, 0, 1)
    cover = np.clip(THICKER * eye.strip.astype(np.float32) / 255 + line, 0, 1)
    cover[-1] = 0
    colour = np.broadcast_to(eye.lash, (AWAY, ALONG, 3))
    return np.concatenate([colour, 255 * cover[..., None]], axis=2).astype(np.float32)


def lash_fringe(skin: Skin, *, side: Side, layout: Layout) -> Lining:
    """The fringe of one eye: two rows of points on the edge of the lid, of which a blink lets the second hang down."""
    eye = EYES[side]
    edge = [eye.outer, *eye.upper, eye.inner]
    base = skin.points[edge] + np.array([0, 0, LIFT_CM], np.float32)
    width = float(np.linalg.norm(skin.points[eye.outer] - skin.points[eye.inner]))
    run = _run(skin.px[edge])
    hang = np.stack([OUTWARD * run * np.abs(run), -np.full(len(run), DROP), np.zeros(len(run))], axis=1)
    hang = (LENGTH_WIDTHS * width * hang + np.array([0, 0, TIP_LIFT_CM])).astype(np.float32)
    way = skin.shapes[:, edge]
    tips = way.copy()
    tips[INDEX[f"eyeBlink{side.capitalize()}"]] += hang
    across = (run / ENDS + 1) / 2
    cell = layout.cells[f"lash_{side}"]
    uv = [cell.uv(across, np.full(len(edge), down), side=layout.side) for down in (0.0, 1.0)]
    return Lining(
        points=np.concatenate([base, base]),
        uv=np.concatenate(uv),
        triangles=sheet(2, len(edge)),
        shapes=np.concatenate([way, tips], axis=1),
    )


def _run(px: Float) -> Float:
    """[n], -1 at the corner to the picture's left and 1 at the other, of places [n, 2]."""
    first, last = (px[0], px[-1]) if px[0, 0] < px[-1, 0] else (px[-1], px[0])
    axis = last - first
    return np.asarray(2 * ((px - first) @ axis) / max(float(axis @ axis), 1e-6) - 1, np.float32)
