"""Takes the records of talks, gives how late their frames were and which are missing.

Lateness of a frame: when it arrived at the client, less the time its sample was spoken, less the latency that the
server declared in Ready. Only frames of lines count, each frame of a message by itself. A frame is lost when the grid
of the declared rate has a place without one: between two frames of a talk, or before the first and after the last frame
of a line. What it does not do: no first frames (`talk_twin.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.bench.talk_record import NS_PER_SAMPLE, Record

F64 = npt.NDArray[np.float64]
REFUSED = ("CAPACITY", "MAX_TALKS")


def lateness_ms(record: Record, *, since_ns: int) -> F64:
    """[k] of every frame of a line that arrived after `since_ns`; [k] of pictures for a talk of textures."""
    if record.plan.kind == "texture":
        rows = [row for row in record.pictures if row[1] >= 0]
        arrived = np.array([row[0] for row in rows], np.int64)
        lines = np.array([row[1] for row in rows], np.int64)
        samples = np.array([row[2] for row in rows], np.int64)
    else:
        counts = np.frombuffer(record.counts, np.int64) if record.counts else np.zeros(0, np.int64)
        arrived = np.repeat(np.array(record.arrived_ns, np.int64), counts)
        lines = np.repeat(np.array(record.line_numbers, np.int64), counts)
        samples = np.array(record.line_samples, np.int64)
    wanted = (lines >= 0) & (arrived >= since_ns)
    arrived, lines, samples = arrived[wanted], lines[wanted], samples[wanted]
    if not lines.size:
        return np.zeros(0)
    begun = np.array([begins for begins, _ in record.lines], np.int64)[lines]
    return np.asarray((arrived - begun - samples * NS_PER_SAMPLE) * 1e-6 - record.latency_ms)


def lost_frames(record: Record) -> int:
    """Places of the grid without a frame, from the first frame of the talk to the end of its last line."""
    if not record.ready or record.plan.kind == "texture":
        return 0
    step = SAMPLE_RATE_HZ / record.fps
    samples = np.array(record.samples, np.int64)
    gaps = np.rint(np.diff(samples) / step).astype(np.int64) - 1
    lost = int(gaps[gaps > 0].sum())
    counts = np.array(record.counts, np.int64)
    lines = np.repeat(np.array(record.line_numbers, np.int64), counts)
    within = np.array(record.line_samples, np.int64)
    for number, (_, sent) in enumerate(record.lines):
        own = within[lines == number]
        if not own.size:
            lost += int((sent - 1) // step) + 1 if sent else 0
            continue
        missing = int(own[0] // step) + int((sent - 1 - own[-1]) // step)
        lost += max(0, missing - record.underruns)  # each moves the line on the grid, by less than a frame
    return max(lost, record.dropped)


def texture_fps(record: Record, *, since_ns: int, until_ns: int) -> float:
    """Pictures a second that arrived in this time."""
    count = sum(since_ns <= arrived < until_ns for arrived, _, _ in record.pictures)
    return count / max(1e-9, (until_ns - since_ns) * 1e-9)


def was_refused(record: Record) -> bool:
    """The server had no room for it, and said so."""
    return not record.ready and record.reason in REFUSED


def failures(records: Sequence[Record]) -> dict[str, int]:
    """How many talks ended with which status and reason, of those that did not end well and were not refused."""
    found: dict[str, int] = {}
    for record in records:
        if record.status != "OK" and not was_refused(record):
            key = f"{record.status} {record.reason}".strip()
            found[key] = found.get(key, 0) + 1
    return found


def percentile(values: F64, share: float) -> float | None:
    """Rounded to 0.1; None of nothing."""
    return round(float(np.percentile(values, share)), 1) if values.size else None
