"""Takes how many rows each of many talks has, gives where they lie when all rows stand in one long axis.

Talks of one batch complete different numbers of rows. Laid one after another on one axis, every formula runs once for
all of them, with the numbers of a row's own talk gathered beside it. What it does not do: it holds no data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
Counts = Sequence[int] | Index


def owners(counts: Counts) -> Index:
    """[N] number of the talk that each row belongs to."""
    return np.repeat(np.arange(len(counts)), counts)


def places(counts: Counts) -> Index:
    """[N] number of each row within its talk: 0, 1, .. counts[i] - 1 for every i."""
    ends = np.cumsum(counts, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
