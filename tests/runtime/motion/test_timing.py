from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.errors import InputError
from visavis_runtime.motion.timing import (
    check_fps,
    first_row,
    frame_count,
    last_row,
    ready_frames,
    row_span,
    sample_frames,
)


def _sampled(rows: np.ndarray, closures: np.ndarray, *, start_row: int, first: int, count: int, fps: int):
    """Frames of one talk whose `rows` begin with row `start_row`."""
    frames = np.arange(first, first + count)
    same = np.ones(count, np.int64)
    return sample_frames(rows, closures, frames=frames, fps=fps * same, at=-start_row * same, end=len(rows) * same)


@given(st.integers(20, 60))
def test_every_row_belongs_to_exactly_one_frame(fps: int) -> None:
    spans = [row_span(frame, fps=fps) for frame in range(200)]
    assert spans[0][0] == 0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
    assert all(first < end for first, end in spans)


@given(st.integers(20, 60), st.integers(1, 500), st.integers(1, 3))
def test_a_closure_of_any_row_reaches_a_frame(fps: int, row: int, length: int) -> None:
    closures = np.zeros((520, 2), np.float32)
    closures[row : row + length, 0] = 1.0
    count = frame_count(520 * 160, fps=fps)
    _, shut = _sampled(closures, closures, start_row=0, first=0, count=count, fps=fps)
    assert shut[:, 0].max() == 1.0


@given(st.integers(20, 60), st.integers(0, 300))
def test_a_frame_needs_only_the_rows_between_first_and_last(fps: int, frame: int) -> None:
    random = np.random.default_rng(frame)
    rows, closures = random.random((2000, 4)).astype(np.float32), random.random((2000, 2)).astype(np.float32)
    whole = _sampled(rows, closures, start_row=0, first=frame, count=1, fps=fps)
    low, high = first_row(frame, fps=fps), last_row(frame, fps=fps)
    part = _sampled(rows[low : high + 1], closures[low : high + 1], start_row=low, first=frame, count=1, fps=fps)
    np.testing.assert_allclose(part[0], whole[0], atol=1e-6)
    np.testing.assert_array_equal(part[1], whole[1])


@given(st.integers(20, 60), st.integers(0, 3000))
def test_a_frame_is_ready_when_its_last_row_is_known(fps: int, rows: int) -> None:
    count = int(ready_frames(np.array([rows]), fps=np.array([fps]))[0])
    assert count == 0 or last_row(count - 1, fps=fps) < rows
    assert last_row(count, fps=fps) >= rows


@pytest.mark.parametrize("fps", [0, 19, 61, -5])
def test_rates_outside(fps: int) -> None:
    with pytest.raises(InputError, match="20 to 60"):
        check_fps(fps)


def test_frame_count_covers_the_voice_to_one_frame() -> None:
    for samples in (0, 1, 399, 400, 401, 16_000, 123_457):
        for fps in (20, 24, 40, 60):
            count = frame_count(samples, fps=fps)
            assert 0 <= count / fps - samples / 16_000 < 1 / fps
