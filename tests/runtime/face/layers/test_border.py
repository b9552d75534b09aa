"""The border above a head that the picture's edge cuts: the outline goes on in its own direction."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.border import continue_border, outline_at
from visavis_runtime.face.portrait.crop import Crop

SIDE, EDGE, SIZE = 240, 40, 160
F32 = npt.NDArray[np.float32]


def _cut_head(*, finer: float = 1.0) -> tuple[Crop, F32]:
    """A dark round head whose upper part lies beyond the picture's edge; above it a mirror image."""

    def drawn(side: int) -> npt.NDArray[np.uint8]:
        picture = np.full((side, side, 3), 200, np.uint8)
        scale = side / SIDE
        cv2.circle(picture, (side // 2, round(90 * scale)), round(70 * scale), (40, 30, 20), -1)
        edge = round(EDGE * scale)
        picture[:edge] = picture[2 * edge - 1 : edge - 1 : -1]
        return picture

    bordered = drawn(SIDE)
    fine = bordered if finer == 1 else drawn(round(SIDE * finer))
    matte = (bordered[..., 0] < 120).astype(np.float32)
    points = np.zeros((478, 3), np.float32)
    return Crop(bordered, points, np.eye(2, 3), SIZE, EDGE, fine, float(EDGE)), matte


def _width(matte: F32, row: int) -> int:
    return int((matte[row] > 0.5).sum())


def test_the_head_narrows_on_instead_of_widening_again() -> None:
    crop, matte = _cut_head()
    at_edge = _width(matte, EDGE)
    assert _width(matte, EDGE - 15) > at_edge + 10  # the mirror image
    continued, new = continue_border(crop, matte=matte)
    assert _width(new, EDGE - 15) < at_edge - 10
    assert abs(_width(new, EDGE - 1) - at_edge) <= 4  # no step at the edge
    dark = (continued.bordered[..., 0] < 120).astype(np.float32)
    assert np.abs(dark - (new > 0.5)).mean() < 0.002  # colours and matte go together


def test_what_the_picture_shows_is_left_alone() -> None:
    crop, matte = _cut_head(finer=1.5)
    continued, new = continue_border(crop, matte=matte)
    np.testing.assert_array_equal(new[EDGE:], matte[EDGE:])
    np.testing.assert_array_equal(continued.bordered[EDGE:], crop.bordered[EDGE:])
    np.testing.assert_array_equal(continued.fine[EDGE * 3 // 2 :], crop.fine[EDGE * 3 // 2 :])
    small = cv2.resize(continued.fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(float) - continued.bordered).mean() < 1.5


def test_a_head_within_the_picture_changes_nothing() -> None:
    crop, matte = _cut_head()
    below = np.roll(matte, 60, axis=0) * (np.arange(SIDE)[:, None] > EDGE + 10)
    same, new = continue_border(crop, matte=below)
    assert same is crop
    assert new is below
    real, _ = continue_border(crop._replace(mirrored_above=0.0), matte=matte)
    np.testing.assert_array_equal(real.bordered, crop.bordered)


def test_small_gaps_do_not_part_a_head_and_strands_do_not_bend_it() -> None:
    _, matte = _cut_head()
    holed = matte.copy()
    holed[EDGE : EDGE + 9, 112:120] = 0
    whole, gapped = outline_at(matte, edge=EDGE), outline_at(holed, edge=EDGE)
    assert whole is not None
    assert gapped is not None
    assert gapped.shape == whole.shape == (EDGE + 1, 2)
    np.testing.assert_allclose(gapped, whole, atol=1)
