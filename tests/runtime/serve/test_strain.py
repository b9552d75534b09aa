"""When a server is short of time, without one."""

from __future__ import annotations

import pytest

from visavis_runtime.serve.strain import CALM_LOOKS, CALM_S, LATE_S, STRAINED_LOOKS, TELL_LOOKS, Strain


def looks(strain: Strain, late_s: float, *, count: int, saturated: bool = False) -> list[bool]:
    """Whether it is strained after each of `count` seconds in which everything was so late."""
    states = []
    for _ in range(count):
        for _ in range(50):
            strain.heard(late_s)
        strain.look(saturated=saturated)
        states.append(strain.strained)
    return states


def test_a_server_that_is_late_for_long_is_short_of_time() -> None:
    strain = Strain()
    assert looks(strain, 2 * LATE_S, count=STRAINED_LOOKS) == [False] * (STRAINED_LOOKS - 1) + [True]
    assert strain.late_s == pytest.approx(2 * LATE_S)
    assert looks(strain, 0.0, count=CALM_LOOKS) == [True] * (CALM_LOOKS - 1) + [False]


def test_a_pause_is_forgiven() -> None:
    strain = Strain()
    for _ in range(20):
        assert not any(looks(strain, 3.0, count=STRAINED_LOOKS - 1))
        assert not any(looks(strain, 0.001, count=1))


def test_between_the_bounds_it_stays_as_it_is() -> None:
    strain, between_s = Strain(), (LATE_S + CALM_S) / 2
    assert not any(looks(strain, between_s, count=20))
    looks(strain, 1.0, count=STRAINED_LOOKS)
    assert all(looks(strain, between_s, count=20))
    looks(strain, 0.0, count=CALM_LOOKS - 1)
    assert all(looks(strain, between_s, count=2)), "calm for long enough, in a row"


def test_engines_that_do_not_keep_up_are_the_same() -> None:
    strain = Strain()
    assert looks(strain, 0.0, count=STRAINED_LOOKS, saturated=True)[-1]
    assert not looks(strain, 0.0, count=CALM_LOOKS)[-1]


def test_a_second_in_which_nothing_was_heard_is_no_hint() -> None:
    strain = Strain()
    for _ in range(10):
        strain.look(saturated=False)
    assert not strain.strained
    assert strain.late_s == 0.0


def test_it_is_told_when_it_begins_and_once_a_minute() -> None:
    strain, told = Strain(), []
    for second in range(2 * TELL_LOOKS + STRAINED_LOOKS):
        looks(strain, 1.0, count=1)
        if strain.to_be_told:
            told.append(second)
    assert told == [STRAINED_LOOKS - 1 + minute * TELL_LOOKS for minute in range(3)]
