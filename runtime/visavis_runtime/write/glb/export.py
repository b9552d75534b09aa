"""Takes an avatar, and the latents of a talk if there is one, gives the bytes of a .glb that any engine reads.

The scene holds the skinned mesh `Face` and the joints Root > Chest > Neck > Head, below which EyeLeft, EyeRight,
UpperTeeth, LowerTeeth and Tongue hang. Metres, y up, the face looks along +z, +x is the subject's left. Head and hair
are opaque except for the triangles on the rim of the matte, which blend: sorted wrongly they can only misplace single
hairs, while a wholly blended head would show its far cheek through the nose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from visavis import __version__
from visavis.errors import InputError
from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.animation import Tracks
from visavis_runtime.write.glb.atlas import SIDES_PX
from visavis_runtime.write.glb.document import ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER, Document
from visavis_runtime.write.glb.head import Head, head_from_avatar, unit_normals
from visavis_runtime.write.glb.part import Int, Part
from visavis_runtime.write.glb.skeleton import Joint, joint_weights, joints_of

METRE = np.float32(0.01)
"""Metres in a centimetre."""
UNLIT = "KHR_materials_unlit"
ROUGHNESS = {"Skin": 0.65, "SkinRim": 0.65, "Eyes": 0.12, "Mouth": 0.35}
"""Materials, and how rough each is in the lit variant."""
UNLIT_ROUGHNESS = 0.9
"""For engines that do not know the unlit extension and light the head all the same."""
MATERIAL_OF = {"EyeLeft": "Eyes", "EyeRight": "Eyes"}


@dataclass(frozen=True)
class Look:
    """How a head is written: `lit` by the engine or showing the picture's own light; pixels a side of its texture."""

    lit: bool = False
    texture_px: int = 512

    def __post_init__(self) -> None:
        if self.texture_px not in SIDES_PX:
            raise InputError(
                f"A texture of {self.texture_px} px is not possible: take {' or '.join(map(str, SIDES_PX))}.",
                reason="TEXTURE_SIZE",
            )


def glb_from_avatar(
    avatar: Avatar, *, look: Look | None = None, tracks: Tracks | None = None, audio: str = ""
) -> bytes:
    """The file.

    Args:
        avatar: the face.
        look: how it is written; unlit with 512 px if left out.
        tracks: the animation of a talk.
        audio: name of the sound file that belongs to the animation, for `extras`.

    Raises:
        InputError: TEXTURE_SIZE.
    """
    look = look or Look()
    head = head_from_avatar(avatar, texture_px=look.texture_px)
    document = Document()
    document.json["asset"]["generator"] = f"visavis {__version__}"
    if not look.lit:
        document.json["extensionsUsed"] = [UNLIT]
    materials = _materials(document, head=head, lit=look.lit)
    joints = joints_of(avatar)
    first = _joint_nodes(document, joints)
    skin = _skin(document, joints, first)
    face = _face(document, head, materials, look)
    nodes = {"Face": document.add("nodes", {"name": "Face", "mesh": face, "skin": skin})}
    nodes |= {joint.name: first + k for k, joint in enumerate(joints)}
    for name, part in head.parts.items():
        nodes[name] = _part_node(document, name, part, parent=joints[-1], material=materials, look=look)
    document.json["nodes"][nodes["Head"]] |= {
        "children": [nodes[name] for name in head.parts],
        "extras": _facts(avatar),
    }
    document.json["scene"] = 0
    document.add("scenes", {"name": "Visavis", "nodes": [nodes["Face"], nodes["Root"]]})
    if tracks is not None:
        _animation(document, nodes, head=head, tracks=tracks, joints=joints, audio=audio)
    return document.to_bytes()


def _facts(avatar: Avatar) -> dict[str, Any]:
    """What an engine needs to drive the head live: the unit of headX, headY, headZ and how far it may turn."""
    limits = {name: [round(value, 4) for value in span] for name, span in avatar.limits._asdict().items()}
    shift = limits.pop("shift")
    return {
        "headWidthMetres": round(avatar.head_width * float(METRE), 5),
        "limitsRadians": limits,
        "limitsHeadWidths": {"shift": shift},
    }


