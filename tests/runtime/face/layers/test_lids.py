"""A shut lid is skin: as light as what is below the eye, also where the socket is dark."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.layers import lids
from visavis_runtime.face.layers.eyeball import EyePatch
from visavis_runtime.face.layers.lids import flat_lid, lash_colour, lid_of
from visavis_runtime.face.layers.opening import opening_between

F32 = npt.NDArray[np.float32]
SIDE, WIDTH = 96, 56.0


def patch(socket: float, cheek: float = 200.0) -> EyePatch:
    """An eye in a socket of the lightness `socket`, above a cheek of `cheek`."""
    x = np.linspace(20, 76, 9)
    arc = 9 * np.sin(np.linspace(0, np.pi, 9))
    upper, lower = (np.stack([x, 48 + sign * arc], axis=1).astype(np.float32) for sign in (-1, 1))
    photo = np.full((SIDE, SIDE, 3), socket, np.float32)
    photo[67:] = cheek
    opening = opening_between(upper, lower, origin=(0, 0), shape=(SIDE, SIDE))
    photo[opening.coverage > 0.5] = 90
    return EyePatch(photo, opening, np.full((SIDE, SIDE), 9, np.float32), WIDTH, 9.0)


def over_the_eye(layer: F32) -> float:
    """Lightness of the lid in the upper half of the eye."""
    return float(layer[42:48, 40:56, :3].mean())


def test_an_evenly_lit_lid_is_the_skin_around_it() -> None:
    layer = lid_of(patch(200.0), outer=1)
    assert abs(over_the_eye(layer) - 200) < 12
    assert layer[48, 48, 3] == 255


def test_a_lid_comes_out_of_a_dark_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    lit = over_the_eye(lid_of(patch(140.0), outer=1))
    assert 165 < lit <= 200
    monkeypatch.setattr(lids, "CATCHES", 0.0)
    assert over_the_eye(lid_of(patch(140.0), outer=1)) < lit - 10, "it is not only filled in from the cheek"


def test_a_face_in_shadow_keeps_its_shadow_and_no_lid_glows() -> None:
    assert over_the_eye(lid_of(patch(60.0, cheek=70.0), outer=1)) < 75
    assert over_the_eye(lid_of(patch(20.0), outer=1)) <= 200


def test_a_flat_lid_has_one_colour() -> None:
    skin = np.array([250.0, 220.0, 200.0])
    layer = flat_lid(patch(120.0), skin)
    np.testing.assert_allclose(layer[..., :3], np.broadcast_to(skin, (SIDE, SIDE, 3)))


def test_a_crease_stays_and_lashes_go() -> None:
    eye = patch(200.0)
    crease = np.abs(-eye.opening.below_upper - 0.16 * WIDTH) < 1.2
    eye.photo[crease & (np.abs(eye.opening.along) < 0.9)] = 120
    lashes = (-eye.opening.below_upper > 0) & (-eye.opening.below_upper < 0.13 * WIDTH)
    columns = np.arange(SIDE) % 12 == 0
    eye.photo[lashes & columns[None] & (np.abs(eye.opening.along) < 0.9)] = 40
    above = np.rint(-eye.opening.below_upper[:, 48]).astype(int)
    middle = lid_of(eye, outer=1)[:, 42:55, :3].mean(axis=(1, 2))
    on, below = (float(middle[np.flatnonzero(above == round(at * WIDTH))[0]]) for at in (0.16, 0.10))
    assert on < below - 20
    assert below > 165, "no lash is left"


def test_a_lid_without_a_crease_gets_a_faint_one(monkeypatch: pytest.MonkeyPatch) -> None:
    eye = patch(200.0)
    laid = lid_of(eye, outer=1)
    monkeypatch.setattr(lids, "FOLD", 0.0)
    lost = (1 - laid[..., :3].mean(axis=2) / lid_of(eye, outer=1)[..., :3].mean(axis=2))[:, 48]
    darkest = int(lost.argmax())
    assert 0.1 < lost[darkest] < 0.3
    assert abs(-eye.opening.below_upper[darkest, 48] / WIDTH - 0.16) < 0.03


def test_a_lid_has_the_hue_of_the_skin_not_of_its_socket() -> None:
    eye = patch(200.0)
    eye.photo[:60] *= np.array([0.85, 1.0, 1.15], np.float32)
    eye.photo[60:] *= np.array([1.1, 1.0, 0.9], np.float32)
    red, _, blue = lid_of(eye, outer=1)[42:48, 40:56, :3].mean(axis=(0, 1))
    assert red > 0.98 * blue


def test_a_lid_has_the_grain_of_the_skin() -> None:
    eye, rough = patch(200.0), patch(200.0)
    rough.photo[67:] += np.random.default_rng(1).normal(0, 12, rough.photo[67:].shape)
    smooth, grained = (float(np.abs(np.diff(lid_of(e, outer=1)[36:46, 40:56, 0], axis=1)).mean()) for e in (eye, rough))
    assert grained > smooth + 3


def test_what_shines_beside_an_eye_does_not_get_into_its_lid() -> None:
    eye, shiny = patch(180.0), patch(180.0)
    wet = (np.abs(shiny.opening.above_lower + 11) < 2) & (np.abs(shiny.opening.along) < 1)
    shiny.photo[wet] = 255
    dull, bright = (lid_of(e, outer=1)[40:58, 24:72, :3] for e in (eye, shiny))
    assert np.abs(bright - dull).max() < 12


def test_a_fold_of_skin_is_deeper_in_its_own_hue_and_grey_stays_grey() -> None:
    skin, grey = np.broadcast_to(np.float32([220, 170, 140]), (4, 4, 3)), np.full((4, 4, 3), 150, np.float32)
    shade = np.full((4, 4), 0.7, np.float32)
    red, _, blue = lids._warm(shade, skin)[0, 0]
    assert red > 0.7 > blue
    np.testing.assert_allclose(lids._warm(shade, grey), 0.7, rtol=1e-5)


def test_dark_lashes_beyond_the_outer_corner_stay() -> None:
    eye = patch(200.0)
    eye.photo[44:52, 77:84] = 40
    eye.photo[44:52, 12:19] = 40
    covered = lid_of(eye, outer=1)[48, :, 3]
    assert covered[80] < 0.4 * covered[16]


def test_the_line_round_a_drawn_eye_goes_with_its_lid() -> None:
    eye, skin = patch(220.0, cheek=220.0), np.full(3, 220.0)
    eye.photo[np.abs(eye.opening.below_upper + 5) < 2] = 30
    assert flat_lid(eye, skin)[34, 48, 3] > 200


def test_hair_that_hangs_beside_a_drawn_eye_is_not_skin() -> None:
    eye, skin = patch(220.0, cheek=220.0), np.full(3, 220.0)
    eye.photo[:34, 45:50] = 60
    layer = flat_lid(eye, skin)
    assert layer[30, 47, 3] < 10
    assert layer[48, 48, 3] > 250


def test_lashes_take_more_of_their_hue_from_the_skin_than_from_the_iris_but_ink_keeps_its_own() -> None:
    eye = patch(200.0)
    eye.photo[eye.opening.coverage > 0.5] = (20, 20, 60)
    ink, lash = lash_colour(eye, skin=None), lash_colour(eye, skin=np.array([240.0, 180.0, 120.0]))
    np.testing.assert_allclose(ink, (20, 20, 60), atol=1)
    assert abs(lash.mean() - ink.mean()) < 1
    assert lash[0] > lash[1], "the skin is red"
