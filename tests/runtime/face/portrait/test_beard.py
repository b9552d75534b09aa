"""A beard is told from shade, from stubble and from bare skin; a drawn one by its colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from anime_face import anime_face

from visavis_runtime.face.portrait.beard import beard
from visavis_runtime.face.portrait.crop import crop_face
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.face.portrait.subject import Subject, find_subject

pytestmark = pytest.mark.usefixtures("weights")


@pytest.mark.parametrize(("name", "wears"), [("innkeeper", 1.0), ("guard", 0.0), ("android", 0.0), ("scholar", 0.0)])
def test_the_innkeeper_alone_wears_one(root: Path, name: str, wears: float) -> None:
    rgb = read_picture(root / "samples" / "portraits" / f"{name}.png").rgb
    crop = crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)
    assert beard(crop.square, points=crop.points) == wears


def test_a_shaded_side_is_none(astronaut: npt.NDArray[np.uint8], astronaut_subject: Subject) -> None:
    crop = crop_face(astronaut, points=astronaut_subject.landmarks.points, size=512)
    assert beard(crop.square, points=crop.points) == 0
    shaded = crop.square * np.linspace(0.3, 1, 512)[:, None]
    assert beard(shaded.astype(np.uint8), points=crop.points) == 0


def test_a_mass_of_one_colour_is_one() -> None:
    rgb = anime_face()
    crop = crop_face(rgb, points=find_subject(rgb).landmarks.points, size=512)
    bearded = crop.square.copy()
    assert beard(bearded, points=crop.points) == 0
    bearded[int(crop.points[164, 1]) :] = (96, 52, 30)
    assert beard(bearded, points=crop.points) == 1