def _materials(document: Document, *, head: Head, lit: bool) -> dict[str, int]:
    ok, png = cv2.imencode(".png", cv2.cvtColor(head.texture, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert ok
    image = document.image(png.tobytes(), name="Head")
    sampler = document.add("samplers", {"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071})
    texture = document.add("textures", {"source": image, "sampler": sampler})
    out = {}
    for name, roughness in ROUGHNESS.items():
        entry: dict[str, Any] = {
            "name": name,
            "pbrMetallicRoughness": {
                "baseColorTexture": {"index": texture},
                "metallicFactor": 0,
                "roughnessFactor": roughness if lit else UNLIT_ROUGHNESS,
            },
            "doubleSided": name != "Eyes",
        }
        if name == "SkinRim":
            entry["alphaMode"] = "BLEND"
        if not lit:
            entry["extensions"] = {UNLIT: {}}
        out[name] = document.add("materials", entry)
    return out


def _local(joints: list[Joint], number: int) -> list[float]:
    """Translation of a joint against its parent, metres."""
    joint = joints[number]
    parent = joints[joint.parent].place if joint.parent >= 0 else np.zeros(3, np.float32)
    return _metres(joint.place - parent)


def _metres(place: Any) -> list[float]:
    return [round(float(value) * float(METRE), 6) for value in place]


def _joint_nodes(document: Document, joints: list[Joint]) -> int:
    """Nodes of the joints, one after another; returns the number of the first."""
    first = len(document.json.get("nodes", []))
    for number, joint in enumerate(joints):
        entry: dict[str, Any] = {"name": joint.name, "translation": _local(joints, number)}
        children = [first + k for k, other in enumerate(joints) if other.parent == number]
        document.add("nodes", entry | ({"children": children} if children else {}))
    return first


def _skin(document: Document, joints: list[Joint], first: int) -> int:
    inverse = np.repeat(np.eye(4, dtype=np.float32)[None], len(joints), axis=0)
    place = np.zeros(3)
    for number in range(len(joints)):
        place = place + np.array(_local(joints, number))  # one chain: every joint's parent comes before it
        inverse[number, :3, 3] = -place
    return document.add(
        "skins",
        {
            "name": "Head",
            "joints": [first + k for k in range(len(joints))],
            "skeleton": first,
            "inverseBindMatrices": document.accessor(inverse),
        },
    )


def _face(document: Document, head: Head, materials: dict[str, int], look: Look) -> int:
    """The skinned mesh: two primitives that share all vertices, opaque and rim, each with the 52 targets."""
    weights = joint_weights(head.head_weight, head.body_weight)
    used = np.tile(np.arange(4, dtype=np.uint8), (len(weights), 1))
    used[weights == 0] = 0
    attributes = {
        "POSITION": document.accessor(head.points * METRE, target=ARRAY_BUFFER, bounds=True),
        "TEXCOORD_0": document.accessor(head.uv, target=ARRAY_BUFFER),
        "JOINTS_0": document.accessor(used, target=ARRAY_BUFFER),
        "WEIGHTS_0": document.accessor(weights, target=ARRAY_BUFFER),
    }
    if look.lit:
        attributes["NORMAL"] = document.accessor(head.normals, target=ARRAY_BUFFER)
    targets = [{"POSITION": document.displacements(shape * METRE)} for shape in head.shapes]
    shared = {"attributes": attributes, "targets": targets}
    primitives = [
        {**shared, "indices": _indices(document, faces), "material": materials[name]}
        for name, faces in (("Skin", head.solid), ("SkinRim", head.soft))
        if len(faces)
    ]
    names = list(ARKIT_NAMES)
    return document.add(
        "meshes",
        {"name": "Face", "primitives": primitives, "weights": [0] * len(names), "extras": {"targetNames": names}},
    )


def _indices(document: Document, triangles: Int) -> int:
    return document.accessor(triangles.ravel().astype(np.uint16), target=ELEMENT_ARRAY_BUFFER)


def _part_node(
    document: Document, name: str, part: Part, *, parent: Joint, material: dict[str, int], look: Look
) -> int:
    """A node below the Head joint whose origin is the part's own."""
    points = ((part.points - part.origin) * METRE).astype(np.float32)
    attributes = {
        "POSITION": document.accessor(points, target=ARRAY_BUFFER, bounds=True),
        "TEXCOORD_0": document.accessor(part.uv, target=ARRAY_BUFFER),
    }
    if look.lit:
        attributes["NORMAL"] = document.accessor(unit_normals(part.points, part.triangles), target=ARRAY_BUFFER)
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": _indices(document, part.triangles),
        "material": material[MATERIAL_OF.get(name, "Mouth")],
    }
    mesh: dict[str, Any] = {"name": name, "primitives": [primitive]}
    if part.shapes:
        primitive["targets"] = [{"POSITION": document.displacements(shape * METRE)} for shape in part.shapes.values()]
        mesh |= {"weights": [0] * len(part.shapes), "extras": {"targetNames": list(part.shapes)}}
    return document.add(
        "nodes",
        {"name": name, "mesh": document.add("meshes", mesh), "translation": _metres(part.origin - parent.place)},
    )


def _animation(
    document: Document, nodes: dict[str, int], *, head: Head, tracks: Tracks, joints: list[Joint], audio: str
) -> None:
    """The line as one animation."""
    times = document.accessor(tracks.times_s, bounds=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def track(node: str, path: str, values: Any) -> None:
        samplers.append({"input": times, "output": document.accessor(np.ascontiguousarray(values, np.float32))})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": nodes[node], "path": path}})

    track("Face", "weights", tracks.shapes.ravel())
    for name, part in head.parts.items():
        if part.shapes:
            driven = [ARKIT_NAMES.index(shape) for shape in part.shapes]
            track(name, "weights", tracks.shapes[:, driven].ravel())
    track("Head", "rotation", tracks.head_turn)
    for number, shift in ((1, tracks.body_shift), (3, tracks.head_shift)):
        track(joints[number].name, "translation", shift * METRE + np.array(_local(joints, number), np.float32))
    for side, turn in tracks.eye_turn.items():
        track(f"Eye{side.capitalize()}", "rotation", turn)
    extras = {"audio": audio} if audio else {}
    document.add("animations", {"name": "Talk", "samplers": samplers, "channels": channels, "extras": extras})
