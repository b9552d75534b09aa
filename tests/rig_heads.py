"""Heads that the tests of the rig share: the mean head seen from the front, and a made-up avatar without networks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.build import assemble
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.rig.mesh import Mesh, build_mesh
from visavis_runtime.face.rings import EYES

SIZE = 256
SCALE = 6.2
"""Px per cm: the mean head fills two fifths of the square."""


def frontal_camera() -> Camera:
    """Looks straight at the mean head, in the middle of the square."""
    return Camera(SCALE, np.eye(3, dtype=np.float32), np.array([SIZE / 2, -SIZE / 2, 0], np.float32))


def frontal_points() -> npt.NDArray[np.float32]:
    """Landmarks [478, 3] of the mean head in px."""
    space = canonical_head().points * SCALE + frontal_camera().translation
    return (space * np.array([1, -1, -1])).astype(np.float32)


def frontal_mesh() -> Mesh:
    """The sheet of the mean head."""
    return build_mesh(frontal_points(), camera=frontal_camera(), size=SIZE, face_triangles=canonical_head().triangles)


def drawn_crop(*, eyes: bool = False) -> Crop:
    """A crude drawn face on a plain wall, cut as a portrait would be; `eyes`: white ones with an iris and a thick line
    above, else strokes."""
    import cv2

    points = frontal_points()
    rgb = np.full((SIZE, SIZE, 3), (120, 150, 190), np.uint8)
    outline = np.rint(points[:468, :2]).astype(np.int32)
    cv2.rectangle(rgb, (70, 170), (186, 255), (60, 70, 90), -1)
    cv2.fillPoly(rgb, [cv2.convexHull(outline)[:, 0]], (214, 170, 150), cv2.LINE_AA)
    for corner in ((33, 133), (362, 263), (61, 291)):
        a, b = (tuple(int(v) for v in points[i, :2]) for i in corner)
        cv2.line(rgb, a, b, (90, 40, 40), 3, cv2.LINE_AA)
    for eye in EYES.values() if eyes else ():
        lids, upper = (np.rint(points[list(line), :2]).astype(np.int32) for line in (eye.lid_line, eye.upper))
        cv2.fillPoly(rgb, [lids], (250, 250, 248), cv2.LINE_AA)
        cv2.circle(rgb, tuple(int(v) for v in lids.mean(axis=0)), 3, (60, 110, 60), -1, cv2.LINE_AA)
        cv2.polylines(rgb, [upper], False, (90, 40, 40), 2, cv2.LINE_AA)
    return crop_face(rgb, points=points, size=SIZE)


def avatar_of_drawing(crop: Crop) -> Avatar:
    """The avatar of such a face: the person is the lower middle of the picture, with a soft edge."""
    side = crop.size + 2 * crop.margin
    y, x = np.mgrid[:side, :side].astype(np.float32)
    far = np.hypot((x - side / 2) / 0.8, np.maximum(side / 2 - y, 0))
    alpha = np.clip((0.30 * side - far) * 12 + 128, 0, 255).astype(np.uint8)
    return assemble(crop, alpha=alpha, meta={"warnings": []})
