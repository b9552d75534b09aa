"""Takes the landmarks of a face in its picture, gives the sheet that will be moved: head, hair, neck, background.

The face's own 852 + 46 triangles are continued outwards by two rings round the face and a grid, to a border outside the
picture. Head, hair and neck hang together: nothing is cut out, so nothing can slide over anything else. The border
never moves, so while no triangle turns over, the sheet covers every pixel exactly once.

- Landmarks of a turned face cross each other on its far side; they are combed out in the picture first (`combed`).
- The depth of hair and neck is a guess: it falls from the outline of the face to the plane of the ears.
- Depth steps that would fold are limited (`depth`); the true shape is kept apart as `relief` for solving shapes.

It authors no motion; see `shapes`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import Delaunay

from visavis_runtime.face.camera import Camera
from visavis_runtime.face.portrait.canonical import LANDMARKS
from visavis_runtime.face.rig.depth import limit_slope, signed_areas
from visavis_runtime.face.rig.following import body_weight_of, head_weight_of, pivot_of
from visavis_runtime.face.rings import CORNERS_LEFT, CORNERS_RIGHT, EYES, LOWER_RINGS, OVAL, UPPER_RINGS

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

MAX_SLOPE = 2.3
"""Steepest depth gradient against the source's line of sight: folds beyond 23.5 degrees of tilt."""
MARGIN_SHARE = 0.1875
"""Border of the sheet and of the texture outside the picture, in picture sides (96 of 512 px)."""
GRID_SHARE = 36 / 512


class Mesh(NamedTuple):
    """The sheet at rest.

    vertices [V, 3] float64 head frame, folds removed; relief [V, 3] the same before that (true shape). uv [V, 2]
    picture px. triangles [T, 3] int32, positive area in the picture. cap [T] bool: those of the openings and
    the hidden slivers of the lips' seam; opening [T] bool: the openings alone. head_weight [V]: how much a vertex
    follows the head. body_weight [V]: how much the trunk follows the head's shifts. pivot [3].
    reach [V]: distance outside the face's outline in cm (0 inside). face_width, face_height, mouth_width: cm.
    """

    vertices: F64
    relief: F64
    uv: F64
    triangles: I32
    cap: npt.NDArray[np.bool_]
    opening: npt.NDArray[np.bool_]
    head_weight: F64
    body_weight: F64
    pivot: F64
    reach: F64
    face_width: float
    face_height: float
    mouth_width: float


def margin_px(size: int) -> int:
    """Width of the border round a crop of `size` px."""
    return round(size * MARGIN_SHARE)


def build_mesh(points: npt.NDArray[np.floating], *, camera: Camera, size: int, face_triangles: I32) -> Mesh:
    """The sheet for one portrait.

    Args:
        points: [478, 3] landmarks in crop px (x right, y down, z negative towards the viewer).
        camera: fit of these points to the mean head.
        size: side of the crop, px.
        face_triangles: [T, 3] triangles of the face, caps of eyes and mouth included.
    """
    inside = _oriented(face_triangles, points=_flipped(points))
    opening = _openings(inside)
    cap = opening | seam_slivers(inside, px=points[:, :2].astype(np.float64))
    face_px = combed(points[:, :2].astype(np.float64), triangles=inside, cap=cap)
    head = _head_frame(np.c_[face_px, points[:, 2]], camera)
    # Ears and the back of the jaw are seen edge-on, where the net's depth is worth least.
    back = np.percentile(head[list(OVAL), 2], 25)
    head[:, 2] = np.where(head[:, 2] < back, back + (head[:, 2] - back) * 0.45, head[:, 2])
    extra_px = _extension(face_px[list(OVAL)], size=size)
    outside = _outer_triangles(face_px, extra_px)
    extra, reach = _extension_depth(extra_px, head=head, face_px=face_px, camera=camera)
    relief = np.vstack([_replaced(head, face_px, camera), extra])
    uv = np.vstack([face_px, extra_px])
    triangles = np.vstack([inside, outside]).astype(np.int32)
    camera_space = relief @ camera.rotation.T.astype(np.float64) * camera.scale
    camera_space = limit_slope(camera_space, triangles=triangles, max_slope=MAX_SLOPE)
    vertices = camera_space / camera.scale @ camera.rotation.astype(np.float64)
    margin = margin_px(size)
    weight = head_weight_of(relief, uv=uv, size=size, margin=margin)
    return Mesh(
        vertices=vertices,
        relief=relief,
        uv=uv,
        triangles=triangles,
        cap=np.r_[cap, np.zeros(len(outside), bool)],
        opening=np.r_[opening, np.zeros(len(outside), bool)],
        head_weight=weight,
        body_weight=body_weight_of(relief, uv=uv, size=size, margin=margin, head_weight=weight),
        pivot=pivot_of(head),
        reach=np.r_[np.zeros(LANDMARKS), reach],
        face_width=float(np.linalg.norm(head[234] - head[454])),
        face_height=float(np.linalg.norm(head[10] - head[152])),
        mouth_width=float(np.linalg.norm(head[61] - head[291])),
    )


