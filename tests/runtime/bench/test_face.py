"""The bench of a finished talk looks at its pixels: a talk passes, a stranger and a frozen mouth do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visavis_runtime.bench import face as bench
from visavis_runtime.bench.face import measure_face
from visavis_runtime.face.portrait.picture import read_picture


@pytest.mark.usefixtures("weights")
def test_a_talk_keeps_its_face_and_opens_its_mouth(root: Path) -> None:
    figures = measure_face(
        root / "samples" / "portraits" / "innkeeper.png", root / "samples" / "lines" / "innkeeper.flac", every=12
    )
    assert figures["face_found"] == 1
    assert figures["tracker_noise"] < figures["identity_distance"] < 0.012
    assert figures["colour_distance"] < 0.10
    assert 0.6 < figures["mouth_of_real"] < 1.6
    assert figures["frames"] > 100


@pytest.mark.usefixtures("weights")
def test_another_person_is_far_away(root: Path) -> None:
    pictures = [read_picture(root / "samples" / "portraits" / f"{name}.png").rgb for name in ("innkeeper", "scholar")]
    first, second = (bench._look(picture) for picture in pictures)
    assert first is not None
    assert second is not None
    assert bench._identity(second, first) > 0.02
    assert bench._identity(first, first) < 1e-6
    assert bench._colours_apart(pictures[1], pictures[0], second, first) > 0.1


def test_flicker_is_the_second_difference_of_the_mouths_light() -> None:
    rest = np.zeros((478, 2), np.float32)
    rest[61], rest[291] = (40, 60), (80, 60)
    still = [np.full((128, 128, 3), 100, np.uint8)] * 6
    fading = [np.full((128, 128, 3), 100 + 5 * i, np.uint8) for i in range(6)]
    blinking = [np.full((128, 128, 3), 100 + 4 * (i % 2), np.uint8) for i in range(6)]
    assert bench._flicker(still, rest) == bench._flicker(fading, rest) == 0
    assert bench._flicker(blinking, rest) == 8
