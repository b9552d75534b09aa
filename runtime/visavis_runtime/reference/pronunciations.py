"""How single readers say words that a dictionary of American English has otherwise; for `align.open_aligner`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

GRID_S1: Mapping[str, Sequence[str]] = {
    "a": ["EY"], "z": ["Z EH D"], "r": ["AA", "AA R"], "four": ["F AO", "F AO R"], "white": ["W AY T"],
    "again": ["AH G EH N", "AH G EY N"], "zero": ["Z IH R OW", "Z IY R OW"],
}  # fmt: skip
"""The man of the measured lips: letters by their names, British, without the American R."""
