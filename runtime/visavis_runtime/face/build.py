"""Takes a portrait, gives its avatar: the one place where the steps of the rig meet.

find the face -> crop -> mesh -> neutral rest -> shapes -> matte, texture, plate -> light -> eye and mouth layers ->
limits. About a second on one core, done once for each portrait. It holds no maths of its own.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis import __version__
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.camera import Camera
from visavis_runtime.face.layers.border import continue_border
from visavis_runtime.face.layers.cutout import Cutout, cut_out
from visavis_runtime.face.layers.drawn_matte import drawn_matte, is_flat
from visavis_runtime.face.layers.eyes import EyeLayer, Side, build_eye
from visavis_runtime.face.layers.matte import person_matte
from visavis_runtime.face.layers.matting import refined_matte
from visavis_runtime.face.layers.mouth import build_mouth
from visavis_runtime.face.layers.texture import fine_texture
from visavis_runtime.face.portrait.beard import beard
from visavis_runtime.face.portrait.canonical import canonical_head
from visavis_runtime.face.portrait.crop import Crop, crop_face, looks_soft, warp_square
from visavis_runtime.face.portrait.drawn import evenness, flat_skin, flatness
from visavis_runtime.face.portrait.drawn_eyes import spread_eyes
from visavis_runtime.face.portrait.drawn_mouth import lips_as_drawn
from visavis_runtime.face.portrait.glasses import stiffened, wears_glasses
from visavis_runtime.face.portrait.picture import Picture
from visavis_runtime.face.portrait.pose import fit_pose
from visavis_runtime.face.portrait.subject import find_subject
from visavis_runtime.face.rig.lid_rest import shut_eyes
from visavis_runtime.face.rig.light import fit_light
from visavis_runtime.face.rig.limits import find_limits, wished_ranges
from visavis_runtime.face.rig.mesh import Mesh, build_mesh
from visavis_runtime.face.rig.neutral import at_rest, find_neutral, parts_by
from visavis_runtime.face.rig.shapes import solve_shapes
from visavis_runtime.face.rig.stretch import Ranges, comb_shapes
from visavis_runtime.face.rings import OVAL

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

OVAL_INSIDE = 0.02
"""Of the face's width: the landmarks of a jaw lie so far beside it at the most, and what lies inside is surely face."""
LEAST_CLEAR = 0.02
"""Share of a picture that its own transparency clears, from which on it is taken for the person's outline: less is the
frame or the rounded corners of a picture that has its background still."""


def build_avatar(picture: Picture, *, size: int = 512, face_number: int = 0) -> Avatar:
    """The avatar of a portrait.

    Args:
        picture: from `read_picture`.
        size: side of the animated square in px.
        face_number: which face from the left, 1, 2, ...; 0 if there is only one.

    Raises:
        PortraitError: no face, several faces, turned too far, too small (see `subject`).
        WeightsError: the networks cannot be had.
    """
    subject = find_subject(picture.rgb, face_number=face_number)
    crop = crop_face(picture.rgb, points=subject.landmarks.points, size=size)
    crop = crop._replace(points=spread_eyes(crop.square, points=crop.points))
    crop = crop._replace(points=lips_as_drawn(crop.square, points=crop.points))
    alpha = None
    if picture.alpha is not None and (picture.alpha < 128).mean() > LEAST_CLEAR:
        alpha = warp_square(picture.alpha, matrix=crop.matrix, side=crop.bordered.shape[0], margin=crop.margin)
    meta = {
        "portrait_sha256": picture.sha256,
        "presence": round(float(subject.landmarks.presence), 4),
        "source_yaw_rad": round(subject.pose.yaw_rad, 4),
        "source_pitch_rad": round(subject.pose.pitch_rad, 4),
        "source_roll_rad": round(subject.pose.roll_rad, 4),
        "warnings": [*picture.warnings, *subject.warnings, *looks_soft(crop)],
        "made_by": f"visavis {__version__}",
    }
    return assemble(crop, alpha=alpha, meta=meta)