def combed(px: F64, *, triangles: I32, cap: npt.NDArray[np.bool_], passes: int = 200) -> F64:
    """Move crossed landmarks until no triangle of the face is turned over in the picture.

    Args:
        px: [478, 2] picture px.
        triangles: [T, 3] oriented so that the mean head's are positive.
        cap: [T] bool; caps may stay shut (a closed eye), but never cross by much.

    Returns:
        [478, 2] float64; untouched where nothing was crossed.
    """
    out = px.copy()
    span = np.linalg.norm(px[10] - px[152])
    least = np.where(cap, -((span * 0.004) ** 2), (span * 0.0034) ** 2)
    for _ in range(passes):
        area = signed_areas(_flipped(out), triangles=triangles)
        bad = area < least * 0.98
        if not bad.any():
            break
        _push(out, triangles=triangles[bad], missing=(least - area)[bad])
    return out


def _push(px: F64, *, triangles: I32, missing: F64) -> None:
    """Move the corners of each triangle, as little as possible, so that its doubled area grows by `missing`."""
    corners = px[triangles]
    opposite = np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1)
    gradient = np.stack([opposite[..., 1], -opposite[..., 0]], axis=-1)
    length = (gradient**2).sum(axis=(1, 2))
    step = gradient * (missing / np.maximum(length, 1e-3))[:, None, None]
    total, count = np.zeros_like(px), np.zeros(len(px))
    np.add.at(total, triangles, step)
    np.add.at(count, triangles, 1.0)
    px += 1.3 * total / np.maximum(count, 1.0)[:, None]


def _flipped(points: npt.NDArray[np.floating]) -> F64:
    """Picture px with y up."""
    return np.asarray(points[:, :2] * np.array([1.0, -1.0]))


def _oriented(triangles: I32, *, points: F64) -> I32:
    """The triangles all one way round: that of the majority (folded ones keep their neighbours' sense)."""
    sign = np.sign(np.median(np.sign(signed_areas(points, triangles=triangles))))
    return triangles if sign > 0 else triangles[:, [0, 2, 1]]


def _openings(triangles: I32) -> npt.NDArray[np.bool_]:
    """Triangles that lie wholly in the opening of an eye or of the mouth."""
    openings = [set(UPPER_RINGS[-1]) | set(LOWER_RINGS[-1]), *(set(eye.lid_line) for eye in EYES.values())]
    return np.array([any(opening.issuperset(face) for opening in openings) for face in triangles.tolist()])


def seam_slivers(triangles: I32, *, px: F64) -> npt.NDArray[np.bool_]:
    """[T] bool: slivers at the corners of the mouth, where the rings of shut lips lie on one line and show no side.

    Args:
        triangles: [T, 3].
        px: [V, 2] landmarks first, in the picture.
    """
    span = np.linalg.norm(px[10] - px[152])
    thin = np.abs(signed_areas(px, triangles=triangles)) < (span * 0.009) ** 2
    corner = np.isin(triangles, CORNERS_RIGHT).sum(axis=1) + np.isin(triangles, CORNERS_LEFT).sum(axis=1) >= 2
    return np.asarray(thin & corner)


