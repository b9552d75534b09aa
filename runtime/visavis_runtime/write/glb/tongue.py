"""Takes the renderer's description of a mouth, gives the tongue of a native head: it follows the jaw and comes out."""

from __future__ import annotations

import numpy as np

from visavis_runtime.render.mouth import JAW_TONGUE
from visavis_runtime.render.mouth_scene import MouthScene
from visavis_runtime.write.glb.atlas import Layout
from visavis_runtime.write.glb.mouth import jaw_shapes
from visavis_runtime.write.glb.part import Float, Part, tube

TONGUE_REST = (
    (-4.4, -1.75, 1.5, 0.55), (-3.6, -1.05, 1.7, 0.60), (-2.9, -0.80, 1.5, 0.50), (-2.3, -0.75, 1.2, 0.38),
    (-1.85, -0.76, 0.8, 0.28),
)  # fmt: skip
TONGUE_OUT = (
    (-4.4, -1.75, 1.5, 0.55), (-2.6, -0.55, 1.6, 0.50), (-0.9, 0.10, 1.10, 0.28), (0.7, 0.35, 0.90, 0.22),
    (1.3, -1.25, 0.82, 0.16),
)  # fmt: skip
"""z and y of the middle line, half width and half height at five places from the root to the tip, cm of the shared
teeth, against the middle of the lips."""
FLAT_WIDER, FLAT_LOWER_CM = 1.5, 0.3
"""How much wider and lower the tongue of a flat drawing lies."""
SLICES, SPOKES = 15, 12


def tongue_part(scene: MouthScene, *, layout: Layout) -> Part:
    """The tongue; `tongueOut` brings it out over the lower lip, at 0.3 its tip is between the teeth."""
    rest, out = (_tongue(np.array(knots, np.float32)) for knots in (TONGUE_REST, TONGUE_OUT))
    # Drawn tongues fill the mouth from below.
    rest[:, 0] *= 1 + (FLAT_WIDER - 1) * scene.flat
    rest[:, 1] -= FLAT_LOWER_CM * scene.flat
    along = np.r_[np.repeat(1 - (1 - np.linspace(0, 1, SLICES)) ** 1.6, SPOKES), 1.0]
    turn = np.r_[np.tile(np.arange(SPOKES) / SPOKES, SLICES), 0.25]
    across = 0.5 + 0.5 * np.cos(2 * np.pi * turn)
    shapes = jaw_shapes(scene, len(rest), share=JAW_TONGUE) | {
        "tongueOut": (scene.cm * (out - rest)).astype(np.float32)
    }
    return Part(
        points=(scene.middle + scene.cm * rest).astype(np.float32),
        uv=layout.cells["tongue"].uv(along, across, side=layout.side),
        triangles=np.ascontiguousarray(tube(SLICES, SPOKES, tip=True)),
        origin=scene.middle,
        shapes=shapes,
    )


def _tongue(knots: Float) -> Float:
    """[n, 3]: rings round the middle line from the root to the tip, and the tip's point."""
    at = 1 - (1 - np.linspace(0, 1, SLICES)) ** 1.6
    z, y, width, height = (np.interp(at, np.linspace(0, 1, len(knots)), knots[:, k]) for k in range(4))
    end = np.sqrt(np.clip(1 - np.clip((at - 0.86) / 0.145, 0, 1) ** 2.2, 0, 1))
    width, height = width * end, height * (0.35 + 0.65 * end)
    turn = 2 * np.pi * np.arange(SPOKES) / SPOKES
    # The rings come towards the viewer, so the tube's front is its outside.
    x = width[:, None] * np.cos(turn)
    ring = np.stack([x, y[:, None] + height[:, None] * np.sin(turn), np.repeat(z[:, None], SPOKES, axis=1)], axis=-1)
    tip = np.array([[0, y[-1], z[-1] + 0.12]])
    return np.concatenate([ring.reshape(-1, 3), tip]).astype(np.float32)
