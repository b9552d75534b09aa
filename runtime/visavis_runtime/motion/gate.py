"""Takes the moments at which a mouth shall be shut or may speak, gives how far speech moves it in every row.

A live talk is one endless stream: lines are stretches of it, with silence between them. What the network makes of
breaths and noise there must not move the lips, and whoever interrupts wants to see the mouth shut at once. So the
speech part of the mouth passes a gate, 0 (shut) to 1 (open), that eases from where it is and never jumps. A gate is a
value: the moves that are under way or still to come, in the order of time. It does not touch what a feeling does to a
mouth, and it hears nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.flat import Axis

RISE_ROWS = 10
"""A mouth that opens is itself after 100 ms."""
SHUT_ROWS = 7
"""It shuts in 70 ms, whether the end was known before or not."""
_SEALED_FROM = 4.0
"""A p, b, m at the start of a line is a full closure from a quarter of the way on; a mouth at rest presses no lips."""

Rows = npt.NDArray[np.float32]


class Move(NamedTuple):
    """From `origin` at row `start` to `goal` at row `end` and on, a smooth step; `start` < `end`."""

    start: int
    end: int
    origin: float
    goal: float


Gate = tuple[Move, ...]
"""At least one move; each holds until the next one starts."""


def start_gate(*, mouth_open: bool) -> Gate:
    """Opening from row 0 on, or shut until it is opened."""
    return (Move(0, RISE_ROWS, 0.0, 1.0 if mouth_open else 0.0),)


def shut_gate(gate: Gate, *, at_row: int, next_row: int, least_rows: int = SHUT_ROWS) -> Gate:
    """Shut at row `at_row`, or `least_rows` after `next_row` where that is later; it moves from `next_row` on at the
    earliest. Moves that were to begin later are forgotten.
    """
    end = max(at_row, next_row + least_rows)
    return _with(gate, Move(max(next_row, end - SHUT_ROWS), end, 1.0, 0.0))


def open_gate(gate: Gate, *, at_row: int, next_row: int) -> Gate:
    """Opening from row `at_row` on, or from `next_row` where that is later. Moves that were to begin later are
    forgotten.
    """
    start = max(at_row, next_row)
    return _with(gate, Move(start, start + RISE_ROWS, 0.0, 1.0))


def gate_from(gate: Gate, *, row: int) -> Gate:
    """The moves that still count from `row` on."""
    past = sum(move.start <= row for move in gate[1:])
    return gate[past:]


def gate_rows(gates: Sequence[Gate], *, first: Sequence[int], axis: Axis) -> Rows:
    """How far speech moves the mouth: the rows of every gate from `first[i]` on, along `axis`."""
    levels = np.array([gate[-1].goal for gate in gates], np.float32)
    values = levels[axis.of]
    at = 0
    for gate, row, count in zip(gates, first, axis.counts.tolist(), strict=True):
        if count and (len(gate) > 1 or row < gate[0].end):
            values[at : at + count] = [_value(gate, row=row + i) for i in range(count)]
        at += count
    return values


def seals_of_gate(values: Rows) -> Rows:
    """How far closures count at gate `values`, 0..1."""
    return np.asarray(np.minimum(_SEALED_FROM * values, 1.0), np.float32)


def _with(gate: Gate, move: Move) -> Gate:
    """The gate with one more move, which starts where the others have brought it; asking twice changes nothing."""
    kept = tuple(other for other in gate if other.start < move.start)
    if kept and kept[-1].goal == move.goal and kept[-1].end <= move.end:
        return kept
    origin = _value(kept or gate[:1], row=move.start)
    return (*kept, move._replace(origin=origin))


def _value(gate: Gate, *, row: int) -> float:
    move = gate_from(gate, row=row)[0]
    x = min(1.0, max(0.0, (row - move.start) / (move.end - move.start)))
    return move.origin + (move.goal - move.origin) * x * x * (3.0 - 2.0 * x)
