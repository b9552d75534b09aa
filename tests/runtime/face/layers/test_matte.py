"""The person matte of a real photo, and of a drawing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.layers.matte import person_matte, with_drawn_hair


@pytest.mark.usefixtures("weights")
def test_matte_of_the_astronaut(astronaut: npt.NDArray[np.uint8]) -> None:
    matte = person_matte(np.ascontiguousarray(astronaut[:400]))
    assert matte.shape == (400, 512)
    assert matte.dtype == np.float32
    assert matte.min() >= 0
    assert matte.max() <= 1
    assert matte[100:160, 200:250].min() > 0.95  # the face
    assert matte[10:60, 380:420].max() < 0.1  # the wall


def _drawn(wall: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """A face with long hair before a wall [100, 100, 3], and a matte that knows only the face."""
    picture, matte = wall.copy(), np.zeros((100, 100), np.float32)
    picture[15:90, 25:75] = (90, 60, 140)
    picture[60:90, 35:40] = wall[60:90, 35:40]  # the wall between two locks
    picture[25:55, 40:60] = (255, 226, 205)
    matte[25:55, 40:60] = 1
    return picture, matte


def test_drawn_hair_before_a_plain_wall_belongs_to_the_person() -> None:
    picture, matte = _drawn(np.full((100, 100, 3), (190, 215, 240), np.uint8))
    picture[5:10, 5:10] = 20  # a bird that hangs together with nobody
    found = with_drawn_hair(matte, picture=picture)
    assert found[20:55, 30:70].min() == 1
    assert found[85, 70] == 1
    assert found[60:89, 36:39].max() == 0
    assert found[:14].max() == 0


def test_before_any_other_wall_the_network_is_believed() -> None:
    wall = np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)
    picture, matte = _drawn(wall)
    np.testing.assert_array_equal(with_drawn_hair(matte, picture=picture), matte)
