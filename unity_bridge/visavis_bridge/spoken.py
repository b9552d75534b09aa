"""Takes the sound of one line in pieces of any rate, gives it at 16 kHz as the talk asks for it.

Whoever says a line hands it over whole or piece by piece, as from a microphone or a voice that is still being made.
A line that gets no piece for `SILENT_S` counts as whole, because its engine may be gone and others wait behind it.
What it does not do: no mixing of channels; engines send mono.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import soxr

from visavis import SAMPLE_RATE_HZ, Line
from visavis.errors import InputError, LimitError
from visavis_bridge.wire import Message

RATE_MIN_HZ, RATE_MAX_HZ = 8_000, 192_000
PENDING_S = 600.0
"""Sound that may wait for the face."""
SILENT_S = 10.0
LARGE_BYTES = 1 << 16
"""Resampled beside the event loop."""
WIDTH = 2

Tell = Callable[[Message], None]
"""Sends a message to one engine, reliably and in order."""


class Spoken:
    """One line of a character: `feed` it, and let the talk iterate over it.

    Raises:
        InputError: AUDIO_RATE.
    """

    def __init__(self, number: int, *, rate_hz: int, tell: Tell) -> None:
        if not RATE_MIN_HZ <= rate_hz <= RATE_MAX_HZ:
            raise InputError(
                f"The line has {rate_hz} Hz; {RATE_MIN_HZ} to {RATE_MAX_HZ} are allowed.", reason="AUDIO_RATE"
            )
        self.number = number
        self.rate_hz = rate_hz
        self.tell = tell
        self.line: Line | None = None
        """The line of the talk that says it."""
        self._resampling = (
            soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="int16") if rate_hz != SAMPLE_RATE_HZ else None
        )
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._pending = 0
        self._whole = False

    async def feed(self, pcm: bytes, *, last: bool) -> None:
        """More of it: int16 mono at `rate_hz`.

        Raises:
            InputError: AUDIO_ALIGNMENT, LINE_WHOLE.
            LimitError: AUDIO_AHEAD.
        """
        if self._whole:
            raise InputError(f"The line {self.number} is whole already: say another one.", reason="LINE_WHOLE")
        if len(pcm) % WIDTH:
            raise InputError(
                f"{len(pcm)} bytes are not whole 16 bit samples: send an even number.", reason="AUDIO_ALIGNMENT"
            )
        if self._pending + len(pcm) // WIDTH * SAMPLE_RATE_HZ / self.rate_hz > PENDING_S * SAMPLE_RATE_HZ:
            raise LimitError(
                f"More than {PENDING_S:g} s of the line {self.number} wait for the face: send it in its own tempo.",
                reason="AUDIO_AHEAD",
            )
        self._whole = last
        if self._resampling is not None:
            if len(pcm) > LARGE_BYTES:
                pcm = await asyncio.to_thread(self._resampled, pcm, last=last)
            else:
                pcm = self._resampled(pcm, last=last)
        self._pending += len(pcm) // WIDTH
        if pcm:
            self._pieces.put_nowait(pcm)
        if last:
            self._pieces.put_nowait(b"")

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        assert self._resampling is not None
        return bytes(self._resampling.resample_chunk(np.frombuffer(pcm, "<i2"), last=last).astype("<i2").tobytes())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Its pieces at 16 kHz as they come."""
        while True:
            try:
                piece = await asyncio.wait_for(self._pieces.get(), SILENT_S)
            except asyncio.TimeoutError:
                self._whole = True
                return
            if not piece:
                return
            self._pending -= len(piece) // WIDTH
            yield piece
