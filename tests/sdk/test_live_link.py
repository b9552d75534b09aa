from __future__ import annotations

import numpy as np
import pytest
from live_link_reader import CURVES

from visavis.latents import INDEX
from visavis.live_link import COUNT, LIVE_LINK_NAMES, live_link_values

APP_LOOKS_IN_AND_DOWN = {"LeftEyeYaw": -0.0279, "LeftEyePitch": 0.1292, "RightEyeYaw": 0.0438, "RightEyePitch": 0.1293}
"""A moment of a take of the app; its shapes say EyeLookDown 0.21, EyeLookInLeft 0.07, EyeLookInRight 0.05."""


def test_names_are_those_of_the_format() -> None:
    assert list(LIVE_LINK_NAMES) == CURVES
    assert len(CURVES) == COUNT


@pytest.mark.parametrize(("name", "sign"), [("Yaw", 1), ("Pitch", -1), ("Roll", 1)])
@pytest.mark.parametrize("part", ["head", "leftEye", "rightEye"])
def test_angles_are_degrees_by_180(part: str, name: str, sign: int) -> None:
    latents = np.zeros(64, np.float32)
    latents[INDEX[part + name]] = np.radians(45)
    values = live_link_values(latents)
    column = LIVE_LINK_NAMES.index(part[0].upper() + part[1:] + name)
    assert values[column] == pytest.approx(sign * 0.25, abs=1e-7)
    assert np.count_nonzero(values) == 1


def test_signs_are_those_of_the_app() -> None:
    latents = np.zeros(64, np.float32)
    # A left eye that looks in looks to the subject's right, a right eye that looks in to its left.
    latents[INDEX["leftEyeYaw"]], latents[INDEX["rightEyeYaw"]] = -0.1, 0.1
    latents[INDEX["leftEyePitch"]] = latents[INDEX["rightEyePitch"]] = -0.1
    values = dict(zip(LIVE_LINK_NAMES, live_link_values(latents), strict=True))
    for name, recorded in APP_LOOKS_IN_AND_DOWN.items():
        assert np.sign(values[name]) == np.sign(recorded), name


def test_shapes_stay_in_their_range_and_rows_in_their_shape() -> None:
    latents = np.full((5, 3, 64), 2.0, np.float32)
    latents[0] = -2.0
    values = live_link_values(latents)
    assert values.shape == (5, 3, 61)
    assert values.dtype == np.float32
    assert values[0, :, :52].max() == 0.0
    assert values[1:, :, :52].min() == 1.0
    assert not np.signbit(live_link_values(np.zeros(64))).any()
