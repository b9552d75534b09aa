"""Specs of arrays: type, axes, range; axes of one name are of one length."""

from __future__ import annotations

import numpy as np
import pytest

from visavis_runtime.face.spec import ArraySpec, check_arrays

SPECS = {"a": ArraySpec("float32", ("n", 2), -1, 1), "b": ArraySpec("uint8", ("n",), 0, 255, may_be_empty=True)}
GOOD = {"a": np.zeros((4, 2), np.float32), "b": np.zeros(4, np.uint8)}


def test_what_fits_gives_the_lengths() -> None:
    assert check_arrays(GOOD, specs=SPECS) == {"n": 4}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"a": np.zeros((4, 2))}, "float64"),
        ({"a": np.zeros((4, 3), np.float32)}, "shape"),
        ({"a": np.zeros(8, np.float32)}, "1 axes"),
        ({"a": np.full((4, 2), np.nan, np.float32)}, "values"),
        ({"a": np.full((4, 2), np.inf, np.float32)}, "values"),
        ({"a": np.full((4, 2), 2, np.float32)}, "from 2 to 2"),
        ({"a": np.zeros((0, 2), np.float32)}, "empty"),
        ({"b": np.zeros(5, np.uint8)}, "expected 4"),
        ({"c": np.zeros(5, np.uint8)}, "unknown"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_arrays({**GOOD, **change}, specs=SPECS)
