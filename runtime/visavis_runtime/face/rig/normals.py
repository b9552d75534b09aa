"""Takes vertices and triangles, gives which way the surface looks at each vertex."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def vertex_normals(vertices: npt.NDArray[np.floating], *, triangles: npt.NDArray[np.int32]) -> F64:
    """Unit normals [V, 3] of triangles that run anticlockwise seen from the front; 0 where no triangle is."""
    a, b, c = (vertices[triangles[:, k]].astype(np.float64) for k in range(3))
    face = np.cross(b - a, c - a)
    out = np.zeros((len(vertices), 3))
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(triangles[:, k], face[:, axis], len(vertices))
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6))
