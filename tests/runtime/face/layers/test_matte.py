"""The person matte of a real photo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from visavis_runtime.face.layers.matte import person_matte


@pytest.mark.usefixtures("weights")
def test_matte_of_the_astronaut(astronaut: npt.NDArray[np.uint8]) -> None:
    matte = person_matte(np.ascontiguousarray(astronaut[:400]))
    assert matte.shape == (400, 512)
    assert matte.dtype == np.float32
    assert matte.min() >= 0
    assert matte.max() <= 1
    assert matte[100:160, 200:250].min() > 0.95  # the face
    assert matte[10:60, 380:420].max() < 0.1  # the wall
