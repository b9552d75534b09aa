"""Takes the parts that the portrait builder makes, gives one value: everything that is needed to draw this face.

An `Avatar` is plain data, made once from a portrait and never changed. It lives in a `.visavis` file: a zip of npz,
png and json, so that any tool can open it and no code is ever loaded from it (see `bundle`).

Frames used everywhere:
- picture pixels: x right, y down, pixel centres on integers, the square crop of `size` pixels a side;
- bordered pixels: picture pixels + `margin`, because the texture carries a border of what lies outside the crop (real
  pixels where the photo has them, a mirrored copy elsewhere) so that a moving head never drags an edge into view;
- texture pixels: (bordered pixels + 0.5) * `texture_scale` - 0.5, finer where the photo has more pixels than the crop;
- head frame: centimetres of the mean head, x to the subject's left (picture right), y up, z towards the viewer.

The mesh covers the crop and a border round it like a sheet. Its outermost ring never moves (`head_weight` 0), so that
as long as no triangle turns over, every pixel of the picture is covered exactly once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visavis.errors import VersionError
from visavis_runtime.face.bundle import Bundle, read_bundle, write_bundle
from visavis_runtime.face.camera import FAR_CM, FAR_PX, Camera, Limits, camera_of, limits_of, positive
from visavis_runtime.face.entries import (
    arrays_from_npz,
    json_from_bytes,
    meta_of,
    npz_from_arrays,
    picture_from_png,
    png_from_picture,
    printable,
)
from visavis_runtime.face.layers.eyes import EYE_ARRAYS, EyeLayer
from visavis_runtime.face.layers.mouth import MOUTH_ARRAYS, MouthLayer
from visavis_runtime.face.spec import ArraySpec, check_arrays

FORMAT = "visavis.avatar.v2"
U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Avatar:
    """One animatable face. All arrays are read-only.

    size: side of the crop in px (N). margin: border of the texture in px (m), M = (N + 2 m) texture_scale.
    picture [N, N, 3] uint8: the crop as it was. texture [M, M, 4] uint8: foreground colour (straight) and matte.
    plate [N, N, 3] uint8: the background with the person removed; matte * texture + (1 - matte) * plate = picture.
    vertices [V, 3] float32 head frame; uv [V, 2] float32 bordered px; triangles [T, 3] int32, all one way round;
    cap [T] bool: triangles that close the eyes and the mouth. shapes [52, V, 3] float32 in the order of
    `visavis.latents.ARKIT_NAMES`, added to the face at rest times their weight (eyeLook* move skin only).
    neutral [3, V, 3] float32: what brings the picture to rest, by the regions of `neutral.REGIONS` (mouth, eyes): the
    face at rest is `vertices + neutral.sum(0)`; zeros where the portrait rests already.
    head_weight [V] float32 0..1: how much a vertex follows the head's rotation about `pivot` [3] and its shifts.
    body_weight [V] float32 0..1: how much of the shifts, and of nothing else, the trunk follows besides.
    head_width: cm, the unit of headX/Y/Z. light [4] float32 and rest_light [V] float32: see `light`.
    eyes: layers by the subject's "left" and "right"; mouth: the inside of the mouth. meta: JSON values
    (portrait_sha256, presence, source pose, warnings, made_by).
    """

    size: int
    margin: int
    texture_scale: float
    picture: U8
    texture: U8
    plate: U8
    vertices: F32
    uv: F32
    triangles: I32
    cap: npt.NDArray[np.bool_]
    shapes: F32
    neutral: F32
    head_weight: F32
    body_weight: F32
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
        """Where the vertices are in the picture, [V, 2] float32 px: `uv` without the border."""
        return self.uv - np.float32(self.margin)

    @property
    def texture_px(self) -> F32:
        """Where the vertices are in the texture, [V, 2] float32 px."""
        return np.asarray((self.uv + 0.5) * self.texture_scale - 0.5, np.float32)

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
            InputError: not an avatar, an unsafe bundle (BUNDLE_UNSAFE), a model or pickle in it (MODEL_UNSAFE).
            VersionError: made by another version (BUNDLE_VERSION).
            DamageError: a part is missing or does not decode (reason BUNDLE_DAMAGED).
        """
        return _avatar_from_bundle(read_bundle(path, names=ENTRY_NAMES))


