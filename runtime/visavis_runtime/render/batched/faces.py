"""Takes a prepared `Scene`, gives the arrays of one face as they lie on the device, and names the stack of all faces.

The scene is the very one that the CPU back end draws: nothing is prepared twice. Ragged parts are written so that zero
padding means nothing: a triangle of three equal corners is none, neighbours are counted from 1. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from visavis_runtime.face.layers.eyes import Side
from visavis_runtime.render.batched.patches import Patches
from visavis_runtime.render.drives import SIDES
from visavis_runtime.render.geometry import Rig
from visavis_runtime.render.scene import Scene

Array = npt.NDArray[Any]


class Faces(NamedTuple):
    """All resident faces, one row [N] each; V, T, T', T" and M are those of the largest."""

    vertices: torch.Tensor  # [N, V, 3] float32, head frame
    shapes: torch.Tensor  # [N, 52, V, 3] float32
    neutral: torch.Tensor  # [N, 3, V, 3] float32
    head_weight: torch.Tensor  # [N, V] float32
    body_weight: torch.Tensor  # [N, V] float32
    pivot: torch.Tensor  # [N, 3] float32
    camera: torch.Tensor  # [N, 3, 3] float32
    uncamera: torch.Tensor  # [N, 2, 2] float32, inverse of the camera's upper left
    upright: torch.Tensor  # [N, 3, 3] float32
    offset: torch.Tensor  # [N, V, 2] float32
    head_width: torch.Tensor  # [N] float32
    triangles: torch.Tensor  # [N, T, 3] int64
    around: torch.Tensor  # [N, V, K] int64, triangles round each vertex, from 1; 0: none
    light: torch.Tensor  # [N, 4] float32
    rest_light: torch.Tensor  # [N, V] float32
    creases: torch.Tensor  # [N, 52, V] float32
    chin_shade: torch.Tensor  # [N, V] float32
    still: torch.Tensor  # [N, 3, side, side] float32, texture px and light of what never moves
    moving: torch.Tensor  # [N, T', 3] int64
    lips: torch.Tensor  # [N, T", 3] int64, none where the lips of the picture are shut
    texture_uv: torch.Tensor  # [N, V, 2] float32
    front: torch.Tensor  # [N] float32
    texture: torch.Tensor  # [N, M, M] int32, four bytes RGBA each
    texture_side: torch.Tensor  # [N] int64, the part of M that this face uses
    plate: torch.Tensor  # [N, S, S] int32, RGBA; [N, 0, 0] for a transparent background
    fold_map: torch.Tensor  # [N, h, w, 4] int8, see `render.folds.Folds`; 0 is no change
    fold_start: torch.Tensor  # [N, 2] float32
    fold_texels: torch.Tensor  # [N] float32
    fold_drive: torch.Tensor  # [N, 52, 4] float32
    fold_rest: torch.Tensor  # [N, 4] float32
    fold_tint: torch.Tensor  # [N, 4, 3] float32
    mouth: Mapping[str, torch.Tensor]  # fields of `MouthScene`, and `has_photo`
    eyes: Mapping[Side, Mapping[str, torch.Tensor]]  # fields of `EyeScene`


IMAGES = frozenset(
    ("upper", "lower", "photo", "edge", "drawing", "ball", "iris", "glint", "trace", "lid", "strip", "line", "front")
)
"""Fields of `MouthScene` and `EyeScene` that are pictures, [N, h, w, ...] float32 or float16."""
COLOURS = frozenset({"tones", "shade", "lash", "ink"})
"""Fields that are colours, [N, ..., 3]."""
GOES_ON = "ball"
"""The picture whose edges go on beyond it; it is a square."""


def faces_of_bank(tensors: Mapping[str, torch.Tensor]) -> Faces:
    """The stack that `arrays_of_scene` filled, sorted."""

    def part(prefix: str) -> dict[str, torch.Tensor]:
        return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

    skin = {name: value for name, value in tensors.items() if "." not in name}
    return Faces(**skin, mouth=part("mouth."), eyes={side: part(f"{side}.") for side in SIDES})


