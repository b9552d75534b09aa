"""The line of a drawn lid is measured, and stays with the lid when the iris behind it is taken out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import EyePatch, ink_line, iris_of, sclera_of
from visavis_runtime.face.layers.opening import Opening, opening_between

Float = npt.NDArray[np.float32]
SIDE, WIDTH, RADIUS = 96, 60.0, 12.0
SKIN, WHITE, IRIS, INK = (
    np.array(c, np.float32) for c in ((240, 200, 170), (250, 250, 250), (70, 110, 60), (30, 20, 25))
)


def drawn_eye(line_px: float) -> tuple[EyePatch, Opening]:
    """An eye in flat colours whose iris touches the bold line of its upper lid."""
    x = np.linspace(18, 78, 9)
    arc = 16 * np.sin(np.linspace(0, np.pi, 9))
    upper, lower = (np.stack([x, 48 + sign * arc], axis=1).astype(np.float32) for sign in (-1, 1))
    opening = opening_between(upper, lower, origin=(0, 0), shape=(SIDE, SIDE))
    y, x_px = np.mgrid[:SIDE, :SIDE]
    radius = np.hypot(x_px - 48, y - 46).astype(np.float32) / RADIUS
    photo = np.broadcast_to(SKIN, (SIDE, SIDE, 3)).copy()
    inside = opening.coverage > 0.5
    photo[inside] = WHITE
    photo[inside & (radius < 1)] = IRIS
    photo[inside & (opening.below_upper < line_px)] = INK
    return EyePatch(photo, opening, radius, WIDTH, RADIUS), opening


def measured(patch: EyePatch) -> tuple[float, float]:
    return ink_line(patch.photo, patch.opening, white=WHITE, skin=SKIN, iris=patch.radius < 1.1, width_px=WIDTH)


def test_the_line_of_a_lid_is_as_thick_as_it_is_drawn() -> None:
    for line_px in (3.0, 6.0):
        thick, below = measured(drawn_eye(line_px)[0])
        assert abs(thick - line_px) <= 1
        assert abs(below - line_px / 2) <= 1


def test_hair_above_a_lid_and_a_bare_lid_are_no_line() -> None:
    patch, opening = drawn_eye(3.0)
    patch.photo[opening.below_upper < -2] = INK
    assert measured(patch)[0] < 5
    assert measured(drawn_eye(0.0)[0]) == (0.0, 0.0)


def test_the_line_over_an_iris_is_no_part_of_it() -> None:
    patch, opening = drawn_eye(6.0)
    covered = (opening.below_upper > 0) & (opening.below_upper < 6) & (patch.radius < 0.9)
    assert covered.sum() > 10
    with_line, without = (iris_of(patch, sclera_of(patch, even=True), line_px=px)[0] for px in (0.0, 7.0))
    assert np.abs(without[covered][:, :3] - IRIS).max() < 5
    assert np.abs(with_line[covered][:, :3] - IRIS).max() > 30
