"""Takes the mesh, its camera and its shapes, gives how far this portrait may turn.

The sheet covers every pixel exactly once as long as no triangle turns over, so the limits are found by moving it: all
corner poses, at rest, in every shape and with the widest shapes of speech, and the range shrinks until not one visible
triangle turns. A source that is itself turned may go back past the front further than it may turn away.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.camera import Camera, Limits
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.stretch import Range, Ranges, bodies, posed

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

WIDEST_RAD = (math.radians(17.0), math.radians(11.5), math.radians(11.5))
"""Yaw, pitch and roll that no portrait goes beyond."""
NEED_RAD = (math.radians(15.0), math.radians(10.0), math.radians(10.0))
"""What a portrait seen from the front must stand; the ends that exceed it most are given up first."""
SOURCE_RAD = math.radians(32.0)
"""Source pose plus motion stays within this."""
EYE_RAD = (math.radians(25.0), math.radians(18.0))
SHIFT_WIDTHS = 0.15
LEAST_SHIFT = 0.03
WALKING = (0, 1, 6, 12)
"""Bodies that must also stand shifts: the picture, rest, a smile, an open jaw (a wide open one hides its own neck)."""
SHRINK = 0.95


def find_limits(
    mesh: Mesh, *, rest: F64, camera: Camera, shapes: F32, wished: Ranges, visible: npt.NDArray[np.bool_]
) -> Limits:
    """Ranges inside which no visible triangle turns over.

    Args:
        mesh: the sheet as in the picture.
        rest: [V, 3], its vertices at rest.
        camera: of the source.
        shapes: [52, V, 3] float32.
        wished: the widest ranges to try, from `wished_ranges`.
        visible: [T] bool, the triangles that must not turn over.
    """
    ranges = wished
    faces = mesh.triangles[visible]
    moved = np.concatenate([mesh.vertices[None], bodies(mesh._replace(vertices=rest), shapes=shapes)])
    looked_at = faces
    for _ in range(120):
        turned, folded = _turned_corners(moved, faces=looked_at, mesh=mesh, camera=camera, ranges=ranges)
        if turned:
            ranges = _shrunk(ranges, turned)
            looked_at = looked_at[folded] if looked_at is faces else looked_at
        elif looked_at is faces:
            break
        else:
            looked_at = faces  # what has turned once is open again: is everything?
    yaw, pitch, roll = ranges
    shift, walking = SHIFT_WIDTHS, moved[list(WALKING)]
    while shift > LEAST_SHIFT and _folds_shifted(
        walking, faces=faces, mesh=mesh, camera=camera, ranges=ranges, by=shift
    ):
        shift *= 0.85
    return Limits(
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        eye_yaw=(-EYE_RAD[0], EYE_RAD[0]),
        eye_pitch=(-EYE_RAD[1], EYE_RAD[1]),
        shift=(-shift, shift),
    )


def wished_ranges(yaw_rad: float, pitch_rad: float) -> Ranges:
    """The widest range in which source and motion together stay near the front."""
    yaw, pitch, roll = WIDEST_RAD
    least = math.radians(3.0)
    return (
        (max(-yaw, min(-least, -SOURCE_RAD - yaw_rad)), min(yaw, max(least, SOURCE_RAD - yaw_rad))),
        (max(-pitch, min(-least, -SOURCE_RAD - pitch_rad)), min(pitch, max(least, SOURCE_RAD - pitch_rad))),
        (-roll, roll),
    )


def _turned_corners(
    moved: F64, *, faces: npt.NDArray[np.int32], mesh: Mesh, camera: Camera, ranges: Ranges
) -> tuple[list[tuple[int, int, int]], npt.NDArray[np.bool_]]:
    """Corner poses, as -1, 0, 1 per axis, at which some triangle of some body turns over, and which [T] turn."""
    out: list[tuple[int, int, int]] = []
    folded = np.zeros(len(faces), bool)
    used, local = np.unique(faces, return_inverse=True)
    faces, moved = local.reshape(faces.shape).astype(np.int32), moved[:, used]
    mesh = mesh._replace(head_weight=mesh.head_weight[used], body_weight=mesh.body_weight[used])
    for corner in itertools.product((-1, 0, 1), repeat=3):
        angles = [_at(r, c) for r, c in zip(ranges, corner, strict=True)]
        rotation = np.asarray(rotation_from_angles(*angles), np.float64)
        area = signed_areas(posed(moved, mesh=mesh, camera=camera, rotation=rotation), triangles=faces)
        over = (area < 0).any(axis=0)
        if over.any():
            out.append((corner[0], corner[1], corner[2]))
            folded |= over
    return out, folded


def _folds_shifted(
    moved: F64, *, faces: npt.NDArray[np.int32], mesh: Mesh, camera: Camera, ranges: Ranges, by: float
) -> bool:
    """Whether some triangle turns over where the head, turned as far as it goes, is also moved by `by` head widths."""
    for angles in itertools.product(*ranges):
        rotation = np.asarray(rotation_from_angles(*angles), np.float64)
        for x, y, z in itertools.product((-by, by), repeat=3):
            place = posed(moved, mesh=mesh, camera=camera, rotation=rotation, shift=(x, y, z))
            if (signed_areas(place, triangles=faces) < 0).any():
                return True
    return False


def _at(range_: Range, place: int) -> float:
    return 0.0 if place == 0 else range_[0] if place < 0 else range_[1]


def _shrunk(ranges: Ranges, corners: Sequence[tuple[int, int, int]]) -> Ranges:
    """Shorten one end: of those with the most turned corners, the one with the most to spare over `NEED_RAD`."""
    counts = {(axis, sign): sum(corner[axis] == sign for corner in corners) for axis in range(3) for sign in (-1, 1)}
    worst = max(counts.values())
    ends = [end for end, count in counts.items() if count == worst]
    axis, sign = max(ends, key=lambda end: abs(_at(ranges[end[0]], end[1])) / NEED_RAD[end[0]])
    low, high = ranges[axis]
    changed = (low * SHRINK, high) if sign < 0 else (low, high * SHRINK)
    return tuple(changed if k == axis else r for k, r in enumerate(ranges))  # type: ignore[return-value]
