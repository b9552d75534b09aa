"""Takes the evidence of many clips, gives figures with 95 % intervals.

The evidence of one clip on one figure is a short row of sums: hits and tries, squared errors and frames, correlations
at each lag. A figure is a function of the summed rows, so its interval comes from drawing clips with replacement and
summing again (bootstrap over clips, seeded). Clips are the unit because the sounds of one clip are not independent.

An interval over a handful of clips is itself rough; `n` counts what the figure is made of (sounds, frames, clips), not
the clips drawn. It knows nothing of mouths: `lipsync_evidence` fills the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Evidence = Mapping[str, Array]
"""Rows of one clip by figure; a figure that the clip says nothing about may be absent."""

DRAWS = 1000
SEED = 20260
LAGS = 20
"""Lags of -20..20 frames of 10 ms are tried."""


class Figure(NamedTuple):
    """`value` with its 95 % interval `low..high`, made of `n` things; all NaN where there is nothing."""

    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, Any]:
        """The same with rounded numbers, None for NaN (JSON has none)."""
        value, low, high = (None if np.isnan(x) else round(x, 4) for x in self[:3])
        return {"value": value, "low": low, "high": high, "n": self.n}


class Statistic(NamedTuple):
    """`of`: summed rows `[..., k]` -> values `[...]`; `things`: a summed row `[k]` -> what n counts."""

    of: Callable[[Array], Array]
    things: Callable[[Array], float]


def share(rows: Array) -> Array:
    """Rows (sum, count) -> mean."""
    return _ratio(rows[..., 0], rows[..., 1])


def root_share(rows: Array) -> Array:
    """Rows (sum of squares, frames, things) -> root mean square."""
    return np.asarray(np.sqrt(_ratio(rows[..., 0], rows[..., 1])))


def root_ratio(rows: Array) -> Array:
    """Rows (sum of squares, sum of squares of the reference, clips) -> ratio of the roots."""
    return np.asarray(np.sqrt(_ratio(rows[..., 0], rows[..., 1])))


def difference(rows: Array) -> Array:
    """Rows (sum a, count a, sum b, count b) -> mean of a less mean of b."""
    return np.asarray(_ratio(rows[..., 0], rows[..., 1]) - _ratio(rows[..., 2], rows[..., 3]))


def best_lag_ms(rows: Array) -> Array:
    """Rows (correlations at lags -20..20, clips) -> lag of the highest mean one, ms, to a fraction of a frame.

    Positive is a mouth that comes late.
    """
    curve, index, _ = _peak(rows)
    before, at, after = (_at(curve, index + k) for k in (-1, 0, 1))
    bend = before - 2 * at + after
    inside = (index > 0) & (index < 2 * LAGS) & (bend < 0)
    offset = np.where(inside, 0.5 * (before - after) / np.where(inside, bend, 1.0), 0.0)
    return np.asarray(np.where(np.isnan(at), np.nan, 10.0 * (index - LAGS + np.clip(offset, -0.5, 0.5))))


def best_correlation(rows: Array) -> Array:
    """Rows (correlations at lags -20..20, clips) -> the mean correlation at the one lag that suits all clips best."""
    return _peak(rows)[2]


def figures(evidence: Iterable[Evidence], *, statistics: Mapping[str, Statistic]) -> dict[str, Figure]:
    """Figures of `statistics` that some clip has evidence for, from the evidence of all clips."""
    rows_by_clip = list(evidence)
    found = {}
    for name, statistic in statistics.items():
        rows = [clip[name] for clip in rows_by_clip if name in clip]
        if rows:
            found[name] = _figure(rows, statistic=statistic)
    return found


def _figure(rows: Sequence[Array], *, statistic: Statistic) -> Figure:
    table = np.stack(rows)
    random = np.random.default_rng(SEED)
    times = random.multinomial(len(table), np.full(len(table), 1.0 / len(table)), size=DRAWS)
    drawn = statistic.of(times @ table)
    whole = table.sum(axis=0)
    known = drawn[~np.isnan(drawn)]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    return Figure(float(statistic.of(whole)), float(low), float(high), round(float(statistic.things(whole))))


def _ratio(over: Array, under: Array) -> Array:
    known = under > 0
    return np.asarray(np.where(known, over / np.where(known, under, 1.0), np.nan))


def _peak(rows: Array) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Mean correlation curve, where it is highest and how high."""
    curve = _ratio(rows[..., :-1], rows[..., -1:])
    index = np.asarray(np.argmax(np.where(np.isnan(curve), -2.0, curve), axis=-1))
    return curve, index, _at(curve, index)


def _at(curve: Array, index: npt.NDArray[np.int64]) -> Array:
    held = np.clip(index, 0, curve.shape[-1] - 1)
    return np.asarray(np.take_along_axis(curve, np.asarray(held)[..., None], axis=-1)[..., 0])
