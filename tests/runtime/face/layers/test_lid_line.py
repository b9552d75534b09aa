"""The line along a drawn lid is found in coordinates of the lid's edge, whatever touches it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.lid_line import (
    ALONG,
    AWAY,
    DOWN_WIDTHS,
    ENDS,
    STEEPEST,
    UP_WIDTHS,
    LidLine,
    drawn_line,
    lid_line,
    strip_of,
)
from visavis_runtime.face.layers.opening import opening_between

WIDTH = 60.0
PLACE = np.linspace(-ENDS, ENDS, ALONG)
BELOW_PX = np.linspace(-UP_WIDTHS, DOWN_WIDTHS, AWAY)[:, None] * WIDTH
NOWHERE = np.zeros(ALONG, bool)


def inked(thick_px: float = 5.0) -> npt.NDArray[np.bool_]:
    return np.asarray((BELOW_PX > 0) & (thick_px > BELOW_PX) & (np.abs(PLACE) < 1))


def thickness_px(line: LidLine) -> npt.NDArray[np.float32]:
    return np.asarray(line.cover.sum(axis=0) * (UP_WIDTHS + DOWN_WIDTHS) * WIDTH / (AWAY - 1), np.float32)


def test_a_line_is_as_thick_as_it_is_drawn() -> None:
    for thick_px in (3.0, 6.0):
        line = lid_line(inked(thick_px), hidden=NOWHERE, width_px=WIDTH)
        np.testing.assert_allclose(thickness_px(line)[np.abs(PLACE) < 0.9], thick_px, atol=0.5)
        assert line.cover[:, np.abs(PLACE) > 1.05].max() == 0
        assert abs(line.reach[0]) < 1
        assert abs(line.reach[1] - thick_px) < 1


def test_a_brow_an_iris_and_hair_that_touch_it_are_no_line() -> None:
    alone = lid_line(inked(), hidden=NOWHERE, width_px=WIDTH).cover
    brow = inked() | ((BELOW_PX <= 0) & (BELOW_PX > -9) & (np.abs(PLACE - 0.5) < 0.25))
    iris = inked() | ((BELOW_PX > 0) & (np.abs(PLACE) < 0.35))
    for dark in (brow, iris):
        assert np.abs(lid_line(dark, hidden=NOWHERE, width_px=WIDTH).cover - alone).mean() < 0.01
    strand = np.abs(PLACE + 0.4) < 0.1
    assert np.abs(lid_line(inked() & ~strand, hidden=strand, width_px=WIDTH).cover - alone).mean() < 0.01
    fringe = lid_line(inked() | (BELOW_PX <= 0), hidden=NOWHERE, width_px=WIDTH)
    assert np.abs(fringe.cover - alone).mean() < 0.01


def test_a_tip_beyond_the_corner_is_kept_and_a_stub_is_not() -> None:
    for length, kept in ((0.3, True), (0.06, False)):
        dark = inked() | ((PLACE > 0.9) & (1 + length > PLACE) & (np.abs(BELOW_PX - 2) < 2))
        assert lid_line(dark, hidden=NOWHERE, width_px=WIDTH).tips.any() == kept


def test_a_bare_lid_has_none() -> None:
    bare = lid_line(np.zeros((AWAY, ALONG), bool), hidden=NOWHERE, width_px=WIDTH)
    assert bare.cover.max() == 0
    assert not bare.tips.any()


def test_a_patch_comes_back_from_the_coordinates_of_an_edge() -> None:
    x = np.linspace(18, 78, 9)
    arc = 18 * np.sin(np.linspace(0, np.pi, 9))
    upper, lower = (np.stack([x, 48 + sign * arc], axis=1).astype(np.float32) for sign in (-1, 1))
    rest = opening_between(upper, lower, origin=(0, 0), shape=(96, 96), evenly=1.0, steepest=STEEPEST)
    strip = strip_of(rest, upper=upper, width_px=WIDTH)
    y, x_px = np.mgrid[:96, :96].astype(np.float32)
    near = (np.abs(rest.below_upper) < 8) & (np.abs(rest.along) < 0.9)
    for values in (x_px, y):
        assert np.abs(strip.back(strip.of(values)) - values)[near].max() < 1.5
    photo = np.full((96, 96, 3), 220, np.float32)
    photo[(rest.below_upper > 0) & (rest.below_upper < 4) & (rest.coverage > 0.5)] = 20
    line = drawn_line(photo, upper, lower, skin=np.full(3, 220, np.float32), width_px=WIDTH)
    assert line[(rest.below_upper > 0.5) & (rest.below_upper < 3.5) & (np.abs(rest.along) < 0.8)].min() > 0.9
    assert line[rest.below_upper > 8].max() == 0
