from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.render import raster
from visavis_runtime.render.batched.raster import Room, owners_of_cells, values_at

SIDE = 40
ROOM = Room(8192, 8192)


def sheet(steps: int, shake: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sheet of triangles larger than the map, so much shaken that some turn over, and its depth."""
    rng = np.random.default_rng(seed)
    place = np.linspace(-6.0, SIDE + 5, steps)
    points = np.stack(np.meshgrid(place, place), axis=2).reshape(-1, 2)
    points += rng.uniform(-shake, shake, points.shape) * SIDE / steps
    corner = np.arange(steps * steps).reshape(steps, steps)[:-1, :-1].ravel()
    one = np.stack([corner, corner + 1, corner + steps], axis=1)
    two = np.stack([corner + 1, corner + steps + 1, corner + steps], axis=1)
    depth = rng.uniform(-200, 200, len(points))
    return points.astype(np.float32), depth.astype(np.float32), np.concatenate([one, two]).astype(np.int32)


def stacked(arrays: list[np.ndarray]) -> torch.Tensor:
    """Ragged arrays in one tensor, padded with zeros."""
    out = np.zeros((len(arrays), max(map(len, arrays)), *arrays[0].shape[1:]), arrays[0].dtype)
    for row, array in zip(out, arrays, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(out)


def owners_on_cpu(points: np.ndarray, depth: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    runs = raster.runs_of_triangles(points, depth, triangles, side=SIDE, front=1.0)
    owner = np.full(SIDE * SIDE, -1)
    owner[runs.cells] = runs.triangles
    return owner


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.integers(2, 24), min_size=1, max_size=3),
    shake=st.sampled_from([0.0, 0.3, 1.2]),
    seed=st.integers(0, 1000),
)
def test_every_cell_has_the_owner_that_the_cpu_gives_it(steps: list[int], shake: float, seed: int) -> None:
    meshes = [sheet(count, shake, seed + count) for count in steps]
    points, depth, triangles = (stacked([mesh[k] for mesh in meshes]) for k in range(3))
    found = owners_of_cells(points, depth, triangles.long(), front=torch.ones(len(meshes)), side=SIDE, room=ROOM)
    for owner, needed, mesh in zip(found.triangle, found.needed, meshes, strict=True):
        expected = owners_on_cpu(*mesh)
        np.testing.assert_array_equal(owner >= 0, expected >= 0)
        assert (owner.numpy() != expected).mean() < 0.002, "only of equally near ones another may win"
        runs = raster.runs_of_triangles(*mesh, side=SIDE, front=1.0)
        assert needed[1] == len(runs.cells)
        assert needed[0] <= ROOM.rows


@settings(max_examples=20, deadline=None)
@given(steps=st.integers(2, 20), seed=st.integers(0, 1000))
def test_values_are_those_of_the_owner(steps: int, seed: int) -> None:
    points, depth, triangles = (torch.from_numpy(array)[None] for array in sheet(steps, 0.25, seed))
    found = owners_of_cells(points, depth, triangles.long(), front=torch.ones(1), side=SIDE, room=ROOM)
    assert (found.triangle >= 0).all()
    values = values_at(found.triangle, points, points, triangles.long(), side=SIDE)[0]
    cell = torch.arange(SIDE).float()
    torch.testing.assert_close(values[0], cell.expand(SIDE, SIDE), atol=2e-2, rtol=0)
    torch.testing.assert_close(values[1], cell[:, None].expand(SIDE, SIDE), atol=2e-2, rtol=0)


def test_the_nearest_wins_whatever_its_sign_and_backs_lose() -> None:
    points = torch.tensor([[0, 0], [30, 0], [0, 30]]).repeat(4, 1)[None].float()
    triangles = torch.tensor([[[3, 4, 5], [0, 1, 2], [6, 8, 7], [9, 9, 9]]])  # the third shows its back
    for depth, winner in (([1, 2, 3, 9], 0), ([-3, -2, 5, 9], 0), ([-1, -2, 5, 9], 1), ([-1, 0, 5, 9], 0)):
        near = torch.tensor(depth).repeat_interleave(3)[None].float()
        found = owners_of_cells(points, near, triangles, front=torch.ones(1), side=SIDE, room=ROOM)
        assert set(found.triangle[0].tolist()) == {-1, winner}


def test_what_does_not_fit_is_told() -> None:
    points, depth, triangles = (torch.from_numpy(array)[None] for array in sheet(12, 0.2, 1))
    whole, short = (
        owners_of_cells(points, depth, triangles.long(), front=torch.ones(1), side=SIDE, room=room)
        for room in (ROOM, Room(300, 900))
    )
    assert whole.needed[0, 1] >= SIDE * SIDE
    assert short.needed[0, 0] == whole.needed[0, 0] > 300
