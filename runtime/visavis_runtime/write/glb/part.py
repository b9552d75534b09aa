"""The values that pass between the makers of the native head and its writer: pieces of surface with their shapes.

Lengths are centimetres of the avatar's head frame (x to the subject's left, y up, z to the viewer) until the writer
turns them into metres; texture coordinates are 0..1 of the one texture, v downwards, as glTF has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Int = npt.NDArray[np.int32]


class Part(NamedTuple):
    """A rigid or jaw-driven piece: points [n, 3] cm about `origin` [3], uv [n, 2], triangles [t, 3] anticlockwise seen
    from outside, and the displacements [n, 3] of the shapes that move it, by ARKit name.
    """

    points: Float
    uv: Float
    triangles: Int
    origin: Float
    shapes: Mapping[str, Float] = {}


class Lining(NamedTuple):
    """A surface that continues the skin inwards from the edge of an opening; it joins the head's mesh.

    points [n, 3] cm, uv [n, 2], triangles [t, 3] into its own points, shapes [52, n, 3].
    """

    points: Float
    uv: Float
    triangles: Int
    shapes: Float


def tube(rings: int, columns: int, *, tip: bool) -> Int:
    """Triangles between closed rings of `columns` points each, one after another, and a last single point if `tip`.

    Rings run anticlockwise as the viewer sees them and go away from the viewer; the inside of the tube is the front.
    """
    out = []
    for ring in range(rings - 1):
        for column in range(columns):
            a, b = ring * columns + column, ring * columns + (column + 1) % columns
            out += [(a, b, b + columns), (a, b + columns, a + columns)]
    if tip:
        last, point = (rings - 1) * columns, rings * columns
        out += [(last + column, last + (column + 1) % columns, point) for column in range(columns)]
    return np.array(out, np.int32)


def sheet(rows: int, columns: int) -> Int:
    """Triangles of a grid of points, rows upwards and columns to the right as seen from its front."""
    out = []
    for row in range(rows - 1):
        for column in range(columns - 1):
            a = row * columns + column
            out += [(a, a + 1, a + columns + 1), (a, a + columns + 1, a + columns)]
    return np.array(out, np.int32)
