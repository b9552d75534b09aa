"""One character: a named talk that is kept alive, its frames as messages, its lines by number.

A talk that breaks is taken up by the SDK for `RECONNECT_S`, so that a blip loses nothing. A longer outage ends its
lines (their sound is over by then) and another talk begins from the same face as soon as a server answers, for as long
as it takes. Engines hear AWAY and READY. What it does not do: no sockets, and no checking of what JSON says.
"""

from __future__ import annotations

import asyncio
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
from visavis.errors import InputError, UnavailableError, VisavisError
from visavis.frames import Latents
from visavis_bridge.messages import Messages, line_number
from visavis_bridge.presence import Presence
from visavis_bridge.requests import CharacterOptions
from visavis_bridge.spoken import Tell
from visavis_bridge.spoken_lines import SpokenLines
from visavis_bridge.wire import Message

RECONNECT_S = 2.0
AGAIN_S = 0.25
"""Between two tries to begin a talk while no server answers."""
REFUSED_S = 5.0
"""The same while one answers and refuses."""
ENDS = (EventKind.LINE_FINISHED, EventKind.LINE_INTERRUPTED)


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
        self._presence = Presence(name, messages=self._messages, publish=publish)
        self._lines = SpokenLines(name, said=said)
        self._control = Control()
        self._latents: Latents | None = None
        self._sample = self._sample_base = 0
        self._line = 0

    @property
    def said(self) -> int:
        """Lines up to now, of those before it too."""
        return self._lines.said

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
        self._presence.seen(sample=self._sample)
        if not self.tried.done():
            self.tried.set_result(None)

    async def _lose(self, failure: VisavisError) -> None:
        """The talk is over: its lines too."""
        self._talk = None
        if not self.tried.done():
            self.tried.set_result(failure)
        self._end_all(failure.reason)
        self._presence.lost(failure.reason, message=str(failure), sample=self._sample)

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
        self._presence.seen(sample=self._sample)
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
        spoken = self._lines.happened(number, event.kind.value)
        if spoken is not None:
            spoken.tell(message)

    def _end(self, number: int, name: str, *, sample: int | None = None, reason: str = "") -> None:
        """A line is over, once."""
        spoken = self._lines.end(number, name)
        if spoken is None:
            return
        at = self._sample if sample is None else sample
        message = self._messages.happened(name, line=number, sample=at, reason=reason)
        self._publish(message)
        spoken.tell(message)

    def _end_all(self, reason: str) -> None:
        for spoken in self._lines:
            self._end(spoken.number, EventKind.LINE_INTERRUPTED.value, reason=reason)

    async def tick(self) -> None:
        """Notice what no frame tells: a server that is silent, lines that ended without a frame."""
        self._presence.look(sample=self._sample)
        for spoken in self._lines:
            if spoken.line is not None and spoken.line.over and self._talk is not None:
                whole = await spoken.line.finished()
                self._end(spoken.number, ENDS[0 if whole else 1].value)

    def beat(self) -> None:
        """Say again what late joiners have to know."""
        self._publish(self._messages.names(self.state(), line=self._line, sample=self._sample))

    def state(self) -> dict[str, Any]:
        """How it is now; the payload of NAMES and of the answer to STATE."""
        ready = self._talk.ready if self._talk is not None else None
        return {
            "state": "live" if self._presence.live else "away",
            "reason": self._presence.trouble,
            "space": SPACE,
            "names": NAMES,
            "options": asdict(self.options),
            "latency_ms": round(ready.latency_ms, 1) if ready else 0.0,
            "ai_generated": ready.ai_generated if ready else True,
            "lines": {str(number): name for number, name in self._lines.last_events.items()},
        }

    # --- what engines ask --------------------------------------------------------------------------------------------

    def _talking(self) -> Talk:
        if self._talk is None or not self._presence.live:
            raise UnavailableError(
                f"{self.name} is away ({self._presence.trouble or 'it is just beginning'}): wait for the event READY.",
                reason="CHARACTER_AWAY",
            )
        return self._talk

    async def say(self, pcm: bytes, *, rate_hz: int, last: bool, tell: Tell) -> int:
        """Queue a line; gives its number.

        Raises:
            InputError, LimitError: as `Spoken`. LimitError: LINES_QUEUED. UnavailableError: CHARACTER_AWAY.
        """
        talk = self._talking()
        spoken = await self._lines.begin(pcm, rate_hz=rate_hz, last=last, tell=tell)
        spoken.line = await talk.say(spoken, line=str(spoken.number))
        self._lines.add(spoken)
        return spoken.number

    async def add(self, number: int, pcm: bytes, *, last: bool) -> None:
        """More of a line.

        Raises:
            MissingError: LINE_UNKNOWN. InputError, LimitError: as `Spoken`.
        """
        await self._lines.find(number).feed(pcm, last=last)

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
            await self._talking().control(**wishes, line=self._lines.find(line).line, at_sample=max(0, line_sample))
            return
        self._control = wish.over(self._control)
        if self._talk is not None:
            await self._talk.control(**vars(wish))
