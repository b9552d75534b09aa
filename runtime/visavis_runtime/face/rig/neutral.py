"""Takes the sheet of a portrait, gives what brings it to a neutral rest: lips on one seam, lids open, no broad smile.

A talk starts from rest, and a p, b or m has to shut the lips: neither works on a laugh. So the sheet gets one more
displacement for each region: what separates the picture from a face at rest. It is measured on the landmarks (how far
the lips are apart, how high and wide the corners stand, how narrow the eyes are) and made of the authored shapes of
jaw and smile played backwards, with one more solve that lays the inner lips on each other. A portrait that is at rest
gets zeros, bit for bit, and pays nothing.

Shut smiles stay: they are a person's look, not a pose. It moves skin only; what the mouth shows is `mouth`'s matter.
Like the neutral targets of J. P. Lewis et al., "Practice and theory of blendshape facial models", 2014.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.rig.biharmonic import SkinSolver
from visavis_runtime.face.rig.depth import limit_slope
from visavis_runtime.face.rig.lid_rest import lid_amounts, lid_field, ramp, solve_one
from visavis_runtime.face.rig.mesh import MAX_SLOPE, Mesh, seam_slivers
from visavis_runtime.face.rig.shapes.corners import corner_shapes
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, frame_from_mesh, mouth_held
from visavis_runtime.face.rig.shapes.jaw import jaw_shapes
from visavis_runtime.face.rig.stretch import Ranges, comb_shapes

F64 = npt.NDArray[np.float64]

REGIONS = ("mouth", "eye_left", "eye_right")
"""Rows of `Neutral.fields`."""
PARTED = 0.025
"""Inner lips further apart than this share of the mouth's width are brought together."""
LIP_GAP, JAW_GAP = 0.16, 0.42
"""Shares of the mouth's width: what lips alone part, and what a fully open jaw adds."""
BROAD_LIFT, SMILE_LIFT, SMILE_SPREAD = 0.035, 0.12, 0.27
"""Lift of the corners over the seam that is still neutral; lift and relative widening of a full smile."""
MEAN_WIDTH = 0.36
"""Width of a resting mouth in widths of the face."""
MOST_SMILE, MOST_SPREAD = 0.8, 0.55
"""Cheeks and folds stay in the picture: a mouth that is taken back all the way looks pasted between them."""
PARTS, LAUGH_PARTS, BEARD_PARTS = 0.93, 0.28, 0.24
"""How far lips part as a tracker of the finished talk sees it right, by the mean head's; how much less far those of a
whole laugh, and how much farther bearded ones."""
THIN_PARTS, THIN = 0.46, (0.13, 0.18)
"""How much farther thin lips part, and the height of both by the distance of the eyes up to which they are thin."""
FULLER = 0.045
"""Thickness that lips drawn thin by a laugh get back at rest, widths of the mouth for each lip at a smile of 1."""
UPPER_SHARE, OUTER_FOLLOWS = 0.4, 0.42
"""Share of the gap that the upper lip closes, and how far the outer edge of the red follows the inner one at least."""
UPPER_FULL, LOWER_FULL = 0.13, 0.20
"""Thickness of a resting lip by the width of the mouth: none grows beyond it by meeting the other."""


class Neutral(NamedTuple):
    """How to bring a portrait to rest.

    fields [3, V, 3] float64: displacements by `REGIONS`, cm of the head frame, added to the picture's vertices.
    amounts: what was found, 0..1 by name (smile, spread, jaw, gap, lids_left, lids_right), for people.
    """

    fields: F64
    amounts: Mapping[str, float]

    @property
    def total(self) -> F64:
        """[V, 3]: all regions together."""
        return np.asarray(self.fields.sum(axis=0), np.float64)


