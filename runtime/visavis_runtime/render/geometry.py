"""Takes the rig of one face and what it does (`drives`), gives where every vertex is and how its light changes.

Shapes are added up, the head turns about its pivot (each vertex by its own weight), the source camera projects. Light
is the ratio of a four-term spherical-harmonic fit on the new normals to that on the normals at rest, so the rest pose
shows the photo itself. The residual of every vertex is stored, so that all-zero latents put each one exactly where the
picture has it. It draws nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from visavis.latents import INDEX
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.face.portrait.drawn import is_drawn, shaded
from visavis_runtime.render.drives import SIDES, Drive, bounds_of, drive_of, drives_from_latents

Float = npt.NDArray[np.float32]

LIGHT_RANGE, LIGHT_GAIN, DARKEST = 0.2, 0.8, 30.0
"""Largest change of the light, its share that is used, and the level below which fitted light is not divided by."""
CHIN_BY_PITCH = 0.7
"""Light that the neck loses, by the sine of a chin that goes down; it gains as much when the chin goes up."""

FALLING = [INDEX[f"eye{name}{side.capitalize()}"] for name in ("Blink", "LookDown") for side in SIDES]
"""Shapes that bring an upper lid down; where it is drawn, the skin above it stays: see `lids.lid_fall`."""


class Rig(NamedTuple):
    """The movable geometry of one face at one output size."""

    vertices: Float  # [V, 3], head frame
    shapes: Float  # [52, 3 V]
    neutral: Float  # [3, 3 V], see `Avatar.neutral`
    can_rest: bool  # whether the picture is away from rest at all
    head_weight: Float  # [V, 1]
    body_weight: Float  # [V, 1], how much a vertex follows the head's shifts but not its turns: neck, shoulders, chest
    pivot: Float  # [3]
    camera: Float  # [3, 3]: head frame -> output px (y down), depth
    upright: Float  # [3, 3]: screen axes -> head frame
    offset: Float  # [V, 2]: added to the projection, so that rest is the picture
    head_width: float
    triangles: npt.NDArray[np.int32]  # [T, 3]
    gather: sp.csr_matrix  # [V, T]: sums the normals round each vertex
    light: Float  # [4]
    rest_light: Float  # [V]
    creases: Float  # [52, V]: change of light that a shape brings by itself
    chin_shade: Float  # [V], see `creases.chin_shade`
    bounds: Float  # [10, 2], see `bounds_of`


class Moved(NamedTuple):
    """One face in one pose, output px."""

    px: Float  # [V, 2]
    depth: Float  # [V]
    shade: Float  # [V], 1 at rest
    skull: Float  # [2, 3]: px per cm of what is fixed to the skull
    turn: Float  # [2, 2]: how a rest pixel of the skull's frontal plane moves
    drive: Drive


def rig_from_avatar(avatar: Avatar, *, px_per_px: float, creases: Float, chin_shade: Float) -> Rig:
    """The rig for an output whose pixels are `px_per_px` times as fine as the avatar's crop."""
    flip = np.diag([1.0, -1.0, 1.0]).astype(np.float32)
    camera = (flip @ avatar.camera.rotation * (avatar.camera.scale * px_per_px)).astype(np.float32)
    wanted = (avatar.uv - avatar.margin + 0.5) * px_per_px - 0.5
    count, triangles, soft = len(avatar.vertices), avatar.triangles, shaded(avatar.meta)
    corner = np.arange(triangles.size) // 3
    gather = sp.csr_matrix((np.ones(triangles.size, np.float32), (triangles.ravel(), corner)), (count, len(triangles)))
    shapes = avatar.shapes.reshape(len(avatar.shapes), -1)
    if is_drawn(avatar.meta):
        shapes = shapes.copy()
        shapes[FALLING] = 0
    rig = Rig(
        vertices=avatar.vertices,
        shapes=shapes,
        neutral=avatar.neutral.reshape(len(avatar.neutral), -1),
        can_rest=bool(avatar.neutral.any()),
        head_weight=avatar.head_weight[:, None],
        body_weight=avatar.body_weight[:, None],
        pivot=avatar.pivot,
        camera=camera,
        upright=avatar.camera.rotation.T.copy(),
        offset=(wanted - avatar.vertices @ camera[:2].T).astype(np.float32),
        head_width=avatar.head_width,
        triangles=triangles,
        gather=gather,
        # A drawing in flat colours keeps each of them in one piece.
        light=(avatar.light * np.array([1, soft, soft, soft])).astype(np.float32),
        rest_light=np.ones(count, np.float32),
        creases=creases,
        chin_shade=chin_shade * np.float32(soft),
        bounds=bounds_of(avatar.limits),
    )
    return rig._replace(rest_light=_light(rig, avatar.vertices, np.eye(3, dtype=np.float32)))


