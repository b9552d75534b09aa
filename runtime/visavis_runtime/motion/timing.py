"""Takes rows at 100 Hz, gives frames at any rate: frame j belongs to sample `j * 16000 // fps` of the voice.

Motion is interpolated between the two rows around a frame. Closures are not: a /p/ may last 40 ms and fall between two
frames, and a mouth that never shuts is the first thing people see; so each frame takes the strongest closure of all
rows that are nearer to it than to its neighbours. Every row belongs to exactly one frame.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis.latents import SAMPLE_RATE_HZ

HOP = 160
FPS_MIN = 20
FPS_MAX = 60

ROW_HZ = SAMPLE_RATE_HZ // HOP
Rows = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


def check_fps(fps: int) -> int:
    """Gives it back, or raises InputError FPS_RANGE."""
    if not FPS_MIN <= fps <= FPS_MAX:
        raise InputError(f"{fps} frames a second is not possible: take {FPS_MIN} to {FPS_MAX}.", reason="FPS_RANGE")
    return fps


def frame_count(samples: int, *, fps: int) -> int:
    """Frames of a voice of that many 16 kHz samples: the picture lasts as long, to one frame."""
    return -(-samples * fps // SAMPLE_RATE_HZ)


def ready_frames(rows: Index, *, fps: Index) -> Index:
    """How many frames can be made once that many rows of a talk are known."""
    count = (
        ((rows - 1) * HOP + 1) * fps - 1
    ) // SAMPLE_RATE_HZ + 1  # frames whose sample is no later than the last row
    count -= last_row(count - 1, fps=fps) >= rows  # the last of them may want half a frame more
    return np.asarray(np.maximum(count, 0))


def row_span(frame: int | Index, *, fps: int | Index) -> tuple[Index, Index]:
    """The rows nearer to this frame than to its neighbours, as first and one past the last."""
    here = _samples_of(frame, fps=fps)
    after = here + _samples_of(frame + 1, fps=fps)
    before = here + _samples_of(frame - 1, fps=fps)
    return np.maximum(0, -(-before // (2 * HOP))), -(-after // (2 * HOP))


def last_row(frame: int | Index, *, fps: int | Index) -> Index:
    """The last row that must be known before the frame can be made."""
    return np.maximum(-(-_samples_of(frame, fps=fps) // HOP), row_span(frame, fps=fps)[1] - 1)


def first_row(frame: int | Index, *, fps: int | Index) -> Index:
    """The first row that the frame needs; earlier ones can be forgotten."""
    return np.minimum(_samples_of(frame, fps=fps) // HOP, row_span(frame, fps=fps)[0])


def sample_frames(rows: Rows, closures: Rows, *, frames: Index, fps: Index, at: Index, end: Index) -> tuple[Rows, Rows]:
    """Frames [K] of many talks out of `rows` [m, C] and `closures` [m, 2], in which the talks stand one after another.

    For frame i: its number, the rate of its talk, where row 0 of the talk is (or would be), and one past where its last
    row is. Past the last row the last row holds. Returns [K, C] and [K, 2].
    """
    if frames.shape[0] == 0:
        return rows[:0], closures[:0]
    top = end - 1
    row = _samples_of(frames, fps=fps) / HOP
    whole = np.floor(row)
    below = np.minimum(at + whole.astype(np.int64), top)
    above = np.minimum(below + 1, top)
    part = (row - whole).astype(np.float32)[:, None]
    sampled = rows[below] * (1.0 - part) + rows[above] * part
    first, past = row_span(frames, fps=fps)
    first = np.minimum(at + first, top)
    spans = np.stack([first, np.clip(at + past, first + 1, end)], axis=1).ravel()
    padded = np.concatenate([closures, closures[:1]])  # a span may end where the rows do
    return sampled, np.maximum.reduceat(padded, spans, axis=0)[::2]


def _samples_of(frames: int | Index, *, fps: int | Index) -> Index:
    """`latents.sample_of_frame` of many frames at once."""
    return np.asarray(frames, np.int64) * SAMPLE_RATE_HZ // np.asarray(fps, np.int64)
