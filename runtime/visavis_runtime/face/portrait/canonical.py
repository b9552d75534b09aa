"""Gives the mean head that every face is compared with: 478 points in cm, mirror pairs, triangles.

Origin of `canonical_head.npz`: the points are our own generalised Procrustes mean of what the landmark network finds
in eleven public-domain and openly licensed portraits and their mirror images, made symmetric, scaled to 8.9 cm between
the outer eye corners, tilted so that the median portrait has pitch zero, the tip of the nose at the height of point 4.
The 852 triangles are the face tessellation listed in the same Apache-2.0 wheel as the networks. The 46 caps that close
the eyes and the mouth are ours, made here from the rings.

Head frame: x to the subject's left (picture right), y up, z towards the viewer. It holds no person's likeness.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.rings import EYES, LOWER_RINGS, UPPER_RINGS, Ring

LANDMARKS = 478
FACE_POINTS = 468
"""The first 468 landmarks are the skin; 468-472 are the subject's right iris, 473-477 the left one."""


class CanonicalHead(NamedTuple):
    """The mean head, read-only.

    points [478, 3] float32 cm; mirror [478] int32: number of the point on the other side; triangles [898, 3] int32,
    counter-clockwise seen from the viewer (y up), the 46 caps last; cap [898] bool.
    """

    points: npt.NDArray[np.float32]
    mirror: npt.NDArray[np.int32]
    triangles: npt.NDArray[np.int32]
    cap: npt.NDArray[np.bool_]


@cache
def canonical_head() -> CanonicalHead:
    """The mean head; the same read-only arrays for every caller."""
    with (
        files(__package__).joinpath("canonical_head.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as data,
    ):
        points, mirror, skin = (data[name] for name in ("points", "mirror", "triangles"))
    openings = [((eye.outer, *eye.upper, eye.inner), (eye.outer, *eye.lower, eye.inner)) for eye in EYES.values()]
    openings.append((UPPER_RINGS[-1], LOWER_RINGS[-1]))
    caps = np.array([face for upper, lower in openings for face in _cap(upper, lower)])
    triangles = np.vstack([skin, caps]).astype(np.int32)
    corners = points[triangles, :2].astype(np.float64)
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    clockwise = edge_a[:, 0] * edge_b[:, 1] - edge_a[:, 1] * edge_b[:, 0] < 0
    clockwise[: len(skin)] = np.median(clockwise[: len(skin)]) > 0.5  # the tessellation is all one way round already
    triangles[clockwise] = triangles[clockwise][:, [0, 2, 1]]
    head = CanonicalHead(
        points.astype(np.float32), mirror.astype(np.int32), triangles, np.arange(len(triangles)) >= len(skin)
    )
    for array in head:
        array.flags.writeable = False
    return head


def _cap(upper: Ring, lower: Ring) -> list[tuple[int, int, int]]:
    """Triangles between two lines of points with the same ends."""
    faces = []
    for i in range(len(upper) - 1):
        if i > 0:
            faces.append((lower[i], upper[i + 1], upper[i]))
        if i < len(upper) - 2:
            faces.append((lower[i], lower[i + 1], upper[i + 1]))
    return faces
