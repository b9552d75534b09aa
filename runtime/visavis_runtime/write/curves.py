"""Takes motion latents at 60 rows a second, gives the CSV of curves that animators and tables read.

Header `time_s`, the 52 ARKit names, then head and eye rotations in DEGREES (the screen's unit; radians stay inside) and
the head's place in head widths. Row 0 belongs to the first sample of the voice. `read_curves` is its inverse.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visavis.errors import DamageError
from visavis.latents import ARKIT_NAMES, NAMES

ROWS_PER_S = 60
HEADER: tuple[str, ...] = ("time_s", *NAMES)
_ANGLES = slice(len(ARKIT_NAMES), len(ARKIT_NAMES) + 9)

Rows = npt.NDArray[np.float32]


def write_curves(path: Path, *, latents: Iterable[Rows]) -> int:
    """Write chunks of latents [k, 64] at 60 rows a second; returns the number of rows."""
    row = 0
    with path.open("w", encoding="ascii", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for chunk in latents:
            shown = chunk.astype(np.float64)
            shown[:, _ANGLES] = np.degrees(shown[:, _ANGLES])
            for values in shown:
                # "+ 0.0" turns a negative zero, which some readers dislike, into a plain one.
                table.writerow([f"{row / ROWS_PER_S:.6f}", *(f"{round(value, 5) + 0.0:g}" for value in values)])
                row += 1
    return row


def read_curves(path: Path) -> tuple[npt.NDArray[np.float64], Rows]:
    """Times [k] in seconds and latents [k, 64] (radians). Raises DamageError CURVES_DAMAGED."""
    with path.open(encoding="ascii", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(rows[0]) != HEADER or any(len(row) != len(HEADER) for row in rows):
        raise DamageError(f"{path.name} is not a CSV of curves: its header differs.", reason="CURVES_DAMAGED")
    table = np.array(rows[1:], dtype=np.float64).reshape(-1, len(HEADER))
    latents = table[:, 1:]
    latents[:, _ANGLES] = np.radians(latents[:, _ANGLES])
    return table[:, 0], latents.astype(np.float32)
