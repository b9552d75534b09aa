"""Takes reports of one talk, gives them to its client in order, numbered, and no more of them than the client reads.

A client that is behind (`unread.py`) by more than `SLOW_S` gets one response in that time until it has caught up (some
acknowledge only when something comes), and pictures are not even drawn. When it is heard of again, frames and sound
older than that are dropped, oldest first, and counted. Until then its connection may as well be breaking, so they are
kept for `KEPT_S` for a client that comes back. (A burst loses nothing: its engine waits, see `messages.Read`.)
Ready, Pong and Summary carry no number and are not kept. What it does not do: it ends no talk (`talk.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from visavis_runtime.serve.gateway.gone import writing
from visavis_runtime.serve.gateway.responses import (
    Response,
    response_of_echo,
    response_of_frames,
    response_of_notice,
    response_of_picture,
)  # fmt: skip
from visavis_runtime.serve.gateway.unread import SLOW_S, Sent, Unread
from visavis_runtime.serve.messages import Echo, Frames, Notice, Picture

KEPT_S = 2.0
JOINED_MOST = 12
"""Frames in one Motion."""
_SLOW_NS, _KEPT_NS = int(SLOW_S * 1e9), int(KEPT_S * 1e9)
_SHED_EVERY_NS = 50_000_000
WAITING_MOST = 20_000
"""Reports that may wait; a minute of everything is far less."""


class Outbox:
    """What one talk has to say. `on_read` hears to which sample the client has read, `on_pictures` if it wants more."""

    def __init__(self, *, paced: bool, on_read: Callable[[int], None], on_pictures: Callable[[bool], None]) -> None:
        self.motion_frames = self.texture_frames = self.dropped_frames = 0
        self.first_voice_ns = 0
        """When the first frame was sent that had heard something."""
        self._paced = paced
        self._on_pictures = on_pictures
        self._plain: deque[Response] = deque()
        self._again: deque[Sent] = deque()
        self._queue: deque[tuple[int, Any]] = deque()
        """When it was put (ns), and the report."""
        self._picture: Picture | None = None
        self.unread = Unread(on_read=on_read)
        """What its client has not acknowledged."""
        self._last_picture: Sent | None = None
        self._sequence = 0
        self._shed_ns = 0
        self._unsaid_drops = 0
        self._drop_sample = 0
        self._last: Callable[[], Response] | None = None
        self._done = False
        self._numbered_ns = 0
        self._wanted = True
        self._awake = asyncio.Event()

    # --- what the talk has to say

    def put(self, report: Frames | Echo | Notice) -> None:
        """Frames, sound or an event."""
        now_ns = time.monotonic_ns()
        if now_ns - self._shed_ns > _SHED_EVERY_NS and self.unread.is_slow(now_ns):
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
        oldest_ns = self.unread.acknowledge(sequence)
        if oldest_ns:
            if not self._wanted:  # it was slow: what was held back may go now
                self._awake.set()
            self._go_on(since_ns=oldest_ns)

    def listen(self, listening: bool) -> None:
        """Whether acknowledgements are being read; while they are not, what is written counts as read."""
        self.unread.listen(listening)
        self._awake.set()

    @property
    def flooded(self) -> bool:
        """More waits than any honest talk has to say."""
        return self._paced and len(self._queue) > WAITING_MOST

    def reopen(self, *, last_sequence: int) -> None:
        """Another connection takes over, whose client has everything up to `last_sequence`."""
        now_ns = time.monotonic_ns()
        self._plain.clear()
        self._again = self.unread.reopen(last_sequence=last_sequence)
        self._queue = deque((now_ns, report) for _, report in self._queue)

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

    async def _write(self, write: Callable[[Response], Awaitable[None]], response: Response) -> None:
        self.unread.write()
        await writing(write(response))
        self._go_on(since_ns=self.unread.wrote())

    def _next(self) -> Response | None:
        """What is to be written now."""
        if self._plain:
            return self._plain.popleft()
        now_ns = time.monotonic_ns()
        slow = self.unread.is_slow(now_ns)
        if slow == self._wanted and self._paced:
            self._wanted = not slow
            self._on_pictures(self._wanted)
        if slow and self._paced and now_ns - self._numbered_ns < _SLOW_NS:
            return None
        self._numbered_ns = now_ns
        if self._again:
            sent = self._again.popleft()
            sent.sent_ns = now_ns
            self.unread.add(sent)
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
        sent = Sent(response, sequence=sequence, sent_ns=now_ns, sample=sample)
        self.unread.add(sent)
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

    def _go_on(self, *, since_ns: int) -> None:
        """What was written at `since_ns` has got somewhere: a client that was slow goes on with what is new."""
        now_ns = time.monotonic_ns()
        if self.unread.took_long(now_ns - since_ns):
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
