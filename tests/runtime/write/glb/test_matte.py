"""A head before another wall: no scraps of the old one, hair before a plain wall stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.matte import free_of_wall


def _with(avatar: Avatar, *, lively: bool, strand: bool) -> tuple[Avatar, tuple[slice, slice]]:
    """The avatar before a plain or a lively wall, with a thing beside it: a strand of it, or a half-sure scrap."""
    wall = np.full_like(avatar.plate, 120)
    if lively:
        wall = np.random.default_rng(0).integers(0, 255, wall.shape).astype(np.uint8)
    texture = avatar.texture.copy()
    row = texture.shape[0] // 2
    edge = int(np.flatnonzero(texture[row, :, 3] >= 250)[0])
    place = (slice(row - 2, row + 3), slice(edge - 40, edge + (4 if strand else -22)))
    texture[(*place, 3)] = np.maximum(texture[(*place, 3)], 160)
    return replace(avatar, plate=wall, texture=texture), place


def _seen(avatar: Avatar, place: tuple[slice, slice]) -> npt.NDArray[np.floating]:
    matte = free_of_wall(avatar, avatar.texture)[(*place, 3)]
    return np.asarray(matte[:, :10].mean())


def test_beside_a_lively_wall_only_the_sure_person_stays(drawn: Avatar) -> None:
    assert _seen(*_with(drawn, lively=True, strand=True)) < 8


def test_before_a_plain_wall_hair_stays(drawn: Avatar) -> None:
    assert _seen(*_with(drawn, lively=False, strand=True)) > 120


def test_islands_go_before_any_wall(drawn: Avatar) -> None:
    assert _seen(*_with(drawn, lively=False, strand=False)) < 8


def test_the_person_is_whole(drawn: Avatar) -> None:
    sure = drawn.texture[..., 3] >= 250
    out = free_of_wall(drawn, drawn.texture)
    assert (out[sure] == drawn.texture[sure]).mean() > 0.98


def test_thin_hair_has_the_colour_of_the_person_and_not_of_the_wall(drawn: Avatar) -> None:
    avatar, place = _with(drawn, lively=False, strand=True)
    texture = avatar.texture.copy()
    texture[(*place, slice(0, 3))] = (0, 255, 0)
    green = free_of_wall(avatar, texture)[place][:, :10, :3].astype(int)
    assert (green[..., 1] - green[..., 0]).max() < 60
