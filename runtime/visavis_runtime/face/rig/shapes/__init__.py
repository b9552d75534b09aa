"""Takes the mesh of a portrait, gives the 52 ARKit shapes as displacements of its vertices.

Each file authors one region with a few handles; `solve_shapes` fills in the skin between. Shapes with the same handles
and held points share one factorisation. `tongueOut` is 0 on the mesh: the tongue is part of the mouth layer.
Names and meaning: Apple, ARKit `ARFaceAnchor.BlendShapeLocation`; order: `visavis.latents`.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.rig.biharmonic import SkinSolver
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.normals import vertex_normals
from visavis_runtime.face.rig.shapes.brows import brow_shapes
from visavis_runtime.face.rig.shapes.cheeks import cheek_shapes
from visavis_runtime.face.rig.shapes.corners import corner_shapes
from visavis_runtime.face.rig.shapes.eyes import eye_shapes
from visavis_runtime.face.rig.shapes.handles import Shape, frame_from_mesh
from visavis_runtime.face.rig.shapes.jaw import close_shape, jaw_shapes
from visavis_runtime.face.rig.shapes.lips import lip_shapes

F64 = npt.NDArray[np.float64]


def solve_shapes(mesh: Mesh, *, beard: float = 0.0, opens: float = 1.0) -> npt.NDArray[np.float32]:
    """All shapes of one portrait, [52, V, 3] float32 in cm of the head frame; `beard` and `opens`: see `Frame`."""
    frame = frame_from_mesh(mesh)._replace(beard=beard, opens=opens)
    solver = SkinSolver(mesh.relief, triangles=mesh.triangles[~mesh.opening])
    authored: dict[str, Shape] = {}
    for author in (jaw_shapes, lip_shapes, corner_shapes, cheek_shapes, eye_shapes, brow_shapes):
        authored |= author(frame)
    fields = _solved(authored, solver=solver)
    normals = vertex_normals(mesh.relief, triangles=mesh.triangles)
    fields |= {name: _slid(fields[name], normals=normals) for name, shape in authored.items() if shape.slides}
    close = close_shape(frame, jaw_open=fields["jawOpen"])
    fields |= _solved({"mouthClose": close}, solver=solver)
    still = np.zeros_like(mesh.relief)
    return np.stack([fields.get(name, still) for name in ARKIT_NAMES]).astype(np.float32)


def _slid(field: F64, *, normals: F64) -> F64:
    """The field without what would lift skin off the side of the face, where normals point sideways."""
    lift = np.maximum((field * normals).sum(axis=1), 0)
    t = np.clip((np.abs(normals[:, 0]) - 0.35) / 0.45, 0, 1)
    return np.asarray(field - (lift * t * t * (3 - 2 * t))[:, None] * normals)


def _solved(shapes: dict[str, Shape], *, solver: SkinSolver) -> dict[str, F64]:
    groups: dict[tuple[frozenset[int], frozenset[int], bool], list[str]] = defaultdict(list)
    for name, shape in shapes.items():
        moved = frozenset(shape.handles)
        groups[moved, shape.held - moved, shape.membrane].append(name)
    out: dict[str, F64] = {}
    for (_, held, membrane), names in groups.items():
        fields = solver.solve([shapes[name].handles for name in names], held=held, membrane=membrane)
        out |= dict(zip(names, fields, strict=True))
    return out
