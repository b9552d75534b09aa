"""The most talks that hold is found on figures written down here."""

from __future__ import annotations

from typing import Any

import pytest

from visavis_runtime.bench.talk import TalkLoad
from visavis_runtime.bench.talk_most import find_most, holds_up


def figures_of(sessions: int, *, most: int) -> dict[str, Any]:
    fits = sessions <= most
    return {
        "sessions": sessions, "failed": {}, "lost_frames": 0 if fits else 3, "lateness_p99_ms": 20.0 if fits else 55.0
    }  # fmt: skip


@pytest.mark.parametrize("most", [1, 5, 16, 100, 137, 2048])
def test_the_most_is_found_to_a_few_percent(most: int) -> None:
    tried: list[int] = []

    def measure(load: TalkLoad) -> dict[str, Any]:
        tried.append(load.sessions)
        return figures_of(load.sessions, most=most)

    found = find_most(TalkLoad(), measure=measure, told=lambda sentence: None)["sessions"]
    assert found <= most <= found * 1.07 + 1
    assert len(tried) < 15


def test_nothing_holds_is_zero() -> None:
    figures = find_most(
        TalkLoad(), measure=lambda load: figures_of(load.sessions, most=0), told=lambda sentence: None
    )  # fmt: skip
    assert figures["sessions"] == 0


def test_a_talk_that_was_refused_does_not_hold() -> None:
    figures = figures_of(9, most=9)
    assert holds_up(figures, sessions=9)
    assert not holds_up(figures, sessions=10)
    assert not holds_up(figures | {"failed": {"INTERNAL BUG": 1}}, sessions=9)
    assert not holds_up(figures | {"lateness_p99_ms": None}, sessions=9)
