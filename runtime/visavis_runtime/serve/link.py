"""Takes commands of talks, gives them to the engines that have them: and every report to the talk that it is about.

A new talk goes to the engine that `choice.py` says; what that one does not take the next one does. The talks of an
engine that dies are told so (Closed, ENGINE_RESTART). What it does not do: no gRPC, and it keeps no engine alive
(`engines.py`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from visavis.errors import CapacityError, UnavailableError, VisavisError, error_of_status
from visavis_runtime.serve.choice import in_order, share
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.engine.slots import RETRY_S
from visavis_runtime.serve.engine_pipe import EnginePipe
from visavis_runtime.serve.engines import Engines, gone
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
    TalkSpec,
)  # fmt: skip

OnReport = Callable[[Report], None]
OPEN_TIMEOUT_S = 20.0
ELSEWHERE = ("CAPACITY", "ENGINE_RESTART")
"""Why another engine may take a talk that one has not taken."""


class EngineLink:
    """All talks of one server, each in its engine; lives in one event loop."""

    def __init__(self, config: ServerConfig) -> None:
        self.config = config
        self.on_load: Callable[[Load, int], None] | None = None
        """Hears every Load once, with the number of its engine."""
        self.kept_places: Callable[[str], int] = lambda peer: 0
        """Talks that are parked: their places are not for others (than their own peer)."""
        self.engines = Engines(config, on_reports=self._take, on_lost=self._lost)
        self._numbers = itertools.count(1)
        self._listeners: dict[int, OnReport] = {}
        self._engine_of: dict[int, EnginePipe] = {}
        self._asked: dict[int, asyncio.Future[Report]] = {}

    @property
    def loads(self) -> list[Load]:
        """The latest load of every engine that runs."""
        return self.engines.loads

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
        if self.engines.refuses and parked is None:
            raise CapacityError(
                f"The server is short of time ({len(self._engine_of)} talks); try again in {RETRY_S:g} s.",
                reason="CAPACITY", retry_s=RETRY_S,
            )  # fmt: skip
        answer: Report | None = None
        for pipe in in_order(self.engines.up, spec=spec):
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
            raise gone()
        self.send(command)
        try:  # not `wait_for`: until Python 3.12 it forgets a cancel that meets the answer
            done, _ = await asyncio.wait([answer], timeout=timeout_s)
        finally:
            self._asked.pop(talk, None)
        if not done:
            raise UnavailableError("The engine does not answer; try again.", reason="ENGINE_BUSY", retry_s=1.0)
        return answer.result()

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

    def _lost(self, pipe: EnginePipe) -> None:
        """An engine died: its talks are over."""
        error = gone()
        closed = Closed(0, code=error.code, reason=error.reason, message=str(error))
        homeless = [talk for talk, home in self._engine_of.items() if home is pipe]
        self._take(pipe, [replace(closed, talk=talk) for talk in homeless])

    def _forget(self, talk: int) -> None:
        self._listeners.pop(talk, None)
        self._engine_of.pop(talk, None)


def _refusal(answer: Report | None) -> VisavisError:
    if isinstance(answer, Closed) and answer.reason == "ENGINE_RESTART":
        return gone()
    if isinstance(answer, Refused | Closed):
        retry_s = answer.retry_s if isinstance(answer, Refused) else 0.0
        return error_of_status(answer.code, message=answer.message, reason=answer.reason, retry_s=retry_s)
    return CapacityError("The engine did not take the talk; try again.", reason="CAPACITY", retry_s=1.0)
