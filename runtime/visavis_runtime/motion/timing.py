"""Takes rows at 100 Hz, gives frames at any rate: frame j belongs to sample `j * 16000 // fps` of the voice.

Motion is interpolated between the two rows around a frame. Closures are not: a /p/ may last 40 ms and fall between two
frames, and a mouth that never shuts is the first thing people see; so each frame takes the strongest closure of all
rows that are nearer to it than to its neighbours. Every row belongs to exactly one frame.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.latents import SAMPLE_RATE_HZ, sample_of_frame

HOP = 160
FPS_MIN = 20
FPS_MAX = 60

Rows = npt.NDArray[np.float32]


def check_fps(fps: int) -> int:
    """Gives it back, or raises InputError FPS_RANGE."""
    if not FPS_MIN <= fps <= FPS_MAX:
        raise InputError(f"{fps} frames a second is not possible: take {FPS_MIN} to {FPS_MAX}.", reason="FPS_RANGE")
    return fps


def frame_count(samples: int, *, fps: int) -> int:
    """Frames of a voice of that many 16 kHz samples: the picture lasts as long, to one frame."""
    return -(-samples * fps // SAMPLE_RATE_HZ)


def row_span(frame: int, *, fps: int) -> tuple[int, int]:
    """The rows nearer to this frame than to its neighbours, as first and one past the last."""
    here = sample_of_frame(frame, fps=fps)
    after = here + sample_of_frame(frame + 1, fps=fps)
    before = here + sample_of_frame(frame - 1, fps=fps) if frame else -HOP
    return max(0, -(-before // (2 * HOP))), -(-after // (2 * HOP))


def last_row(frame: int, *, fps: int) -> int:
    """The last row that must be known before the frame can be made."""
    return max(-(-sample_of_frame(frame, fps=fps) // HOP), row_span(frame, fps=fps)[1] - 1)


def first_row(frame: int, *, fps: int) -> int:
    """The first row that the frame needs; earlier ones can be forgotten."""
    return min(sample_of_frame(frame, fps=fps) // HOP, row_span(frame, fps=fps)[0])


def sample_frames(rows: Rows, closures: Rows, *, start_row: int, first: int, count: int, fps: int) -> tuple[Rows, Rows]:
    """Frames `first` .. `first + count` out of `rows` [m, C] and `closures` [m, 2], whose row 0 is row `start_row`.

    Past the last row the last row holds. Returns [count, C] and [count, 2].
    """
    if count == 0:
        return rows[:0], closures[:0]
    top = rows.shape[0] - 1
    at = np.array([sample_of_frame(j, fps=fps) for j in range(first, first + count)]) / HOP - start_row
    below = np.clip(np.floor(at).astype(np.int64), 0, top)
    above = np.minimum(below + 1, top)
    part = np.clip(at - below, 0.0, 1.0).astype(np.float32)[:, None]
    frames = rows[below] * (1.0 - part) + rows[above] * part
    shut = np.zeros((count, closures.shape[1]), np.float32)
    for i in range(count):
        begin, end = row_span(first + i, fps=fps)
        begin = min(max(0, begin - start_row), top)
        shut[i] = closures[begin : max(begin + 1, end - start_row)].max(axis=0)
    return frames, shut
