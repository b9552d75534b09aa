"""What has arrived in one talk: takes the server's responses, puts their frames into `inbox`, each once, on one clock.

A talk that is taken up counts on, so what comes twice is left out; a new talk in place of a lost one counts anew
(`restart`), and its clock goes on where that of the lost one was. `inbox` is a short queue: who does not read holds up
the server, which is meant. What was handed out is to be acknowledged (`acknowledgement`). What it does not do: no
transport.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from visavis.errors import VisavisError
from visavis.frames import Event, EventKind, Frame, MotionFrame, Summary
from visavis.latents import SAMPLE_RATE_HZ
from visavis.lines import Lines
from visavis.v1 import talk_pb2
from visavis.wire import frames_of, summary_of

INBOX_MESSAGES = 32


@dataclass(frozen=True)
class Arrival:
    """The frames of one message, and what Ack has to say when they were handed out."""

    frames: list[Frame]
    sequence: int = 0
    life: int = 0


class Arrivals:
    """What has come of one talk, whose `lines` hear how far the face is. None in `inbox`: nothing more comes."""

    def __init__(self, *, lines: Lines) -> None:
        self._lines = lines
        self.inbox: asyncio.Queue[Arrival | None] = asyncio.Queue(INBOX_MESSAGES)
        self.summary: Summary | None = None
        self.newest = 0
        """The sequence that has come last."""
        self.last_latents: list[float] = []
        self.clock_base = 0
        """Samples that the talks before the present one took."""
        self.leaving = False
        """The server has said that it stops."""
        self._unread = False
        """Nobody reads any more."""
        self._last_sample = 0
        self._handed = self._acknowledged = 0
        self._life = 0
        """Counts restarts: sequences begin anew."""

    async def take(self, response: talk_pb2.TalkResponse) -> None:
        """One message of the server; waits while the inbox is full."""
        kind = response.WhichOneof("response")
        if kind == "summary":
            self.summary = summary_of(response.summary)
        if kind in ("summary", "pong", "ready", None) or (response.sequence and response.sequence <= self.newest):
            return
        self.newest = max(self.newest, response.sequence)
        if self._unread:
            return
        frames = [frame for frame in map(self._placed, frames_of(response)) if self._wanted(frame)]
        await self.inbox.put(Arrival(frames, response.sequence, self._life))

    def _placed(self, frame: Frame) -> Frame:
        """On the clock of the whole talk, and in the line as it was said."""
        if isinstance(frame, Event):
            return replace(frame, sample=frame.sample + self.clock_base) if self.clock_base else frame
        base = self._lines.sample_base(frame.line) if frame.line_sample >= 0 else 0
        if not (base or self.clock_base):
            return frame
        return replace(frame, sample=frame.sample + self.clock_base, line_sample=frame.line_sample + base)

    def _wanted(self, frame: Frame) -> bool:
        if isinstance(frame, Event):
            self.leaving |= frame.kind is EventKind.GOODBYE
            self._lines.holding |= self.leaving
            return self._lines.happened(frame)
        self._last_sample = max(self._last_sample, frame.sample)
        if isinstance(frame, MotionFrame):
            self.last_latents = frame.latents.tolist()
        self._lines.moved(frame.line, line_sample=frame.line_sample)
        return True

    def handed(self, arrival: Arrival) -> None:
        """The reader has got all frames of this message."""
        if arrival.life == self._life:
            self._handed = max(self._handed, arrival.sequence)

    def acknowledgement(self) -> int:
        """The sequence up to which the server is to hear that all was read, said once; 0: there is nothing new."""
        if self._handed <= self._acknowledged:
            return 0
        self._acknowledged = self._handed
        return self._acknowledged

    async def restart(self, broken: VisavisError, *, motion_fps: int) -> None:
        """The talk was lost, and another one begins one frame after its last."""
        self._life += 1
        self.newest = self._handed = self._acknowledged = 0
        self.leaving = False
        self.summary = None
        self.clock_base = self._last_sample = self._last_sample + SAMPLE_RATE_HZ // motion_fps
        told = [replace(event, sample=self._last_sample) for event in self._lines.restart()]
        restarted = Event(EventKind.RESTARTED, self._last_sample, reason=broken.reason, message=str(broken))
        await self.inbox.put(Arrival([*told, restarted], life=self._life))

    def stop_reading(self) -> None:
        """Nobody reads any more: what waits is dropped, and so is what comes."""
        self._unread = True
        while not self.inbox.empty():
            self.inbox.get_nowait()  # the end is behind it

    def end(self) -> None:
        """Nothing more comes; wakes the reader."""
        if not self.inbox.full():
            self.inbox.put_nowait(None)
