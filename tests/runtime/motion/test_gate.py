from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visavis_runtime.motion.flat import axis_of_counts
from visavis_runtime.motion.gate import (
    RISE_ROWS,
    SHUT_ROWS,
    Gate,
    gate_from,
    gate_rows,
    open_gate,
    seals_of_gate,
    shut_gate,
    start_gate,
)

STEEPEST = 1.5 / SHUT_ROWS  # of a smooth step


def _rows(gate: Gate, *, first: int = 0, count: int = 100) -> np.ndarray:
    return gate_rows([gate], first=[first], axis=axis_of_counts([count]))


def test_a_talk_opens_from_rest_over_100_ms_or_stays_shut() -> None:
    opened = _rows(start_gate(mouth_open=True))
    assert opened[0] == 0.0
    assert (np.diff(opened[: RISE_ROWS + 1]) > 0).all()
    assert (opened[RISE_ROWS:] == 1.0).all()
    assert not _rows(start_gate(mouth_open=False)).any()


def test_an_end_known_early_is_met_and_the_easing_starts_just_before_it() -> None:
    rows = _rows(shut_gate(start_gate(mouth_open=True), at_row=60, next_row=20))
    assert (rows[RISE_ROWS : 60 - SHUT_ROWS + 1] == 1.0).all()
    assert (np.diff(rows[60 - SHUT_ROWS : 61]) < 0).all()
    assert not rows[60:].any()


def test_an_interrupt_shuts_within_70_ms_of_rows() -> None:
    rows = _rows(shut_gate(start_gate(mouth_open=True), at_row=5, next_row=40))
    assert rows[40] == 1.0
    assert not rows[40 + SHUT_ROWS :].any()


def test_asking_again_changes_nothing() -> None:
    gate = shut_gate(start_gate(mouth_open=True), at_row=5, next_row=40)
    assert shut_gate(gate, at_row=40, next_row=42) == gate
    gate = open_gate(gate, at_row=90, next_row=42)
    assert open_gate(gate, at_row=95, next_row=94) == gate


def test_several_moves_wait_in_the_order_of_time() -> None:
    gate = shut_gate(start_gate(mouth_open=True), at_row=30, next_row=5)
    gate = open_gate(gate, at_row=40, next_row=5)
    gate = shut_gate(gate, at_row=80, next_row=5)
    rows = _rows(gate)
    assert rows[15] == rows[55] == 1.0
    assert not rows[30:41].any()
    assert not rows[80:].any()


def test_an_interrupt_forgets_what_was_to_come() -> None:
    gate = open_gate(shut_gate(start_gate(mouth_open=True), at_row=60, next_row=5), at_row=70, next_row=5)
    assert not _rows(shut_gate(gate, at_row=20, next_row=20))[20 + SHUT_ROWS :].any()
    assert (_rows(open_gate(gate, at_row=30, next_row=20))[RISE_ROWS:] == 1.0).all()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 30)), max_size=8))
def test_no_order_of_calls_makes_it_jump_and_what_is_past_does_not_count(calls: list[tuple[bool, int, int]]) -> None:
    gate, now, parts = start_gate(mouth_open=True), 0, []
    for opens, wait, ahead in calls:
        parts.append(_rows(gate, first=now, count=wait))
        now += wait
        np.testing.assert_array_equal(_rows(gate_from(gate, row=now), first=now), _rows(gate, first=now))
        change = open_gate if opens else shut_gate
        gate = change(gate_from(gate, row=now), at_row=now + ahead, next_row=now)
        goal = _rows(gate, first=now + ahead + RISE_ROWS, count=1)
        assert goal == float(opens)
    parts.append(_rows(gate, first=now))
    rows = np.concatenate(parts)
    assert rows.min() >= 0.0
    assert rows.max() <= 1.0
    assert np.abs(np.diff(rows)).max() <= STEEPEST


def test_many_gates_stand_in_one_axis() -> None:
    gates = [start_gate(mouth_open=True), start_gate(mouth_open=False), start_gate(mouth_open=True)]
    together = gate_rows(gates, first=[3, 7, 20], axis=axis_of_counts([4, 0, 5]))
    np.testing.assert_array_equal(together, np.concatenate([_rows(gates[0])[3:7], np.ones(5)]))


def test_a_seal_is_whole_before_the_mouth_is_and_none_where_it_is_shut() -> None:
    np.testing.assert_allclose(seals_of_gate(np.array([0.0, 0.1, 0.25, 1.0], np.float32)), [0.0, 0.4, 1.0, 1.0])
