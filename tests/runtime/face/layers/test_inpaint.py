"""Pieces of the wall: its pattern goes on, nothing else comes in, plain walls stay plain."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hair_scene import hair_scene

from visavis_runtime.face.layers.fill import push_pull
from visavis_runtime.face.layers.inpaint import fill_by_pieces, without_step

F32 = npt.NDArray[np.float32]


def _holed(wall: F32) -> tuple[F32, npt.NDArray[np.bool_]]:
    """The wall with a red person in it, and what is known."""
    known = np.ones(wall.shape[:2], bool)
    size = len(wall)
    hole = np.zeros(known.shape, np.uint8)
    cv2.ellipse(hole, (size // 2, size // 2), (size // 8, size // 6), 0, 0, 360, 1, -1)
    known[hole > 0] = False
    return np.where(known[..., None], wall, np.float32([255, 0, 0])), known


@pytest.mark.parametrize("kind", ["plain", "paint", "brick"])
def test_what_is_known_stays_and_nothing_of_the_person_comes_in(kind: str) -> None:
    wall = hair_scene(wall=kind).wall
    colour, known = _holed(wall)
    filled = fill_by_pieces(colour, known=known)
    np.testing.assert_array_equal(filled[known], colour[known])
    redness = filled[..., 0] - filled[..., 1:].mean(axis=2)
    assert redness[~known].max() < (wall[..., 0] - wall[..., 1:].mean(axis=2)).max() + 12


def test_a_pattern_goes_on_where_a_smooth_fill_is_fog() -> None:
    wall = hair_scene(wall="brick").wall
    colour, known = _holed(wall)
    detail = {
        name: float(np.abs(cv2.Laplacian(filled.mean(axis=2), cv2.CV_32F))[~known].mean())
        for name, filled in {
            "pieces": fill_by_pieces(colour, known=known),
            "smooth": push_pull(colour, weight=known),
            "wall": wall,
        }.items()
    }
    assert 0.6 * detail["wall"] < detail["pieces"] < 1.3 * detail["wall"]
    assert detail["smooth"] < 0.3 * detail["wall"]


def test_a_plain_wall_stays_plain() -> None:
    wall = hair_scene(wall="plain").wall
    colour, known = _holed(wall)
    assert np.abs(fill_by_pieces(colour, known=known) - wall)[~known].max() < 4


def test_it_is_deterministic() -> None:
    colour, known = _holed(hair_scene(wall="paint").wall)
    np.testing.assert_array_equal(fill_by_pieces(colour, known=known), fill_by_pieces(colour, known=known))


def test_with_next_to_nothing_known_it_is_smooth() -> None:
    colour, known = _holed(hair_scene(wall="paint").wall)
    known[:] = False
    known[:, :3] = True
    filled = fill_by_pieces(colour, known=known)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[known], colour[known])


def test_a_step_along_the_edge_is_taken_out_and_details_are_left() -> None:
    wall = hair_scene(wall="paint").wall
    edge = np.zeros(wall.shape[:2], bool)
    edge[:, 100:103] = True
    lifted = without_step(wall + 25, colour=wall, edge=edge)
    assert np.abs(lifted - wall).mean() < 1
    assert np.abs(without_step(wall, colour=wall, edge=~edge) - wall).max() < 0.01


def test_the_fog_behind_the_pieces_has_the_colours_of_its_own_side() -> None:
    wall = np.full((352, 352, 3), 60, np.float32)
    wall[:, 176:] = 190
    wall += np.random.default_rng(0).normal(0, 6, wall.shape).astype(np.float32)
    known = np.ones((352, 352), bool)
    known[20:, 60:292] = False
    filled = fill_by_pieces(np.where(known[..., None], wall, 0).astype(np.float32), known=known)
    deep = filled[200:300, :].mean(axis=(0, 2))
    assert deep[124] < 95, "next to the pieces of the dark side"
    assert deep[228] > 155