def scene_rows(kind: type[Any], fields: Mapping[str, torch.Tensor], slots: torch.Tensor, **others: Any) -> Any:
    """The scenes of one mouth or eye of each face `slots` [B], as one record with the fields of `kind` over tensors.

    Numbers become [B, 1, 1], colours [..., B, 1, 1, 3] and pictures `Patches`, as formulas of pixels want them; other
    vectors are [B, n].
    """
    rows: dict[str, Any] = dict(others)
    for name, stack in fields.items():
        if name in IMAGES:
            side = fields["side_px"][slots][:, None, None] if name == GOES_ON else None
            rows[name] = Patches(stack, slots, side)
        elif name in COLOURS:
            rows[name] = stack[slots].movedim(0, -2)[..., None, None, :]
        else:
            rows[name] = stack[slots][:, None, None] if stack.ndim == 1 else stack[slots]
    known = set(getattr(kind, "_fields", ()))
    assert known <= rows.keys(), known - rows.keys()
    return SimpleNamespace(**rows)


def arrays_of_scene(scene: Scene, *, image_type: npt.DTypeLike = np.float32) -> dict[str, Array]:
    """One row of `Faces` by name; pictures of mouth and eyes in `image_type`."""
    arrays = _arrays_of_skin(scene)
    arrays |= _arrays_of_record("mouth.", scene.mouth, image_type)
    arrays["mouth.has_photo"] = np.array(scene.mouth.photo is not None)
    for eye in scene.eyes:
        arrays |= _arrays_of_record(f"{eye.side}.", eye, image_type)
        arrays[f"{eye.side}.side_px"] = np.array(eye.ball.shape[0], np.int64)
    return arrays


def _arrays_of_record(prefix: str, record: Any, image_type: npt.DTypeLike) -> dict[str, Array]:
    """Every field of a scene of mouth or eye that is not a word; a picture that is not there is empty."""
    empty = {"photo": np.zeros((0, 0, 4)), "edge": np.zeros((0, 0, 3)), "drawing": np.zeros((0, 0, 3))}
    arrays: dict[str, Array] = {}
    for name, value in record._asdict().items():
        if isinstance(value, str):
            continue
        array = np.asarray(empty[name] if value is None else value)
        kind = image_type if name in IMAGES else bool if array.dtype == bool else np.float32
        arrays[prefix + name] = array.astype(kind)
    return arrays


def _arrays_of_skin(scene: Scene) -> dict[str, Array]:
    """What the frame without eyes and mouth is made of."""
    rig, stage, surface = scene.rig, scene.stage, scene.surface
    count = len(rig.vertices)
    plate = np.zeros((0, 0), np.int32) if surface.plate is None else _packed(surface.plate)
    return {
        "vertices": rig.vertices,
        "shapes": rig.shapes.reshape(-1, count, 3),
        "neutral": rig.neutral.reshape(-1, count, 3),
        "head_weight": rig.head_weight[:, 0],
        "body_weight": rig.body_weight[:, 0],
        "pivot": rig.pivot,
        "camera": rig.camera,
        "uncamera": np.linalg.inv(rig.camera[:2, :2]).astype(np.float32),
        "upright": rig.upright,
        "offset": rig.offset,
        "head_width": np.array(rig.head_width, np.float32),
        "triangles": rig.triangles.astype(np.int64),
        "around": _around(rig),
        "light": rig.light,
        "rest_light": rig.rest_light,
        "creases": rig.creases,
        "chin_shade": rig.chin_shade,
        "still": np.concatenate([stage.uv.transpose(2, 0, 1), stage.shade[None]]),
        "moving": stage.moving.astype(np.int64),
        "lips": stage.lips.astype(np.int64),
        "texture_uv": stage.texture_uv,
        "front": np.array(stage.front, np.float32),
        "texture": _packed(surface.texture),
        "texture_side": np.array(surface.texture.shape[0], np.int64),
        "plate": plate,
        "fold_map": (scene.folds.map.astype(np.int16) - 128).astype(np.int8),
        "fold_start": scene.folds.start,
        "fold_texels": np.array(scene.folds.texels, np.float32),
        "fold_drive": scene.folds.drive,
        "fold_rest": scene.folds.rest,
        "fold_tint": scene.folds.tint,
    }  # fmt: skip


def _packed(picture: Array) -> npt.NDArray[np.int32]:
    """[h, w, 4] uint8 -> [h, w] int32: one load fetches a whole texel."""
    return np.ascontiguousarray(picture).view(np.int32)[..., 0]


def _around(rig: Rig) -> npt.NDArray[np.int64]:
    """[V, K]: the triangles at each vertex, from 1, so that 0 means none."""
    gather = rig.gather.tocsr()
    counts = np.diff(gather.indptr)
    out = np.zeros((len(counts), int(counts.max())), np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    out[owner, np.arange(len(owner)) - gather.indptr[owner]] = gather.indices + 1
    return out
