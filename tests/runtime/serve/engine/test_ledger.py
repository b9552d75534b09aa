"""Which line a frame belongs to, and what has happened by then."""

from __future__ import annotations

import numpy as np
from live_talks import Play, notices

from visavis_runtime.serve.engine.ledger import Happening, Ledger, Run
from visavis_runtime.serve.engine.timeline import Timeline
from visavis_runtime.serve.messages import EndLine, Feed, Mark


def test_frames_are_told_by_their_line_whatever_the_batches() -> None:
    def read(sizes: list[int]) -> list[tuple[str, int, int]]:
        timeline, ledger, book = Timeline(paced=True, now_ns=0), Ledger(), []
        timeline.queue.feed("a", np.ones(5000, np.float32), received_ns=200_000_000)
        timeline.queue.end("a")
        timeline.queue.feed("b", np.ones(3000, np.float32), received_ns=200_000_000)
        timeline.queue.end("b")
        timeline.queue.mark("b", sample=1000, marker="m")
        for now_ms in range(200, 1200, 5):
            timeline.take(now_ms * 1_000_000, flush=1906)
        ledger.shut_at = 3040 + 8000 + 1120
        at = 0
        for size in sizes:
            samples = [266 * frame for frame in range(at, at + size)]
            at += size
            for entry in ledger.read(samples, timeline):
                if isinstance(entry, Happening):
                    book.append((entry.kind, entry.sample, -1))
                    continue
                assert isinstance(entry, Run)
                own = samples[entry.at]
                name = entry.line.name if entry.line else ""
                places = entry.line_samples if entry.line else [-1] * len(own)
                book += [(name, int(sample), int(place)) for sample, place in zip(own, places, strict=True)]
        return book

    whole = read([52])
    assert read([1] * 52) == whole
    assert read([13] * 4) == whole
    assert [entry for entry in whole if entry[0] and entry[0].isupper()] == [
        ("LINE_STARTED", 3040, -1), ("LINE_FINISHED", 8040, -1), ("LINE_STARTED", 8160, -1), ("MARKER", 9160, -1),
        ("LINE_FINISHED", 11160, -1),
    ]  # fmt: skip
    assert next(entry for entry in whole if entry[0] == "a") == ("a", 3192, 152)
    assert [entry for entry in whole if entry[0] == "b"][-1] == ("b", 10906, 2746)


def test_markers_come_when_the_face_gets_there(play: Play, voice: np.ndarray) -> None:
    script = [(200, Feed(1, "a", voice[:16000], 1))]
    script += [(200, Mark(1, "a", at, name)) for at, name in ((8000, "glass"), (0, "now"), (99_999, "beyond"))]
    told = play([*script, (200, EndLine(1, "a"))], until_ms=2500)
    start = notices(told, "LINE_STARTED")[0].sample
    marks = notices(told, "MARKER")
    assert [mark.message for mark in marks] == ["now", "glass", "beyond"]
    assert [mark.sample for mark in marks] == [start, start + 8000, start + 16000]


def test_a_marker_for_a_line_whose_sound_is_all_in_still_comes(play: Play, voice: np.ndarray) -> None:
    script = [(200, Feed(1, "a", voice[:16000], 1)), (200, EndLine(1, "a")), (1130, Mark(1, "a", 15500, "late"))]
    told = play(script, until_ms=2000)
    assert [(mark.message, mark.sample) for mark in notices(told, "MARKER")] == [("late", 3040 + 15500)]
