"""Glasses are found where they are drawn, on no bare face, and stay stiff while lids and mouth move."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from anime_face import anime_face
from rig_heads import frontal_mesh

from visavis.latents import INDEX
from visavis_runtime.face import rings
from visavis_runtime.face.portrait.crop import Crop, crop_face
from visavis_runtime.face.portrait.drawn_eyes import spread_eyes
from visavis_runtime.face.portrait.glasses import stiffened, wears_glasses
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject
from visavis_runtime.face.rig.shapes import solve_shapes

U8 = npt.NDArray[np.uint8]
FRAMES = [
    ((30, 30, 30), 3, "round"),
    ((60, 50, 45), 1, "round"),
    ((170, 150, 110), 2, "round"),
    ((20, 20, 20), 6, "box"),
]


def with_glasses(picture: U8, points: npt.NDArray[np.floating], colour: tuple[int, int, int], px: int, form: str) -> U8:
    """Frames drawn round the eyes, and a bridge between them."""
    out = picture.copy()
    middles = []
    for eye in (rings.EYES["right"], rings.EYES["left"]):
        a, b = points[eye.outer, :2].astype(float), points[eye.inner, :2].astype(float)
        width, middle = float(np.linalg.norm(a - b)), (a + b) / 2
        x, y = middle[0], middle[1] + 0.12 * width
        turn = float(np.degrees(np.arctan2(*(points[263, :2] - points[33, :2])[::-1])))
        if form == "round":
            cv2.ellipse(out, ((x, y), (1.75 * width, 1.5 * width), turn), colour, px, cv2.LINE_AA)
        else:
            box = cv2.boxPoints(((x, y), (1.8 * width, 1.25 * width), turn))
            cv2.polylines(out, [np.rint(box).astype(np.int32)], True, colour, px, cv2.LINE_AA)
        middles.append(middle)
    along = (middles[1] - middles[0]) / np.linalg.norm(middles[1] - middles[0])
    ends = [middles[0] + 0.87 * width * along, middles[1] - 0.87 * width * along]
    cv2.line(out, *(tuple(np.rint(end).astype(int).tolist()) for end in ends), colour, px, cv2.LINE_AA)
    return out


def crop_of(rgb: U8, subject: Subject) -> Crop:
    return crop_face(rgb, points=subject.landmarks.points, size=512)


def test_a_bare_face_wears_none(astronaut: U8, astronaut_subject: Subject) -> None:
    crop = crop_of(astronaut, astronaut_subject)
    assert not wears_glasses(crop.square, points=crop.points)


@pytest.mark.parametrize(("colour", "px", "form"), FRAMES)
def test_frames_are_found(
    astronaut: U8, astronaut_subject: Subject, colour: tuple[int, int, int], px: int, form: str
) -> None:
    crop = crop_of(astronaut, astronaut_subject)
    assert wears_glasses(with_glasses(crop.square, crop.points, colour, px, form), points=crop.points)


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", ["innkeeper", "guard", "android", "scholar"])
def test_drawn_people_wear_none(root: Path, name: str) -> None:
    rgb = read_picture(root / "samples" / "portraits" / f"{name}.png").rgb
    crop = crop_of(rgb, find_subject(rgb))
    assert not wears_glasses(crop.square, points=crop.points)


@pytest.mark.usefixtures("weights")
def test_the_outline_below_a_huge_drawn_eye_is_no_frame() -> None:
    rgb = anime_face()
    crop = crop_of(rgb, find_subject(rgb))
    points = spread_eyes(crop.square, points=crop.points)
    assert not wears_glasses(crop.square, points=points)
    assert wears_glasses(with_glasses(crop.square, points, (30, 30, 30), 3, "round"), points=points)


def test_frames_stay_stiff_and_the_rest_moves() -> None:
    mesh = frontal_mesh()
    free = solve_shapes(mesh)
    stiff = stiffened(free, points=mesh.relief)
    rim = [rings.EYES["left"].brow[3], rings.EYES["left"].below[3]]
    for name in ("browDownLeft", "cheekSquintLeft"):
        before, after = (np.linalg.norm(s[INDEX[name], rim], axis=1).max() for s in (free, stiff))
        assert after < 0.65 * before
    lids = list(rings.EYES["left"].lid_line)
    np.testing.assert_array_equal(stiff[INDEX["eyeBlinkLeft"], lids], free[INDEX["eyeBlinkLeft"], lids])
    orbit = rings.EYES["left"].orbit[3]
    before, after = (np.linalg.norm(s[INDEX["eyeBlinkLeft"], orbit]) for s in (free, stiff))
    assert after < 0.35 * before, "a frame above the eye does not come down with the lid"
    np.testing.assert_array_equal(stiff[INDEX["jawOpen"]], free[INDEX["jawOpen"]])
    np.testing.assert_allclose(stiff[INDEX["mouthSmileLeft"], 291], free[INDEX["mouthSmileLeft"], 291])
