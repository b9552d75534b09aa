"""Takes a call, tells how it ended: with the server's status, not with what gRPC puts in its place.

When a server ends a call that is still being written to, the write fails; grpc.aio then gives the call the status
INTERNAL, "Internal error from Core". The status that the server has sent may come before, and be lost, or after it. So
the first is kept when the call is done, and the second waited for. What it does not do: what a status means
(`connection.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import grpc.aio

STATUS_S = 1.0
"""The status of a call that has ended comes within this time, or never."""
LOOK_S = 0.002
LOCAL_DETAILS = "Internal error from Core"
"""What grpc.aio says of a write that failed."""


class Ending:
    """Watches a call, from its beginning on."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._status: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._keep)

    async def status(self) -> grpc.aio.AioRpcError:
        """What the server says of the end of the call, which is over; what gRPC says if the server said nothing."""
        ends_s = time.monotonic() + STATUS_S
        status = self._status or _status_of(self._call)
        while status.details() == LOCAL_DETAILS and time.monotonic() < ends_s:
            await asyncio.sleep(LOOK_S)
            status = _status_of(self._call)
        return status

    def _keep(self, call: Any) -> None:
        if self._status is None:
            self._status = _status_of(call)


def _status_of(call: Any) -> grpc.aio.AioRpcError:
    """The status of a call that is done."""
    trailing = _at_once(call.trailing_metadata()) or grpc.aio.Metadata()
    return grpc.aio.AioRpcError(_at_once(call.code()), grpc.aio.Metadata(), trailing, _at_once(call.details()))


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for, without giving way to others."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a call that is done knows its status")
