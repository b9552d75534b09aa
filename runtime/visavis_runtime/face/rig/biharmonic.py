"""Takes displacements of some vertices of a mesh, gives the smoothest displacement of all the others.

Skin between authored handles bends like a thin plate: the biharmonic field that meets every handle exactly. Around the
lids, where a plate would overshoot, a membrane (harmonic) is used. The Laplacian is the cotangent one of the portrait's
own relief, so the field follows the face and not the pixels. Triangles given to `SkinSolver` decide what is connected:
left out the caps of eyes and mouth, the upper lip does not drag the lower one.

After M. Botsch and L. Kobbelt, "An intuitive framework for real-time freeform modeling", 2004. It knows no anatomy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]

MAX_COTANGENT = 4.0
MIN_COTANGENT = 0.05


class SkinSolver:
    """The plate and the membrane of one mesh; immutable."""

    def __init__(self, vertices: F64, *, triangles: I32) -> None:
        count = len(vertices)
        weights = _cotangents(vertices, triangles=triangles)
        laplacian = sp.diags(np.asarray(weights.sum(axis=1)).ravel()) - weights
        area = np.zeros(count)
        normal = _normals(vertices, triangles=triangles)
        np.add.at(area, triangles, np.repeat(np.linalg.norm(normal, axis=1)[:, None] / 6, 3, axis=1))
        mass = sp.diags(1 / np.maximum(area, 1e-3))
        keep = sp.eye(count) * 1e-6
        self._plate = (laplacian @ mass @ laplacian + keep).tocsc()
        self._membrane = (laplacian + keep).tocsc()
        self._used = np.zeros(count, bool)
        self._used[np.unique(triangles)] = True

    def solve(self, fields: Sequence[Mapping[int, F64]], *, held: frozenset[int], membrane: bool = False) -> F64:
        """Displacements for several fields that share the same handles.

        Args:
            fields: for each field, vertex -> displacement [3]; all with the same vertices.
            held: vertices that stay where they are (a handle wins over `held`).
            membrane: harmonic instead of biharmonic.

        Returns:
            [len(fields), V, 3] float64; vertices in no triangle and without handle stay 0.
        """
        handles = list(fields[0])
        if any(set(field) != set(handles) for field in fields):
            raise ValueError("fields that are solved together must have the same handles")
        fixed = handles + sorted(held.difference(handles))
        values = np.zeros((len(fixed), len(fields), 3))
        for j, field in enumerate(fields):
            values[: len(handles), j] = [field[v] for v in handles]
        free_mask = self._used.copy()
        free_mask[fixed] = False
        free = np.flatnonzero(free_mask)
        matrix = self._membrane if membrane else self._plate
        rows = matrix[free]
        right = -(rows[:, fixed] @ values.reshape(len(fixed), -1))
        out = np.zeros((len(self._used), len(fields) * 3))
        out[fixed] = values.reshape(len(fixed), -1)
        if len(free):
            out[free] = splu(rows[:, free].tocsc()).solve(np.ascontiguousarray(right))
        return np.ascontiguousarray(out.reshape(len(self._used), len(fields), 3).transpose(1, 0, 2))


def _normals(vertices: F64, *, triangles: I32) -> F64:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)


def _cotangents(vertices: F64, *, triangles: I32) -> sp.csr_matrix:
    """Symmetric matrix of half the clipped cotangents opposite each edge."""
    rows, columns, values = [], [], []
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        u = vertices[triangles[:, a]] - vertices[triangles[:, c]]
        v = vertices[triangles[:, b]] - vertices[triangles[:, c]]
        cotangent = (u * v).sum(axis=1) / np.maximum(np.linalg.norm(np.cross(u, v), axis=1), 1e-3)
        weight = np.clip(cotangent, MIN_COTANGENT, MAX_COTANGENT) / 2
        rows += [triangles[:, a], triangles[:, b]]
        columns += [triangles[:, b], triangles[:, a]]
        values += [weight, weight]
    count = len(vertices)
    return sp.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count)
    )
