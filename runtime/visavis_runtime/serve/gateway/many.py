"""Takes one call of TalkService.TalkMany, gives each of its talks what a call of Talk has: requests and a way out.

gRPC's price is by the message (some 0.1 ms in Python for each that comes or goes), so a program that drives many faces
sends those of all in one. Every talk runs as it would alone, through the same coroutine, with a `NumberedCall` in place
of a call of its own. What talks write while the last message is on its way leaves together in the next. Nobody waits
for a talk that is not listening: what it has not taken of its requests is bounded (`UNREAD_BYTES`), and a client that
stops reading makes each write wait, which each talk's outbox notices by itself. What it does not do: it knows no
request but by its number.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from visavis.errors import CapacityError, InputError, LimitError, SilentError
from visavis.v1 import talk_pb2
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.gone import writing
from visavis_runtime.serve.gateway.numbered import NumberedCall
from visavis_runtime.serve.gateway.status import refusal_of
from visavis_runtime.serve.gateway.wire import Requests

TALKS_MOST = 1000
"""Talks at once on one stream."""
BATCH_BYTES = 256 << 10
"""Talks wait for the next message when one has so much."""
UNSENT_MOST = 10_000
REQUESTS_MOST = 1_000
"""In one message; nobody else is heard while it is taken apart."""
CHECK_S = 0.2

Hold = Callable[[Any, Any, Any], Awaitable[None]]
"""`TalkService.talk`: the whole life of a talk on a call."""


class TalkStream:
    """All talks of one call. It ends when it has had no talk for `idle_s`, or no reader for `unread_s`."""

    def __init__(self, context: Any, *, hold: Hold, caller: Caller, idle_s: float, unread_s: float) -> None:
        self.context = context
        self._hold, self._caller = hold, caller
        self._idle_s, self._unread_s = idle_s, unread_s
        self._calls: dict[int, NumberedCall] = {}
        self._highest = 0
        self._batch = talk_pb2.TalkManyResponse()
        """What the next message will say."""
        self._batch_bytes = 0
        self._room, self._awake = asyncio.Event(), asyncio.Event()
        self._busy_s, self._write_s = time.monotonic(), math.inf
        """When it last had a talk, and when the message that is on its way was written (inf: none is)."""
        self._closing = False

    async def run(self, requests: Requests) -> None:
        """Until the client has closed its side and every talk is over.

        Raises:
            Gone: there is no client any more.
            InputError: MALFORMED.
            LimitError: SLOW_CONSUMER, REQUESTS, MESSAGE_TOO_LARGE.
            SilentError: IDLE.
        """
        await writing(self.context.send_initial_metadata(()))
        reading, watching = asyncio.ensure_future(self._read(requests)), asyncio.ensure_future(self._watch())
        sending = asyncio.ensure_future(self._send())
        tasks = {reading, watching, sending}
        try:
            while not sending.done():
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (reading, watching, sending, *(call.task for call in self._calls.values())):
                task.cancel()

    def close(self) -> None:
        """End the stream as soon as it has no talk."""
        self._closing = True
        self._awake.set()

    async def write(self, number: int, response: talk_pb2.TalkResponse) -> None:
        """Put a response of a talk into the next message; waits for room in it."""
        while self._batch_bytes > BATCH_BYTES:
            self._room.clear()
            await self._room.wait()
        self._batch.responses.add(talk=number, response=response)
        self._batch_bytes += response.ByteSize()
        self._awake.set()

    async def _read(self, requests: Requests) -> None:
        while (message := await requests.next()) is not None:
            if len(message.requests) > REQUESTS_MOST:
                raise LimitError(
                    f"A message has {len(message.requests)} requests; {REQUESTS_MOST} are allowed: send several.",
                    reason="REQUESTS",
                )
            for numbered in message.requests:
                self._take(numbered)
            if len(self._batch.responses) > UNSENT_MOST:
                raise _unheard()
        for call in self._calls.values():
            call.close()
        self.close()

    def _take(self, numbered: talk_pb2.NumberedRequest) -> None:
        call = self._calls.get(numbered.talk) or self._begin(numbered)
        if call is None:
            return
        try:
            if numbered.HasField("request"):
                call.put(numbered.request)
        except LimitError as error:
            call.cut_short(error.reason)
            self._end(numbered.talk, error)
        if numbered.done:
            call.close()
        if numbered.cancelled:
            call.cut_short("CANCELLED")

    def _begin(self, numbered: talk_pb2.NumberedRequest) -> NumberedCall | None:
        """A new talk; None for one that is over, or that finds no place here."""
        number = numbered.talk
        if not number:
            self._end(0, _no_number())
            return None
        if number <= self._highest:
            if numbered.request.HasField("start"):  # anything else may have been on its way when the talk ended
                self._end(number, _too_low(self._highest))
            return None
        self._highest = number
        if len(self._calls) >= TALKS_MOST:
            self._end(number, _crowded())
            return None
        self._calls[number] = call = NumberedCall(number, write=self.write, context=self.context)
        call.task = asyncio.ensure_future(self._live(call))
        call.task.add_done_callback(partial(self._ended, number))  # which even a task that never ran calls
        return call

    async def _live(self, call: NumberedCall) -> None:
        """One talk from its first request to its end."""
        self._caller.check("talk")  # its token may have expired since the stream began
        await self._hold(call, call, self._caller)

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        if number in self._calls:
            self._end(number, None if task.cancelled() else task.exception())

    def _end(self, number: int, error: BaseException | None) -> None:
        """Tell how a talk has ended."""
        end = talk_pb2.TalkEnd()
        if error is not None:
            refusal = refusal_of(error)
            end.code, end.message = refusal.code.value[0], refusal.details
            end.reason, end.retry_ms = refusal.reason, refusal.retry_ms
        self._calls.pop(number, None)
        self._batch.responses.add(talk=number, end=end)
        self._busy_s = time.monotonic()
        self._awake.set()

    async def _send(self) -> None:
        """One message after the other, until the stream is closed and all is out."""
        while self._batch.responses or self._calls or not self._closing:
            if not self._batch.responses:
                self._awake.clear()
                await self._awake.wait()
                continue
            batch, self._batch, self._batch_bytes = self._batch, talk_pb2.TalkManyResponse(), 0
            self._room.set()
            self._write_s = time.monotonic()
            await writing(self.context.write(batch))
            self._write_s = math.inf

    async def _watch(self) -> None:
        """What only the clock can tell."""
        while True:
            await asyncio.sleep(CHECK_S)
            now_s = time.monotonic()
            if not self._calls and now_s - self._write_s > self._unread_s:
                raise _unheard()
            if not self._calls and now_s - self._busy_s > self._idle_s:
                raise SilentError(f"No talk was on this stream for {self._idle_s:g} s: begin one.", reason="IDLE")


def _no_number() -> InputError:
    return InputError("A request has no number of a talk: give 1 or more.", reason="TALK_NUMBER")


def _too_low(highest: int) -> InputError:
    return InputError(
        f"A talk cannot begin with a number that is not above all before it: take {highest + 1} or more.",
        reason="TALK_NUMBER",
    )


def _unheard() -> LimitError:
    return LimitError("Nobody reads what this stream says: read what comes.", reason="SLOW_CONSUMER")


def _crowded() -> CapacityError:
    return CapacityError(
        f"This stream has {TALKS_MOST} talks, the most that one may have: open another stream.", reason="MAX_TALKS"
    )
