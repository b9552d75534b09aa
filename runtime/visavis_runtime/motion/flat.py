"""Takes how many rows each of many talks has, gives where they lie when all rows stand in one long axis.

Talks of one batch complete different numbers of rows. Laid one after another on one axis, every formula runs once for
all of them, with the numbers of a row's own talk gathered beside it. What it does not do: it holds no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]


class Axis(NamedTuple):
    """B talks on one axis of N rows."""

    counts: Index
    """[B] rows of each talk."""
    ends: Index
    """[B] one past the last row of each talk."""
    of: Index
    """[N] number of the talk that each row belongs to."""
    place: Index
    """[N] number of each row within its talk: 0, 1, .. counts[i] - 1 for every i."""


def axis_of_counts(counts: Sequence[int] | Index) -> Axis:
    """The axis of talks with so many rows."""
    lengths = np.asarray(counts, np.int64)
    ends = lengths.cumsum()
    of = np.arange(len(lengths)).repeat(lengths)
    return Axis(lengths, ends, of, np.arange(len(of)) - (ends - lengths)[of])
