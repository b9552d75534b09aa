"""Takes when something last moved on one ACE stream, ends a stream on which nothing does, with the reason.

Three can stand still: a client that does not read, an engine that does not answer once it has all, a client that does
not send. Which of them it is, `writing` and `ended` tell. What it does not do: it closes nothing, the error does.
"""

from __future__ import annotations

import asyncio
import time

from visavis.errors import LimitError, SilentError, UnavailableError


class Liveness:
    """Of one stream, from now on."""

    def __init__(self, *, idle_s: float, longest_s: float) -> None:
        """`idle_s`: how long nothing may move; `longest_s`: how long the stream may last."""
        self.idle_s = idle_s
        self.writing = False
        """An answer waits for the client to take it."""
        self.ended = False
        """The client has sent all."""
        self._moved_s = time.monotonic()
        self._ends_s = self._moved_s + longest_s

    def moved(self) -> None:
        """Something has come in or gone out."""
        self._moved_s = time.monotonic()

    async def watch(self) -> None:
        """Wait for as long as something moves.

        Raises:
            LimitError: TALK_TOO_LONG, SLOW_CONSUMER.
            UnavailableError: ENGINE_BUSY.
            SilentError: IDLE.
        """
        while True:
            now_s = time.monotonic()
            left_s = min(self._moved_s + self.idle_s, self._ends_s) - now_s
            if left_s > 0:
                await asyncio.sleep(left_s)
            elif now_s >= self._ends_s:
                raise LimitError("The stream has lasted as long as it may: open another.", reason="TALK_TOO_LONG")
            elif self.writing:
                raise LimitError(
                    f"The client has read nothing for {self.idle_s:g} s: read answers while you send.",
                    reason="SLOW_CONSUMER",
                )
            elif self.ended:
                raise UnavailableError("The engine does not answer; try again.", reason="ENGINE_BUSY", retry_s=1.0)
            else:
                raise self.silence()

    def silence(self) -> SilentError:
        """The client sends nothing."""
        return SilentError(f"Nothing came for {self.idle_s:g} s: send audio, or end_of_audio.", reason="IDLE")
