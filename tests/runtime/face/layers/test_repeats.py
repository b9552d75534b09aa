"""The shifts of walls whose period is known."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.repeats import shifts_of

SIDE = 420


def _stripes(period: int) -> npt.NDArray[np.float32]:
    wall = np.zeros((SIDE, SIDE, 3), np.float32)
    wall[:, np.arange(SIDE) % period < period // 2] = 180
    return wall


def _hole() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """A round hole in the middle, and the ring round it."""
    hole = cv2.circle(np.zeros((SIDE, SIDE), np.uint8), (SIDE // 2, SIDE // 2), 60, 1, -1)
    ring = cv2.dilate(hole, np.ones((61, 61), np.uint8)) > hole
    return hole > 0, ring


def test_stripes_repeat_by_their_period() -> None:
    hole, ring = _hole()
    for period in (40, 62):
        shifts = shifts_of(_stripes(period), known=~hole, holes=(hole,), ring=ring)
        assert len(shifts) >= 6
        off = (shifts[:, 1] + period // 2) % period - period // 2
        assert np.abs(off).max() <= 1


def test_with_nothing_to_compare_there_is_no_shift() -> None:
    hole, ring = _hole()
    assert shifts_of(_stripes(40), known=~hole, holes=(hole,), ring=ring & False).shape == (0, 2)
