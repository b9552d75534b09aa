"""Takes an address and an end, makes visits: talks that come and go as people's do, politely and not.

A visit draws what it does: speak its lines and leave, cancel in mid-line, let the connection break and never come
back, break and take the talk up again, interrupt itself, or look at pictures for a while. Each must end with the status
that such a visit ends with; anything else is counted as unexpected. What it does not do: it measures no lateness, and
it looks into no process of the server (`talk_soak.py`).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any

import grpc

from visavis.connection import Connection
from visavis.ending import Ending
from visavis.errors import REASON_KEY
from visavis.v1 import audio_pb2, talk_pb2
from visavis_runtime.bench.talk_load import ACK_NS, METHOD, start_of
from visavis_runtime.bench.talk_record import NS_PER_SAMPLE, TalkPlan

KINDS = ("speak", "speak", "speak", "interrupt", "cancel", "break", "resume", "pictures")
CHUNK = 640
LINE_S, PAUSE_S = (0.5, 6.0), (0.1, 1.5)
RETRY_S = 1.0


@dataclass(frozen=True)
class VisitPlan:
    """How many visitors at a time, and until when (ns of time.monotonic_ns)."""

    address: str
    voices: tuple[bytes, ...]
    avatars: tuple[str, ...]
    visitors: int
    seed: int
    end_ns: int


@dataclass
class Visits:
    """How they ended: kinds, statuses that were not to be expected, and talks open when told."""

    open: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    unexpected: Counter[str] = field(default_factory=Counter)


class Visit:
    """One talk."""

    def __init__(self, kind: str, *, plan: VisitPlan, chance: random.Random) -> None:
        self.kind = kind
        self.token = ""
        self.sequence = 0
        self._plan, self._chance = plan, chance
        self._lines = 0
        self._acked_ns = 0

    async def run(self) -> str:
        """How it ended: "" as it should, REFUSED, or status and reason."""
        connection = Connection(self._plan.address)
        try:
            ended = await self._talk(connection, resume=False)
            if self.kind == "resume" and not ended:
                await connection.close()
                self.kind = "speak"
                ended = await self._talk(connection, resume=True)
            return ended
        finally:
            await connection.close()

    async def _talk(self, connection: Connection, *, resume: bool) -> str:
        call = connection.channel("texture").stream_stream(METHOD)()
        ending = Ending(call)
        listening = asyncio.ensure_future(self._listen(call))
        try:
            await call.write(self._start(resume=resume))
            for _ in range(self._chance.randint(1, 3)):
                await self._say(call)
                if time.monotonic_ns() > self._plan.end_ns:
                    break
                await asyncio.sleep(self._chance.uniform(*PAUSE_S))
            if self.kind in {"break", "resume"}:
                await connection.close()
                return ""
            if self.kind == "cancel":
                call.cancel()
                return ""
            await call.done_writing()
            await listening
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass  # the call is over; its status says why
        finally:
            listening.cancel()
        return _ended(await ending.status())

    def _start(self, *, resume: bool) -> bytes:
        pictures = self.kind == "pictures" and self._plan.avatars
        avatar = self._chance.choice(self._plan.avatars) if pictures else ""
        request = start_of(
            TalkPlan("texture" if pictures else "motion", seed=self._chance.randrange(1000), open_ns=0, end_ns=0,
                     avatar=avatar)
        )  # fmt: skip
        if resume:
            request.start.resume.token, request.start.resume.last_sequence = self.token, self.sequence
        return request.SerializeToString()

    async def _say(self, call: Any) -> None:
        """One line, or a part of it."""
        voice = self._chance.choice(self._plan.voices)
        size = min(len(voice) // 2, int(self._chance.uniform(*LINE_S) * 16_000))
        self._lines += 1
        name, began_ns = f"{self._lines}", time.monotonic_ns()
        stops = self._chance.uniform(0.2, 0.9) * size if self.kind in ("cancel", "break", "resume") else size
        for at in range(0, size, CHUNK):
            until = min(size, at + CHUNK)
            await asyncio.sleep(max(0.0, (began_ns + until * NS_PER_SAMPLE - time.monotonic_ns()) * 1e-9))
            if until > stops:
                return
            audio = audio_pb2.AudioChunk(line_id=name, pcm=voice[2 * at : 2 * until])
            await _send(call, audio=audio)
            if time.monotonic_ns() - self._acked_ns > ACK_NS:
                self._acked_ns = time.monotonic_ns()
                await _send(call, ack=talk_pb2.Ack(sequence=self.sequence))
        if self.kind == "interrupt":
            await _send(call, interrupt=talk_pb2.Interrupt())
        await _send(call, end_of_line=audio_pb2.EndOfLine(line_id=name))

    async def _listen(self, call: Any) -> None:
        async for data in call:
            response = talk_pb2.TalkResponse.FromString(data)
            self.sequence = max(self.sequence, response.sequence)
            if response.WhichOneof("response") == "ready":
                self.token = response.ready.resume_token


async def _send(call: Any, **fields: Any) -> None:
    await call.write(talk_pb2.TalkRequest(**fields).SerializeToString())


def _ended(status: grpc.aio.AioRpcError) -> str:
    code = status.code()
    if code == grpc.StatusCode.OK:
        return ""
    reason = str(dict(status.trailing_metadata() or ()).get(REASON_KEY, ""))
    return "REFUSED" if reason in ("CAPACITY", "MAX_TALKS") else f"{code.name} {reason}".strip()


async def _visitor(number: int, *, plan: VisitPlan, visits: Visits) -> None:
    chance = random.Random(plan.seed * 10_007 + number)
    await asyncio.sleep(chance.uniform(0, 5))
    while time.monotonic_ns() < plan.end_ns:
        kind = chance.choice(KINDS)
        visits.open += 1
        ended = await Visit(kind, plan=plan, chance=chance).run()
        visits.open -= 1
        visits.done[kind] += 1
        visits.refused += ended == "REFUSED"
        if ended and ended != "REFUSED":
            visits.unexpected[f"{kind}: {ended}"] += 1
        await asyncio.sleep(chance.uniform(*PAUSE_S) + RETRY_S * (ended == "REFUSED"))


async def _all(plan: VisitPlan, pipe: Pipe) -> None:
    visits = Visits()
    work = [asyncio.ensure_future(_visitor(i, plan=plan, visits=visits)) for i in range(plan.visitors)]
    while not all(one.done() for one in work):
        await asyncio.wait(work, timeout=1.0)
        pipe.send(visits)
    await asyncio.gather(*work)


def run_visits(pipe: Pipe, plan: VisitPlan) -> None:
    """The body of a client process: sends its Visits every second, and at the end."""
    asyncio.run(_all(plan, pipe))
    pipe.close()


def latest(pipes: Sequence[Pipe], visits: list[Visits]) -> bool:
    """Read what has come of each process; whether any of them still runs."""
    running = False
    for i, pipe in enumerate(pipes):
        try:
            while pipe.poll():
                visits[i] = pipe.recv()
            running = True
        except EOFError:
            continue
    return running
