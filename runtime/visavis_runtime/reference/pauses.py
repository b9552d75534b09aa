"""Takes the sound and a phone that an aligner found in it, gives the phone without the pause drawn into it.

An aligner has to put the silence of a pause somewhere; it often puts it into the phone beside it. Frames that hold no
more than the noise of the room tell where it lies. The silence of a closure stays in its stop. What it does not do: it
finds no phones (`align.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.motion.phones import STOPS, Segment

FRAME_S = 0.01
_QUIET_DB, _FLOOR_DB = 30.0, 8.0  # below the loud frames, above the floor
_PAUSE, _CLOSURE = 12, 6  # frames of silence that are no part of a phone; of the closure before a stop


def quiet_frames(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Frames `[n // 160]` of `samples [n] float32` at 16 kHz that hold no more than the noise of the room."""
    power = np.square(samples[: len(samples) // 160 * 160].reshape(-1, 160), dtype=np.float64).mean(axis=1)
    level_db = 10 * np.log10(power + 1e-12)
    return np.asarray(level_db < min(np.quantile(level_db, 0.95) - _QUIET_DB, np.quantile(level_db, 0.05) + _FLOOR_DB))


def without_pause(segment: Segment, *, quiet: npt.NDArray[np.bool_]) -> list[Segment]:
    """The segment, or its longer part and the pause that the aligner has drawn into it."""
    first, last = round(segment.start_s / FRAME_S), min(round(segment.end_s / FRAME_S), len(quiet))
    edges = np.flatnonzero(np.diff(quiet[first:last].astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    start, end = max(edges.tolist(), key=lambda run: run[1] - run[0], default=(0, 0))
    closure = _CLOSURE if segment.phone in STOPS else 0
    if end - start < _PAUSE + closure:
        return [segment]
    if start >= last - first - end:  # the phone, then the pause
        middle_s = (first + start) * FRAME_S
        return [segment._replace(end_s=middle_s), Segment("SIL", middle_s, segment.end_s)]
    middle_s = (first + end - closure) * FRAME_S
    return [Segment("SIL", segment.start_s, middle_s), segment._replace(start_s=middle_s)]
