from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from osc_reader import read_packet

from visavis_bridge.osc import bundles, message

_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
_VALUES = st.lists(
    st.one_of(st.integers(-(2**31), 2**31 - 1), st.floats(width=32, allow_nan=False), _WORDS), max_size=6
)


@given(_VALUES)
def test_messages_are_read_back(values: list[int | float | str]) -> None:
    assert read_packet(message("/a/b", *values)) == [("/a/b", values)]


@given(st.lists(_VALUES, max_size=30), st.integers(60, 400))
def test_bundles_keep_order_and_size(rows: list[list[int | float | str]], most_bytes: int) -> None:
    messages = [message("/m", *values) for values in rows]
    packed = bundles(messages, most_bytes=most_bytes)
    assert [read for data in packed for read in read_packet(data)] == [("/m", values) for values in rows]
    for data in packed:
        assert len(data) <= most_bytes or len(read_packet(data)) == 1


def test_the_example_of_the_specification() -> None:
    assert message("/oscillator/4/frequency", 440.0).hex() == (
        "2f6f7363696c6c61746f722f342f6672657175656e6379002c66000043dc0000"
    )
