"""Talks in engines behind pipes: in a thread and in a process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest
from live_link import running, until

from visavis.errors import CapacityError, MissingError, UnavailableError
from visavis_runtime.serve.messages import (
    Closed,
    EndLine,
    Feed,
    Finish,
    Frames,
    PictureSpec,
    Report,
    TalkSpec,
)  # fmt: skip


@pytest.mark.parametrize("process", [False, True])
def test_a_line_goes_in_and_its_frames_come_out(voice: np.ndarray, process: bool) -> None:
    async def main() -> list[Report]:
        got: list[Report] = []
        async with running(engine_process=process) as link:
            opened = await link.open(TalkSpec(seed=3, paced=False), on_report=got.append)
            assert 0.08 <= opened.look_ahead_s < opened.latency_s <= 0.125
            link.send(Feed(opened.talk, "a", voice[:16000], time.monotonic_ns()))
            link.send(EndLine(opened.talk, "a"))
            link.send(Finish(opened.talk))
            await until(lambda: bool(got) and isinstance(got[-1], Closed))
            assert link.loads[0].capacity == 0.8
        return got

    got = asyncio.run(main())
    frames = [report for report in got if isinstance(report, Frames)]
    assert sum(len(report.samples) for report in frames) == 60
    assert all(report.received_ns <= report.done_ns for report in frames)


def test_more_talks_than_allowed_are_refused_with_a_delay() -> None:
    async def main() -> None:
        async with running(max_talks=2) as link:
            talks = [await link.open(TalkSpec(seed=i), on_report=lambda _: None) for i in range(2)]
            with pytest.raises(CapacityError) as refused:
                await link.open(TalkSpec(seed=3), on_report=lambda _: None)
            assert (refused.value.reason, refused.value.retry_s > 0) == ("MAX_TALKS", True)
            link.close(talks[0].talk)
            await link.open(TalkSpec(seed=4), on_report=lambda _: None)

    asyncio.run(main())


def test_a_refused_talk_leaves_nothing_behind(tmp_path: object) -> None:
    async def main() -> None:
        async with running(max_talks=1) as link:
            spec = TalkSpec(seed=1, pictures=PictureSpec(Path("nobody.visavis")))
            with pytest.raises(MissingError):
                await link.open(spec, on_report=lambda _: None)
            await link.open(TalkSpec(seed=1), on_report=lambda _: None)

    asyncio.run(main())


def test_a_parked_talk_goes_on_elsewhere(voice: np.ndarray) -> None:
    async def main() -> list[Report]:
        got: list[Report] = []
        async with running(engines=2) as link:
            opened = await link.open(TalkSpec(seed=3), on_report=got.append)
            link.send(Feed(opened.talk, "a", voice[:24000], time.monotonic_ns()))
            link.send(EndLine(opened.talk, "a"))
            await until(lambda: sum(isinstance(report, Frames) for report in got) > 10)
            parked = await link.park(opened.talk)
            count = len(got)
            await asyncio.sleep(0.1)
            assert len(got) == count
            with pytest.raises(UnavailableError):
                await link.park(opened.talk)
            again = await link.open(TalkSpec(seed=3), on_report=got.append, parked=parked.state)
            assert again.sample > 0
            link.send(Finish(again.talk))
            await until(lambda: isinstance(got[-1], Closed))
        return got

    got = asyncio.run(main())
    samples = np.concatenate([report.samples for report in got if isinstance(report, Frames)])
    assert set(np.diff(samples)) <= {266, 267}


def test_motion_is_packed_and_pictures_are_spread(avatar: Path) -> None:
    async def main(spec: TalkSpec) -> list[int]:
        async with running(engines=2, capacity=1.0) as link:
            for _ in range(2):
                await link.open(spec, on_report=lambda _: None)
            await until(lambda: sum(load.talks for load in link.loads) == 2)
            return sorted(load.talks for load in link.loads)

    assert asyncio.run(main(TalkSpec(seed=1))) == [0, 2]
    assert asyncio.run(main(TalkSpec(seed=1, pictures=PictureSpec(avatar, size_px=128, fps=5)))) == [1, 1]


def test_what_a_full_engine_refuses_the_next_one_takes() -> None:
    async def main() -> None:
        async with running(engines=2, capacity=0.001) as link:  # an engine always takes its first talk
            for seed in range(2):
                await link.open(TalkSpec(seed=seed), on_report=lambda _: None)
            with pytest.raises(CapacityError) as refused:
                await link.open(TalkSpec(seed=3), on_report=lambda _: None)
            assert refused.value.reason == "CAPACITY"
            await until(lambda: [load.talks for load in link.loads] == [1, 1])

    asyncio.run(main())