def assemble(crop: Crop, *, alpha: U8 | None, meta: dict[str, Any]) -> Avatar:
    """The avatar of a crop whose landmarks are known.

    Args:
        crop: the square, its border and the landmarks.
        alpha: [M, M] uint8, the picture's own transparency with the border, or None.
        meta: JSON values to keep.
    """
    pose = fit_pose(crop.points)
    mesh = build_mesh(crop.points, camera=pose.camera, size=crop.size, face_triangles=canonical_head().triangles)
    wished = wished_ranges(pose.yaw_rad, pose.pitch_rad)
    neutral = find_neutral(mesh, camera=pose.camera, ranges=wished)
    rest = at_rest(mesh, neutral, camera=pose.camera)
    glasses = wears_glasses(crop.square, points=crop.points)
    hair = beard(crop.square, points=crop.points)
    opens = parts_by(neutral, rest=rest, beard=hair)
    shapes = _shapes(
        solve_shapes(rest, beard=hair, opens=opens), rest, camera=pose.camera, ranges=wished, glasses=glasses
    )
    crop, layers = _layers(crop, mesh=mesh, alpha=alpha)
    found: dict[str, Any] = {f"neutral_{name}": round(float(x), 3) for name, x in neutral.amounts.items()}
    found |= {"warnings": [*meta.get("warnings", []), *shut_eyes(mesh)]}
    found |= {"glasses": glasses, "beard": round(hair, 3)}
    found |= {m.__name__: round(m(crop.square, points=crop.points), 3) for m in (flatness, evenness)}
    inner = slice(crop.margin, crop.margin + crop.size)
    square = crop.square
    light, rest_light = fit_light(square, mesh=mesh)
    eyes = _eyes(square, points=crop.points)
    return Avatar(
        size=crop.size,
        margin=crop.margin,
        texture_scale=crop.texture_scale,
        picture=square,
        texture=fine_texture(crop.fine, layers=layers),
        plate=np.ascontiguousarray(layers.plate[inner, inner]),
        vertices=mesh.vertices.astype(np.float32),
        uv=(mesh.uv + crop.margin).astype(np.float32),
        triangles=mesh.triangles,
        cap=rest.cap,
        shapes=shapes,
        neutral=neutral.fields.astype(np.float32),
        head_weight=mesh.head_weight.astype(np.float32),
        body_weight=mesh.body_weight.astype(np.float32),
        pivot=mesh.pivot.astype(np.float32),
        camera=pose.camera,
        head_width=mesh.face_width,
        light=light,
        rest_light=rest_light,
        limits=find_limits(
            mesh,
            rest=rest.vertices,
            camera=pose.camera,
            shapes=shapes,
            wished=wished,
            visible=_visible(rest, texture=layers.texture, margin=crop.margin),
        ),
        eyes=eyes,
        mouth=build_mouth(square, points=crop.points, eyes=eyes),
        meta={**meta, **found},
    )


def _shapes(solved: F32, rest: Mesh, *, camera: Camera, ranges: Ranges, glasses: bool) -> F32:
    """The 52 shapes of a face at rest, combed."""
    if glasses:
        solved = stiffened(solved, points=rest.relief)
    return comb_shapes(rest, camera=camera, shapes=solved, ranges=ranges).astype(np.float32)


def _eyes(square: U8, *, points: F32) -> dict[str, EyeLayer]:
    """The layers of both eyes."""
    skin = flat_skin(square, points=points)
    sides: tuple[Side, ...] = ("left", "right")
    return {side: build_eye(square, points=points, side=side, skin=skin) for side in sides}


def _layers(crop: Crop, *, mesh: Mesh, alpha: U8 | None) -> tuple[Crop, Cutout]:
    """The crop with its border continued, and the texture and plate of the bordered square."""
    outline = np.rint((mesh.uv[list(OVAL)] + crop.margin) * 16).astype(np.int32)
    face = np.zeros(crop.bordered.shape[:2], np.uint8)
    cv2.fillPoly(face, [outline], 1, shift=4)
    inside = max(1, round(OVAL_INSIDE * float(np.ptp(outline[:, 0])) / 16))
    sure = cv2.erode(face, np.ones((3, 3), np.uint8), iterations=inside).astype(bool)
    inner = slice(crop.margin, crop.margin + crop.size)
    exact = alpha is not None
    if alpha is not None:
        matte = np.asarray(alpha, np.float32) / np.float32(255)
    else:
        looks = _looks(crop, inner=inner)
        flat = is_flat(crop.square, face=sure[inner, inner])
        drawn = drawn_matte(crop.bordered, looks=looks, face=sure, inner=inner) if flat else None
        matte, exact = drawn or (looks[0], False)
        sure = sure & (matte > 0) if drawn else sure  # a drawn jaw is often narrower than a person's
    crop, matte = continue_border(crop, matte=matte)
    if not exact:
        matte = refined_matte(crop.bordered, coarse=matte, face=sure)
    return crop, cut_out(crop.bordered, matte=matte, face=sure, exact=exact, own=alpha is not None, inner=inner)


def _looks(crop: Crop, *, inner: slice) -> tuple[F32, F32]:
    """The network's mattes: looked at closely inside the square, and all of it from further away."""
    far = person_matte(crop.bordered)
    near = far.copy()
    near[inner, inner] = person_matte(crop.square)
    return near, far


def _visible(mesh: Mesh, *, texture: U8, margin: int) -> npt.NDArray[np.bool_]:
    """[T]: triangles that show something of the person."""
    soft = cv2.dilate(texture[..., 3], np.ones((5, 5), np.uint8))
    corners = np.clip(np.rint(mesh.uv[mesh.triangles] + margin).astype(int), 0, texture.shape[0] - 1)
    centres = np.clip(np.rint(mesh.uv[mesh.triangles].mean(axis=1) + margin).astype(int), 0, texture.shape[0] - 1)
    seen = (soft[corners[..., 1], corners[..., 0]] > 0).any(axis=1) | (soft[centres[:, 1], centres[:, 0]] > 0)
    return np.asarray(seen & ~mesh.cap)