def find_neutral(mesh: Mesh, *, camera: Camera, ranges: Ranges) -> Neutral:
    """What brings the sheet of a portrait to rest.

    Args:
        mesh: the sheet as the picture shows it.
        camera: of the source.
        ranges: how far the head shall turn, see `stretch`.
    """
    frame = frame_from_mesh(mesh)
    fields = np.zeros((len(REGIONS), len(mesh.vertices), 3))
    amounts = {**_mouth_amounts(mesh), **lid_amounts(frame)}
    if not any(amounts.values()):
        return Neutral(fields, amounts)
    solver = SkinSolver(mesh.relief, triangles=mesh.triangles[~mesh.opening])
    if amounts["gap"] or amounts["smile"]:
        fields[0] = _mouth_field(mesh, frame, amounts=amounts, solver=solver)
    for row, side in enumerate(("left", "right"), start=1):
        if amounts[f"lids_{side}"]:
            fields[row] = lid_field(frame, rings.EYES[side], amounts[f"lids_{side}"], solver=solver)
    return Neutral(_unfolded(mesh, fields, camera=camera, ranges=ranges), amounts)


def at_rest(mesh: Mesh, neutral: Neutral, *, camera: Camera) -> Mesh:
    """The sheet brought to rest; shapes are solved on it. Corners of lips that now meet count as caps."""
    move = neutral.total
    if not move.any():
        return mesh
    vertices = mesh.vertices + move
    px = vertices @ camera.rotation[:2].T.astype(np.float64) * camera.scale
    cap = mesh.cap | seam_slivers(mesh.triangles, px=px)
    return mesh._replace(vertices=vertices, relief=mesh.relief + move, cap=cap)


def parts_by(neutral: Neutral, *, rest: Mesh, beard: float) -> float:
    """How far an open jaw shall part the lips, 1 as on the mean head: the same talk is to be seen on all.

    Lips that a laugh has drawn thin hide less of the opening; hair hides more, and between lips that are thin at `rest`
    a tracker sees less of it.
    """
    laugh = min(sum(neutral.amounts[name] for name in ("smile", "spread", "gap")), 1.0)
    points = rest.relief
    thick = float(points[0, 1] - points[13, 1] + points[14, 1] - points[17, 1])
    thin = 1 - ramp(thick / max(float(np.linalg.norm(points[33] - points[263])), 1e-6), *THIN)
    return PARTS * (1 - LAUGH_PARTS * laugh) * (1 + BEARD_PARTS * beard) * (1 + THIN_PARTS * thin)


def _gaps(points: F64) -> F64:
    """[9]: how far the inner lips are apart, column by column, cm; 0 where they touch or cross."""
    upper, lower = points[list(rings.UPPER_RINGS[-1][1:-1])], points[list(rings.LOWER_RINGS[-1][1:-1])]
    return np.asarray(np.maximum(upper[:, 1] - lower[:, 1], 0))


def _mouth_amounts(mesh: Mesh) -> dict[str, float]:
    """Gap, jaw, smile and spread of the mouth, each 0..1 (of its full shape)."""
    points, width = mesh.relief, mesh.mouth_width
    gap = float(_gaps(points)[2:7].max()) / width
    corner = (points[61, 1] + points[291, 1]) / 2
    seam = points[13, 1] - UPPER_SHARE * gap * width
    lift = float(corner - seam) / width
    # A smile is told by its corners; parted lips make it certain, on shut ones it has to be a broad grin.
    sure = ramp(lift, BROAD_LIFT, BROAD_LIFT + 0.03) * max(ramp(gap, PARTED, 0.08), ramp(lift, 0.08, 0.13))
    smile = MOST_SMILE * sure * float(np.clip((lift - BROAD_LIFT) / SMILE_LIFT, 0, 1))
    spread = MOST_SPREAD * sure * float(np.clip((width / mesh.face_width / MEAN_WIDTH - 1) / SMILE_SPREAD, 0, 1))
    return {
        "gap": gap if gap > PARTED else 0.0,
        "jaw": float(np.clip((gap - LIP_GAP) / JAW_GAP, 0, 0.9)),
        "smile": smile,
        "spread": spread,
    }


