"""One streaming gRPC call from its begin to its end, with errors of our own tree: one talk, or many (`streams.py`).

A stream says what happened to it and decides nothing: `read` raises `UnavailableError` when the connection broke, which
a talk may mend with another stream, and any other error when the server ended it on purpose.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio

from visavis.connection import Connection
from visavis.ending import Ending
from visavis.errors import UnavailableError, VisavisError

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
        self._ending = Ending(call)
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
