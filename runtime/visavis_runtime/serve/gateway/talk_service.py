"""Takes calls of TalkService, gives live talks: admission, the beginning and the end of each.

A talk holds its slot from Ready until its call ends, whatever the reason: the slot is freed before the client hears the
status. One task looks at the clock for all talks, so that a message costs no timer. What it does not do: what happens
within a talk (`talk.py`).
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Mapping
from typing import Any, Protocol

from visavis.errors import ProtocolError, SilentError, UnavailableError, VisavisError
from visavis.v1 import talk_pb2
from visavis_runtime.serve.avatars.store import AvatarStore
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.caller import Caller
from visavis_runtime.serve.gateway.gone import Gone, Left, TakenUp
from visavis_runtime.serve.gateway.many import TalkStream
from visavis_runtime.serve.gateway.numbered import NumberedCall
from visavis_runtime.serve.gateway.ready import ready_of
from visavis_runtime.serve.gateway.resume import Parking
from visavis_runtime.serve.gateway.start import beginning_of, check_version
from visavis_runtime.serve.gateway.talk import LiveTalk
from visavis_runtime.serve.gateway.wire import Call, Requests
from visavis_runtime.serve.link import EngineLink

DESCRIPTOR = talk_pb2.DESCRIPTOR.services_by_name["TalkService"]
CHECK_S = 0.2
STOOD_STILL_S = 1.0
"""A look at the clock comes so late only if the whole process, or the machine, stood still."""
DRAIN_RETRY_S = 5.0


class TalkWatch(Protocol):
    """Who counts talks (metrics, logs)."""

    def began(self, talk: LiveTalk, *, resumed: bool) -> None:
        """It has a slot."""

    def refused(self, reason: str) -> None:
        """It has none."""

    def ended(self, talk: LiveTalk, reason: str) -> None:
        """Its connection is over: "" when all went well, BROKEN, CANCELLED (the client said so), or the error's."""


