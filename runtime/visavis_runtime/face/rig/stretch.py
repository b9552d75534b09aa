"""Gives the widest poses of a talking face, and combs shapes until none of them folds the skin.

A fold is a visible triangle that turns over: it shows the picture mirrored or covers its neighbour. Shapes are authored
one by one, but a face smiles while it speaks and turns; so the sheet is moved through every shape alone, in full, and
through the widest mixes of shapes, at the corners of the head's range. Where a triangle turns over, its corners are
pushed apart by the least move that opens it again, and the shapes of that mix share the move by what they do there.
Most such triangles are slivers and the moves a fraction of a pixel.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.portrait.pose import rotation_from_angles
from visavis_runtime.face.rig.depth import signed_areas
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.motion.emotion import SHAPES

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

LEAST_PX2 = 0.06
"""Doubled area in px below which a triangle counts as folded."""
MAX_STEP_PX = 1.5
ALIKE = 8.0
"""Mixes that push the same corner before their pushes are shared."""
LOOKS = 10
PASSES = 24
VIEWER_HEAD_WIDTHS = 5.0
"""Distance of the viewer that turns headZ into a zoom."""
Range = tuple[float, float]
Ranges = tuple[Range, Range, Range]
"""Yaw, pitch and roll, each (min, max) in radians."""


def _both(**weights: float) -> dict[str, float]:
    return {name + side: weight for name, weight in weights.items() for side in ("Left", "Right")}


SPOKEN = {"jawOpen": 0.3, **_both(mouthLowerDown=0.2, mouthUpperUp=0.15, mouthStretch=0.15, mouthSmile=0.1)}
WIDEST: tuple[Mapping[str, float], ...] = (
    {},
    {"jawOpen": 0.8, **_both(mouthLowerDown=0.4, mouthUpperUp=0.3)},
    {"jawOpen": 0.3, **_both(mouthSmile=0.7, mouthStretch=0.4, cheekSquint=0.4)},
    {"jawOpen": 0.25, "mouthPucker": 0.9, "mouthFunnel": 0.4},
    {"mouthPucker": 0.9},
    _both(mouthSmile=0.9),
    {"jawOpen": 0.2, **_both(mouthStretch=0.8, mouthLowerDown=0.5)},
    {"jawOpen": 0.4, "mouthFunnel": 0.9, "browInnerUp": 0.5},
    {"jawOpen": 0.12, "mouthRollLower": 0.9, **_both(mouthUpperUp=0.5)},
    {"jawOpen": 0.4, "mouthClose": 0.4, "mouthRollUpper": 0.4, "mouthRollLower": 0.4,
     **_both(mouthPress=1.0, eyeBlink=1.0)},
    {"browInnerUp": 0.8, **_both(browOuterUp=0.8, eyeWide=0.8, mouthFrown=0.7)},
    {"jawOpen": 0.6},
    {"jawOpen": 0.22, "mouthClose": 0.22, "mouthPucker": 0.2, "mouthRollUpper": 0.12, "mouthRollLower": 0.12,
     **_both(mouthPress=1.0, mouthSmile=0.1)},
    {"mouthPucker": 0.8, "mouthFunnel": 0.4},
    _both(eyeBlink=1.0),
    {"jawOpen": 0.5, **_both(mouthSmile=0.8, cheekSquint=0.5, mouthStretch=0.3, mouthUpperUp=0.3, mouthLowerDown=0.3)},
    {"jawOpen": 0.2, "mouthPucker": 0.6, "mouthFunnel": 0.3, **_both(mouthSmile=0.6, cheekSquint=0.4)},
    {"mouthShrugLower": 0.6, **_both(browDown=0.8, eyeSquint=0.6, noseSneer=0.8, eyeLookDown=0.5)},
)  # fmt: skip
"""Widest mixes of a talking face, shape -> weight; the first is rest."""
FELT: tuple[Mapping[str, float], ...] = tuple(
    {name: felt + SPOKEN.get(name, 0.0) for name, felt in zip(ARKIT_NAMES, row.tolist(), strict=True)} for row in SHAPES
)
"""Every feeling in full while it speaks."""
ALONE: tuple[Mapping[str, float], ...] = tuple({name: 1.0} for name in ARKIT_NAMES if name != "mouthClose")
"""Every shape in full; mouthClose does nothing alone, since lips close only as far as the jaw is open."""


def bodies(mesh: Mesh, *, shapes: npt.NDArray[np.floating], weights: F64 | None = None) -> F64:
    """Vertices of the sheet in each mix of shapes, [mixes, V, 3]; `weights` [mixes, shapes], see `comb_shapes`."""
    rows = mix_weights((*WIDEST, *FELT, *ALONE), count=len(shapes)) if weights is None else weights
    return _mixed(mesh.vertices, shapes=shapes.transpose(0, 2, 1), weights=rows)


def _mixed(vertices: F64, *, shapes: npt.NDArray[np.floating], weights: F64) -> F64:
    """[mixes, V, 3] of `shapes` [n, 3, V]: in memory all x, then all y, so that what follows reads them in a row."""
    moved: F64 = np.moveaxis(vertices.T + np.tensordot(weights, shapes, axes=1), 1, 2)
    return moved


def mix_weights(mixes: Sequence[Mapping[str, float]], *, count: int) -> F64:
    """[len(mixes), count] weights of the shapes."""
    weights = np.zeros((len(mixes), count))
    for row, mix in enumerate(mixes):
        for name, weight in mix.items():
            weights[row, INDEX[name]] = weight
    return weights


def posed(
    vertices: F64, *, mesh: Mesh, camera: Camera, rotation: npt.NDArray[np.floating],
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> F64:  # fmt: skip
    """Where vertices [..., V, 3] are seen with the head turned by `rotation` [3, 3] and moved: [..., V, 2], px, y up.

    `shift`: head widths to the picture's right, up and towards the viewer; as `render/geometry` does it.
    """
    # The head's turn, the weights and the camera are one affine map a vertex: x and y cost three products each.
    view = camera.rotation.astype(np.float64) * camera.scale
    turn = rotation * zoom_of(shift[2]) - np.eye(3)
    way = camera.rotation.T.astype(np.float64) @ np.array([shift[0], shift[1], 0.0]) * mesh.face_width
    head, both = mesh.head_weight[:, None], (mesh.head_weight + mesh.body_weight)[:, None]
    start = (both * way - head * (turn @ mesh.pivot)) @ view.T
    x, y, z = (vertices[..., axis] for axis in range(3))
    seen = np.empty((2, *x.shape))
    for axis in (0, 1):
        a, b, c = (view[axis] + head * (view @ turn)[axis]).T
        seen[axis] = x * a + y * b + z * c + start[:, axis]
    return np.moveaxis(seen, 0, -1)


def zoom_of(nearer: Any) -> Any:
    """Size of a head that comes `nearer` (head widths; a float or an array) to a viewer."""
    return 1 / (1 - nearer / VIEWER_HEAD_WIDTHS)


def comb_shapes(
    mesh: Mesh, *, camera: Camera, shapes: npt.NDArray[np.floating], ranges: Ranges, weights: F64 | None = None
) -> F64:
    """Shapes [n, V, 3] that fold nothing in their mixes, at rest and at the corners of the head's `ranges`.

    `weights` [mixes, n], the first of them all 0; without them the shapes are the 52 and the mixes `WIDEST`,
    `FELT` and `ALONE`: whoever drives a face from elsewhere may ask for half a smile.
    """
    rows = mix_weights((*WIDEST, *FELT, *ALONE), count=len(shapes)) if weights is None else weights
    faces = mesh.triangles[~mesh.cap]
    rotations = [rotation_from_angles(*angles) for angles in ((0.0, 0.0, 0.0), *itertools.product(*ranges))]
    out = shapes.astype(np.float64)
    near = np.zeros(len(mesh.vertices), bool)
    for _ in range(LOOKS):
        tight = _tight(mesh, camera=camera, shapes=out, weights=rows, faces=faces, rotations=rotations)
        if not tight.any():
            break
        near[faces[tight]] = True  # neighbours too: opening one triangle must not shut the next
        touched = faces[near[faces].any(axis=1)]
        _comb(out, weights=rows, mesh=mesh, camera=camera, faces=touched, rotations=rotations)
    return out


def _tight(
    mesh: Mesh, *, camera: Camera, shapes: F64, weights: F64, faces: I32, rotations: Sequence[F64]
) -> npt.NDArray[np.bool_]:
    """Triangles that some mix folds; what folds by the turn alone is the matter of depth and limits, not of shapes."""
    moved, least = bodies(mesh, shapes=shapes, weights=weights), LEAST_PX2 / 2
    out = np.zeros(len(faces), bool)
    for rotation in rotations:
        area = signed_areas(posed(moved, mesh=mesh, camera=camera, rotation=rotation), triangles=faces)
        out |= ((area[1:] < least) & (area[0] > least)).any(axis=0)
    return out


def _comb(shapes: F64, *, weights: F64, mesh: Mesh, camera: Camera, faces: I32, rotations: Sequence[F64]) -> None:
    """Push the corners of folded triangles apart, as little as needed, and share the push among the mixed shapes."""
    used, local = np.unique(faces, return_inverse=True)
    faces = local.reshape(faces.shape).astype(np.int32)
    part = mesh._replace(
        vertices=mesh.vertices[used], head_weight=mesh.head_weight[used], body_weight=mesh.body_weight[used]
    )
    values = np.ascontiguousarray(shapes[:, used].transpose(0, 2, 1))
    # A shape takes its part only where it moves skin itself: a blink must not repair a smile. A vertex that is pinned
    # belongs to the shapes that move its neighbours, else both blinks would share the corner of one eye.
    own = (values**2).sum(axis=1).T
    reach = np.full_like(own, 1e-9)
    for corner in faces.T:
        np.maximum.at(reach, corner, own[faces].max(axis=1))
    reach = reach.T
    whole = np.maximum((weights**2) @ reach, 1e-12)
    active = np.arange(1, len(weights))
    turns = [(r, _open_at_rest(part, camera=camera, faces=faces, rotation=r)) for r in rotations]
    for _ in range(PASSES):
        moved = _mixed(part.vertices, shapes=values, weights=weights[active])
        push, count = np.zeros(moved.shape), np.zeros(moved.shape[:2])
        # A turn or a mix in which nothing folds any more is left alone until the next look.
        turns = [
            (rotation, may_fold)
            for rotation, may_fold in turns
            if _push_apart(moved, push, count, part=part, camera=camera, faces=may_fold, rotation=rotation)
        ]
        folded = count.any(axis=1)
        if not folded.any():
            break
        active, push, count = active[folded], push[folded], count[folded]
        # Many mixes are alike (feelings share their brows): what each of them asks for is not done as often.
        alike = np.maximum((count > 0).sum(axis=0) / ALIKE, 1.0)
        push /= (np.maximum(count, 1.0) * alike * whole[active])[..., None]
        values += reach[:, None] * np.tensordot(weights[active].T, push, axes=1).transpose(0, 2, 1)
    shapes[:, used] = values.transpose(0, 2, 1)


def _open_at_rest(part: Mesh, *, camera: Camera, faces: I32, rotation: F64) -> I32:
    """The faces that a turn alone leaves open: the others are the matter of depth and limits."""
    seen = posed(part.vertices, mesh=part, camera=camera, rotation=rotation)
    return faces[signed_areas(seen, triangles=faces) > LEAST_PX2]


def _push_apart(moved: F64, push: F64, count: F64, *, part: Mesh, camera: Camera, faces: I32, rotation: F64) -> bool:
    """Add to `push` [mixes, V, 3] what the folded triangles of one turn need, in the head frame; False if none."""
    place = posed(moved, mesh=part, camera=camera, rotation=rotation)
    area = signed_areas(place, triangles=faces)
    mix, face = np.nonzero(area < LEAST_PX2)
    if not len(mix):
        return False
    corners = place[mix[:, None], faces[face]]
    opposite = np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1)
    gradient = np.stack([-opposite[..., 1], opposite[..., 0]], axis=-1)
    length = np.maximum((gradient**2).sum(axis=(1, 2)), 1e-3)
    step = gradient * ((1.3 * LEAST_PX2 - area[mix, face]) / length)[:, None, None]
    step = np.clip(step, -MAX_STEP_PX, MAX_STEP_PX) / camera.scale
    flat = np.concatenate([step, np.zeros_like(step[..., :1])], axis=-1)
    np.add.at(push, (mix[:, None], faces[face]), flat @ (camera.rotation.astype(np.float64) @ rotation))
    np.add.at(count, (mix[:, None], faces[face]), 1.0)
    return True