def _mouth_field(mesh: Mesh, frame: Frame, *, amounts: Mapping[str, float], solver: SkinSolver) -> F64:
    """[V, 3]: smile and jaw played backwards, then the inner lips laid on each other."""
    move = np.zeros_like(mesh.relief)
    if amounts["smile"] or amounts["spread"]:
        smiles = [shape for name, shape in corner_shapes(frame).items() if name.startswith("mouthSmile")]
        smiling = sum(solve_one(shape, solver) for shape in smiles)
        along = np.array([amounts["spread"], amounts["smile"], 0.5 * (amounts["spread"] + amounts["smile"])])
        move = move - smiling * along
    if amounts["jaw"]:
        move = move - amounts["jaw"] * solve_one(jaw_shapes(frame)["jawOpen"], solver)
    there = frame_from_mesh(mesh._replace(relief=mesh.relief + move))
    return np.asarray(move + solve_one(_meeting(there, fuller=FULLER * amounts["smile"] * mesh.mouth_width), solver))


def _meeting(frame: Frame, *, fuller: float) -> Shape:
    """The inner lips onto one seam, column by column; the red follows less the further out, so lips get fuller, and
    their outer edges go `fuller` cm apart in the middle."""
    handles: Handles = {v: np.zeros(3) for v in rings.CORNERS}
    points = frame.points
    upper, lower = _outer_follows(points, fuller=fuller)
    for column in range(1, 10):
        gap = points[rings.UPPER_RINGS[-1][column]] - points[rings.LOWER_RINGS[-1][column]]
        for number, (above, below) in enumerate(zip(rings.UPPER_RINGS, rings.LOWER_RINGS, strict=True)):
            inner = number / 3
            out = np.array([0.0, fuller * (1 - inner) * (1 - (column / 5 - 1) ** 2), 0.0])
            handles[above[column]] = -UPPER_SHARE * (upper + (1 - upper) * inner) * gap + out
            handles[below[column]] = (1 - UPPER_SHARE) * (lower + (1 - lower) * inner) * gap - out
    return Shape(handles, mouth_held() | frame.far)


def _outer_follows(points: F64, *, fuller: float) -> tuple[float, float]:
    """How far the outer edges of the upper and of the lower lip follow the inner ones: farther where lips would grow
    thicker than lips at rest are. What the picture shows and what `fuller` adds stays."""
    width = float(np.linalg.norm(points[291] - points[61]))
    gap = float(_gaps(points)[4])
    follows = []
    for rows, full, share in (
        (rings.UPPER_RINGS, UPPER_FULL, UPPER_SHARE),
        (rings.LOWER_RINGS, LOWER_FULL, 1 - UPPER_SHARE),
    ):
        thick = abs(float(points[rows[0][5], 1] - points[rows[-1][5], 1]))
        grows = max(full * width - thick - fuller, 0.0)
        follows.append(float(np.clip(1 - grows / max(share * gap, 1e-6), OUTER_FOLLOWS, 1)))
    return follows[0], follows[1]


def _unfolded(mesh: Mesh, fields: F64, *, camera: Camera, ranges: Ranges) -> F64:
    """The fields without folds at any turn of the head, and of a depth that may be turned.

    What is done to a vertex goes to the region that moves it most, and to none that is at rest.
    """
    turn = camera.rotation.astype(np.float64) * camera.scale
    rest = mesh.vertices + fields.sum(axis=0)
    there = limit_slope(rest @ turn.T, triangles=mesh.triangles, max_slope=MAX_SLOPE)
    out = fields.copy()
    reach = np.linalg.norm(fields, axis=2)
    reach[~fields.any(axis=(1, 2))] = -1
    out[reach.argmax(axis=0), np.arange(len(rest))] += there @ np.linalg.inv(turn).T - rest
    picture_and_rest = np.repeat([[0.0], [1.0]], len(fields), axis=1)
    return comb_shapes(mesh, camera=camera, shapes=out, ranges=ranges, weights=picture_and_rest)