MAX_SIZE_PX = 2048
MAX_TEXTURE_SCALE = 2.0
FACE_VERTICES = 468
MESH_ARRAYS: Mapping[str, ArraySpec] = {
    "vertices": ArraySpec("float32", ("vertices", 3), -FAR_CM, FAR_CM),
    "uv": ArraySpec("float32", ("vertices", 2), -FAR_PX, FAR_PX),
    "triangles": ArraySpec("int32", ("triangles", 3), 0, np.inf),
    "cap": ArraySpec("bool", ("triangles",), 0, 1),
    "head_weight": ArraySpec("float32", ("vertices",), 0, 1),
    "body_weight": ArraySpec("float32", ("vertices",), 0, 1),
    "pivot": ArraySpec("float32", (3,), -FAR_CM, FAR_CM),
    "light": ArraySpec("float32", (4,), -1e4, 1e4),
    "rest_light": ArraySpec("float32", ("vertices",), -1e4, 1e4),
    "shapes": ArraySpec("float32", (52, "vertices", 3), -FAR_CM, FAR_CM),
    "neutral": ArraySpec("float32", (3, "vertices", 3), -FAR_CM, FAR_CM),
}
"""Arrays of the mesh in the file; the ranges are far outside what a portrait has, and far inside what overflows."""
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
        "texture_scale": avatar.texture_scale,
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
        raise VersionError(
            f"{bundle.path} has the format {printable(repr(head.get('format')))}, this version reads {FORMAT!r}: build"
            " the avatar again with `visavis avatar build`.",
            reason="BUNDLE_VERSION",
        )
    with bundle.decoding():
        return _avatar_from_head(head, bundle)


def _avatar_from_head(head: Mapping[str, Any], bundle: Bundle) -> Avatar:
    """Raises: what decoders raise, and ValueError for parts that do not fit together."""
    size, margin = int(head["size"]), int(head["margin"])
    if not (1 <= size <= MAX_SIZE_PX and 0 <= margin <= size // 2):
        raise ValueError(f"its size is {size} px with a border of {margin} px, the limit is {MAX_SIZE_PX} px")
    texture_scale = float(head["texture_scale"])
    if not 1 <= texture_scale <= MAX_TEXTURE_SCALE:
        raise ValueError(f"its texture is {texture_scale:g} times as fine as its picture, expected 1 to 2")
    side = round((size + 2 * margin) * texture_scale)
    mesh = arrays_from_npz(bundle.entry("mesh.npz"), specs=MESH_ARRAYS)
    _check_mesh(mesh)
    mouth = MouthLayer.from_arrays(arrays_from_npz(bundle.entry("mouth.npz"), specs=MOUTH_ARRAYS))
    if (mouth.photo_origin[::-1] + mouth.photo.shape[:2] > size).any():
        raise ValueError("the photo of the mouth lies outside the picture")
    eyes = {s: arrays_from_npz(bundle.entry(f"eye_{s}.npz"), specs=EYE_ARRAYS) for s in EYE_SIDES}
    return Avatar(
        size=size,
        margin=margin,
        texture_scale=texture_scale,
        picture=picture_from_png(bundle.entry("picture.png"), shape=(size, size, 3)),
        texture=picture_from_png(bundle.entry("texture.png"), shape=(side, side, 4)),
        plate=picture_from_png(bundle.entry("plate.png"), shape=(size, size, 3)),
        camera=camera_of(head["camera"]),
        head_width=positive("head_width", head["head_width"]),
        limits=limits_of(head["limits"]),
        eyes={side_: EyeLayer.from_arrays(arrays) for side_, arrays in eyes.items()},
        mouth=mouth,
        meta=meta_of(head["meta"]),
        **mesh,
    )


def _check_mesh(mesh: Mapping[str, npt.NDArray[Any]]) -> None:
    """The arrays fit together and no index points outside."""
    count = check_arrays(mesh, specs=MESH_ARRAYS)["vertices"]
    if count < FACE_VERTICES:
        raise ValueError(f"the mesh has {count} vertices, a face alone has {FACE_VERTICES}")
    if mesh["triangles"].max() >= count:
        raise ValueError("a triangle points at a vertex that does not exist")
