"""Gives the frame that shapes are authored in: places on the lips, sizes of this face, what must hold still.

A shape is a few handles (vertex -> displacement in cm of the head frame) and a set of held vertices; the skin between
is solved by `biharmonic`. Amounts are authored for the mean head and scaled with the portrait's own mouth, eye or face,
so that a small mouth makes small moves. All names of sides are the subject's; +x is the subject's left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.portrait.canonical import LANDMARKS
from visavis_runtime.face.rig.mesh import Mesh

F64 = npt.NDArray[np.float64]
Handles = dict[int, F64]
Place = Callable[[float], tuple[float, float, float]]

MEAN_MOUTH_CM = 4.73
FAR_CM = 5.5
"""Vertices farther outside the face than this never follow an expression."""


class Shape(NamedTuple):
    """One authored shape before it is solved.

    membrane: solve it harmonic. slides: the skin slides round the side of the face instead of leaving it.
    """

    handles: Handles
    held: frozenset[int]
    membrane: bool = False
    slides: bool = False


class Frame(NamedTuple):
    """The portrait's own measures.

    points [V, 3] relief in the head frame. lip_x: x of the middle of the mouth. half [2]: half mouth width on the right
    and left. mouth: mouth width over the mean head's. far: vertices that hold still in every shape. beard: 0..1, hair
    that hangs on the chin. opens: how far an open jaw parts the lips, 1 as on the mean head.
    """

    points: F64
    lip_x: float
    half: tuple[float, float]
    mouth: float
    far: frozenset[int]
    beard: float = 0.0
    opens: float = 1.0

    def along(self, vertex: int) -> float:
        """Place along the mouth: -1 at the right corner, 0 in the middle, 1 at the left corner (the subject's)."""
        x = float(self.points[vertex, 0]) - self.lip_x
        return float(np.clip(x / self.half[1 if x > 0 else 0], -1.25, 1.25))


def frame_from_mesh(mesh: Mesh) -> Frame:
    """Measure the face."""
    points = mesh.relief
    middle = float(points[[0, 13, 14, 17], 0].mean())
    half = (middle - float(points[61, 0]), float(points[291, 0]) - middle)
    floor = 0.35 * mesh.mouth_width  # a turned source may hide one half almost wholly
    return Frame(
        points=points,
        lip_x=middle,
        half=(max(half[0], floor), max(half[1], floor)),
        mouth=float(np.clip(mesh.mouth_width / MEAN_MOUTH_CM, 0.4, 1.2)),
        far=frozenset(np.flatnonzero(mesh.reach > FAR_CM).tolist()),
    )


def side_share(along: float, *, sign: float) -> float:
    """How much a place on the lips belongs to one side: 0..1, the two sides add up to 1."""
    u = float(np.clip((sign * along + 0.55) / 1.1, 0, 1))
    return u * u * (3 - 2 * u)


def upper_face_held() -> frozenset[int]:
    """What no shape of the mouth moves: eyes, brows, forehead, nose, temples."""
    return _EYE_POINTS | frozenset(rings.NOSE) | frozenset(rings.FOREHEAD) | frozenset(rings.TEMPLES)


def mouth_held() -> frozenset[int]:
    """What shapes of the lips alone leave still: the upper face and the jaw line."""
    return upper_face_held() | frozenset(rings.JAW_LINE)


def _eye_points() -> Iterable[int]:
    for eye in rings.EYES.values():
        yield from (*eye.lid_line, *eye.crease, *eye.below, *eye.brow, *eye.corners)


_EYE_POINTS: frozenset[int] = frozenset(_eye_points())


def vector(x: float, y: float, z: float, *, scale: float = 1.0) -> F64:
    """One displacement in cm."""
    return np.array([x, y, z]) * scale


def lip_handles(frame: Frame, *, upper: Place, lower: Place, corner: Place, scale: float | None = None) -> Handles:
    """Handles of all lip points from three functions of the place along the mouth, rings alike."""
    return ring_handles(frame, upper=lambda t, _: upper(t), lower=lambda t, _: lower(t), corner=corner, scale=scale)


def ring_handles(
    frame: Frame,
    *,
    upper: Callable[[float, float], tuple[float, float, float]],
    lower: Callable[[float, float], tuple[float, float, float]],
    corner: Place,
    scale: float | None = None,
) -> Handles:
    """Handles of all lip points; `upper` and `lower` also get the ring: 0 at the lip's outer edge, 1 at the inner."""
    size = frame.mouth if scale is None else scale
    out: Handles = {}
    for place, table in ((upper, rings.UPPER_RINGS), (lower, rings.LOWER_RINGS)):
        for number, ring in enumerate(table):
            for v in ring[1:-1]:
                out[v] = vector(*place(frame.along(v), number / 3), scale=size)
    for sign, vertices in ((-1.0, rings.CORNERS_RIGHT), (1.0, rings.CORNERS_LEFT)):
        for v in vertices:
            out[v] = vector(*corner(sign), scale=size)
    return out


def scaled(moves: Mapping[int, tuple[float, float, float]], *, scale: float = 1.0) -> Handles:
    """Handles from plain tuples."""
    return {v: vector(*move, scale=scale) for v, move in moves.items()}


def face_held(*, moving: Iterable[int]) -> frozenset[int]:
    """All landmarks but the moving ones."""
    return frozenset(range(LANDMARKS)) - frozenset(moving)
