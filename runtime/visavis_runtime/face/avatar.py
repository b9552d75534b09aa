"""Takes the parts that the portrait builder makes, gives one value: everything that is needed to draw this face.

An `Avatar` is plain data, made once from a portrait and never changed. It lives in a `.visavis` file: a zip of npz,
png and json, so that any tool can open it and no code is ever loaded from it (see `bundle`).

Frames used everywhere:
- picture pixels: x right, y down, pixel centres on integers, the square crop of `size` pixels a side;
- texture pixels: picture pixels + `margin`, because the texture carries a border of what lies outside the crop (real
  pixels where the photo has them, a mirrored copy elsewhere) so that a moving head never drags an edge into view;
- head frame: centimetres of the mean head, x to the subject's left (picture right), y up, z towards the viewer.

The mesh covers the crop and a border round it like a sheet. Its outermost ring never moves (`head_weight` 0), so that
as long as no triangle turns over, every pixel of the picture is covered exactly once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.face.bundle import (
    Bundle,
    arrays_from_npz,
    json_from_bytes,
    npz_from_arrays,
    picture_from_png,
    png_from_picture,
    read_bundle,
    write_bundle,
)
from visavis_runtime.face.eyes import EyeLayer
from visavis_runtime.face.mouth import MouthLayer

FORMAT = "visavis.avatar.v1"
U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]


class Camera(NamedTuple):
    """Scaled orthographic camera of the source picture.

    A head-frame point X projects as `p = scale * (rotation @ X) + translation`; picture px = (p_x, -p_y), depth = p_z
    (bigger is nearer). `rotation` [3, 3] holds the source pose, `translation` [3] px.
    """

    scale: float
    rotation: F32
    translation: F32


class Limits(NamedTuple):
    """Motion that this portrait stands, each (min, max): head rotations in radians, shifts in head widths."""

    yaw: tuple[float, float]
    pitch: tuple[float, float]
    roll: tuple[float, float]
    eye_yaw: tuple[float, float]
    eye_pitch: tuple[float, float]
    shift: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Avatar:
    """One animatable face. All arrays are read-only.

    size: side of the crop in px (N). margin: border of the texture in px (m), M = N + 2 m.
    picture [N, N, 3] uint8: the crop as it was. texture [M, M, 4] uint8: foreground colour (straight) and matte.
    plate [N, N, 3] uint8: the background with the person removed; matte * texture + (1 - matte) * plate = picture.
    vertices [V, 3] float32 head frame; uv [V, 2] float32 texture px; triangles [T, 3] int32, all one way round;
    cap [T] bool: triangles that close the eyes and the mouth. shapes [52, V, 3] float32 in the order of
    `visavis.latents.ARKIT_NAMES`, added to `vertices` times their weight (eyeLook* move skin only).
    head_weight [V] float32 0..1: how much a vertex follows the head's rotation about `pivot` [3] and its shifts.
    head_width: cm, the unit of headX/Y/Z. light [4] float32 and rest_light [V] float32: see `light`.
    eyes: layers by the subject's "left" and "right"; mouth: the inside of the mouth. meta: JSON values
    (portrait_sha256, presence, source pose, warnings, made_by).
    """

    size: int
    margin: int
    picture: U8
    texture: U8
    plate: U8
    vertices: F32
    uv: F32
    triangles: I32
    cap: npt.NDArray[np.bool_]
    shapes: F32
    head_weight: F32
    pivot: F32
    camera: Camera
    head_width: float
    light: F32
    rest_light: F32
    limits: Limits
    eyes: Mapping[str, EyeLayer]
    mouth: MouthLayer
    meta: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Make every array read-only, so that one avatar can be shared by any number of talks."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def rest_px(self) -> F32:
        """Where the vertices are in the picture, [V, 2] float32 px: `uv` without the texture's border."""
        return self.uv - np.float32(self.margin)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, the layers included."""
        own = sum(value.nbytes for field in fields(self) if isinstance(value := getattr(self, field.name), np.ndarray))
        layers: list[EyeLayer | MouthLayer] = [*self.eyes.values(), self.mouth]
        return own + sum(array.nbytes for layer in layers for array in layer.arrays().values())

    def save(self, path: str | Path) -> None:
        """Write the avatar as a `.visavis` file (to a temporary name in the same folder, then renamed).

        Raises:
            OutputError: the folder is missing or not writable.
        """
        write_bundle(path, entries=_entries_from_avatar(self))

    @staticmethod
    def load(path: str | Path) -> Avatar:
        """Read a `.visavis` file; names, sizes and types are checked before anything is decoded.

        Raises:
            InputError: not an avatar, or an unsafe bundle (reason BUNDLE_UNSAFE, BUNDLE_VERSION).
            DamageError: a part is missing or does not decode (reason BUNDLE_DAMAGED).
        """
        return _avatar_from_bundle(read_bundle(path, names=ENTRY_NAMES))


MESH_ARRAYS: Mapping[str, tuple[str, int]] = {
    "vertices": ("float32", 2),
    "uv": ("float32", 2),
    "triangles": ("int32", 2),
    "cap": ("bool", 1),
    "head_weight": ("float32", 1),
    "pivot": ("float32", 1),
    "light": ("float32", 1),
    "rest_light": ("float32", 1),
    "shapes": ("float32", 3),
}
EYE_SIDES = ("left", "right")
ENTRY_NAMES = frozenset(
    ["avatar.json", "picture.png", "texture.png", "plate.png", "mesh.npz", "mouth.npz"]
    + [f"eye_{side}.npz" for side in EYE_SIDES]
)


def _entries_from_avatar(avatar: Avatar) -> dict[str, bytes]:
    """File name in the bundle -> bytes."""
    head = {
        "format": FORMAT,
        "size": avatar.size,
        "margin": avatar.margin,
        "head_width": avatar.head_width,
        "camera": {
            "scale": avatar.camera.scale,
            "rotation": avatar.camera.rotation.tolist(),
            "translation": avatar.camera.translation.tolist(),
        },
        "limits": avatar.limits._asdict(),
        "meta": dict(avatar.meta),
    }
    entries = {
        "avatar.json": json.dumps(head, indent=1).encode(),
        "picture.png": png_from_picture(avatar.picture),
        "texture.png": png_from_picture(avatar.texture),
        "plate.png": png_from_picture(avatar.plate),
        "mesh.npz": npz_from_arrays({name: getattr(avatar, name) for name in MESH_ARRAYS}),
        "mouth.npz": npz_from_arrays(avatar.mouth.arrays()),
    }
    for side in EYE_SIDES:
        entries[f"eye_{side}.npz"] = npz_from_arrays(avatar.eyes[side].arrays())
    return entries


def _avatar_from_bundle(bundle: Bundle) -> Avatar:
    head = json_from_bytes(bundle.entry("avatar.json"))
    if head.get("format") != FORMAT:
        raise InputError(
            f"{bundle.path} has the format {head.get('format')!r}, this version reads {FORMAT!r}: build the avatar"
            " again with `visavis avatar build`.",
            reason="BUNDLE_VERSION",
        )
    with bundle.decoding():
        size, margin, camera = int(head["size"]), int(head["margin"]), head["camera"]
        mesh = arrays_from_npz(bundle.entry("mesh.npz"), kinds=MESH_ARRAYS)
        _check_mesh(mesh)
        side = size + 2 * margin
        return Avatar(
            size=size,
            margin=margin,
            picture=picture_from_png(bundle.entry("picture.png"), shape=(size, size, 3)),
            texture=picture_from_png(bundle.entry("texture.png"), shape=(side, side, 4)),
            plate=picture_from_png(bundle.entry("plate.png"), shape=(size, size, 3)),
            camera=Camera(
                float(camera["scale"]),
                np.array(camera["rotation"], np.float32).reshape(3, 3),
                np.array(camera["translation"], np.float32).reshape(3),
            ),
            head_width=float(head["head_width"]),
            limits=Limits(**{key: (float(low), float(high)) for key, (low, high) in head["limits"].items()}),
            eyes={s: EyeLayer.from_arrays(arrays_from_npz(bundle.entry(f"eye_{s}.npz"))) for s in EYE_SIDES},
            mouth=MouthLayer.from_arrays(arrays_from_npz(bundle.entry("mouth.npz"))),
            meta=head["meta"],
            **mesh,
        )


def _check_mesh(mesh: Mapping[str, npt.NDArray[Any]]) -> None:
    """The arrays fit together and no index points outside."""
    count, triangles = len(mesh["vertices"]), mesh["triangles"]
    shapes = {
        "vertices": (count, 3),
        "uv": (count, 2),
        "triangles": (len(triangles), 3),
        "cap": (len(triangles),),
        "head_weight": (count,),
        "pivot": (3,),
        "light": (4,),
        "rest_light": (count,),
        "shapes": (52, count, 3),
    }
    for name, shape in shapes.items():
        if mesh[name].shape != shape:
            raise ValueError(f"{name} has the shape {mesh[name].shape}, expected {shape}")
    if len(triangles) and not (triangles.min() >= 0 and triangles.max() < count):
        raise ValueError("a triangle points at a vertex that does not exist")
    if not all(np.isfinite(mesh[name]).all() for name in shapes if mesh[name].dtype == np.float32):
        raise ValueError("a number of the mesh is not finite")
