"""A small server of talks for the tests of the client: real gRPC on localhost, with the faces of `talk_face.py`.

`Script` says what goes wrong.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from sdk.talk_face import FPS, Face

from visavis.errors import REASON_KEY, RETRY_KEY
from visavis.latents import NAMES, SPACE
from visavis.v1 import talk_pb2, talk_pb2_grpc


@dataclass
class Script:
    """What this server does; the counters say what it saw."""

    refuse: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(code, message, reason, retry in ms) of the next calls."""
    break_after: list[int] = field(default_factory=list)
    """Frames of a stream after which it breaks, one number for every stream that is to break."""
    forget: bool = False
    """No talk can be resumed."""
    goodbye_after: int = 0
    """Say Goodbye after so many frames, finish the line, end the talk."""
    ahead_s: float = 10.0
    pace_s: float = 0.0
    """Pause after every frame."""
    slow_after: int = 0
    """End with SLOW_CONSUMER when so many frames are not acknowledged."""
    silent: bool = False
    starts: list[talk_pb2.Start] = field(default_factory=list)
    requests: list[talk_pb2.TalkRequest] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    most_ahead: int = 0


class TalkService:
    """visavis.v1.TalkService, as far as a client needs it."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.faces: dict[str, Face] = {}
        self.frames = 0

    async def TalkMany(self, _: Any, context: Any) -> None:
        """Unknown, as to a server of an earlier version."""
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")

    async def Talk(self, _: Any, context: Any) -> None:
        script = self.script
        script.metadata = dict(context.invocation_metadata())
        start = (await context.read()).start
        script.starts.append(start)
        if script.refuse:
            code, message, reason, retry_ms = script.refuse.pop(0)
            trailing = ((REASON_KEY, reason), (RETRY_KEY, str(retry_ms))) if reason else ()
            await context.abort(grpc.StatusCode[code], message, trailing)
        face = self._face(start)
        if face is None:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "unknown talk", ((REASON_KEY, "RESUME_UNKNOWN"),))
            return
        if script.silent:
            await asyncio.sleep(60)
        await context.write(self._ready(face, start=start))
        for response in face.ring:
            if start.HasField("resume") and response.sequence > start.resume.last_sequence:
                await context.write(response)
        listening = asyncio.create_task(self._listen(face, context))
        try:
            await self._play(face, context)
        finally:
            listening.cancel()

    def _face(self, start: talk_pb2.Start) -> Face | None:
        if start.HasField("resume"):
            known = None if self.script.forget else self.faces.get(start.resume.token)
            if known is not None:
                known.closing = False
            return known
        face = Face(secrets.token_hex(4), start)
        self.faces[face.token] = face
        return face

    def _ready(self, face: Face, *, start: talk_pb2.Start) -> talk_pb2.TalkResponse:
        return talk_pb2.TalkResponse(
            ready=talk_pb2.Ready(
                talk_id=face.token, latent_space=SPACE, names=NAMES, motion_fps=FPS, texture_fps=25, look_ahead_ms=80,
                latency_ms=120, seed=start.seed or 7, resume_token=face.token, resumed=start.HasField("resume"),
                received=face.received(), server_version="test", marking=talk_pb2.Marking(ai_generated=True),
                limits=talk_pb2.Limits(ahead_s=self.script.ahead_s, idle_timeout_s=30, ack_timeout_s=5, resume_s=2,
                                       message_bytes=1 << 20, talk_s=60),
            )
        )  # fmt: skip

    async def _listen(self, face: Face, context: Any) -> None:
        while (request := await context.read()) is not grpc.aio.EOF:
            self.script.requests.append(request)
            if request.HasField("ping"):
                await context.write(talk_pb2.TalkResponse(pong=talk_pb2.Pong(id=request.ping.id)))
            await self._send(face, context, *face.hear(request))
            self.script.most_ahead = max(self.script.most_ahead, face.ahead)
            face.moved.set()
        face.closing = True
        face.moved.set()

    async def _send(self, face: Face, context: Any, *responses: talk_pb2.TalkResponse) -> None:
        """Number them and write them; in the order of their numbers, whoever else writes."""
        async with face.sending:
            for response in responses:
                face.sequence += 1
                response.sequence = face.sequence
                face.ring.append(response)
            for response in responses:
                await context.write(response)

    async def _play(self, face: Face, context: Any) -> None:
        frames, leaving = 0, False
        while True:
            line = face.line
            if line is None and (face.closing or leaving):
                await context.write(talk_pb2.TalkResponse(summary=talk_pb2.Summary(motion_frames=self.frames)))
                return
            shown = face.frame(line) if line is not None else None
            if shown is None:
                face.moved.clear()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(face.moved.wait(), 0.05)
                continue
            await self._send(face, context, *shown)
            frames += 1
            self.frames += 1
            await asyncio.sleep(self.script.pace_s)
            if self.script.break_after and frames == self.script.break_after[0]:
                self.script.break_after.pop(0)
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the wire was cut")
            if self.script.slow_after and face.sequence - face.acked > self.script.slow_after:
                await context.abort(
                    grpc.StatusCode.RESOURCE_EXHAUSTED, "you do not read", ((REASON_KEY, "SLOW_CONSUMER"),)
                )
            if self.script.goodbye_after and frames == self.script.goodbye_after:
                self.script.goodbye_after, leaving = 0, True
                await self._send(face, context, face.event("GOODBYE"))


@asynccontextmanager
async def serving(script: Script, *, port: int = 0) -> AsyncIterator[str]:
    """The address of a running server."""
    server = grpc.aio.server()
    talk_pb2_grpc.add_TalkServiceServicer_to_server(TalkService(script), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await server.stop(0)
