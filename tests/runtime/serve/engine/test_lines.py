"""The queue of lines."""

from __future__ import annotations

import numpy as np

from visavis_runtime.serve.engine.lines import LineQueue


def test_another_name_ends_the_line_before() -> None:
    queue = LineQueue()
    queue.feed("a", np.zeros(10, np.float32), received_ns=1)
    queue.feed("b", np.zeros(20, np.float32), received_ns=2)
    assert [(line.name, line.ended, line.queued) for line in queue.lines] == [("a", True, 10), ("b", False, 20)]
    assert queue.queued == 30


def test_take_joins_and_splits_chunks() -> None:
    queue = LineQueue()
    for start in (0, 4):
        queue.feed("a", np.arange(start, start + 4, dtype=np.float32), received_ns=start)
    samples, received_ns = queue.take(6)
    assert (samples.tolist(), received_ns) == ([0, 1, 2, 3, 4, 5], 4)
    assert queue.take(2)[0].tolist() == [6, 7]
    assert queue.queued == 0
    assert queue.current is not None
    assert queue.current.played == 8


def test_what_comes_of_a_line_that_is_over_is_dropped() -> None:
    queue = LineQueue()
    queue.feed("a", np.zeros(10, np.float32), received_ns=1)
    queue.end("a")
    queue.pop()
    queue.feed("a", np.zeros(10, np.float32), received_ns=2)
    queue.end("a")
    queue.mark("a", sample=3, marker="m")
    assert not queue.lines


def test_a_marker_begins_no_line() -> None:
    queue = LineQueue()
    queue.feed("a", np.zeros(10, np.float32), received_ns=1)
    queue.mark("forgotten", sample=3, marker="m")
    assert [(line.name, line.ended) for line in queue.lines] == [("a", False)]


def test_markers_are_in_order() -> None:
    queue = LineQueue()
    queue.feed("a", np.zeros(10, np.float32), received_ns=1)
    for sample in (30, 10, 20):
        queue.mark("a", sample=sample, marker=str(sample))
    assert queue.current is not None
    assert [name for _, name in queue.current.markers] == ["10", "20", "30"]
