"""Gives the mouths that a good score must beat: one that only knows loudness, and the right mouth of a wrong line.

`track_of_loudness` opens with the level of the voice and shuts when it is quiet, as many games do. `wrong_pairs` says
whose output is scored against whose reference, which shows what chance and the rhythm of speech alone earn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis_runtime.audio.features import HOP, frame_count
from visavis_runtime.bench.lipsync_track import Track

RANGE_DB = 35.0
"""A level this far below the clip's 95th percentile shuts the mouth."""

_WINDOW = 400


def track_of_loudness(samples: npt.NDArray[np.float32]) -> Track:
    """Aperture 0..1 in step with the level (dB) of 25 ms windows, over the clip's own range; no width, no visemes."""
    frames = frame_count(len(samples))
    padded = np.pad(samples.astype(np.float64), (_WINDOW // 2, _WINDOW + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames]
    level_db = 10 * np.log10((windows**2).mean(axis=1) + 1e-12)
    loud_db = float(np.quantile(level_db, 0.95)) if frames else 0.0
    aperture = np.clip((level_db - loud_db) / RANGE_DB + 1.0, 0.0, 1.0).astype(np.float32)
    return Track(aperture, None, np.zeros(frames, bool), None)


def wrong_pairs(lengths: list[int]) -> list[tuple[int, int]]:
    """Every index with another one of about the same length: the neighbour when all are sorted by length."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    return [(a, b) for a, b in zip(order, [*order[1:], *order[:1]], strict=True) if a != b]


def shortened(track: Track, *, frames: int) -> Track:
    """The first `frames` frames."""
    return Track(
        track.aperture[:frames],
        None if track.width is None else track.width[:frames],
        track.bite[:frames],
        None if track.visemes is None else track.visemes[:frames],
    )