def _head_frame(points: F64, camera: Camera) -> F64:
    """Landmarks (px, z negative towards the viewer) to the head frame in cm."""
    space = points * np.array([1.0, -1.0, -1.0]) - camera.translation
    result: F64 = space / camera.scale @ camera.rotation.astype(np.float64)
    return result


def _replaced(head: F64, px: F64, camera: Camera) -> F64:
    """Head-frame points with the same depth z whose projection is exactly `px`."""
    matrix = camera.scale * camera.rotation.astype(np.float64)
    goal = px * np.array([1.0, -1.0]) - camera.translation[:2]
    flat = np.linalg.solve(matrix[:2, :2], (goal - np.outer(head[:, 2], matrix[:2, 2])).T).T
    return np.asarray(np.c_[flat, head[:, 2]])


def _extension(oval: F64, *, size: int) -> F64:
    """Points outside the face: two rings round it, then a grid whose last line is the border of the sheet."""
    margin = margin_px(size)
    low, high = -float(margin), float(size + margin - 1)
    centre = oval.mean(axis=0)
    rings = np.vstack([centre + (oval - centre) * 1.10, centre + (oval[::2] - centre) * 1.25])
    step = GRID_SHARE * size
    lines = np.linspace(low, high, round((high - low) / step) + 1)
    grid = np.stack(np.meshgrid(lines, lines), axis=-1).reshape(-1, 2)
    border = (grid == low).any(axis=1) | (grid == high).any(axis=1)
    outline = (centre + (oval - centre) * 1.25).astype(np.float32)
    far = np.array([_outside(outline, p) for p in grid]) > step * 0.45
    rings = rings[((rings > low + 4) & (rings < high - 4)).all(axis=1)]
    return np.vstack([rings, grid[border | far]])


def _outside(outline: F32, point: F64) -> float:
    """Distance of a point outside a closed outline, negative inside, px."""

    return -float(cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), True))


def _outer_triangles(face_px: F64, extra_px: F64) -> I32:
    """Triangles between the outline of the face and the border, in global vertex numbers, y-up positive."""
    oval = face_px[list(OVAL)]
    every = np.vstack([oval, extra_px])
    simplices = Delaunay(every).simplices
    outline = oval.astype(np.float32)
    kept = simplices[[_outside(outline, centre) > 0 for centre in every[simplices].mean(axis=1)]]
    number = np.array([*OVAL, *range(LANDMARKS, LANDMARKS + len(extra_px))])
    faces = number[kept].astype(np.int32)
    area = signed_areas(_flipped(np.vstack([face_px, extra_px])), triangles=faces)
    faces[area < 0] = faces[area < 0][:, [0, 2, 1]]
    return faces[np.abs(area) > 1e-6]


def _extension_depth(extra_px: F64, *, head: F64, face_px: F64, camera: Camera) -> tuple[F64, F64]:
    """Head-frame positions of the outer points, and their distance from the face in cm."""
    oval_px, oval = face_px[list(OVAL)], head[list(OVAL)]
    distance = np.linalg.norm(extra_px[:, None] - oval_px[None], axis=2) / camera.scale
    weight = 1.0 / (distance + 0.3) ** 3
    near = (weight / weight.sum(axis=1, keepdims=True)) @ oval[:, 2]
    ears = min(head[234, 2], head[454, 2]) - 0.9
    flat = _head_frame(np.c_[extra_px, np.zeros(len(extra_px))], camera)
    below = np.clip((head[152, 1] - flat[:, 1]) / 4.0, 0, 1)
    share = np.exp(-distance.min(axis=1) / 3.2)
    z = near * share + (ears + 0.5 * below) * (1 - share)
    return _replaced(np.c_[flat[:, :2], z], extra_px, camera), distance.min(axis=1)
