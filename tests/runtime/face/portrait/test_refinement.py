"""The index lists of the landmark network's outputs."""

from __future__ import annotations

from visavis_runtime.face.portrait.refinement import LEFT_EYE, LID_POINTS, LIPS, OUTPUTS, RIGHT_EYE
from visavis_runtime.face.rings import EYES, LOWER_RINGS, UPPER_RINGS


def test_sizes_of_the_outputs() -> None:
    assert [len(numbers) for numbers in OUTPUTS] == [80, 71, 71, 5, 5]
    assert all(len(set(numbers)) == len(numbers) for numbers in OUTPUTS)


def test_they_cover_the_rings_of_their_part() -> None:
    assert {number for ring in UPPER_RINGS + LOWER_RINGS for number in ring} == set(LIPS)
    assert set(EYES["right"].lid_line) == set(RIGHT_EYE[:LID_POINTS])
    assert set(EYES["left"].lid_line) == set(LEFT_EYE[:LID_POINTS])
