"""Takes streams that step one by one or together, gives the one state that steps them all in one call.

The state of a batch is a tree of tuples with arrays at its leaves, and every array has the streams as its first axis; a
stream alone is a batch of one. A stream is a row of its batch: batches whose members step together again are joined and
parted for nothing, others copy the rows that they need. Batches can be joined when their arrays agree in all other axes
and their plain numbers are equal, which is what `phase` tells: two streams that have heard different parts of a frame
complete different numbers of frames with the same samples and cannot share a call. Nothing is ever written to. A stream
that waits keeps the batch of its last step in memory.

A leaf may be a tensor of torch as well, on any device, where it is joined and parted too; torch is not imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import Any, NamedTuple


class Stream(NamedTuple):
    """One stream: row `row` of every array of the state `batch`."""

    batch: Any
    row: int


def groups(streams: Sequence[Stream], *, keys: Sequence[Hashable]) -> list[list[int]]:
    """Numbers of the streams that can be joined: of one phase and equal `keys`; members of one batch in its order."""
    batches = {id(one.batch): one.batch for one in streams}
    phases = {number: phase(batch) for number, batch in batches.items()}
    rank = {number: i for i, number in enumerate(batches)}
    found: dict[Hashable, list[int]] = {}
    for number, (stream, key) in enumerate(zip(streams, keys, strict=True)):
        found.setdefault((key, phases[id(stream.batch)]), []).append(number)
    for group in found.values():
        group.sort(key=lambda number: (rank[id(streams[number].batch)], streams[number].row))
    return list(found.values())


def join(streams: Sequence[Stream]) -> Any:
    """The state of all `streams`, which must belong to one of the `groups`."""
    batches, places = [], []
    for _, run in groupby(streams, key=lambda stream: id(stream.batch)):
        members = list(run)
        batches.append(members[0].batch)
        places.append([stream.row for stream in members])
    if len(batches) == 1 and places[0] == list(range(_count(batches[0]))):
        return batches[0]
    return _taken(batches, places)


def part(batch: Any) -> list[Stream]:
    """The streams of `batch`, one by one."""
    return [Stream(batch, row) for row in range(_count(batch))]


def alone(stream: Stream) -> Stream:
    """The same stream without the rest of its batch, in arrays, which any process can take."""
    return Stream(_in_arrays(join([stream])), 0)


def phase(state: Any) -> Hashable:
    """What two states have to have in common."""
    if isinstance(state, tuple):
        return tuple(map(phase, state))
    key: Hashable = (type(state), state.shape[1:]) if hasattr(state, "shape") else state
    return key


def _count(state: Any) -> int:
    """Streams of a state whose first leaf is an array."""
    return _count(state[0]) if isinstance(state, tuple) else len(state)


def _taken(states: Sequence[Any], places: Sequence[list[int]]) -> Any:
    """The rows `places[i]` of every `states[i]`, one after another."""
    first = states[0]
    if isinstance(first, tuple):
        return type(first)(*(_taken(leaves, places) for leaves in zip(*states, strict=True)))
    if hasattr(first, "shape"):
        package = sys.modules[type(first).__module__]  # numpy or torch, which have the same name for it
        return package.concatenate([state[rows] for state, rows in zip(states, places, strict=True)])
    return first


def _in_arrays(state: Any) -> Any:
    if isinstance(state, tuple):
        return type(state)(*map(_in_arrays, state))
    return state.cpu().numpy() if hasattr(state, "cpu") else state
