"""What moves of a drawn eye gives the picture again at rest, and leaves brow and hair where they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.face.layers.lid_line import STEEPEST
from visavis_runtime.face.layers.opening import Opening, opening_between
from visavis_runtime.render.drawn_eye import DrawnEye, drawn_eye

Float = npt.NDArray[np.float32]
SKIN, WHITE, INK, HAIR = (
    np.array(colour, np.float32) for colour in ((240, 200, 170), (250, 250, 250), (30, 20, 25), (90, 110, 200))
)
WIDTH, SIDE = 60.0, 110


def edges() -> tuple[Float, Float]:
    x, arc = np.linspace(25, 85, 9), 20 * np.sin(np.linspace(0, np.pi, 9))
    upper, lower = (np.stack([x, 60 + sign * arc], axis=1).astype(np.float32) for sign in (-1, 1))
    return upper, lower


def eye(*, brow: bool = False, strand: bool = False) -> tuple[Float, Opening, DrawnEye]:
    """A white eye with a line of 4 px along its upper lid."""
    upper, lower = edges()
    rest = opening_between(upper, lower, origin=(0, 0), shape=(SIDE, SIDE), evenly=1.0, steepest=STEEPEST)
    photo = np.broadcast_to(SKIN, (SIDE, SIDE, 3)).copy()
    inside = rest.coverage > 0.5
    photo[inside] = WHITE
    photo[inside & (rest.below_upper < 4)] = INK
    y, x = np.mgrid[:SIDE, :SIDE]
    if brow:
        photo[(y > 34) & (y < 40) & (x > 40) & (x < 70)] = INK
    if strand:
        photo[(np.abs(x - 45) < 5) & (y < 62)] = HAIR
    parts = drawn_eye(
        photo,
        rest=rest,
        upper=upper,
        ball=np.broadcast_to(WHITE, photo.shape).copy(),
        tones=SKIN[None],
        hair=HAIR[None] if strand else np.zeros((0, 3), np.float32),
        width_px=WIDTH,
    )
    return photo, rest, parts


def test_the_lid_is_bare_skin_where_eye_and_line_were() -> None:
    _, rest, parts = eye()
    inside = rest.coverage > 0.99
    assert parts.lid[inside][:, 3].min() > 0.8
    np.testing.assert_allclose(parts.lid[60, 55, :3] / parts.lid[60, 55, 3], SKIN, atol=4)
    assert parts.lid[rest.below_upper < -8][:, 3].max() < 0.05
    assert parts.front.max() == 0


def test_the_line_is_the_ink_of_the_picture() -> None:
    line = eye()[2].line
    full = line[..., 3] > 0.95
    assert full.sum() > 500
    np.testing.assert_allclose(line[full][:, :3], np.broadcast_to(INK, (full.sum(), 3)), atol=6)


def test_a_brow_that_touches_the_eye_stays() -> None:
    photo, _, parts = eye(brow=True)
    brow = (photo == INK).all(axis=2) & (np.mgrid[:SIDE, :SIDE][0] < 37)
    assert brow.sum() > 40
    assert parts.lid[brow][:, 3].max() < 0.5
    np.testing.assert_allclose(parts.line[..., 3].sum(), eye()[2].line[..., 3].sum(), rtol=0.15)


def test_a_strand_before_the_eye_stays_before_the_lid() -> None:
    photo, _, parts = eye(strand=True)
    strand = (photo == HAIR).all(axis=2)
    assert parts.front[strand].mean() > 0.85
    assert parts.lid[strand][:, 3].mean() < 0.15
