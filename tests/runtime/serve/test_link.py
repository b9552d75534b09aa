"""Engines behind pipes: in a thread and in a process, alive and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from visavis.errors import CapacityError, MissingError, UnavailableError
from visavis_runtime.serve import link as link_module
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.engine import cost
from visavis_runtime.serve.link import EngineLink
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


@asynccontextmanager
async def running(**settings: object) -> AsyncIterator[EngineLink]:
    link = EngineLink(ServerConfig(**{"engines": 1, "engine_process": False, **settings}))  # type: ignore[arg-type]
    await link.start()
    try:
        yield link
    finally:
        await link.stop()


async def until(happened: Callable[[], bool], *, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


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


def test_an_engine_that_is_killed_is_replaced_and_its_talks_are_told(voice: np.ndarray) -> None:
    async def main() -> None:
        got: list[Report] = []
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=got.append)
            process = link._pipes[0]._runner
            os.kill(process.pid, signal.SIGKILL)  # type: ignore[union-attr,arg-type]
            await until(lambda: any(isinstance(report, Closed) for report in got))
            closed = next(report for report in got if isinstance(report, Closed))
            assert (closed.code, closed.reason) == ("UNAVAILABLE", "ENGINE_RESTART")
            with pytest.raises(UnavailableError, match="again"):
                await link.open(TalkSpec(seed=4), on_report=got.append)
            began = time.monotonic()
            await until(lambda: bool(link.loads))
            assert time.monotonic() - began < 15.0
            again: list[Report] = []
            await link.open(TalkSpec(seed=4), on_report=again.append)
            await until(lambda: any(isinstance(report, Frames) for report in again))
            assert link.restarts == 1

    asyncio.run(main())


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


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse")
def test_an_engine_without_its_gpu_says_so_and_does_not_start(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with running(device="cuda"):
            pass

    with pytest.raises(UnavailableError) as caught:
        asyncio.run(main())
    assert caught.value.reason == "ENGINE_START"
    assert "The device cuda is not there" in caplog.text


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


def test_an_engine_that_is_stuck_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        got: list[Report] = []
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=got.append)
            monkeypatch.setattr(link_module, "STUCK_S", 3.0)
            os.kill(link._pipes[0]._runner.pid, signal.SIGSTOP)  # type: ignore[union-attr,arg-type]
            await until(lambda: any(isinstance(report, Closed) for report in got))
            assert next(report for report in got if isinstance(report, Closed)).reason == "ENGINE_RESTART"
            await until(lambda: bool(link.loads))
            assert link.restarts == 1

    asyncio.run(main())


def test_a_gateway_that_is_late_takes_no_new_talks_until_it_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        monkeypatch.setattr(link_module, "LOOK_S", 0.1)
        monkeypatch.setattr(cost, "LIGHT", 0.0)
        caplog.set_level("INFO", logger=link_module.__name__)
        async with running() as link:
            changes: list[bool] = []
            link.on_refusing = changes.append
            await link.open(TalkSpec(seed=3), on_report=lambda _: None)
            broken = await link.open(TalkSpec(seed=4), on_report=lambda _: None)
            parked = await link.park(broken.talk)
            time.sleep(0.5)  # one pause refuses nobody
            await asyncio.sleep(0.3)
            assert not changes
            deadline = time.monotonic() + 10
            while not changes and time.monotonic() < deadline:
                time.sleep(0.09)
                await asyncio.sleep(0.01)
            with pytest.raises(CapacityError, match="short of time") as refused:
                await link.open(TalkSpec(seed=5), on_report=lambda _: None)
            assert (refused.value.reason, refused.value.retry_s > 0) == ("CAPACITY", True)
            await link.open(TalkSpec(seed=4), on_report=lambda _: None, parked=parked.state)
            await until(lambda: changes == [True, False])
            await link.open(TalkSpec(seed=5), on_report=lambda _: None)

    asyncio.run(main())
    told = [record.levelname for record in caplog.records if record.name == link_module.__name__]
    assert told == ["WARNING", "INFO"]


def test_a_late_gateway_with_few_talks_takes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not what it is late for: a game that loads a level shall not lose its third voice."""

    async def main() -> None:
        async with running() as link:
            link.strain.strained = True
            for seed in range(4):
                await link.open(TalkSpec(seed=seed), on_report=lambda _: None)
            await asyncio.sleep(1.2)
            assert link.loads[0].talks == 4
            assert not link.refuses
            monkeypatch.setattr(cost, "LIGHT", 0.0)
            await until(lambda: link.refuses)

    asyncio.run(main())


def test_a_gateway_that_stood_still_ends_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=lambda _: None)
            monkeypatch.setattr(link_module, "STUCK_S", 2.0)
            time.sleep(3.5)  # the loop itself stands still
            await asyncio.sleep(1.5)
            assert link.restarts == 0
            assert len(link.loads) == 1

    asyncio.run(main())
