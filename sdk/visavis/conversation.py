"""The streams of one talk, one after another: opens the first, reads, and takes the talk up when its connection breaks.

A broken connection is taken up within the server's `resume_s`: nothing is lost and nothing handed out twice. A server
that has lost the talk gets a new one that starts from the last latents, on the same clock, and says what had not been
said (Event RESTARTED). What it does not do: the interface for people (`talk.py`), the order of what is sent
(`lines.py`), what has arrived (`arrivals.py`).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from visavis.arrivals import Arrivals
from visavis.connection import Connection
from visavis.errors import CapacityError, MissingError, OrderError, ProtocolError, UnavailableError, VisavisError
from visavis.frames import Ready
from visavis.keepalive import tend, watch
from visavis.lines import Lines
from visavis.streams import TalkStream, open_stream
from visavis.v1 import talk_pb2
from visavis.wire import control_message, ready_of, start_message
from visavis.wishes import Control, TalkOptions

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 1.0
NOTICE_S = 0.01
"""After a write that failed: the reader is about to notice."""
LOOK_S = 0.1
"""Who waits for a stream looks this often whether the talk has failed."""


def talk_over() -> UnavailableError:
    """Nothing more can be said in this talk."""
    return UnavailableError("The talk is over: begin another one.", reason="TALK_OVER")


class Conversation:
    """One talk on the wire. `run` is its life; when it is `over`, nothing more comes into `arrivals`."""

    def __init__(self, connection: Connection, *, options: TalkOptions, lines: Lines) -> None:
        self._connection = connection
        self._options = options
        self._lines = lines
        self.arrivals = Arrivals(lines=lines)
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self.failure: Exception | None = None
        """An error of ours, or what the user's own iterator of audio has raised."""
        self.ended = asyncio.Event()
        """Set by `Talk.end`: no more lines come."""
        self._stream: TalkStream | None = None
        self._closed: TalkStream | None = None
        """The one whose sending side we have closed."""
        self._stream_open = asyncio.Event()
        self._token = ""
        self._left = False
        """We have said that we go."""
        self.over = False

    async def run(self) -> None:
        """Talk until it is over; never raises what belongs to the talk, see `failure`."""
        workers: list[asyncio.Task[None]] = []
        try:
            await self._begin()
            workers = [
                asyncio.create_task(self._send_lines()),
                asyncio.create_task(tend(self._opened, arrivals=self.arrivals, said_all=self._said_all)),
                asyncio.create_task(watch(self._opened, arrivals=self.arrivals)),
            ]
            while (broken := await self._read_all()) is not None:
                await self._take_up(broken)
        except VisavisError as error:
            self.fail(error)
        finally:
            self._stream_open.clear()
            for worker in workers:
                worker.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
            if self._stream is not None:
                self._stream.cancel()
            self.over = True
            self._lines.fail(self.failure or talk_over())
            self.arrivals.end()
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, VisavisError):
                raise result  # a bug of ours: not to be lost

    def fail(self, error: Exception) -> None:
        """End the talk with an error, which the next reader hears."""
        if self.failure is None:
            self.failure = error
            self._lines.fail(error)
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()
        if self._stream is not None:
            self._stream.cancel()

    async def leave(self) -> bool:
        """Say that we go for good; `run` ends when the server has heard it. False: there is no stream to say it on."""
        stream = self._stream
        if self.over or stream is None or stream is self._closed or not self._stream_open.is_set():
            return False
        self._left = True
        self.arrivals.stop_reading()
        return await stream.write(talk_pb2.TalkRequest(leave=talk_pb2.Leave()))

    # --- opening -----------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        latents = self._options.from_latents
        start = start_message(
            self._options,
            control=self._options.control,
            from_latents=[] if latents is None else [float(value) for value in latents],
        )
        self._lines.control = self._options.control
        ready, _ = await self._open(start)
        self.ready.set_result(ready)
        self._stream_open.set()

    async def _open(self, start: talk_pb2.TalkRequest) -> tuple[Ready, talk_pb2.Ready]:
        """Another stream; it is not yet told to those who write."""
        stream, message = await open_stream(self._connection, start, pictures=self._options.textures is not None)
        self._stream = stream
        ready = ready_of(message)
        self._token = message.resume_token
        self._lines.ahead_s = ready.limits.ahead_s
        return ready, message

    # --- reading -----------------------------------------------------------------------------------------------------

    async def _read_all(self) -> UnavailableError | None:
        """Read until the stream ends. None: the talk is over; an error: its connection broke."""
        stream = self._stream
        assert stream is not None
        try:
            while (response := await stream.read()) is not None:
                await self.arrivals.take(response)
        except UnavailableError as broken:
            return None if self.failure is not None or self._left else broken
        except asyncio.CancelledError:
            if self.failure is None:
                raise  # by Talk.close, or the client was closed under the talk
            return None
        goes_on = self.arrivals.leaving and not self._said_all()
        if self._left or (self.arrivals.summary is not None and not goes_on):
            return None
        return UnavailableError("The server has ended the talk.", reason="GOODBYE")

    # --- taking up ---------------------------------------------------------------------------------------------------

    async def _take_up(self, broken: VisavisError) -> None:
        """Open the talk again, or raise UnavailableError after `reconnect_s`."""
        self._stream_open.clear()
        broke_s, wait_s = time.monotonic(), FIRST_WAIT_S
        resume_s = (await self.ready).limits.resume_s
        token = self._token if broken.reason != "GOODBYE" else ""
        while self.failure is None:
            resuming = bool(token) and time.monotonic() - broke_s <= resume_s
            try:
                _, answer = await self._open(self._start_again((token, self.arrivals.newest) if resuming else None))
                break
            except (ProtocolError, MissingError, OrderError):
                if not resuming:
                    raise
                token = ""  # the server does not know the talk any more
            except VisavisError as refused:
                if not refused.retryable:
                    raise
                if isinstance(refused, CapacityError):  # one that stops may be back sooner than it says
                    wait_s = max(wait_s, refused.retry_s)
                if time.monotonic() + wait_s - broke_s > self._options.reconnect_s:
                    raise UnavailableError(
                        f"The talk broke off and could not be taken up for {self._options.reconnect_s:g} s: {refused}",
                        reason=refused.reason,
                    ) from None
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        else:
            raise self.failure
        if answer.resumed:
            await self._resumed(answer)
        else:
            await self.arrivals.restart(broken, motion_fps=(await self.ready).motion_fps or 60)
        self._stream_open.set()

    def _start_again(self, resume: tuple[str, int] | None) -> talk_pb2.TalkRequest:
        latents = self.arrivals.last_latents
        return start_message(self._options, control=self._lines.control, from_latents=latents, resume=resume)

    async def _resumed(self, answer: talk_pb2.Ready) -> None:
        stream = self._stream
        assert stream is not None
        if self._lines.rewind({line.line_id: line.sample_count for line in answer.received}):
            await stream.write(talk_pb2.TalkRequest(interrupt=talk_pb2.Interrupt()))
        if self._lines.control != Control():
            await stream.write(talk_pb2.TalkRequest(control=control_message(self._lines.control)))

    # --- writing -----------------------------------------------------------------------------------------------------

    async def steer(self, wish: Control, *, at_sample: int | None) -> None:
        """Send a wish; `at_sample` on the clock of the whole talk, None: at once."""
        at = None if at_sample is None else max(0, at_sample - self.arrivals.clock_base)
        await self.send(talk_pb2.TalkRequest(control=control_message(wish, at_sample=at)))

    async def send(self, request: talk_pb2.TalkRequest) -> None:
        """Write on the stream that is open, or the next one. Raises the failure of the talk."""
        while not await (await self._opened()).write(request):
            await asyncio.sleep(NOTICE_S)

    async def _opened(self) -> TalkStream:
        """The stream that is open. Raises the failure of the talk."""
        while not self._stream_open.is_set():
            if self.failure is not None or self.over:
                raise self.failure or talk_over()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._stream_open.wait(), LOOK_S)
        assert self._stream is not None
        return self._stream

    async def _send_lines(self) -> None:
        """Lines in their order, and the end of the sending side when all of them are over."""
        while True:
            stream = await self._opened()
            self._lines.changed.clear()
            request = self._lines.next_request()
            if request is not None:
                if not await stream.write(request):
                    await asyncio.sleep(NOTICE_S)
                continue
            if self._said_all() and self._closed is not stream:
                self._closed = stream
                await stream.close_writing()
            await self._lines.changed.wait()

    def _said_all(self) -> bool:
        """No more lines come, and the face has finished all there were."""
        return self.ended.is_set() and not self._lines.open
