"""One live talk: say lines, iterate over frames, steer, interrupt, finish.

Frames come on one clock, in order, as `MotionFrame`, `TextureFrame`, `AudioFrame` and `Event`. Reading is what keeps a
talk alive: frames are acknowledged when they are handed out, and who leaves them unread for seconds is a slow consumer
whom the server lets go. What it does not do: no playing of sound, no drawing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from types import TracebackType

from visavis.audio import Audio, check_kind, is_whole, pcm_of, pieces_of
from visavis.connection import Connection
from visavis.conversation import Conversation, talk_over
from visavis.errors import InputError
from visavis.frames import Frame, Ready, Summary
from visavis.line import Cue, Line
from visavis.lines import ID_CHARS, Lines
from visavis.reader import Reader
from visavis.v1 import talk_pb2
from visavis.wishes import Control, TalkOptions, check_line_rate

LEAVE_S = 0.5
"""A server that is not heard to let the talk go within this time finds the call cancelled."""


class Talk:
    """A talk of a client: `async with client.talk(...) as talk`.

    ```
    await talk.say(audio)
    talk.end()
    async for frame in talk: ...
    ```
    """

    def __init__(self, connection: Connection, *, options: TalkOptions) -> None:
        """Nothing happens before `async with`."""
        self._connection = connection
        self._options = options
        self._conversation: Conversation | None = None
        self._running: asyncio.Task[None] | None = None
        self._feeding: set[asyncio.Task[None]] = set()
        self._reader = Reader(self._talking)
        self._lines = Lines(sample_rate_hz=options.sample_rate_hz)

    async def __aenter__(self) -> Talk:
        """Open the talk; `ready` is known afterwards.

        Raises:
            UnavailableError: no server there. CapacityError: it is full, see `retry_s`. MissingError: no such avatar.
            AccessError, DeniedError, InputError, ProtocolError: what the server says.
        """
        self._conversation = Conversation(self._connection, options=self._options, lines=self._lines)
        self._running = asyncio.create_task(self._conversation.run())
        try:
            self._ready = await asyncio.shield(self._conversation.ready)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the talk; what was not said is dropped (see `finish`)."""
        await self.close()

    async def close(self) -> None:
        """End the talk at once; the server is told, so that its place is free."""
        self._reader.over = True
        tasks = [*self._feeding, *([self._running] if self._running is not None else [])]
        try:
            if self._conversation is not None and self._running is not None:
                with suppress(asyncio.TimeoutError):
                    if await asyncio.wait_for(self._conversation.leave(), LEAVE_S):
                        await asyncio.wait({self._running}, timeout=LEAVE_S)
        finally:
            for task in tasks:
                task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    @property
    def ready(self) -> Ready:
        """What the server said: names, rates, latency, seed, limits."""
        return self._ready

    @property
    def summary(self) -> Summary | None:
        """How the talk went; None before its end."""
        return self._talking().arrivals.summary

    # --- saying ------------------------------------------------------------------------------------------------------

    async def say(self, audio: Audio, *, sample_rate_hz: int | None = None, line: str = "") -> Line:
        """Queue a line and give it back at once; it is sent behind the lines before it.

        `audio`: float32 (-1..1) or int16 [n] or [n, 1 or 2], bytes of int16 mono, or a plain or asynchronous iterator
        of these (a plain one may block). `sample_rate_hz` only guards against a mistake: it is chosen in `Client.talk`.
        `line`: an id of your own, once per talk.

        What is wrong with a piece of an iterator, and whatever the iterator itself raises, ends the talk: the exception
        comes out where frames are read and of `Line.finished`. To keep the talk, end the iterator instead.

        Raises:
            InputError: AUDIO_RATE, AUDIO_FORMAT, AUDIO_CONTAINER (a file is to be decoded first), AUDIO_CHANNELS,
                AUDIO_ALIGNMENT, AUDIO_NOT_FINITE, AUDIO_EMPTY, LINE_TWICE, LINE_ID, TALK_ENDED.
            VisavisError: the talk has failed.
        """
        if sample_rate_hz is not None:
            check_line_rate(sample_rate_hz, talk_hz=self._options.sample_rate_hz)
        check_kind(audio)
        self._check_open()
        if not is_whole(audio):
            pieces = pieces_of(audio)  # type: ignore[arg-type]
            spoken = self._lines.add(line, wait=self._reader.wait)
            feeding = asyncio.create_task(self._feed(spoken, pieces))
            self._feeding.add(feeding)
            feeding.add_done_callback(self._feeding.discard)
            return spoken
        pcm = pcm_of(audio)  # type: ignore[arg-type]
        if not pcm:
            raise InputError("The line has no samples: give at least one.", reason="AUDIO_EMPTY")
        spoken = self._lines.add(line, wait=self._reader.wait)
        spoken.add(pcm)
        spoken.complete = True
        self._lines.changed.set()
        return spoken

    def _check_open(self) -> None:
        talking = self._talking()
        if talking.failure is not None:
            raise talking.failure
        if talking.ended.is_set():
            raise InputError("end() was called: this talk takes no more lines.", reason="TALK_ENDED")
        if talking.over or self._reader.over:
            raise talk_over()

    async def _feed(self, line: Line, pieces: AsyncIterator[bytes]) -> None:
        """Take a line's pieces as they come."""
        try:
            await self._lines.feed(line, pieces)
        except Exception as error:  # of the user's own code: it must not be lost with this task
            self._talking().fail(error)

    async def interrupt(self) -> None:
        """Barge-in: drop everything that is queued; the mouth shuts within 120 ms.

        Lines that were on their way end with an Event LINE_INTERRUPTED.

        Raises:
            VisavisError: the talk has failed.
        """
        talking = self._talking()
        if talking.failure is not None:
            raise talking.failure
        if self._lines.interrupt():
            await talking.send(talk_pb2.TalkRequest(interrupt=talk_pb2.Interrupt()))

    async def control(
        self,
        *,
        gaze: tuple[float, float] | None = None,
        distance: float | None = None,
        emotion: Mapping[str, float] | None = None,
        head_gain: float | None = None,
        lip_gain: float | None = None,
        blink_rate: float | None = None,
        regions: Collection[str] | None = None,
        at_sample: int | None = None,
        line: Line | str | None = None,
    ) -> None:
        """Change what is given, leave the rest; the face eases into it in 300 ms. See `Control` for ranges and units.

        `at_sample`: of `line` at the talk's own rate, or of the talk's clock (16 kHz) without one; else at once.

        Raises:
            InputError: CONTROL_RANGE, CONTROL_TYPE, EMOTION_UNKNOWN, REGION_UNKNOWN, LINE_UNKNOWN, TALK_ENDED.
            VisavisError: the talk has failed.
        """
        wish = Control(
            gaze=gaze, distance=distance, emotion=emotion, head_gain=head_gain, lip_gain=lip_gain,
            blink_rate=blink_rate, regions=regions,
        )  # fmt: skip
        if line is not None:
            self._lines.find(line).cues.append(Cue(at_sample or 0, control=wish))
            self._lines.changed.set()
            return
        talking = self._talking()
        if talking.ended.is_set() and not self._lines.open and talking.failure is None:
            raise InputError("The talk has ended: there is no face to steer any more.", reason="TALK_ENDED")
        self._lines.control = wish.over(self._lines.control)
        await talking.steer(wish, at_sample=at_sample)

    async def mark(self, line: Line | str, sample: int, name: str) -> None:
        """Ask for an Event MARKER when the face gets to this sample of the line (at the talk's own rate).

        Raises:
            InputError: LINE_UNKNOWN, MARKER_NAME.
        """
        if not 0 < len(name) <= ID_CHARS:
            raise InputError(
                f"The name of the marker has {len(name)} characters; 1 to {ID_CHARS} are allowed.", reason="MARKER_NAME"
            )
        self._lines.find(line).cues.append(Cue(sample, name=name))
        self._lines.changed.set()

    # --- hearing -----------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """No more lines come: iteration ends when everything queued has been said."""
        self._talking().ended.set()
        self._lines.changed.set()

    async def finish(self) -> Summary:
        """`end`, wait for the last frame, and tell how the talk went.

        Frames that nobody iterates over are dropped meanwhile.

        Raises:
            VisavisError: the talk has failed.
        """
        self.end()
        await asyncio.sleep(0)
        await self._reader.drain()
        return self.summary or Summary()

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Frames and events in order, until the talk is over; leave and come back as you like, but read in one place.

        Raises:
            InputError: TALK_READ_TWICE, for a loop that asks while another one waits for the next frame.
            Exception: what an iterator of audio has raised.
            VisavisError: the talk has failed: LimitError SLOW_CONSUMER, UnavailableError after `reconnect_s`, ...
        """
        return self._reader.frames()

    def _talking(self) -> Conversation:
        if self._conversation is None:
            raise InputError("The talk is not open: use `async with client.talk(...) as talk`.", reason="TALK_CLOSED")
        return self._conversation
