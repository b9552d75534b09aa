"""Takes the latents of a talk, gives the tracks of an animation: times, weights of the shapes, turns of head and eyes.

The tracks are what the renderer would do with the same latents (`drives_from_latents`): rotations bend towards the
portrait's limits, a tongue lets the jaw down, a shut lid is shut. Key k lies at the exact time of the sample that frame
k belongs to. Between keys an engine interpolates linearly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import SAMPLE_RATE_HZ, sample_of_frame
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.stretch import VIEWER_HEAD_WIDTHS
from visavis_runtime.render.drives import SIDES, bounds_of, drives_from_latents
from visavis_runtime.write.glb.part import Float


class Tracks(NamedTuple):
    """An animation of k keys.

    times_s [k]; shapes [k, 52] 0..1; head_turn [k, 4] quaternions x, y, z, w; body_shift [k, 3] cm, what head and trunk
    go together (x, y), and head_shift [k, 3] what the head goes beyond (z); eye_turn: by side, [k, 4].
    """

    times_s: Float
    shapes: Float
    head_turn: Float
    body_shift: Float
    head_shift: Float
    eye_turn: dict[str, Float]


def tracks_from_latents(avatar: Avatar, *, latents: Float, fps: int) -> Tracks:
    """The animation of latents [k, 64] at `fps` rows a second."""
    bounds = np.broadcast_to(bounds_of(avatar.limits), (len(latents), 10, 2))
    drives = drives_from_latents(latents, bounds=bounds, neutral=np.ones(len(latents), np.float32))
    samples = np.array([sample_of_frame(k, fps=fps) for k in range(len(latents))], np.float64)
    # The renderer turns nearness into a zoom; here the head comes nearer.
    ahead = np.array([0, 0, 1]) * (VIEWER_HEAD_WIDTHS * (1 - 1 / drives.zoom))[:, None]
    return Tracks(
        times_s=(samples / SAMPLE_RATE_HZ).astype(np.float32),
        shapes=drives.shapes.astype(np.float32),
        head_turn=quaternions(drives.rotation),
        body_shift=(drives.shift * avatar.head_width).astype(np.float32),
        head_shift=(ahead * avatar.head_width).astype(np.float32),
        eye_turn={side: quaternions(rotation_from_angles(*drives.gaze[:, row].T)) for row, side in enumerate(SIDES)},
    )


def quaternions(rotations: npt.NDArray[np.floating]) -> Float:
    """Unit quaternions [k, 4] (x, y, z, w) of rotations [k, 3, 3] of less than half a turn; w > 0, so none jumps."""
    r = rotations.astype(np.float64)
    w = np.sqrt(np.maximum(1 + r[:, 0, 0] + r[:, 1, 1] + r[:, 2, 2], 1e-12)) / 2
    x = (r[:, 2, 1] - r[:, 1, 2]) / (4 * w)
    y = (r[:, 0, 2] - r[:, 2, 0]) / (4 * w)
    z = (r[:, 1, 0] - r[:, 0, 1]) / (4 * w)
    q = np.stack([x, y, z, w], axis=1)
    return np.asarray(q / np.linalg.norm(q, axis=1, keepdims=True), np.float32)
