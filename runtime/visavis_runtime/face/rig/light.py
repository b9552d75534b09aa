"""Takes the picture's brightness on the face, gives the light that explains it, so that a moved face can be re-lit.

The light is four numbers: ambient and a direction (first order spherical harmonics), fitted to the brightness of the
skin. A vertex whose normal turns is brightened by the ratio of its new to its old light, so at rest nothing changes.
After R. Ramamoorthi and P. Hanrahan, 2001, and the expression ratio image of Z. Liu et al., 2001. It casts no shadows.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.portrait.canonical import FACE_POINTS
from visavis_runtime.face.rig.mesh import Mesh
from visavis_runtime.face.rig.normals import vertex_normals
from visavis_runtime.face.rings import EYES, LIPS

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

MIN_LIGHT = 30.0
"""Levels: below this a ratio of lights is noise."""
MAX_CHANGE = 0.2


def fit_light(picture: npt.NDArray[np.uint8], *, mesh: Mesh) -> tuple[F32, F32]:
    """Light of the picture and what it gives each vertex at rest.

    Args:
        picture: [N, N, 3] uint8.
        mesh: the sheet at rest.

    Returns:
        light [4] float32 (ambient, x, y, z; levels) and rest_light [V] float32, at least `MIN_LIGHT`.
    """
    normals = vertex_normals(mesh.vertices, triangles=mesh.triangles)
    soft = cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 128)
    features = [v for eye in EYES.values() for v in (*eye.lid_line, *eye.brow, *eye.crease, *eye.below)]
    skin = np.setdiff1d(np.arange(FACE_POINTS), np.array([*LIPS, *features]))
    px = np.clip(np.rint(mesh.uv[skin]).astype(int), 0, picture.shape[0] - 1)
    level = soft[px[:, 1], px[:, 0]].mean(axis=1)
    basis = np.c_[np.ones(len(skin)), normals[skin]]
    # A weak pull to no direction: three numbers from one flat drawing must not invent a sun.
    rows = np.vstack([basis, np.diag([0.0, 3.0, 3.0, 3.0])])
    light = np.linalg.lstsq(rows, np.r_[level, 0, 0, 0, 0], rcond=None)[0]
    rest = np.maximum(light[0] + normals @ light[1:], MIN_LIGHT)
    return light.astype(np.float32), rest.astype(np.float32)


def relit(normals: npt.NDArray[np.floating], *, light: F32, rest_light: F32) -> F32:
    """Brightness factor [V] of turned normals [V, 3] (head rotation applied), 1 at rest, within 1 -+ `MAX_CHANGE`."""
    ratio = (light[0] + normals @ light[1:]) / rest_light
    return np.asarray(np.clip(ratio, 1 - MAX_CHANGE, 1 + MAX_CHANGE), np.float32)
