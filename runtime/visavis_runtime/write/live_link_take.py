"""Takes motion latents at 60 rows a second, gives a take as the Live Link Face app records it, which Unreal imports.

Header `Timecode`, `BlendShapeCount` and the 61 values of `visavis.live_link` by name; each row a timecode
`HH:MM:SS:FF.fff`, zero at the first sample of the voice, the count 61 and the values. The columns stand as in the app's
own takes, where right comes before left for the jaw and the mouth: a few readers go by place, Unreal by name.

Unreal takes a file for 30 frames a second unless a timecode goes beyond frame 30, so a shorter take holds its last row.
What it does not do: the app's side files (video, `take.json`), which the import does not ask for.

Source: Epic's LiveLinkFaceImporter.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visavis.live_link import COUNT, LIVE_LINK_NAMES, live_link_values
from visavis_runtime.write.curves import ROWS_PER_S

LEAST_ROWS = 32
_SWAPPED = {"JawLeft": "JawRight", "JawRight": "JawLeft", "MouthLeft": "MouthRight", "MouthRight": "MouthLeft"}
COLUMNS: tuple[str, ...] = tuple(_SWAPPED.get(name, name) for name in LIVE_LINK_NAMES)
HEADER: tuple[str, ...] = ("Timecode", "BlendShapeCount", *COLUMNS)
_ORDER = np.array([LIVE_LINK_NAMES.index(name) for name in COLUMNS])


def write_take(path: Path, *, latents: Iterable[npt.NDArray[np.float32]]) -> int:
    """Write chunks of latents [k, 64] at 60 rows a second; returns the number of rows."""
    row = 0
    shown: list[str] = []
    with path.open("w", encoding="ascii", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(HEADER)
        for chunk in latents:
            for values in live_link_values(chunk)[:, _ORDER]:
                shown = [f"{value:.7f}" for value in values]
                table.writerow([timecode(row), COUNT, *shown])
                row += 1
        while shown and row < LEAST_ROWS:
            table.writerow([timecode(row), COUNT, *shown])
            row += 1
    return row


def timecode(row: int) -> str:
    """Hours, minutes, seconds and frame of row number `row`."""
    seconds, frame = divmod(row, ROWS_PER_S)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}.000"
