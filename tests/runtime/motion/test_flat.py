from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.motion.flat import owners, places


@given(st.lists(st.integers(0, 5), max_size=8))
def test_every_row_knows_its_talk_and_its_place(counts: list[int]) -> None:
    expected = [(talk, place) for talk, count in enumerate(counts) for place in range(count)]
    assert list(zip(owners(counts).tolist(), places(counts).tolist(), strict=True)) == expected
    np.testing.assert_array_equal(places(np.array(counts, np.int64)), places(counts))
