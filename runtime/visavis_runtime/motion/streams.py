"""Takes the states of several streams, gives one state that steps them all in one call, and takes it apart again.

A state is a tree of tuples with arrays at its leaves, and every array has the streams as its first axis; a stream alone
is a batch of one. States can be joined when their arrays agree in all other axes and their plain numbers are equal,
which is what `phase` tells: two streams that have heard different parts of a frame complete different numbers of
frames with the same samples and cannot share a call.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

State = TypeVar("State")


def groups(keys: Sequence[Hashable]) -> list[list[int]]:
    """Numbers of the keys that are equal, in order of appearance."""
    found: dict[Hashable, list[int]] = {}
    for number, key in enumerate(keys):
        found.setdefault(key, []).append(number)
    return list(found.values())


def join(states: Sequence[State]) -> State:
    """One state of all the streams of `states`, which must have the same `phase`."""
    if len(states) == 1:
        return states[0]
    first: Any = states[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(states)  # type: ignore[arg-type, return-value]
    if isinstance(first, tuple):
        return type(first)(*map(join, zip(*states, strict=True)))  # type: ignore[return-value]
    return first  # type: ignore[no-any-return]


def part(state: State, *, count: int) -> list[State]:
    """The states of the `count` streams of `state`, one by one."""
    if count == 1:
        return [state]
    whole: Any = state
    if isinstance(whole, np.ndarray):
        return [whole[i : i + 1] for i in range(count)]  # type: ignore[misc]
    if isinstance(whole, tuple):
        leaves = (part(leaf, count=count) for leaf in whole)
        return [type(whole)(*row) for row in zip(*leaves, strict=True)]  # type: ignore[misc]
    return [state] * count


def phase(state: Any) -> Hashable:
    """What two states have to have in common."""
    key: Hashable = tuple(map(phase, state)) if isinstance(state, tuple) else state
    return state.shape[1:] if isinstance(state, np.ndarray) else key
