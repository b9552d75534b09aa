"""Takes the sheet of a portrait, gives how far its lids are from open eyes, and what opens them.

Half-shut eyes are opened for a face at rest (`neutral.py`); behind shut ones nothing is known, they stay shut.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face import rings
from visavis_runtime.face.rig.biharmonic import SkinSolver
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.shapes.handles import Frame, Handles, Shape, face_held

F64 = npt.NDArray[np.float64]

NARROW, OPEN_EYE = 0.215, 0.27
"""Height of an eye by its width: below the first it is half shut, and is opened to the second."""
SHUT, ALIKE = 0.11, 0.06
"""An eye up to this height shows no eyeball to open it on; heights that differ by less are those of one look."""


def lid_amounts(frame: Frame) -> dict[str, float]:
    """How much of its width each eye must be opened; 0 for open eyes, and for shut ones, behind which nothing is known.

    Eyes that are about alike are opened alike.
    """
    heights = {side: eye_height(frame.points, side) for side in rings.EYES}
    narrow = {side: ramp(NARROW - height, 0.0, 0.05) for side, height in heights.items()}
    if abs(heights["left"] - heights["right"]) < ALIKE:
        narrow = dict.fromkeys(narrow, max(narrow.values()))
    return {
        f"lids_{side}": max(OPEN_EYE - height, 0.0) * narrow[side] if height > SHUT else 0.0
        for side, height in heights.items()
    }


def eye_height(points: npt.NDArray[np.floating], side: str) -> float:
    """Height of an eye by its width, of vertices [V, 3]."""
    eye = rings.EYES[side]
    width = float(np.linalg.norm(points[eye.outer] - points[eye.inner]))
    apart = np.linalg.norm(points[list(eye.upper[2:5])] - points[list(eye.lower[2:5])], axis=1)
    return float(apart.mean()) / max(width, 1e-6)


def shut_eyes(mesh: Mesh) -> tuple[str, ...]:
    """Warnings, one sentence for each eye that is shut in the picture."""
    return tuple(
        f"The {side} eye is shut in the picture and stays shut: use a picture with open eyes."
        for side in rings.EYES
        if eye_height(mesh.relief, side) <= SHUT
    )


def lid_field(frame: Frame, eye: rings.Eye, amount: float, *, solver: SkinSolver) -> F64:
    """[V, 3]: the upper lid raised by `amount` widths of the eye, most in its middle; its crease gives way."""
    points = frame.points
    width = float(np.linalg.norm(points[eye.outer] - points[eye.inner]))
    handles: Handles = {eye.outer: np.zeros(3), eye.inner: np.zeros(3)}
    for number, (upper, lower, crease, orbit) in enumerate(
        zip(eye.upper, eye.lower, eye.crease, eye.orbit, strict=True)
    ):
        up = np.array([0.0, amount * width * np.sin(np.pi * (number + 1) / 8) ** 0.7, 0.0])
        handles[upper], handles[lower] = 0.9 * up, -0.1 * up
        handles[crease], handles[orbit] = 0.5 * up, 0.15 * up
    skin = (*eye.upper, *eye.lower, *eye.crease, *eye.orbit, *eye.below, *eye.corners)
    return solve_one(Shape(handles, face_held(moving=skin) | frame.far, membrane=True), solver)


def solve_one(shape: Shape, solver: SkinSolver) -> F64:
    """[V, 3]: what a shape moves."""
    moved = frozenset(shape.handles)
    return np.asarray(solver.solve([shape.handles], held=shape.held - moved, membrane=shape.membrane)[0])


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, smooth between."""
    t = float(np.clip((value - low) / (high - low), 0, 1))
    return t * t * (3 - 2 * t)
