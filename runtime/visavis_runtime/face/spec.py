"""Takes arrays from a file and a table of what each must be, says whether they fit: type, axes, range, together.

A hostile avatar can hold any array under any name. What a part accepts is one row of a table (`ArraySpec`), judged here
for all parts alike: the type and the axes before memory is spent, the values afterwards. An axis is a number or a name;
axes of the same name have the same length wherever they occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy.typing as npt


class ArraySpec(NamedTuple):
    """One array: dtype name, axes, smallest and largest value; empty only if `may_be_empty`."""

    dtype: str
    axes: tuple[int | str, ...]
    low: float
    high: float
    may_be_empty: bool = False


def check_header(name: str, *, dtype: str, shape: tuple[int, ...], spec: ArraySpec) -> None:
    """Raises: ValueError if an array of this dtype and number of axes is not the one expected."""
    if dtype != spec.dtype or len(shape) != len(spec.axes):
        raise ValueError(f"the array {name} is {dtype} with {len(shape)} axes, expected {spec.dtype} {spec.axes}")


def check_arrays(
    arrays: Mapping[str, npt.NDArray[Any]], *, specs: Mapping[str, ArraySpec], lengths: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Judge the arrays by their specs; returns the length of each named axis (`lengths` are known beforehand).

    Raises:
        ValueError: an array is missing, unknown, of another type or shape, empty, not finite or out of range.
    """
    if set(arrays) != set(specs):
        raise ValueError(f"arrays missing or unknown: {sorted(set(arrays) ^ set(specs))}")
    known = dict(lengths or {})
    for name, spec in specs.items():
        array = arrays[name]
        check_header(name, dtype=array.dtype.name, shape=array.shape, spec=spec)
        for axis, length in zip(spec.axes, array.shape, strict=True):
            expected = known.setdefault(axis, length) if isinstance(axis, str) else axis
            if length != expected:
                raise ValueError(f"{name} has the shape {array.shape}, expected {expected} for {axis}")
        _check_values(name, array, spec)
    return known


def _check_values(name: str, array: npt.NDArray[Any], spec: ArraySpec) -> None:
    if array.size == 0:
        if not spec.may_be_empty:
            raise ValueError(f"the array {name} is empty")
        return
    low, high = float(array.min()), float(array.max())
    # Written so that NaN fails too: it is the smallest and the largest value of its array.
    if not (spec.low <= low and high <= spec.high):
        raise ValueError(f"{name} has values from {low:g} to {high:g}, expected {spec.low:g} to {spec.high:g}")
