"""Takes reports of one talk, gives them to its client in order, numbered, and no more of them than the client reads.

gRPC accepts minutes of motion for a client that reads nothing, so how far a client is behind is measured by its own
acknowledgements, less the time that the quickest of them took (the way there and back), and by writes that do not come
back. A client that is behind by more than `SLOW_S` gets one response
in that time until it has caught up (some acknowledge only when something comes), and pictures are not even drawn. When
it is heard of again, frames and sound older than that are dropped, oldest first, and counted. Until then its connection
may as well be breaking, so they are kept for `KEPT_S` for a client that comes back. (A burst loses nothing: its engine
waits for the client, see `messages.Read`.) What was sent is kept until it is acknowledged; of pictures only the newest.
Ready, Pong and Summary carry no number and are not kept. What it does not do: it ends no talk (`talk.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from visavis_runtime.serve.gateway.responses import (
    Response,
    response_of_echo,
    response_of_frames,
    response_of_notice,
    response_of_picture,
)  # fmt: skip
from visavis_runtime.serve.messages import Echo, Frames, Notice, Picture

SLOW_S = 0.5
KEPT_S = 2.0
JOINED_MOST = 12
"""Frames in one Motion."""
_SLOW_NS, _KEPT_NS = int(SLOW_S * 1e9), int(KEPT_S * 1e9)
_TRIP_MOST_NS = 1_000_000_000
"""No way there and back takes longer; whoever acknowledges later than that is slow."""
_SHED_EVERY_NS = 50_000_000
WAITING_MOST = 20_000
"""Reports that may wait; a minute of everything is far less."""


class Gone(Exception):
    """The client of this connection is not there any more."""


class Left(Gone):
    """The client has said that it goes."""


class TakenUp(Gone):
    """Another connection goes on with the talk."""


async def writing(write: Awaitable[None]) -> None:
    """Wait for something that is sent to the client. Raises Gone."""
    try:
        await write
    except asyncio.CancelledError:
        raise
    except Exception as error:  # gRPC has several, some of them private, for a client that is gone
        raise Gone from error


class _Sent:
    """A response that has been sent and not acknowledged; `response` is None for a picture that is not the newest."""

    __slots__ = ("response", "sample", "sent_ns", "sequence")

    def __init__(self, response: Response, *, sequence: int, sent_ns: int, sample: int) -> None:
        self.response: Response | None = response
        self.sequence, self.sent_ns, self.sample = sequence, sent_ns, sample


class Outbox:
    """What one talk has to say. `on_read` hears to which sample the client has read, `on_pictures` if it wants more."""

    def __init__(self, *, paced: bool, on_read: Callable[[int], None], on_pictures: Callable[[bool], None]) -> None:
        self.motion_frames = self.texture_frames = self.dropped_frames = 0
        self.first_voice_ns = 0
        """When the first frame was sent that had heard something."""
        self._paced = paced
        self._on_read, self._on_pictures = on_read, on_pictures
        self._plain: deque[Response] = deque()
        self._again: deque[_Sent] = deque()
        self._queue: deque[tuple[int, Any]] = deque()
        """When it was put (ns), and the report."""
        self._picture: Picture | None = None
        self._sent: deque[_Sent] = deque()
        self._last_picture: _Sent | None = None
        self._sequence = 0
        self._shed_ns = 0
        self._unsaid_drops = 0
        self._drop_sample = 0
        self._last: Callable[[], Response] | None = None
        self._done = False
        self._listening = True
        self._listening_since_ns = 0
        self._trip_ns = 0
        """The quickest acknowledgement on this connection; 0: none yet."""
        self._write_ns = self._numbered_ns = 0
        self._wanted = True
        self._awake = asyncio.Event()

    # --- what the talk has to say

    def put(self, report: Frames | Echo | Notice) -> None:
        """Frames, sound or an event."""
        now_ns = time.monotonic_ns()
        if now_ns - self._shed_ns > _SHED_EVERY_NS and self._is_slow(now_ns):
            self._shed(now_ns, keep_ns=_KEPT_NS)
        self._queue.append((now_ns, report))
        self._awake.set()

    def put_picture(self, picture: Picture) -> None:
        """The newest picture takes the place of one that still waits; a burst loses none."""
        if not self._paced:
            self._queue.append((time.monotonic_ns(), picture))
            self._awake.set()
            return
        if self._picture is not None:
            self.dropped_frames += 1
        self._picture = picture
        self._awake.set()

    def put_plain(self, response: Response) -> None:
        """Ready or Pong: before everything else, without a number."""
        self._plain.append(response)
        self._awake.set()

    def wake(self) -> None:
        """Time has passed."""
        self._awake.set()

    def finish(self, summary: Callable[[], Response]) -> None:
        """Nothing follows but this, made when everything else is out: it counts what was sent."""
        self._last = summary
        self._awake.set()

    @property
    def done(self) -> bool:
        """All is out."""
        return self._done

    # --- what the client has read

    def acknowledge(self, sequence: int) -> None:
        """The client has read everything up to here."""
        if not self._sent or self._sent[0].sequence > sequence:
            return
        oldest_ns = self._sent[0].sent_ns
        trip_ns = time.monotonic_ns() - self._forget(sequence)
        self._trip_ns = min(self._trip_ns or _TRIP_MOST_NS, trip_ns)
        self._go_on(since_ns=oldest_ns)

    def _forget(self, sequence: int) -> int:
        """Keep no longer what has been read; gives when the newest of it was sent."""
        sample, sent_ns = -1, 0
        while self._sent and self._sent[0].sequence <= sequence:
            sent = self._sent.popleft()
            sample, sent_ns = max(sample, sent.sample), sent.sent_ns
        if sample >= 0:
            self._on_read(sample)
        if not self._wanted:  # it was slow: what was held back may go now
            self._awake.set()
        return sent_ns

    def listen(self, listening: bool) -> None:
        """Whether acknowledgements are being read; while they are not, what is written counts as read."""
        self._listening, self._listening_since_ns = listening, time.monotonic_ns()
        if not listening and self._sent:
            self._on_read(max(sent.sample for sent in self._sent))
        self._awake.set()

    def excuse(self) -> None:
        """This process stood still and has heard nobody: how far the client is behind counts from now on."""
        self._listening_since_ns = time.monotonic_ns()
        self._write_ns = self._listening_since_ns if self._write_ns else 0

    def forgive(self, silent_ns: int) -> None:
        """The engine has said nothing for so long: nobody acknowledges what is not sent."""
        if self._sent:
            since_ns = max(self._sent[0].sent_ns, self._listening_since_ns)
            self._listening_since_ns = since_ns + silent_ns

    @property
    def flooded(self) -> bool:
        """More waits than any honest talk has to say."""
        return self._paced and len(self._queue) > WAITING_MOST

    def behind_s(self) -> float:
        """How far the client is behind."""
        return self._behind_ns(time.monotonic_ns()) * 1e-9

    def reopen(self, *, last_sequence: int) -> None:
        """Another connection takes over, whose client has everything up to `last_sequence`."""
        self._forget(last_sequence)
        now_ns = time.monotonic_ns()
        self._plain.clear()
        self._again = deque(sent for sent in self._sent if sent.response is not None)
        self._sent.clear()
        self._queue = deque((now_ns, report) for _, report in self._queue)
        self._listening, self._listening_since_ns, self._write_ns, self._trip_ns = True, now_ns, 0, 0

    # --- the way out

    async def drain(self, write: Callable[[Response], Awaitable[None]]) -> None:
        """Write until `finish` has been called and everything is out. Raises Gone."""
        while True:
            response = self._next()
            if response is None:
                if self._last is not None and not self._queue and not self._again:
                    await self._write(write, self._last())
                    self._done = True
                    return
                self._awake.clear()
                await self._awake.wait()
                continue
            await self._write(write, response)
            if not self._listening and self._sent and self._sent[-1].sample >= 0:
                self._on_read(self._sent[-1].sample)

    async def _write(self, write: Callable[[Response], Awaitable[None]], response: Response) -> None:
        self._write_ns = time.monotonic_ns()
        await writing(write(response))
        self._go_on(since_ns=self._write_ns)
        self._write_ns = 0

    def _next(self) -> Response | None:
        """What is to be written now."""
        if self._plain:
            return self._plain.popleft()
        now_ns = time.monotonic_ns()
        slow = self._is_slow(now_ns)
        if slow == self._wanted and self._paced:
            self._wanted = not slow
            self._on_pictures(self._wanted)
        if slow and self._paced and now_ns - self._numbered_ns < _SLOW_NS:
            return None
        self._numbered_ns = now_ns
        if self._again:
            sent = self._again.popleft()
            sent.sent_ns = now_ns
            self._sent.append(sent)
            return sent.response
        if self._unsaid_drops:
            count, self._unsaid_drops = self._unsaid_drops, 0
            return self._number(Notice(0, "DROPPED", self._drop_sample, count=count), now_ns=now_ns)
        report: Frames | Echo | Notice | Picture | None = self._queue.popleft()[1] if self._queue else self._picture
        if report is None:
            return None
        if report is self._picture:
            self._picture = None
        return self._number(report, now_ns=now_ns)

    def _number(self, report: Frames | Echo | Notice | Picture, *, now_ns: int) -> Response:
        """The next response, numbered and kept."""
        self._sequence = sequence = self._sequence + 1
        sample = -1
        if type(report) is Frames:
            reports = self._joined(report)
            response = response_of_frames(reports, sequence=sequence, sent_ns=now_ns)
            sample = reports[-1].samples[-1]
            self.motion_frames += len(response.motion.sample_indices)
            self._note_voice(report.received_ns, now_ns=now_ns)
        elif type(report) is Notice:
            response = response_of_notice(report, sequence=sequence, sent_ns=now_ns)
            if report.kind == "LINE_FINISHED":  # of a line without sound there is nothing else to read
                sample = report.sample
        elif type(report) is Echo:
            response = response_of_echo(report, sequence=sequence, sent_ns=now_ns)
        else:
            assert type(report) is Picture
            response = response_of_picture(report, sequence=sequence, sent_ns=now_ns)
            sample = report.sample
            self.texture_frames += 1
            self._note_voice(report.received_ns, now_ns=now_ns)
            if self._last_picture is not None:
                self._last_picture.response = None
        sent = _Sent(response, sequence=sequence, sent_ns=now_ns, sample=sample)
        self._sent.append(sent)
        if type(report) is Picture:
            self._last_picture = sent
        return response

    def _joined(self, first: Frames) -> list[Frames]:
        """The frames and those of the same line that wait right behind them."""
        reports, count, queue = [first], len(first.samples), self._queue
        while queue and count < JOINED_MOST:
            following = queue[0][1]
            if type(following) is not Frames or following.line != first.line:
                break
            queue.popleft()
            reports.append(following)
            count += len(following.samples)
        return reports

    def _note_voice(self, received_ns: int, *, now_ns: int) -> None:
        if received_ns and not self.first_voice_ns:
            self.first_voice_ns = now_ns

    def _behind_ns(self, now_ns: int) -> int:
        """Since when a write hangs, or the oldest response waits to be acknowledged."""
        behind = now_ns - self._write_ns if self._write_ns else 0
        if self._listening and self._sent:
            behind = max(behind, now_ns - max(self._sent[0].sent_ns, self._listening_since_ns))
        return behind

    def _is_slow(self, now_ns: int) -> bool:
        return self._behind_ns(now_ns) > _SLOW_NS + self._trip_ns

    def _go_on(self, *, since_ns: int) -> None:
        """What was written at `since_ns` has got somewhere: a client that was slow goes on with what is new."""
        now_ns = time.monotonic_ns()
        if now_ns - since_ns > _SLOW_NS + self._trip_ns:
            self._shed(now_ns, keep_ns=_SLOW_NS)

    def _shed(self, now_ns: int, *, keep_ns: int) -> None:
        """Drop frames and sound that have waited for longer than `keep_ns`."""
        self._shed_ns = now_ns
        if not self._paced:
            return
        kept: deque[tuple[int, Any]] = deque()
        for put_ns, report in self._queue:
            if type(report) is Notice or now_ns - put_ns <= keep_ns:
                kept.append((put_ns, report))
            elif type(report) is Frames:
                self._unsaid_drops += len(report.samples)
                self.dropped_frames += len(report.samples)
                self._drop_sample = report.samples[-1]
        self._queue = kept
