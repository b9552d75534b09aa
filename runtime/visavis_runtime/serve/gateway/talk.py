"""Takes one talk's requests and its engine's reports, gives commands and responses: a live talk over its connections.

A connection is two tasks, one that reads and one that writes; `over` is set once by whichever ends first, by the engine
that closes the talk, or by the clock (`check`). The talk outlives a connection that breaks: `resume.py` keeps it for a
while, and `run` goes on with another connection. What it does not do: no admission (`talk_service.py`).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from visavis.errors import LimitError, SilentError, VisavisError, error_of_status
from visavis.latents import SAMPLE_RATE_HZ
from visavis.v1 import talk_pb2
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.engine.session import TELL_QUEUE
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.gone import writing
from visavis_runtime.serve.gateway.hearing import Hearing
from visavis_runtime.serve.gateway.outbox import Outbox
from visavis_runtime.serve.gateway.requests import Intake
from visavis_runtime.serve.gateway.responses import response_of_closed
from visavis_runtime.serve.gateway.sound import Warned
from visavis_runtime.serve.gateway.start import Beginning
from visavis_runtime.serve.gateway.unread import SLOW_S
from visavis_runtime.serve.link import EngineLink
from visavis_runtime.serve.messages import (
    Closed,
    Eaten,
    Echo,
    Frames,
    Notice,
    Opened,
    Picture,
    PicturesWanted,
    Read,
    Report,
)  # fmt: skip

SILENT_NS = 100_000_000
"""An engine says something about a live talk more often than that, unless it stands still."""


class LiveTalk:
    """One talk. `token` takes it up after a broken connection."""

    def __init__(
        self, beginning: Beginning, *, link: EngineLink, config: ServerConfig, caller: Caller, token: str
    ) -> None:
        self.spec = beginning.spec
        self.caller, self.token, self.peer = caller, token, ""
        self.opened: Opened | None = None
        self.summary: talk_pb2.Summary | None = None
        self.left = asyncio.Event()
        """No connection holds this talk."""
        self._motion = beginning.motion
        self._link, self._config = link, config
        self._ends_s = float("inf")
        self._engine_ns = time.monotonic_ns()
        """When the engine was last heard of, as far as its silence is forgiven."""
        self._told_queue = False
        self._over: asyncio.Future[None] | None = None
        self._failed_early: BaseException | None = None
        self.outbox = Outbox(
            paced=self.spec.paced,
            on_read=lambda sample: link.send(Read(self.intake.talk, sample)),
            on_pictures=self._want_pictures,
        )
        self.intake = Intake(beginning.form, ahead_most_s=config.ahead_max_s, send=link.send, warn=self._warn)
        self._hearing = Hearing(
            self.intake, outbox=self.outbox, ahead=int(config.ahead_s * SAMPLE_RATE_HZ), send=link.send
        )
        self._takers = {
            Frames: self._take_frames, Picture: self.outbox.put_picture, Echo: self.outbox.put,
            Notice: self.outbox.put, Eaten: self._take_eaten, Closed: self._take_closed,
        }  # fmt: skip

    @property
    def resumable(self) -> bool:
        """It has not come to its end."""
        return not self._hearing.finishing

    def begin(self, opened: Opened, *, longest_s: float) -> None:
        """An engine has a slot for it; it may go on for `longest_s`, and no longer for being taken up."""
        self.opened = opened
        self._over = self._failed_early = None
        self.intake.talk = opened.talk
        self._ends_s = min(self._ends_s, time.monotonic() + longest_s)

    async def run(self, requests: Any, context: Any) -> None:
        """One connection, until the talk is over. Raises Gone, and whatever ended the talk."""
        self.left.clear()
        self.peer = context.peer()
        self._hearing.begin()
        # On their own: else the first write carries them, and an error cannot be sent while that write is on its way.
        await writing(context.send_initial_metadata(()))
        self._over = over = asyncio.get_running_loop().create_future()
        if self._failed_early is not None:
            over.set_exception(self._failed_early)
        tasks = (
            asyncio.ensure_future(self._hearing.read(requests)), asyncio.ensure_future(self.outbox.drain(context.write))
        )  # fmt: skip
        for task in tasks:
            task.add_done_callback(self._ended)
        try:
            await over
        finally:
            for task in tasks:
                task.cancel()
            over.cancel()
            self._hearing.end()

    def fail(self, error: BaseException) -> None:
        """End the talk, or its connection (Gone)."""
        if self._over is None:
            self._failed_early = error
        elif not self._over.done():
            self._over.set_exception(error)

    def check(self, now_s: float) -> None:
        """What only the clock can tell."""
        config, hearing = self._config, self._hearing
        self._forgive(time.monotonic_ns())
        behind_s = self.outbox.unread.behind_s()
        if behind_s > SLOW_S:
            self.outbox.wake()
        if now_s > self._ends_s:
            self.fail(LimitError("The talk has lasted as long as it may: begin a new one.", reason="TALK_TOO_LONG"))
        elif self.outbox.flooded or behind_s > config.ack_timeout_s:
            self.fail(
                LimitError(
                    f"Nothing that was sent has been acknowledged for {config.ack_timeout_s:g} s: read what comes, and "
                    "send Ack every 100 to 200 ms.",
                    reason="SLOW_CONSUMER",
                )
            )
        elif not (hearing.waiting or hearing.finishing) and now_s - hearing.heard_s > config.idle_timeout_s:
            self.fail(
                SilentError(
                    f"Nothing came for {config.idle_timeout_s:g} s: send Ping to keep a silent talk open.",
                    reason="IDLE",
                )
            )

    def excuse(self, now_s: float) -> None:
        """This process stood still: what the client has sent meanwhile is still to be read."""
        self._hearing.heard_s = now_s
        self.outbox.unread.excuse()

    def say_goodbye(self) -> None:
        """The server stops: the lines that have begun to come in are finished, nothing new begins."""
        self.outbox.put(
            Notice(
                0,
                "GOODBYE",
                0,
                reason="DRAINING",
                message="The server stops: lines that have begun are said.",
            )
        )
        self.intake.closing = True
        self._hearing.finish_if_closing()

    def take(self, report: Report) -> None:
        """A report of the engine, in the event loop."""
        taker: Any = self._takers.get(type(report))
        if taker is not None:
            taker(report)

    # --- the engine's side

    def _forgive(self, now_ns: int) -> None:
        """An engine that stands still is not its client's fault."""
        silent_ns = now_ns - self._engine_ns
        if silent_ns >= SILENT_NS and self.spec.paced:
            self.outbox.unread.forgive(silent_ns)
            self._engine_ns = now_ns

    def _take_frames(self, frames: Frames) -> None:
        now_ns = time.monotonic_ns()
        self._forgive(now_ns)
        self._engine_ns = now_ns
        if not self._told_queue:
            self._take_eaten(Eaten(frames.talk, min(self.intake.queued, TELL_QUEUE)))
        self._told_queue = False
        if self._motion:
            self.outbox.put(frames)

    def _take_eaten(self, eaten: Eaten) -> None:
        """What waits in the engine; it only says so, before the frames, while that is more than a little."""
        self.intake.queued = eaten.queued
        self._told_queue = True
        try:
            self._hearing.let_in()
        except VisavisError as error:
            self.fail(error)

    def _take_closed(self, closed: Closed) -> None:
        if closed.code:
            self.fail(error_of_status(closed.code, message=closed.message, reason=closed.reason))
            return
        self._hearing.finishing = True
        self.outbox.finish(lambda: self._summary(closed))

    def _summary(self, closed: Closed) -> talk_pb2.TalkResponse:
        outbox = self.outbox
        first_ns = outbox.first_voice_ns - self.intake.heard_ns if outbox.first_voice_ns else 0
        response = response_of_closed(
            closed, motion_frames=outbox.motion_frames, texture_frames=outbox.texture_frames,
            dropped_frames=outbox.dropped_frames, first_frame_ms=first_ns * 1e-6,
        )  # fmt: skip
        self.summary = response.summary
        return response

    # --- odds and ends

    def _warn(self, line: str, warned: Warned) -> None:
        self.outbox.put(
            Notice(0, "WARNING", 0, line=line, count=warned.samples, reason=warned.reason, message=warned.message)
        )

    def _want_pictures(self, wanted: bool) -> None:
        if self.spec.pictures is not None:
            self._link.send(PicturesWanted(self.intake.talk, wanted))

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Reading ends quietly when the client closes its side; when writing ends, all is said."""
        if task.cancelled() or self._over is None or self._over.done():
            return
        error = task.exception()
        if error is not None:
            self._over.set_exception(error)
        elif self.outbox.done:
            self._over.set_result(None)
