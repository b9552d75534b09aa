"""The file: names, structure, sizes; the same avatar gives the same bytes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from visavis.errors import InputError
from visavis.latents import ARKIT_NAMES
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.animation import tracks_from_latents
from visavis_runtime.write.glb.document import read_accessor, read_document
from visavis_runtime.write.glb.export import Look, glb_from_avatar
from visavis_runtime.write.glb.head import Head

NODES = {"Face", "Root", "Chest", "Neck", "Head", "EyeLeft", "EyeRight", "UpperTeeth", "LowerTeeth", "Tongue"}


@pytest.fixture(scope="module")
def data(drawn: Avatar) -> bytes:
    return glb_from_avatar(drawn)


def _named(head: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [entry for entry in head[kind] if entry["name"] == name]
    assert len(found) == 1
    return found[0]


def test_the_face_has_the_52_shapes_by_name(data: bytes) -> None:
    head, _ = read_document(data)
    face = _named(head, "meshes", "Face")
    assert tuple(face["extras"]["targetNames"]) == ARKIT_NAMES
    assert face["weights"] == [0] * 52
    for primitive in face["primitives"]:
        assert len(primitive["targets"]) == 52
        assert set(primitive["targets"][0]) == {"POSITION"}
    assert _named(head, "meshes", "Tongue")["extras"]["targetNames"][-1] == "tongueOut"


def test_shapes_are_stored_in_metres(data: bytes, head: Head) -> None:
    json, binary = read_document(data)
    primitive = _named(json, "meshes", "Face")["primitives"][0]
    points = read_accessor(json, binary, primitive["attributes"]["POSITION"])
    np.testing.assert_allclose(points, head.points * 0.01, atol=1e-6)
    assert 0.1 < np.ptp(points[:468, 1]) < 0.3
    for target, shape in zip(primitive["targets"], head.shapes, strict=True):
        np.testing.assert_allclose(read_accessor(json, binary, target["POSITION"]), shape * 0.01, atol=1.1e-5)


def test_nodes_hang_on_the_head_joint(data: bytes, drawn: Avatar) -> None:
    json, binary = read_document(data)
    assert {node["name"] for node in json["nodes"]} == NODES
    number = {node["name"]: k for k, node in enumerate(json["nodes"])}
    assert set(json["scenes"][0]["nodes"]) == {number["Face"], number["Root"]}
    assert set(json["nodes"][number["Head"]]["children"]) == {
        number[name] for name in NODES - {"Face", "Root", "Chest", "Neck", "Head"}
    }
    skin = json["skins"][0]
    assert [json["nodes"][joint]["name"] for joint in skin["joints"]] == ["Root", "Chest", "Neck", "Head"]
    inverse = read_accessor(json, binary, skin["inverseBindMatrices"])
    np.testing.assert_allclose(inverse[3, :3, 3], -drawn.pivot * 0.01, atol=1e-5)
    place = sum(np.array(json["nodes"][joint]["translation"]) for joint in skin["joints"])
    np.testing.assert_allclose(place, drawn.pivot * 0.01, atol=1e-5)


def test_the_head_tells_its_width_and_limits(data: bytes, drawn: Avatar) -> None:
    json, _ = read_document(data)
    facts = _named(json, "nodes", "Head")["extras"]
    assert facts["headWidthMetres"] == pytest.approx(drawn.head_width / 100, abs=1e-5)
    assert facts["limitsRadians"]["yaw"] == pytest.approx(drawn.limits.yaw, abs=1e-4)
    assert set(facts["limitsRadians"]) == {"yaw", "pitch", "roll", "eye_yaw", "eye_pitch"}


def test_skin_weights_sum_to_one_and_unused_joints_are_zero(data: bytes) -> None:
    json, binary = read_document(data)
    attributes = _named(json, "meshes", "Face")["primitives"][0]["attributes"]
    weights = read_accessor(json, binary, attributes["WEIGHTS_0"])
    joints = read_accessor(json, binary, attributes["JOINTS_0"])
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert (joints[weights == 0] == 0).all()
    assert joints.max() == 3


def test_bounds_hold_every_point(data: bytes) -> None:
    json, binary = read_document(data)
    for number, entry in enumerate(json["accessors"]):
        if "min" in entry:
            values = np.atleast_2d(read_accessor(json, binary, number))
            values = values.T if entry["type"] == "SCALAR" else values
            np.testing.assert_allclose(values.min(axis=0), entry["min"], atol=1e-7)
            np.testing.assert_allclose(values.max(axis=0), entry["max"], atol=1e-7)


def test_only_the_rim_blends(data: bytes) -> None:
    json, _ = read_document(data)
    assert {m["name"]: m.get("alphaMode", "OPAQUE") for m in json["materials"]} == {
        "Skin": "OPAQUE",
        "SkinRim": "BLEND",
        "Eyes": "OPAQUE",
        "Mouth": "OPAQUE",
    }
    faces = _named(json, "meshes", "Face")["primitives"]
    assert [json["materials"][p["material"]]["name"] for p in faces] == ["Skin", "SkinRim"]


def test_lit_has_normals_and_unlit_says_so(data: bytes, drawn: Avatar) -> None:
    unlit, _ = read_document(data)
    lit, binary = read_document(glb_from_avatar(drawn, look=Look(lit=True)))
    assert unlit["extensionsUsed"] == ["KHR_materials_unlit"]
    assert "extensionsUsed" not in lit
    for mesh in lit["meshes"]:
        normals = read_accessor(lit, binary, mesh["primitives"][0]["attributes"]["NORMAL"])
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-4)
    assert all("NORMAL" not in p["attributes"] for mesh in unlit["meshes"] for p in mesh["primitives"])


@pytest.mark.parametrize("side", [512, 1024])
def test_the_texture_has_the_size_asked_for(drawn: Avatar, side: int) -> None:
    json, binary = read_document(glb_from_avatar(drawn, look=Look(texture_px=side)))
    view = json["bufferViews"][json["images"][0]["bufferView"]]
    png = np.frombuffer(binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]], np.uint8)
    assert cv2.imdecode(png, cv2.IMREAD_UNCHANGED).shape == (side, side, 4)


def test_other_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="512 or 1024") as caught:
        Look(texture_px=640)
    assert caught.value.reason == "TEXTURE_SIZE"


def test_the_same_avatar_gives_the_same_bytes(data: bytes, drawn: Avatar) -> None:
    assert glb_from_avatar(drawn) == data


def test_it_is_small(data: bytes) -> None:
    assert len(data) < 1_500_000


def test_an_animation_drives_every_moving_node(drawn: Avatar) -> None:
    latents = np.random.default_rng(2).uniform(0, 0.3, (4, 64)).astype(np.float32)
    tracks = tracks_from_latents(drawn, latents=latents, fps=60)
    json, binary = read_document(glb_from_avatar(drawn, tracks=tracks, audio="line.wav"))
    (talk,) = json["animations"]
    assert (talk["name"], talk["extras"]) == ("Talk", {"audio": "line.wav"})
    found = {}
    for channel in talk["channels"]:
        sampler = talk["samplers"][channel["sampler"]]
        np.testing.assert_array_equal(read_accessor(json, binary, sampler["input"]), tracks.times_s)
        node = json["nodes"][channel["target"]["node"]]["name"]
        found[node, channel["target"]["path"]] = read_accessor(json, binary, sampler["output"])
    assert set(found) == {
        ("Face", "weights"), ("LowerTeeth", "weights"), ("Tongue", "weights"), ("Head", "rotation"),
        ("Chest", "translation"), ("Head", "translation"), ("EyeLeft", "rotation"), ("EyeRight", "rotation"),
    }  # fmt: skip
    np.testing.assert_array_equal(found["Face", "weights"].reshape(4, 52), tracks.shapes)
    names = _named(json, "meshes", "LowerTeeth")["extras"]["targetNames"]
    columns = [ARKIT_NAMES.index(name) for name in names]
    np.testing.assert_array_equal(found["LowerTeeth", "weights"].reshape(4, -1), tracks.shapes[:, columns])
    rest = np.array(_named(json, "nodes", "Head")["translation"])
    np.testing.assert_allclose(found["Head", "translation"], rest + tracks.head_shift * 0.01, atol=1e-6)
    chest = np.array(_named(json, "nodes", "Chest")["translation"])
    np.testing.assert_allclose(found["Chest", "translation"], chest + tracks.body_shift * 0.01, atol=1e-6)
