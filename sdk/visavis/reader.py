"""Hands the frames of one talk out, one by one and to one reader at a time: takes what arrived, says what was read.

Frames come in messages; one counts as read when its last frame was taken and the next is asked for. While nobody
reads, whoever waits for a line or for the end reads and drops, because a talk that is not read is let go by its server.
What it does not do: it does not know what the frames mean.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from visavis.arrivals import Arrival
from visavis.conversation import Conversation
from visavis.errors import InputError
from visavis.frames import Frame

LOOK_S = 0.05
"""Who waits while another one reads looks this often."""


class Reader:
    """Reads the conversation that `talking` gives, which raises while the talk is not open."""

    def __init__(self, talking: Callable[[], Conversation]) -> None:
        self._talking = talking
        self.over = False
        """The last frame was taken, or the talk was closed."""
        self._pending: deque[Frame] = deque()
        self._pending_arrival: Arrival | None = None
        self._loops = 0
        """Loops over the frames; one that was left by `break` counts until Python tidies it up."""
        self._reading = False
        """A loop waits for the next frame."""

    async def frames(self) -> AsyncIterator[Frame]:
        """Frames in order, until the talk is over.

        Raises:
            InputError: TALK_READ_TWICE.
            Exception: what has ended the talk.
        """
        self._loops += 1
        try:
            while (frame := await self._read()) is not None:
                yield frame
        finally:
            self._loops -= 1

    async def drain(self) -> None:
        """Wait for the last frame, reading (and dropping) frames as long as nobody else reads them.

        Raises:
            Exception: what has ended the talk.
        """
        while not self.over:
            if self._loops:
                await asyncio.sleep(LOOK_S)
            else:
                await self._next()
        if self._talking().failure is not None:
            await self._next()  # tells why

    async def wait(self, done: asyncio.Future[bool]) -> bool:
        """Wait for a line, reading (and dropping) frames as long as nobody else reads them."""
        while not done.done():
            if self._loops:
                await asyncio.wait({done}, timeout=LOOK_S)
                continue
            reading: asyncio.Future[Any] = asyncio.ensure_future(self._next())
            await asyncio.wait([done, reading], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            elif reading.exception() is not None and not done.done():
                await reading
        return done.result()

    async def _read(self) -> Frame | None:
        """The next frame for the one who reads."""
        if self._reading:
            raise InputError(
                "Two loops read the frames of this talk: read them in one place and hand them on from there.",
                reason="TALK_READ_TWICE",
            )
        self._reading = True
        try:
            return await self._next()
        finally:
            self._reading = False

    async def _next(self) -> Frame | None:
        """The next frame, or None at the end."""
        talking = self._talking()
        arrivals = talking.arrivals
        while not self._pending:
            if self._pending_arrival is not None:
                arrivals.handed(self._pending_arrival)
                self._pending_arrival = None
            if self.over:
                if talking.failure is not None:
                    raise talking.failure
                return None
            arrival = None if talking.over and arrivals.inbox.empty() else await arrivals.inbox.get()
            if arrival is None:
                self.over = True
                if arrivals.inbox.empty():
                    arrivals.inbox.put_nowait(None)  # for whoever else waits, e.g. for a line
                continue
            self._pending.extend(arrival.frames)
            self._pending_arrival = arrival
        return self._pending.popleft()