class TalkService:
    """All live talks of one server."""

    def __init__(
        self, config: ServerConfig, *, link: EngineLink, avatars: AvatarStore, watch: TalkWatch | None = None
    ) -> None:
        self.talks: set[LiveTalk] = set()
        self._config, self._link, self._avatars, self._watch = config, link, avatars, watch
        self._streams: set[TalkStream] = set()
        self.parking = Parking(link, resume_s=config.resume_s)
        """Talks that could be taken up."""
        self._numbers = itertools.count(1)
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()
        self._clock: asyncio.Task[None] | None = None

    @property
    def calls(self) -> Mapping[str, Call]:
        """For `wire.add_service`."""
        return {"Talk": self.talk, "TalkMany": self.talk_many}

    def start(self) -> None:
        """Begin to look at the clock."""
        self._clock = asyncio.ensure_future(self._check())

    def stop(self) -> None:
        """Talks are taken up no more."""
        self.parking.forget_all()
        if self._clock is not None:
            self._clock.cancel()

    async def drain(self, *, within_s: float) -> None:
        """Take no new talk, let the open lines come to their end, and end what is left after a while."""
        self._draining = True
        for stream in self._streams:
            stream.close()
        for talk in self.talks:
            talk.say_goodbye()
        try:
            await asyncio.wait_for(self._empty.wait(), within_s)
        except asyncio.TimeoutError:
            for talk in list(self.talks):
                talk.fail(_draining())
            await self._empty.wait()

    async def talk_many(self, requests: Requests, context: Any, caller: Caller) -> None:
        """The call that carries many talks."""
        if self._draining:
            raise _draining()
        config = self._config
        stream = TalkStream(
            context, hold=self.talk, caller=caller, idle_s=config.idle_timeout_s, unread_s=config.ack_timeout_s
        )  # fmt: skip
        self._streams.add(stream)
        try:
            await stream.run(requests)
        except Gone:
            pass
        finally:
            self._streams.discard(stream)

    async def talk(self, requests: Any, context: Any, caller: Caller) -> None:
        """The call: Start, Ready, and all that follows."""
        try:
            start = await self._start(requests, context)
            if start is None:
                return
            number = next(self._numbers)
            known = start.HasField("resume") and self.parking.knows(start.resume.token, caller=caller)
            kept = None if known else self.parking.kept(context.peer(), caller=caller)
            longest_s = min(self._config.talk_s, caller.begin_talk(number, kept=kept))
        except VisavisError as error:
            self._refused(error)
            raise
        try:
            talk = await self._open(start, caller=caller, longest_s=longest_s, peer=context.peer())
            if not known and (self._config.max_talks or caller.max_talks):
                self.parking.yield_place(context.peer(), caller=caller)
            await self._hold(talk, requests, context)
        finally:
            caller.end_talk(number)

    async def _start(self, requests: Any, context: Any) -> talk_pb2.Start | None:
        """The first request; None if the client left without one."""
        if self._draining:
            raise _draining()
        left_s = context.time_remaining()
        if left_s is not None and left_s <= 0:
            raise SilentError("The deadline of the call was over when it came in: allow it more.", reason="DEADLINE")
        first = asyncio.ensure_future(requests.next())
        try:  # not `wait_for`: until Python 3.12 it forgets a cancel that meets the answer
            done, _ = await asyncio.wait([first], timeout=self._config.idle_timeout_s)
        finally:
            first.cancel()
        if not done:
            raise SilentError("No Start came: send it first.", reason="IDLE")
        request = first.result()
        if request is None:
            return None
        if request.WhichOneof("request") != "start":
            raise ProtocolError("The first request was no Start: a talk begins with one.", reason="MISSING_HEADER")
        check_version(request.start.protocol_version)
        return request.start  # type: ignore[no-any-return]

    async def _open(self, start: talk_pb2.Start, *, caller: Caller, longest_s: float, peer: str) -> LiveTalk:
        """A talk with a slot and a Ready."""
        try:
            if start.HasField("resume"):
                return await self._resume(start.resume, caller=caller, longest_s=longest_s)
            beginning = beginning_of(start, avatars=self._avatars)
            talk = LiveTalk(
                beginning, link=self._link, config=self._config, caller=caller, token=secrets.token_urlsafe(24)
            )
            opened = await self._link.open(talk.spec, on_report=talk.take, peer=peer)
        except VisavisError as error:
            self._refused(error)
            raise
        talk.begin(opened, longest_s=longest_s)
        talk.outbox.put_plain(ready_of(talk, config=self._config, resumed=False))
        return talk

    async def _resume(self, resume: talk_pb2.Resume, *, caller: Caller, longest_s: float) -> LiveTalk:
        talk, parked = await self.parking.take(resume.token, caller=caller)
        try:
            opened = await self._link.open(talk.spec, on_report=talk.take, parked=parked.state)
        except BaseException:  # also when this connection breaks as well
            self.parking.put_back(talk, parked)
            raise
        talk.outbox.reopen(last_sequence=resume.last_sequence)
        talk.begin(opened, longest_s=longest_s)
        talk.outbox.put_plain(ready_of(talk, config=self._config, resumed=True))
        return talk

    async def _hold(self, talk: LiveTalk, requests: Any, context: Any) -> None:
        """From Ready until the connection ends; a talk whose connection broke is parked."""
        self.talks.add(talk)
        self._empty.clear()
        self.parking.enter(talk)
        resumed = talk.opened is not None and talk.opened.sample > 0
        if self._watch is not None:
            self._watch.began(talk, resumed=resumed)
        reason = "BROKEN"
        try:
            if self._draining:  # it began while the talk was being opened
                talk.say_goodbye()
            await talk.run(requests, context)
            reason = ""
        except TakenUp:
            raise ProtocolError("Another connection has taken this talk up.", reason="TAKEN_UP") from None
        except Left:
            reason = "CANCELLED"
        except Gone:
            pass
        except asyncio.CancelledError:
            if isinstance(context, NumberedCall) and context.cut:
                reason = context.cut
            raise
        except VisavisError as error:
            reason = error.reason
            raise
        except Exception:
            reason = "BUG"
            raise
        finally:
            if reason == "BROKEN" and talk.resumable and not self._draining and self._config.resume_s > 0:
                self.parking.park(talk)
            else:
                self.parking.leave(talk)
            self.talks.discard(talk)
            if not self.talks:
                self._empty.set()
            if self._watch is not None:
                self._watch.ended(talk, reason)

    def _refused(self, error: VisavisError) -> None:
        if self._watch is not None:
            self._watch.refused(error.reason)

    async def _check(self) -> None:
        now_s = time.monotonic()
        while True:
            await asyncio.sleep(CHECK_S)
            before_s, now_s = now_s, time.monotonic()
            stood_still = now_s - before_s > STOOD_STILL_S
            for talk in self.talks:
                if stood_still:
                    talk.excuse(now_s)
                talk.check(now_s)


def _draining() -> UnavailableError:
    return UnavailableError(
        "This server is about to stop and takes no new talks: try another one, or again in a moment.",
        reason="DRAINING", retry_s=DRAIN_RETRY_S,
    )  # fmt: skip
