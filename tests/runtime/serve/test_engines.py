"""Engines that die, are stuck or short of time, and gateways that stand still."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import numpy as np
import pytest
import torch
from live_link import running, until

from visavis.errors import CapacityError, UnavailableError
from visavis_runtime.serve import engines as engines_module
from visavis_runtime.serve.engine import cost
from visavis_runtime.serve.messages import (
    Closed,
    Frames,
    Report,
    TalkSpec,
)  # fmt: skip


def test_an_engine_that_is_killed_is_replaced_and_its_talks_are_told(voice: np.ndarray) -> None:
    async def main() -> None:
        got: list[Report] = []
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=got.append)
            process = link.engines.pipes[0]._runner
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
            assert link.engines.restarts == 1

    asyncio.run(main())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse")
def test_an_engine_without_its_gpu_says_so_and_does_not_start(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with running(device="cuda"):
            pass

    with pytest.raises(UnavailableError) as caught:
        asyncio.run(main())
    assert caught.value.reason == "ENGINE_START"
    assert "The device cuda is not there" in caplog.text


def test_an_engine_that_is_stuck_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        got: list[Report] = []
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=got.append)
            monkeypatch.setattr(engines_module, "STUCK_S", 3.0)
            os.kill(link.engines.pipes[0]._runner.pid, signal.SIGSTOP)  # type: ignore[union-attr,arg-type]
            await until(lambda: any(isinstance(report, Closed) for report in got))
            assert next(report for report in got if isinstance(report, Closed)).reason == "ENGINE_RESTART"
            await until(lambda: bool(link.loads))
            assert link.engines.restarts == 1

    asyncio.run(main())


def test_a_gateway_that_is_late_takes_no_new_talks_until_it_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        monkeypatch.setattr(engines_module, "LOOK_S", 0.1)
        monkeypatch.setattr(cost, "LIGHT", 0.0)
        caplog.set_level("INFO", logger=engines_module.__name__)
        async with running() as link:
            changes: list[bool] = []
            link.engines.on_refusing = changes.append
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
    told = [record.levelname for record in caplog.records if record.name == engines_module.__name__]
    assert told == ["WARNING", "INFO"]


def test_a_late_gateway_with_few_talks_takes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not what it is late for: a game that loads a level shall not lose its third voice."""

    async def main() -> None:
        async with running() as link:
            link.engines.strain.strained = True
            for seed in range(4):
                await link.open(TalkSpec(seed=seed), on_report=lambda _: None)
            await asyncio.sleep(1.2)
            assert link.loads[0].talks == 4
            assert not link.engines.refuses
            monkeypatch.setattr(cost, "LIGHT", 0.0)
            await until(lambda: link.engines.refuses)

    asyncio.run(main())


def test_a_gateway_that_stood_still_ends_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with running(engine_process=True) as link:
            await link.open(TalkSpec(seed=3), on_report=lambda _: None)
            monkeypatch.setattr(engines_module, "STUCK_S", 2.0)
            time.sleep(3.5)  # the loop itself stands still
            await asyncio.sleep(1.5)
            assert link.engines.restarts == 0
            assert len(link.loads) == 1

    asyncio.run(main())
