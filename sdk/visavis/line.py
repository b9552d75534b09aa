"""One line of a talk: its sound, how far it was sent and how far the face has come.

Sound is kept from the play position on, because a server may have to hear it again. Positions are samples of the line
at the talk's own rate. What it does not do: it does not know when it is its turn (`lines.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from visavis.latents import SAMPLE_RATE_HZ
from visavis.wishes import Control

WIDTH = 2
"""Bytes of a sample."""


@dataclass
class Cue:
    """A marker (`name`) or a wish (`control`) at a sample of a line."""

    sample: int
    name: str = ""
    control: Control | None = None
    sent: bool = False


class Line:
    """One line of a talk: made by `Talk.say`."""

    def __init__(self, line_id: str, *, wait: Callable[[asyncio.Future[bool]], Awaitable[bool]]) -> None:
        self.id = line_id
        self.started = False
        """Its first frame has come."""
        self.told = False
        """LINE_STARTED has come; after a restart it comes again."""
        self._wait = wait
        self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pcm = bytearray()
        self._first = 0
        """Position of the first byte that is kept."""
        self.complete = False
        self.dropped = False
        """Interrupted here; the server may not know yet."""
        self.base = 0
        """Position at which the present talk's counting begins (0 but after a restart)."""
        self.sent = 0
        self.played = 0
        self.end_sent = False
        self.cues: list[Cue] = []

    async def finished(self) -> bool:
        """Wait until the face has said it. True: to its end; False: it was interrupted.

        Frames must be read meanwhile; while nobody iterates over the talk they are read here and dropped.

        Raises:
            VisavisError: the talk ended before. Exception: what its iterator of audio has raised.
        """
        await asyncio.sleep(0)  # a task that is about to iterate goes first
        return await self._wait(self._done)

    @property
    def length(self) -> int:
        """Samples that are known so far."""
        return self._first + len(self._pcm) // WIDTH

    @property
    def over(self) -> bool:
        """Finished, interrupted or lost with its talk."""
        return self._done.done()

    def add(self, pcm: bytes) -> None:
        """More of its sound."""
        self._pcm += pcm

    def piece(self, count: int) -> bytes:
        """The next samples to be sent, at most `count`."""
        start = (self.sent - self._first) * WIDTH
        return bytes(self._pcm[start : start + count * WIDTH])

    def heard_until(self, position: int) -> None:
        """The face has come here; what lies before is forgotten."""
        self.played = max(self.played, min(position, self.length))
        if self.played - self._first > SAMPLE_RATE_HZ:
            del self._pcm[: (self.played - self._first) * WIDTH]
            self._first = self.played

    def close(self, *, whole: bool) -> None:
        """It is over."""
        if not self._done.done():
            self._done.set_result(whole)

    def fail(self, error: Exception) -> None:
        """Its talk is over."""
        if not self._done.done():
            self._done.set_exception(error)
            self._done.exception()  # whoever waits hears it; nobody has to
