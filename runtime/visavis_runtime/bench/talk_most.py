"""Takes a load and a way to measure it, gives the figures of the most talks that hold: `visavis bench talk --find`.

A number of talks holds when every one ran, nothing was lost and p99 of the lateness is within `LATE_MOST_MS`. What it
does not do: it measures nothing itself (`talk.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from visavis_runtime.bench.talk import TalkLoad

LATE_MOST_MS = 40.0
"""What holds is no later than this at p99."""
FIND_MOST, FIND_FROM, FIND_NEAR = 2048, 16, 0.06


def find_most(
    load: TalkLoad, *, measure: Callable[[TalkLoad], dict[str, Any]], told: Callable[[str], None]
) -> dict[str, Any]:
    """Figures of the most talks that hold: p99 lateness within `LATE_MOST_MS`, nothing lost, refused or failed.

    It doubles until they do not, then halves the distance down to `FIND_NEAR` of the number.
    """
    held, tried = 0, FIND_FROM
    best: dict[str, Any] | None = None
    broken = FIND_MOST + 1
    while tried <= FIND_MOST and broken - held > max(1, FIND_NEAR * held):
        figures = measure(replace(load, sessions=tried))
        holds = holds_up(figures, sessions=tried)
        told(
            f"{tried} talks {'hold' if holds else 'do not hold'}: p99 {figures['lateness_p99_ms']} ms late, "
            f"{figures['lost_frames']} lost"
        )
        if holds:
            held, best = tried, figures
        else:
            broken = tried
        if best is None and broken == 1:
            break
        tried = min(2 * held, FIND_MOST + 1) if broken > FIND_MOST else (held + broken) // 2
    return best if best is not None else figures | {"sessions": 0}


def holds_up(figures: dict[str, Any], *, sessions: int) -> bool:
    """Every talk that was asked for ran, in time and without a gap."""
    late = figures["lateness_p99_ms"]
    return bool(
        figures["sessions"] == sessions
        and not figures["failed"]
        and not figures["lost_frames"]
        and late is not None
        and late <= LATE_MOST_MS
    )
