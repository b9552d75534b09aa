"""One stream of a talk: a gRPC call from its Start to its end, with errors of our own tree.

A stream says what happened to it and decides nothing: `read` raises `UnavailableError` when the connection broke, which
a talk may mend with another stream, and any other error when the server ended it on purpose.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import grpc
import grpc.aio

from visavis.connection import Connection
from visavis.ending import Ending
from visavis.errors import ProtocolError, UnavailableError, VisavisError
from visavis.v1 import talk_pb2, talk_pb2_grpc

OPEN_S = 10.0
"""A server begins within this time, or is none."""
_ENDED = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)
"""What writing on a call raises that has ended; reading says why."""


class Stream:
    """An open call: made by `open_stream`."""

    def __init__(self, call: Any, *, connection: Connection) -> None:
        self._call = call
        # Not call.read(): after a write that failed it gives up what has arrived and the server's reason behind it.
        self._responses = aiter(call)
        self._ending = Ending(call)
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
        except grpc.aio.AioRpcError:
            error = await self._failure()
            if error is None:
                return None
            raise error from None
        except asyncio.CancelledError:
            if not self._given_up:
                raise
            raise UnavailableError("Nothing was heard of the server for too long.", reason="SILENT") from None
        self.last_read_s = time.monotonic()
        return response

    async def _failure(self) -> VisavisError | None:
        """Why the call has ended, in the server's words if it has said any; None: in order."""
        status = await self._ending.status()
        if status.code() is grpc.StatusCode.OK:
            return None
        error = self._connection.error_of(status)
        if error.code == error.reason == "INTERNAL":  # the transport's word, not the server's
            return UnavailableError(f"The connection broke ({error}).", reason="BROKEN")
        return error

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
