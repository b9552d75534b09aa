"""One character: a named talk that is kept alive, its frames as messages, its lines by number.

A talk that breaks is taken up by the SDK for `RECONNECT_S`, so that a blip loses nothing. A longer outage ends its
lines (their sound is over by then) and another talk begins from the same face as soon as a server answers, for as long
as it takes. Engines hear AWAY and READY. What it does not do: no sockets, and no checking of what JSON says.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from visavis import (
    NAMES,
    SAMPLE_RATE_HZ,
    SPACE,
    AudioFrame,
    Client,
    Control,
    Event,
    EventKind,
    Frame,
    MotionFrame,
    Talk,
)
from visavis.errors import InputError, LimitError, MissingError, UnavailableError, VisavisError
from visavis.frames import Latents
from visavis_bridge.messages import Messages, line_number
from visavis_bridge.requests import CharacterOptions
from visavis_bridge.spoken import Spoken, Tell
from visavis_bridge.wire import Message

RECONNECT_S = 2.0
AGAIN_S = 0.25
"""Between two tries to begin a talk while no server answers."""
REFUSED_S = 5.0
"""The same while one answers and refuses."""
AWAY_S = 1.0
"""Without a frame for so long the server counts as away."""
LINES_MOST = 32
ENDS_KEPT = 16
ENDS = (EventKind.LINE_FINISHED, EventKind.LINE_INTERRUPTED)

log = logging.getLogger(__name__)


class Sink(Protocol):
    """What takes the motion of every character in a form of its own, at once and without waiting."""

    def send(self, character: str, frame: MotionFrame) -> None:
        """One frame."""


class Character:
    """`run` is its life. `publish` takes every message that all may see."""

    def __init__(
        self, name: str, *, client: Client, options: CharacterOptions, publish: Callable[[Message], None],
        sinks: Sequence[Sink] = (), said: int = 0,
    ) -> None:  # fmt: skip
        self.name = name
        self.options = options
        self.tried: asyncio.Future[VisavisError | None] = asyncio.get_running_loop().create_future()
        """How the first try to begin went."""
        self.asking = asyncio.Lock()
        """Requests for one character are answered one after the other."""
        self._client = client
        self._publish = publish
        self._sinks = sinks
        self._messages = Messages(name)
        self._talk: Talk | None = None
        self._live = False
        self._trouble = ""
        self._lines: dict[int, Spoken] = {}
        self._last_events: dict[int, str] = {}
        self.said = said
        """Lines up to now, of those before it too: engines that are still there keep the numbers of theirs."""
        self._control = Control()
        self._latents: Latents | None = None
        self._sample = self._sample_base = 0
        self._line = 0
        self._frame_s = 0.0

    # --- its life ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Talk for ever; ends by being cancelled, and its lines with it."""
        try:
            await self._talk_on()
        finally:
            self._end_all("CLOSED")

    async def _talk_on(self) -> None:
        while True:
            try:
                async with self._client.talk(
                    **asdict(self.options), control=self._control, from_latents=self._latents, reconnect_s=RECONNECT_S
                ) as talk:
                    self._begin(talk)
                    async for frame in talk:
                        self._take(frame)
                failure: VisavisError = UnavailableError("The server has ended the talk.", reason="GOODBYE")
            except VisavisError as error:
                failure = error
            await self._lose(failure)
            soon = isinstance(failure, UnavailableError) or self._control_dropped(failure)
            await asyncio.sleep(failure.retry_s or (AGAIN_S if soon else REFUSED_S))

    def _control_dropped(self, failure: VisavisError) -> bool:
        """Whether there were wishes that may have been refused: they must not end every talk."""
        dropped = isinstance(failure, InputError) and self._control != Control()
        if dropped:
            self._control = Control()
        return dropped

    def _begin(self, talk: Talk) -> None:
        self._talk = talk
        if self._latents is not None:  # one frame after the last of the talk before
            self._sample_base = self._sample + SAMPLE_RATE_HZ // self.options.motion_fps
        self._return()
        if not self.tried.done():
            self.tried.set_result(None)

    async def _lose(self, failure: VisavisError) -> None:
        """The talk is over: its lines too."""
        self._talk = None
        if not self.tried.done():
            self.tried.set_result(failure)
        self._end_all(failure.reason)
        self._away(failure.reason, message=str(failure))

    def _return(self) -> None:
        self._frame_s = time.monotonic()
        if not self._live:
            self._live, self._trouble = True, ""
            self._publish(self._messages.happened("READY", sample=self._sample))

    def _away(self, reason: str, *, message: str) -> None:
        if self._live or self._trouble != reason:
            self._trouble = reason
            self._live = False
            log.warning("%s is away: %s [%s]", self.name, message, reason)
            self._publish(self._messages.happened("AWAY", sample=self._sample, reason=reason, message=message))

    # --- frames ------------------------------------------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, AudioFrame):
            return
        if isinstance(frame, Event):
            self._take_event(frame)
            return
        # One clock for all talks of this character.
        self._sample = max(self._sample, self._sample_base + frame.sample)
        self._line = line_number(frame.line)
        self._return()
        if isinstance(frame, MotionFrame):
            self._latents = frame.latents
            self._publish(self._messages.motion(frame, rate_hz=self.options.motion_fps, base=self._sample_base))
            for sink in self._sinks:
                sink.send(self.name, frame)
        else:
            self._publish(self._messages.texture(frame, rate_hz=self.options.texture_fps, base=self._sample_base))

    def _take_event(self, event: Event) -> None:
        number = line_number(event.line)
        if event.kind in ENDS:
            self._end(number, event.kind.value, sample=self._sample_base + event.sample, reason=event.reason)
            return
        message = self._messages.event(event, base=self._sample_base)
        self._publish(message)
        if number in self._lines:
            self._last_events[number] = event.kind.value
            self._lines[number].tell(message)

    def _end(self, number: int, name: str, *, sample: int | None = None, reason: str = "") -> None:
        """A line is over, once."""
        spoken = self._lines.pop(number, None)
        if spoken is None:
            return
        self._last_events[number] = name
        at = self._sample if sample is None else sample
        message = self._messages.happened(name, line=number, sample=at, reason=reason)
        self._publish(message)
        spoken.tell(message)

    def _end_all(self, reason: str) -> None:
        for number in list(self._lines):
            self._end(number, EventKind.LINE_INTERRUPTED.value, reason=reason)

    async def tick(self) -> None:
        """Notice what no frame tells: a server that is silent, lines that ended without a frame."""
        if self._live and time.monotonic() - self._frame_s > AWAY_S:
            self._away("SERVER_SILENT", message=f"No frame came for {AWAY_S:g} s: it is taken up again.")
        for number, spoken in list(self._lines.items()):
            if spoken.line is not None and spoken.line.over and self._talk is not None:
                whole = await spoken.line.finished()
                self._end(number, ENDS[0 if whole else 1].value)

    def beat(self) -> None:
        """Say again what late joiners have to know."""
        self._publish(self._messages.names(self.state(), line=self._line, sample=self._sample))

    def state(self) -> dict[str, Any]:
        """How it is now; the payload of NAMES and of the answer to STATE."""
        ready = self._talk.ready if self._talk is not None else None
        return {
            "state": "live" if self._live else "away",
            "reason": self._trouble,
            "space": SPACE,
            "names": NAMES,
            "options": asdict(self.options),
            "latency_ms": round(ready.latency_ms, 1) if ready else 0.0,
            "ai_generated": ready.ai_generated if ready else True,
            "lines": {str(number): name for number, name in self._last_events.items()},
        }

    # --- what engines ask --------------------------------------------------------------------------------------------

    def _talking(self) -> Talk:
        if self._talk is None or not self._live:
            raise UnavailableError(
                f"{self.name} is away ({self._trouble or 'it is just beginning'}): wait for the event READY.",
                reason="CHARACTER_AWAY",
            )
        return self._talk

    async def say(self, pcm: bytes, *, rate_hz: int, last: bool, tell: Tell) -> int:
        """Queue a line; gives its number.

        Raises:
            InputError, LimitError: as `Spoken`. LimitError: LINES_QUEUED. UnavailableError: CHARACTER_AWAY.
        """
        talk = self._talking()
        if len(self._lines) >= LINES_MOST:
            raise LimitError(
                f"{LINES_MOST} lines of {self.name} wait: interrupt, or say more later.", reason="LINES_QUEUED"
            )
        spoken = Spoken(self.said + 1, rate_hz=rate_hz, tell=tell)
        await spoken.feed(pcm, last=last)
        self.said += 1
        spoken.line = await talk.say(spoken, line=str(spoken.number))
        self._lines[spoken.number] = spoken
        self._last_events[spoken.number] = "QUEUED"
        while len(self._last_events) > ENDS_KEPT + LINES_MOST:
            del self._last_events[next(iter(self._last_events))]
        return spoken.number

    async def add(self, number: int, pcm: bytes, *, last: bool) -> None:
        """More of a line.

        Raises:
            MissingError: LINE_UNKNOWN. InputError, LimitError: as `Spoken`.
        """
        await self._spoken(number).feed(pcm, last=last)

    def _spoken(self, number: int) -> Spoken:
        if number not in self._lines:
            raise MissingError(
                f"The line {number} of {self.name} is over or was never said: say it first.", reason="LINE_UNKNOWN"
            )
        return self._lines[number]

    async def interrupt(self) -> None:
        """Barge-in. Raises UnavailableError CHARACTER_AWAY."""
        await self._talking().interrupt()
        await self.tick()

    async def control(self, wish: Control, *, line: int = 0, line_sample: int = 0) -> None:
        """Change what is wished for; at a sample (16 kHz) of a line if one is given, else at once.

        Raises:
            MissingError: LINE_UNKNOWN. UnavailableError: CHARACTER_AWAY.
        """
        if line:
            wishes = {key: value for key, value in vars(wish).items() if value is not None}
            await self._talking().control(**wishes, line=self._spoken(line).line, at_sample=max(0, line_sample))
            return
        self._control = wish.over(self._control)
        if self._talk is not None:
            await self._talk.control(**vars(wish))
