"""Takes the requests of a talk as they come, gives its intake what the engine has room for; the rest waits (`held.py`).

Everything but audio is heard at once, also while audio waits. When too much of it waits nothing more is read until the
face has caught up, acknowledgements neither. What it does not do: no meaning of a request (`requests.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from visavis.errors import InputError, ProtocolError
from visavis.v1 import talk_pb2
from visavis_runtime.serve.gateway.gone import Left
from visavis_runtime.serve.gateway.held import Held, Late
from visavis_runtime.serve.gateway.outbox import Outbox
from visavis_runtime.serve.gateway.requests import Intake
from visavis_runtime.serve.messages import Finish

BREAK_S = 0.05
"""A connection that breaks looks like a client that closes its side, until gRPC cancels the call a moment later."""


class Hearing:
    """What one talk hears. At most `ahead` samples wait in the engine; `send` tells it that nothing more comes."""

    def __init__(self, intake: Intake, *, outbox: Outbox, ahead: int, send: Callable[[Finish], None]) -> None:
        self.heard_s = time.monotonic()
        """When something came, as far as anybody listened."""
        self.waiting = False
        """Nothing is read just now."""
        self.finishing = False
        """Nothing more will be said."""
        self._intake, self._outbox, self._send = intake, outbox, send
        self._ahead = ahead
        self._held = Held()
        self._room = asyncio.Event()

    def begin(self) -> None:
        """A connection begins."""
        self.heard_s, self.waiting = time.monotonic(), False

    def end(self) -> None:
        """It is over; who takes the talk up sends again what waits."""
        self._held.clear()

    async def read(self, requests: Any) -> None:
        """Hear everything until the client closes its side.

        Raises:
            Left: the client goes.
            InputError: EMPTY_MESSAGE. ProtocolError: DUPLICATE_HEADER.
            VisavisError: what the intake says of a request.
        """
        outbox = self._outbox
        while (request := await requests.next()) is not None:
            now_ns = time.monotonic_ns()
            self.heard_s = now_ns * 1e-9
            kind = request.WhichOneof("request")
            if request.acknowledged:
                outbox.acknowledge(request.acknowledged)
            if kind == "ack":
                outbox.acknowledge(request.ack.sequence)
            elif kind == "leave":
                raise Left
            elif kind == "ping":
                outbox.put_plain(talk_pb2.TalkResponse(pong=talk_pb2.Pong(id=request.ping.id)))
            elif kind is None and not request.acknowledged:
                raise InputError(
                    "A request has none of its fields set (or one that is unknown here).", reason="EMPTY_MESSAGE"
                )
            elif kind == "start":
                raise ProtocolError(
                    "A talk has one Start: change its settings with Control, or begin a new talk.",
                    reason="DUPLICATE_HEADER",
                )
            elif kind is not None and not self.finishing:
                self._take(Late(kind, getattr(request, kind), now_ns))
                if self._held.full:
                    await self._wait_for_room(lambda: not self._held.full)
        await asyncio.sleep(BREAK_S)
        await self._wait_for_room(lambda: not self._held)
        outbox.listen(False)
        self._intake.end_line(time.monotonic_ns())
        self.finish()

    def let_in(self) -> None:
        """The engine has eaten: what waits goes on as far as there is room. Raises VisavisError of a request."""
        try:
            while self._held and self._intake.queued <= self._ahead and not self.finishing:
                self._pass_on(self._held.take())
        finally:
            self._room.set()

    def finish(self) -> None:
        """Nothing more comes."""
        if not self.finishing:
            self.finishing = True
            self._send(Finish(self._intake.talk))

    def finish_if_closing(self) -> None:
        """The server stops: the talk ends behind the line that is open."""
        if self._intake.closing and not self._intake.line:
            self.finish()

    def _take(self, late: Late) -> None:
        """Audio waits while more than `ahead` of it does; nothing else waits."""
        if late.kind in ("audio", "end_of_line") and (self._held or self._intake.queued > self._ahead):
            self._held.put(late)
            return
        if late.kind == "interrupt":
            for line in self._held.lines:
                self._intake.drop(line)
            self._held.clear()
        self._pass_on(late)

    def _pass_on(self, late: Late) -> None:
        self._intake.take(late.kind, late.request, now_ns=late.now_ns)
        self.finish_if_closing()

    async def _wait_for_room(self, there_is: Callable[[], bool]) -> None:
        """Read nothing more until the face has caught up; acknowledgements wait in line too."""
        self.waiting = True
        self._outbox.listen(False)
        while not there_is():
            self._room.clear()
            await self._room.wait()
        self._outbox.listen(True)
        self.waiting = False
        self.heard_s = time.monotonic()
