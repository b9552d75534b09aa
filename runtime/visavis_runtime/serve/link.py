"""The gateway's hold on its engines: starts them, sends commands, hands every report to the talk it is about.

An engine is a process of its own (or a thread, for tests and small machines), see `engine_pipe.py`. One that dies, or
says nothing for long, takes its talks with it (Closed, ENGINE_RESTART) and is started again. While the server is short
of time (`strain.py`), no new talks are taken and pictures come half as often. What it does not do: no gRPC.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from visavis.errors import CapacityError, UnavailableError, VisavisError, error_of_status
from visavis_runtime.serve.choice import in_order, share
from visavis_runtime.serve.config import ServerConfig, engine_count
from visavis_runtime.serve.engine.slots import RETRY_S, EngineConfig
from visavis_runtime.serve.engine_pipe import EnginePipe
from visavis_runtime.serve.messages import (
    Close,
    Closed,
    Command,
    Load,
    Open,
    Opened,
    Park,
    Parked,
    Refused,
    Report,
    Shed,
    TalkSpec,
)  # fmt: skip
from visavis_runtime.serve.strain import Strain

log = logging.getLogger(__name__)

OnReport = Callable[[Report], None]
RESTART_S = 0.5
OPEN_TIMEOUT_S = 20.0
STUCK_S = 10.0
"""An engine tells of its load every second."""
LOOK_S = 1.0
ELSEWHERE = ("CAPACITY", "ENGINE_RESTART")
"""Why another engine may take a talk that one has not taken."""


class EngineLink:
    """All engines of one server; lives in one event loop."""

    def __init__(self, config: ServerConfig) -> None:
        self.config = config
        self.restarts = 0
        self.on_load: Callable[[Load, int], None] | None = None
        """Hears every Load once, with the number of its engine."""
        self.on_restart: Callable[[], None] | None = None
        self.on_refusing: Callable[[bool], None] | None = None
        """Hears when the server begins and ceases to refuse new talks for want of time."""
        self.strain = Strain()
        self.kept_places: Callable[[str], int] = lambda peer: 0
        """Talks that are parked: their places are not for others (than their own peer)."""
        self._engine_config = EngineConfig(device=config.device, capacity=config.capacity, log=config.log)
        self._pipes: list[EnginePipe] = []
        self._numbers = itertools.count(1)
        self._listeners: dict[int, OnReport] = {}
        self._engine_of: dict[int, EnginePipe] = {}
        self._asked: dict[int, asyncio.Future[Report]] = {}
        self._started = self._stopping = self._refused = False
        self._watching: asyncio.Task[None] | None = None

    @property
    def loads(self) -> list[Load]:
        """The latest load of every engine that runs."""
        return [pipe.load for pipe in self._pipes if pipe.load is not None]

    @property
    def refuses(self) -> bool:
        """Whether it is too short of time for new talks. While only few talk, one more changes nothing."""
        return self.strain.strained and not all(load.light for load in self.loads)

    async def start(self) -> None:
        """Start the engines and wait until they are warm.

        Raises:
            UnavailableError: ENGINE_START when one does not come up.
        """
        self._pipes = [self._pipe(number) for number in range(engine_count(self.config))]
        await asyncio.gather(*(pipe.start() for pipe in self._pipes))
        self._started = True
        self._watching = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """End the engines; talks that are left get no more reports."""
        self._stopping = True
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(pipe.stop() for pipe in self._pipes))

    async def open(self, spec: TalkSpec, *, on_report: OnReport, parked: Any = None, peer: str = "") -> Opened:
        """Seat a talk (of a client at `peer`) in an engine. `on_report` hears of it from then on, in the event loop.

        Raises:
            CapacityError: CAPACITY or MAX_TALKS, with `retry_s`.
            UnavailableError: ENGINE_RESTART while no engine is up.
            MissingError, DamageError and so on: the avatar cannot be had.
        """
        most = self.config.max_talks
        if most and parked is None and len(self._engine_of) + self.kept_places(peer) >= most:
            raise CapacityError(
                f"This server takes {most} talks at a time; try again in {RETRY_S:g} s.", reason="MAX_TALKS",
                retry_s=RETRY_S,
            )  # fmt: skip
        if self.refuses and parked is None:
            raise CapacityError(
                f"The server is short of time ({len(self._engine_of)} talks); try again in {RETRY_S:g} s.",
                reason="CAPACITY", retry_s=RETRY_S,
            )  # fmt: skip
        answer: Report | None = None
        for pipe in self._engines_for(spec):
            answer = await self._open_in(pipe, spec, on_report=on_report, parked=parked)
            if not (isinstance(answer, Refused | Closed) and answer.reason in ELSEWHERE):
                break  # what another engine would say as well
        if isinstance(answer, Opened):
            return answer
        raise _refusal(answer)

    async def _open_in(self, pipe: EnginePipe, spec: TalkSpec, *, on_report: OnReport, parked: Any) -> Report:
        talk = next(self._numbers)
        self._listeners[talk], self._engine_of[talk] = on_report, pipe
        pipe.planned += share(pipe, spec=spec)
        try:
            answer = await self._ask(talk, Open(talk, spec, parked), timeout_s=OPEN_TIMEOUT_S)
        except BaseException:
            self.close(talk)
            raise
        if not isinstance(answer, Opened):
            self._forget(talk)
        return answer

    def send(self, command: Command) -> None:
        """Tell the engine of the command's talk; never waits. Nothing happens if the talk is over."""
        pipe = self._engine_of.get(command.talk)
        if pipe is not None:
            pipe.send(command)

    async def park(self, talk: int) -> Parked:
        """Take a talk out of its slot.

        Raises:
            UnavailableError: ENGINE_RESTART when it is gone.
        """
        try:
            answer = await self._ask(talk, Park(talk), timeout_s=OPEN_TIMEOUT_S)
        finally:
            self._forget(talk)
        if not isinstance(answer, Parked):
            raise _refusal(answer)
        return answer

    def close(self, talk: int) -> None:
        """Free the slot; no more reports."""
        self.send(Close(talk))
        self._forget(talk)

    async def _ask(self, talk: int, command: Command, *, timeout_s: float) -> Report:
        answer: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
        self._asked[talk] = answer
        if talk not in self._engine_of:
            raise _gone()
        self.send(command)
        try:  # not `wait_for`: until Python 3.12 it forgets a cancel that meets the answer
            done, _ = await asyncio.wait([answer], timeout=timeout_s)
        finally:
            self._asked.pop(talk, None)
        if not done:
            raise UnavailableError("The engine does not answer; try again.", reason="ENGINE_BUSY", retry_s=1.0)
        return answer.result()

    def _hear(self, pipe: EnginePipe, reports: list[Report], late_s: float) -> None:
        """Reports of one engine, in order; `late_s` ago it made them."""
        self.strain.heard(late_s)
        self._take(pipe, reports)

    def _take(self, pipe: EnginePipe, reports: list[Report]) -> None:
        for report in reports:
            if isinstance(report, Load):
                pipe.load, pipe.planned = report, 0.0
                if self.on_load is not None:
                    self.on_load(report, pipe.number)
                continue
            asked = self._asked.get(report.talk)
            if asked is not None and isinstance(report, Opened | Refused | Parked | Closed) and not asked.done():
                asked.set_result(report)
                continue
            listener = self._listeners.get(report.talk)
            if isinstance(report, Closed):
                self._forget(report.talk)
            if listener is not None:
                listener(report)

    async def _watch(self) -> None:
        """End engines that have said nothing for long: they are stuck, and their talks with them.

        Counted in looks, not by the clock: a gateway that stood still has not been listening.
        """
        silent_s: dict[EnginePipe, tuple[float, float]] = {}
        while True:
            await asyncio.sleep(LOOK_S)
            self._judge()
            before, silent_s = silent_s, {}
            for pipe in self._pipes:
                heard_s, so_long_s = before.get(pipe, (pipe.heard_s, 0.0))
                so_long_s = so_long_s + LOOK_S if heard_s == pipe.heard_s else 0.0
                silent_s[pipe] = pipe.heard_s, so_long_s
                if pipe.load is not None and so_long_s > STUCK_S:
                    log.error("engine %d has not answered for %g s and is ended", pipe.number, STUCK_S)
                    pipe.load = None
                    pipe.kill()

    def _judge(self) -> None:
        """Whether the server is short of time, and what follows from it."""
        loads, strain = self.loads, self.strain
        changed = strain.look(saturated=bool(loads) and all(load.saturated for load in loads))
        if changed:
            for pipe in self._pipes:
                pipe.send(Shed(strain.strained))
        if self.refuses != self._refused:
            self._refused = self.refuses
            if self.on_refusing is not None:
                self.on_refusing(self._refused)
        if strain.to_be_told:
            log.warning(
                "the server is short of time (%d talks, engines are heard %.0f ms late and take %.0f ms a step): %s"
                "pictures come half as often; does something else take the processors?",
                len(self._engine_of), strain.late_s * 1e3, max((load.tick_ms[0] for load in loads), default=0.0),
                "new talks are refused and " if self._refused else "",
            )  # fmt: skip
        elif changed:
            log.info("the server has time again")

    def _lost(self, pipe: EnginePipe) -> None:
        """An engine died: its talks are over; another one is started in its place."""
        if self._stopping:
            return
        self.restarts += 1
        if self.on_restart is not None:
            self.on_restart()
        gone = [talk for talk, home in self._engine_of.items() if home is pipe]
        log.error("engine %d died with %d talks; starting another", pipe.number, len(gone))
        error = _gone()
        closed = Closed(0, code=error.code, reason=error.reason, message=str(error))
        self._take(pipe, [replace(closed, talk=talk) for talk in gone])
        pipe.load = None
        asyncio.get_running_loop().create_task(self._restart(pipe))

    async def _restart(self, pipe: EnginePipe) -> None:
        fresh = self._pipe(pipe.number)
        self._pipes[self._pipes.index(pipe)] = fresh
        while not self._stopping:
            try:
                await fresh.start()
            except VisavisError as error:
                log.error("engine %d does not start: %s", pipe.number, error)
                await asyncio.sleep(RESTART_S)
            else:
                if self.strain.strained:
                    fresh.send(Shed(True))
                return

    def _engines_for(self, spec: TalkSpec) -> list[EnginePipe]:
        up = [pipe for pipe in self._pipes if pipe.load is not None]
        if not up and not self._started:
            raise UnavailableError("The server is still warming up; try again.", reason="WARMING_UP", retry_s=0.2)
        if not up:
            raise _gone()
        return in_order(up, spec=spec)

    def _forget(self, talk: int) -> None:
        self._listeners.pop(talk, None)
        self._engine_of.pop(talk, None)

    def _pipe(self, number: int) -> EnginePipe:
        return EnginePipe(
            number, self._engine_config, process=self.config.engine_process, on_reports=self._hear, on_lost=self._lost
        )


def _refusal(answer: Report | None) -> VisavisError:
    if isinstance(answer, Closed) and answer.reason == "ENGINE_RESTART":
        return _gone()
    if isinstance(answer, Refused | Closed):
        retry_s = answer.retry_s if isinstance(answer, Refused) else 0.0
        return error_of_status(answer.code, message=answer.message, reason=answer.reason, retry_s=retry_s)
    return CapacityError("The engine did not take the talk; try again.", reason="CAPACITY", retry_s=1.0)


def _gone() -> UnavailableError:
    return UnavailableError(
        "The engine of this talk stopped and is started again; resume, or start the talk anew.",
        reason="ENGINE_RESTART", retry_s=1.0,
    )  # fmt: skip
