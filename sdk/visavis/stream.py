"""One stream of a talk: a gRPC call from its Start to its end, with errors of our own tree.

A stream says what happened to it and decides nothing: `read` raises `UnavailableError` when the connection broke, which
a talk may mend with another stream, and any other error when the server ended it on purpose.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import grpc
import grpc.aio

from visavis.connection import Connection
from visavis.errors import ProtocolError, UnavailableError, VisavisError
from visavis.v1 import talk_pb2, talk_pb2_grpc

OPEN_S = 10.0
"""A server begins within this time, or is none."""
STATUS_S = 1.0
"""The status of a call that has ended comes within this time, or never."""
LOCAL_DETAILS = "Internal error from Core"
"""What grpc.aio says of a write that failed, in place of the status of the call."""
_ENDED = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)
"""What writing on a call raises that has ended; reading says why."""


class Stream:
    """An open call: made by `open_stream`."""

    def __init__(self, call: Any, *, connection: Connection) -> None:
        self._call = call
        # Not call.read(): after a write that failed it gives up what has arrived and the server's reason behind it.
        self._responses = aiter(call)
        self._status: grpc.aio.AioRpcError | None = None
        self._told = asyncio.Event()
        call.add_done_callback(self._keep_status)
        self._connection = connection
        self._writing = asyncio.Lock()
        self._given_up = False
        self.last_read_s = self.last_write_s = time.monotonic()

    async def read(self) -> talk_pb2.TalkResponse | None:
        """The next response, None at the end.

        Raises:
            UnavailableError: the connection broke.
            VisavisError: what the server says.
        """
        try:
            response: talk_pb2.TalkResponse = await anext(self._responses)
        except StopAsyncIteration:
            return None
        except grpc.aio.AioRpcError as rpc:
            error = await self._failure(rpc)
            if error is None:
                return None
            raise error from None
        except asyncio.CancelledError:
            if not self._given_up:
                raise
            raise UnavailableError("Nothing was heard of the server for too long.", reason="SILENT") from None
        self.last_read_s = time.monotonic()
        return response

    async def _failure(self, rpc: grpc.aio.AioRpcError) -> VisavisError | None:
        """Why the call has ended, in the server's words if it has said any; None: in order."""
        if rpc.details() == LOCAL_DETAILS:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._told.wait(), STATUS_S)
        status = self._status or rpc
        if status.code() is grpc.StatusCode.OK:
            return None
        error = self._connection.error_of(status)
        if error.code == error.reason == "INTERNAL":  # the transport's word, not the server's
            return UnavailableError(f"The connection broke ({error}).", reason="BROKEN")
        return error

    def _keep_status(self, call: Any) -> None:
        """Keep what the server says before a write that fails puts LOCAL_DETAILS in its place, or after it did."""
        code, details = _at_once(call.code()), _at_once(call.details())
        if details != LOCAL_DETAILS and self._status is None:
            trailing = _at_once(call.trailing_metadata()) or grpc.aio.Metadata()
            self._status = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, details)
            self._told.set()

    async def write(self, request: talk_pb2.TalkRequest) -> bool:
        """Whether the stream took it; waits while the server does not read."""
        async with self._writing:
            try:
                await self._call.write(request)
            except _ENDED:
                return False
            self.last_write_s = time.monotonic()
            return True

    async def close_writing(self) -> None:
        """Nothing more will be written."""
        async with self._writing:
            with suppress(*_ENDED):
                await self._call.done_writing()

    def give_up(self) -> None:
        """Take the connection for broken."""
        self._given_up = True
        self._call.cancel()

    def cancel(self) -> None:
        """End the call."""
        self._call.cancel()


async def open_stream(
    connection: Connection, start: talk_pb2.TalkRequest, *, pictures: bool
) -> tuple[Stream, talk_pb2.Ready]:
    """A new stream and its Ready.

    Raises:
        UnavailableError: no server, or NO_ANSWER.
        ProtocolError: NO_READY.
        VisavisError: what the server says.
    """
    stub = talk_pb2_grpc.TalkServiceStub(  # type: ignore[no-untyped-call]
        connection.channel("texture" if pictures else "motion")
    )
    stream = Stream(stub.Talk(metadata=connection.metadata), connection=connection)
    try:
        response = await asyncio.wait_for(_first_answer(stream, start), OPEN_S)
    except asyncio.TimeoutError:
        stream.cancel()
        raise UnavailableError(
            f"{connection.target} did not answer for {OPEN_S:g} s: is it a Visavis server?", reason="NO_ANSWER"
        ) from None
    if response is None or response.WhichOneof("response") != "ready":
        stream.cancel()
        raise ProtocolError(
            "The server did not begin with Ready: it is not a Visavis server of this version.", reason="NO_READY"
        )
    return stream, response.ready


async def _first_answer(stream: Stream, start: talk_pb2.TalkRequest) -> talk_pb2.TalkResponse | None:
    await stream.write(start)
    return await stream.read()


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for, without giving way to others."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a call that is done knows its status")
