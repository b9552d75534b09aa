"""The avatar: read-only, exact through its file, and refused when its parts do not fit together."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rig_heads import SIZE, drawn_crop

from visavis.errors import DamageError, VersionError
from visavis_runtime.face.avatar import ENTRY_NAMES, Avatar
from visavis_runtime.face.build import assemble
from visavis_runtime.face.bundle import read_bundle, write_bundle
from visavis_runtime.face.entries import arrays_from_npz, npz_from_arrays


@pytest.fixture(scope="module")
def avatar() -> Avatar:
    crop = drawn_crop()
    alpha = np.full(crop.bordered.shape[:2], 255, np.uint8)
    return assemble(crop, alpha=alpha, meta={"portrait_sha256": "0", "warnings": ["a note"]})


@pytest.fixture
def saved(avatar: Avatar, tmp_path: Path) -> Path:
    avatar.save(tmp_path / "npc.visavis")
    return tmp_path / "npc.visavis"


def test_the_round_trip_is_exact(avatar: Avatar, saved: Path) -> None:
    back = Avatar.load(saved)
    for field in fields(Avatar):
        value, other = getattr(avatar, field.name), getattr(back, field.name)
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype
            np.testing.assert_array_equal(value, other)
    np.testing.assert_array_equal(back.camera.rotation, avatar.camera.rotation)
    np.testing.assert_array_equal(back.camera.translation, avatar.camera.translation)
    assert (back.camera.scale, back.limits, back.meta) == (avatar.camera.scale, avatar.limits, avatar.meta)
    for one, two in ((avatar.mouth, back.mouth), *((avatar.eyes[s], back.eyes[s]) for s in ("left", "right"))):
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, two.arrays()[name])


def test_arrays_are_read_only_and_small(avatar: Avatar) -> None:
    with pytest.raises(ValueError, match="read-only"):
        avatar.vertices[0] = 0
    assert avatar.nbytes < 8_000_000
    assert avatar.texture_scale == 1
    assert avatar.texture.shape == (SIZE + 2 * avatar.margin, SIZE + 2 * avatar.margin, 4)
    np.testing.assert_allclose(avatar.rest_px, avatar.uv - avatar.margin)


def _changed(saved: Path, **entries: bytes | None) -> Path:
    parts = dict(read_bundle(saved, names=ENTRY_NAMES).entries)
    for key, value in entries.items():
        name = key.replace("__", ".")
        parts.pop(name)
        if value is not None:
            parts[name] = value
    write_bundle(saved, entries=parts)
    return saved


def _mesh(saved: Path) -> dict[str, Any]:
    return arrays_from_npz(read_bundle(saved, names=ENTRY_NAMES).entry("mesh.npz"))


@pytest.mark.parametrize("part", ["mesh__npz", "picture__png", "avatar__json", "mouth__npz", "eye_left__npz"])
def test_a_missing_part_is_named(saved: Path, part: str) -> None:
    with pytest.raises(DamageError, match=part.replace("__", ".")):
        Avatar.load(_changed(saved, **{part: None}))


def test_arrays_that_do_not_fit_are_refused(saved: Path) -> None:
    good = _mesh(saved)
    triangles = good["triangles"].copy()
    triangles[0, 0] = 1_000_000
    bad = (
        {**good, "triangles": triangles},
        {**good, "vertices": good["vertices"].astype(np.float64)},
        {**good, "uv": good["uv"][:-1]},
        {**good, "vertices": np.full_like(good["vertices"], np.nan)},
        {key: value for key, value in good.items() if key != "light"},
        {**good, "extra": good["light"]},
    )
    for arrays in bad:
        with pytest.raises(DamageError):
            Avatar.load(_changed(saved, mesh__npz=npz_from_arrays(arrays)))


def _strange_values(good: np.ndarray) -> list[np.ndarray]:
    """An array as somebody could make it up: empty, flat, of another type, without a number."""
    strange = [good[:0], good.ravel(), good.astype(np.float64)] if good.size else []
    if good.dtype == np.float32:
        strange += [good * np.float32(np.nan), good + np.float32(1e30)]
    return [array for array in strange if array.shape != good.shape or array.ndim > 1 or array.dtype.kind == "f"]


@pytest.mark.parametrize("part", ["eye_left", "eye_right", "mouth", "mesh"])
def test_made_up_arrays_of_every_part_are_refused(saved: Path, part: str) -> None:
    good = arrays_from_npz(read_bundle(saved, names=ENTRY_NAMES).entry(f"{part}.npz"))
    for name, array in good.items():
        for strange in _strange_values(array):
            if strange.dtype == array.dtype and np.array_equal(strange, array):
                continue
            with pytest.raises(DamageError):
                Avatar.load(_changed(saved, **{f"{part}__npz": npz_from_arrays({**good, name: strange})}))


def test_a_mesh_without_a_face_and_a_mouth_outside_are_refused(saved: Path) -> None:
    good = _mesh(saved)
    few = {name: array[:10] for name, array in good.items() if name in ("vertices", "uv", "head_weight", "rest_light")}
    few |= {
        "shapes": good["shapes"][:, :10],
        "neutral": good["neutral"][:, :10],
        "body_weight": good["body_weight"][:10],
        "triangles": good["triangles"] % 10,
    }
    with pytest.raises(DamageError, match="10 vertices"):
        Avatar.load(_changed(saved, mesh__npz=npz_from_arrays({**good, **few})))
    _changed(saved, mesh__npz=npz_from_arrays(good))
    mouth = arrays_from_npz(read_bundle(saved, names=ENTRY_NAMES).entry("mouth.npz"))
    mouth |= {"photo": np.ones((20, 30, 4), np.uint8), "photo_origin": np.array([SIZE - 29, 0], np.int32)}
    with pytest.raises(DamageError, match="outside the picture"):
        Avatar.load(_changed(saved, mouth__npz=npz_from_arrays(mouth)))


def test_numbers_of_the_head_that_cannot_be_are_refused(saved: Path) -> None:
    head = json.loads(read_bundle(saved, names=ENTRY_NAMES).entry("avatar.json"))
    nan, camera, limits = float("nan"), head["camera"], head["limits"]
    broken: list[dict[str, Any]] = [
        {"size": 10**9}, {"size": -1}, {"size": float("inf")}, {"margin": -1}, {"margin": 10**6},
        {"head_width": 0}, {"head_width": nan}, {"meta": []}, {"meta": {"warnings": 5}}, {"meta": {"warnings": [5]}},
        {"meta": {"deep": {"a": []}}},
        *({"camera": {**camera, "scale": value}} for value in (0, -1, nan, 1e30)),
        *({"camera": {**camera, "rotation": [[value] * 3] * 3}} for value in (0, nan, float("inf"))),
        *({"camera": {**camera, "translation": [value] * 3}} for value in (nan, 1e30)),
        *({"limits": {**limits, "yaw": value}} for value in ([nan, nan], [-1e6, 1e6], [1, -1], [0.1, 0.2], "ab")),
    ]  # fmt: skip
    for change in broken:
        with pytest.raises(DamageError):
            Avatar.load(_changed(saved, avatar__json=json.dumps({**head, **change}).encode()))
    assert Avatar.load(_changed(saved, avatar__json=json.dumps({**head, "meta": {}}).encode())).meta["warnings"] == []


@pytest.mark.parametrize("name", ["flatness", "neutral_smile", "neutral_gap"])
@pytest.mark.parametrize("value", ["x", None, True, float("nan"), float("inf"), 1e30, 10**400])
def test_what_is_reckoned_with_in_meta_is_a_number(saved: Path, name: str, value: object) -> None:
    head = json.loads(read_bundle(saved, names=ENTRY_NAMES).entry("avatar.json"))
    changed = {**head, "meta": {**head["meta"], name: value}}
    with pytest.raises(DamageError):
        Avatar.load(_changed(saved, avatar__json=json.dumps(changed).encode()))


def test_another_format_and_broken_numbers_are_refused(saved: Path) -> None:
    head = json.loads(read_bundle(saved, names=ENTRY_NAMES).entry("avatar.json"))
    for broken in ({**head, "size": 100}, {**head, "camera": {}}, {**head, "limits": {"yaw": 3}}):
        with pytest.raises(DamageError):
            Avatar.load(_changed(saved, avatar__json=json.dumps(broken).encode()))
    for other in ({**head, "format": "visavis.avatar.v9"}, [1, 2]):
        with pytest.raises(VersionError) as caught:
            Avatar.load(_changed(saved, avatar__json=json.dumps(other).encode()))
        assert caught.value.reason == "BUNDLE_VERSION"
