"""Who is asked first to take a talk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from visavis_runtime.serve.choice import in_order
from visavis_runtime.serve.engine.slots import EngineConfig
from visavis_runtime.serve.engine_pipe import EnginePipe
from visavis_runtime.serve.messages import Load, PictureSpec, TalkSpec


def engine(number: int, *, talks: int, planned: float) -> EnginePipe:
    """One that has told so of itself; it is not started."""
    nobody: Any = None
    pipe = EnginePipe(number, EngineConfig(), process=False, on_reports=nobody, on_lost=nobody)
    pipe.load = Load(talks, 0, 0.8, planned, 0.0, (0.0, 0.0), motion_share=0.01)
    return pipe


@pytest.mark.parametrize(
    ("loads", "pictures", "order"),
    [
        (((0, 0.1), (1, 0.11)), False, [1, 0]),
        (((0, 0.2), (1, 0.11)), False, [1, 0]),  # its steps were measured in a bad moment
        (((3, 0.2), (9, 0.3)), False, [1, 0]),
        (((3, 0.2), (9, 0.795)), False, [0, 1]),  # full
        (((0, 0.2), (1, 0.11)), True, [1, 0]),
        (((3, 0.2), (9, 0.3)), True, [0, 1]),
    ],
)
def test_motion_fills_one_engine_and_pictures_go_where_room_is(
    loads: tuple[tuple[int, float], ...], pictures: bool, order: list[int]
) -> None:
    pipes = [engine(number, talks=talks, planned=planned) for number, (talks, planned) in enumerate(loads)]
    spec = TalkSpec(seed=1, pictures=PictureSpec(Path("a.visavis")) if pictures else None)
    assert [pipe.number for pipe in in_order(pipes, spec=spec)] == order
