"""A network on disk: nothing is lost, damage is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import DamageError
from visavis_runtime.nets.store import bytes_from_description, description_from_bytes
from visavis_runtime.nets.tflite import Description, Operator

DESCRIPTION = Description(
    inputs=(0,),
    outputs=(2,),
    shapes=((1, 4), (4,), (1, 4)),
    operators=(Operator("MUL", (0, 1), (2,), {"activation": 0, "list": [1, 2]}),),
    constants={1: np.arange(4, dtype=np.float16)},
)
CONTENT = bytes_from_description(DESCRIPTION)


def test_round_trip() -> None:
    read = description_from_bytes(CONTENT)
    assert read[:4] == DESCRIPTION[:4]
    np.testing.assert_array_equal(read.constants[1], DESCRIPTION.constants[1])
    assert read.constants[1].dtype == np.float16


@given(st.integers(0, len(CONTENT) - 1))
def test_a_cut_file_is_damaged(length: int) -> None:
    with pytest.raises(DamageError):
        description_from_bytes(CONTENT[:length])


@given(st.binary(max_size=100))
def test_garbage_is_damaged(data: bytes) -> None:
    with pytest.raises(DamageError):
        description_from_bytes(data)
