"""The iris of a drawn eye is taken out without the line of the lid over it; a dot is no iris."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.eyeball import EyePatch, drawn_iris, iris_of, is_dot, sclera_of
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


def test_the_line_over_an_iris_is_no_part_of_it() -> None:
    patch, opening = drawn_eye(6.0)
    covered = (opening.below_upper > 0) & (opening.below_upper < 6) & (patch.radius < 0.9)
    assert covered.sum() > 10
    with_line, without = (iris_of(patch, sclera_of(patch, even=True), line_px=px)[0] for px in (0.0, 7.0))
    assert np.abs(without[covered][:, :3] - IRIS).max() < 5
    assert np.abs(with_line[covered][:, :3] - IRIS).max() > 30


def test_a_drawn_iris_is_taken_out_to_the_pixel_and_goes_on_behind_the_line() -> None:
    patch, opening = drawn_eye(6.0)
    white = sclera_of(patch, even=True)
    line = ((opening.below_upper > -2) & (opening.below_upper < 7)).astype(np.float32)
    iris, glint = drawn_iris(patch, white, line=line)
    alpha = iris[..., 3:] / 255
    made = white * (1 - alpha) + iris[..., :3] + glint * alpha
    seen = (opening.coverage > 0.99) & (opening.below_upper > 8) & (opening.above_lower > 5)
    assert np.abs(made - patch.photo)[seen].max() < 1
    behind = (opening.below_upper > 0) & (opening.below_upper < 6) & (patch.radius < 0.8)
    assert behind.sum() > 10
    assert np.abs(iris[behind][:, :3] - IRIS).max() < 6


def test_an_eye_without_white_is_a_dot() -> None:
    patch, opening = drawn_eye(3.0)
    assert not is_dot(patch)
    patch.photo[opening.coverage > 0.5] = INK
    patch.photo[44:47, 50:53] = WHITE
    assert is_dot(patch)
