"""One talk of a call of TalkMany: has what a call of Talk has, requests and a way out.

Requests that have come and are not yet heard are bounded, so that nobody waits for a talk that is not listening.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from visavis.errors import LimitError
from visavis.v1 import talk_pb2

UNREAD_BYTES = 2 << 20
"""Requests that may wait for a talk that reads no more, which it does only far beyond `Limits.ahead_s`."""
REQUEST_BYTES = 64
"""What a request costs beside its bytes."""


class NumberedCall:
    """One talk of a stream, for `Hold` both its requests and its context."""

    def __init__(
        self, number: int, *, write: Callable[[int, talk_pb2.TalkResponse], Awaitable[None]], context: Any
    ) -> None:
        """`context`: of the call of TalkMany; `write` puts a response of a talk into it."""
        self.task: asyncio.Task[None]
        self.cut = ""
        """Why it ended before its time, though its connection holds: CANCELLED, or the reason of an error."""
        self._number, self._write, self._context = number, write, context
        self._unread: deque[tuple[talk_pb2.TalkRequest, int]] = deque()
        """Requests and their bytes."""
        self._unread_bytes = 0
        self._done = False
        self._awake = asyncio.Event()

    def put(self, request: talk_pb2.TalkRequest) -> None:
        """A request that has come. Raises LimitError AUDIO_AHEAD when too much waits already."""
        count = REQUEST_BYTES + request.ByteSize()
        self._unread_bytes += count
        if self._unread_bytes > UNREAD_BYTES:
            raise LimitError(
                f"{self._unread_bytes} bytes wait to be heard by this talk: send no more than Limits.ahead_s ahead of "
                "its face.",
                reason="AUDIO_AHEAD",
            )
        self._unread.append((request, count))
        self._awake.set()

    def cut_short(self, reason: str) -> None:
        """End it now."""
        self.cut = reason
        self.task.cancel()

    def close(self) -> None:
        """No more requests come."""
        self._done = True
        self._awake.set()

    async def next(self) -> talk_pb2.TalkRequest | None:
        """The next request; None when the client has closed this talk's side."""
        while not self._unread:
            if self._done:
                return None
            self._awake.clear()
            await self._awake.wait()
        request, count = self._unread.popleft()
        self._unread_bytes -= count
        return request

    async def write(self, response: talk_pb2.TalkResponse) -> None:
        """Send a response; waits while the client does not read."""
        await self._write(self._number, response)

    async def send_initial_metadata(self, _: Any) -> None:
        """The stream has sent its own."""

    def peer(self) -> str:
        """The other end of the stream's connection."""
        peer: str = self._context.peer()
        return peer

    def time_remaining(self) -> float | None:
        """Seconds that the stream may last; None: no limit."""
        left_s: float | None = self._context.time_remaining()
        return left_s
