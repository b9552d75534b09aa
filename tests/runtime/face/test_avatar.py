"""The avatar: read-only, exact through its file, and refused when its parts do not fit together."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rig_heads import SIZE, drawn_crop

from visavis.errors import DamageError, InputError
from visavis_runtime.face.avatar import ENTRY_NAMES, Avatar
from visavis_runtime.face.build import assemble
from visavis_runtime.face.bundle import arrays_from_npz, npz_from_arrays, read_bundle, write_bundle


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


def test_another_format_and_broken_numbers_are_refused(saved: Path) -> None:
    head = json.loads(read_bundle(saved, names=ENTRY_NAMES).entry("avatar.json"))
    for broken in ({**head, "size": 100}, {**head, "camera": {}}, {**head, "limits": {"yaw": 3}}):
        with pytest.raises(DamageError):
            Avatar.load(_changed(saved, avatar__json=json.dumps(broken).encode()))
    for other in ({**head, "format": "visavis.avatar.v9"}, [1, 2]):
        with pytest.raises(InputError) as caught:
            Avatar.load(_changed(saved, avatar__json=json.dumps(other).encode()))
        assert caught.value.reason == "BUNDLE_VERSION"
