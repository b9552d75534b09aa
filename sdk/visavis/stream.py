"""One streaming gRPC call from its begin to its end, with errors of our own tree: one talk, or many (`streams.py`).

A stream says what happened to it and decides nothing: `read` raises `UnavailableError` when the connection broke, which
a talk may mend with another stream, and any other error when the server ended it on purpose.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio

from visavis.connection import Connection
from visavis.errors import UnavailableError, VisavisError

STATUS_S = 1.0
"""The status of a call that has ended comes within this time, or never."""
LOCAL_DETAILS = "Internal error from Core"
"""What grpc.aio says of a write that failed, in place of the status of the call."""
_ENDED = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)
"""What writing on a call raises that has ended; reading says why."""


Request = TypeVar("Request")
Response = TypeVar("Response")


class Stream(Generic[Request, Response]):
    """An open call of these messages."""

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

    async def read(self) -> Response | None:
        """The next response, None at the end.

        Raises:
            UnavailableError: the connection broke.
            VisavisError: what the server says.
        """
        try:
            response: Response = await anext(self._responses)
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

    async def write(self, request: Request) -> bool:
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


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for, without giving way to others."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a call that is done knows its status")
