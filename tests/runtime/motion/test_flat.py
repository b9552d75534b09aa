from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.motion.flat import axis_of_counts


@given(st.lists(st.integers(0, 5), max_size=8))
def test_every_row_knows_its_talk_and_its_place(counts: list[int]) -> None:
    axis = axis_of_counts(counts)
    expected = [(talk, place) for talk, count in enumerate(counts) for place in range(count)]
    assert list(zip(axis.of.tolist(), axis.place.tolist(), strict=True)) == expected
    assert [sum(counts[: i + 1]) for i in range(len(counts))] == axis.ends.tolist()