def drive_from_latents(latents: Float, *, rig: Rig, neutral: float = 1.0) -> Drive:
    """One row of 64 latents -> what one rig does, see `drives_from_latents`."""
    rest = np.full(1, np.clip(neutral, 0, 1), np.float32)
    drives = drives_from_latents(np.asarray(latents, np.float32)[None], bounds=rig.bounds[None], neutral=rest)
    return drive_of(drives, 0)


def move(rig: Rig, drive: Drive) -> Moved:
    """Every vertex of the face in one pose."""
    active = np.flatnonzero(drive.shapes)
    weights = drive.shapes[active]
    shaped = rig.vertices + (weights @ rig.shapes[active]).reshape(-1, 3)
    if rig.can_rest:
        shaped += (drive.neutral @ rig.neutral).reshape(-1, 3)
    rigid = (drive.rotation * drive.zoom).astype(np.float32)
    shift = rig.upright @ drive.shift * rig.head_width
    turned = (shaped - rig.pivot) @ rigid.T + (rig.pivot + shift)
    placed = shaped + rig.head_weight * (turned - shaped) + rig.body_weight * shift
    projected = placed @ rig.camera.T
    ratio = _light(rig, shaped, drive.rotation) / rig.rest_light - 1
    shade = 1 + rig.head_weight[:, 0] * LIGHT_GAIN * LIGHT_RANGE * np.tanh(ratio / LIGHT_RANGE)
    shade = shade + weights @ rig.creases[active] + rig.chin_shade * (CHIN_BY_PITCH * drive.rotation[1, 2])
    skull = (rig.camera @ rigid)[:2]
    turn = skull[:, :2] @ np.linalg.inv(rig.camera[:2, :2])
    return Moved(projected[:, :2] + rig.offset, projected[:, 2], shade.astype(np.float32), skull, turn, drive)


def skull_px(rig: Rig, moved: Moved, points: Float, *, offset: Float) -> Float:
    """Where points [n, 3] that are fixed to the skull appear, [n, 2] px; `offset` as of a vertex near them."""
    drive = moved.drive
    shift = rig.upright @ drive.shift * rig.head_width
    placed = (points - rig.pivot) @ (drive.rotation * drive.zoom).T + (rig.pivot + shift)
    return np.asarray(placed @ rig.camera[:2].T + offset, np.float32)


def _light(rig: Rig, vertices: Float, rotation: Float) -> Float:
    """[V]: brightness of a white face in the portrait's light."""
    corners = vertices[rig.triangles]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    facing = np.empty_like(one)
    facing[:, 0] = one[:, 1] * two[:, 2] - one[:, 2] * two[:, 1]
    facing[:, 1] = one[:, 2] * two[:, 0] - one[:, 0] * two[:, 2]
    facing[:, 2] = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    summed = rig.gather @ facing
    length = np.sqrt(np.einsum("ij,ij->i", summed, summed)) + np.float32(1e-6)
    towards = rotation.T @ rig.light[1:]
    return np.asarray(np.maximum(rig.light[0] + (summed @ towards) / length, DARKEST), np.float32)
