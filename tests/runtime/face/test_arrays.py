from __future__ import annotations

import numpy as np
import pytest
import torch

from visavis_runtime.face.arrays import at_least, at_most, exp_of, namespace


@pytest.mark.parametrize("name", ["abs", "exp", "sqrt"])
def test_one_name_does_the_same_for_arrays_and_tensors(name: str) -> None:
    values = np.linspace(0.1, 3, 7, dtype=np.float32)
    here, there = (getattr(namespace(v), name)(v) for v in (values, torch.from_numpy(values)))
    np.testing.assert_allclose(there, here, rtol=1e-6)


def test_bounds_are_numbers() -> None:
    values = np.linspace(-2, 2, 9, dtype=np.float32)
    for name, bounds in (("maximum", (0.5,)), ("minimum", (0.5,)), ("clip", (-1, 1)), ("clip", (0, None))):
        here, there = (getattr(namespace(v), name)(v, *bounds) for v in (values, torch.from_numpy(values)))
        np.testing.assert_array_equal(there, here)


def test_numbers_of_one_frame_and_of_a_batch() -> None:
    for number in (-0.5, 0.25, 2.0):
        batch = torch.full((2, 1, 1), number)
        for function in (lambda n: at_least(n, 0.0), lambda n: at_most(n, 1.0), exp_of):
            np.testing.assert_allclose(function(batch)[0, 0, 0], function(number), rtol=1e-6)
