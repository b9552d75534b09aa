"""A small server of talks for the tests of the client: real gRPC on localhost, a face that is told what to do.

Every frame (50 a second) needs 320 samples of its line; `jawOpen` is the loudness of its own audio, so that a test sees
which audio a frame has heard. `Script` says what goes wrong.
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
import numpy as np

from visavis.errors import REASON_KEY, RETRY_KEY
from visavis.latents import INDEX, NAMES, SPACE
from visavis.v1 import audio_pb2, motion_pb2, talk_pb2, talk_pb2_grpc, texture_pb2

FPS = 50
STEP = 16_000 // FPS


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


@dataclass
class Face:
    """A talk as the server knows it: what came in, what went out."""

    token: str
    start: talk_pb2.Start
    order: list[str] = field(default_factory=list)
    heard: dict[str, bytearray] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    played: dict[str, int] = field(default_factory=dict)
    markers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    sample: int = 0
    sequence: int = 0
    ring: list[talk_pb2.TalkResponse] = field(default_factory=list)
    acked: int = 0
    closing: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)


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
        received = [
            audio_pb2_received(line, len(face.heard[line]) // 2)
            for line in face.order
            if line not in face.over and line not in face.whole
        ]
        return talk_pb2.TalkResponse(
            ready=talk_pb2.Ready(
                talk_id=face.token, latent_space=SPACE, names=NAMES, motion_fps=FPS, texture_fps=25, look_ahead_ms=80,
                latency_ms=120, seed=start.seed or 7, resume_token=face.token, resumed=start.HasField("resume"),
                received=received, server_version="test", marking=talk_pb2.Marking(ai_generated=True),
                limits=talk_pb2.Limits(ahead_s=self.script.ahead_s, idle_timeout_s=30, ack_timeout_s=5, resume_s=2,
                                       message_bytes=1 << 20, talk_s=60),
            )
        )  # fmt: skip

    async def _listen(self, face: Face, context: Any) -> None:
        while (request := await context.read()) is not grpc.aio.EOF:
            self.script.requests.append(request)
            kind = request.WhichOneof("request")
            if kind == "audio":
                line = request.audio.line_id
                if line not in face.heard:
                    face.order.append(line)
                    face.heard[line] = bytearray()
                    face.played[line] = 0
                at = request.audio.sample_index * 2
                assert at <= len(face.heard[line]), "a gap"
                face.heard[line][at:] = request.audio.pcm
                ahead = sum(
                    len(face.heard[name]) // 2 - face.played[name] for name in face.order if name not in face.over
                )
                self.script.most_ahead = max(self.script.most_ahead, ahead)
            elif kind == "end_of_line":
                face.whole.add(request.end_of_line.line_id)
            elif kind == "marker":
                marker = request.marker
                face.markers.setdefault(marker.line_id, []).append((marker.sample_index, marker.name))
            elif kind == "ack":
                face.acked = request.ack.sequence
            elif kind == "ping":
                await context.write(talk_pb2.TalkResponse(pong=talk_pb2.Pong(id=request.ping.id)))
            elif kind == "interrupt":
                for line in face.order:
                    if line not in face.over:
                        face.over.add(line)
                        await self._send(face, context, event=event("LINE_INTERRUPTED", face.sample, line))
            face.moved.set()
        face.closing = True
        face.moved.set()

    async def _send(self, face: Face, context: Any, **content: Any) -> None:
        face.sequence += 1
        response = talk_pb2.TalkResponse(sequence=face.sequence, **content)
        face.ring.append(response)
        await context.write(response)

    async def _play(self, face: Face, context: Any) -> None:
        frames, leaving = 0, False
        while True:
            line = next((name for name in face.order if name not in face.over), None)
            if line is None and (face.closing or leaving):
                await context.write(talk_pb2.TalkResponse(summary=talk_pb2.Summary(motion_frames=self.frames)))
                return
            if line is None or not await self._frame(face, context, line=line):
                face.moved.clear()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(face.moved.wait(), 0.05)
                continue
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
                await self._send(face, context, event=event("GOODBYE", face.sample))

    async def _frame(self, face: Face, context: Any, *, line: str) -> bool:
        at, pcm = face.played[line], face.heard[line]
        own = np.frombuffer(bytes(pcm[2 * at : 2 * (at + STEP)]), "<i2")
        if own.size < STEP and line not in face.whole:
            return False
        if at == 0:
            await self._send(face, context, event=event("LINE_STARTED", face.sample, line))
        if own.size == 0:
            face.over.add(line)
            await self._send(face, context, event=event("LINE_FINISHED", face.sample, line))
            return True
        latents = np.zeros(64, np.float32)
        latents[INDEX["jawOpen"]] = np.abs(own.astype(np.float32)).mean() / 32768
        for sample, name in face.markers.get(line, []):
            if at <= sample < at + STEP:
                await self._send(face, context, event=event("MARKER", face.sample, line, message=name))
        if not face.start.motion_off:
            motion = motion_pb2.Motion(
                sample_indices=[face.sample], latents=latents.tolist(), line_id=line, line_sample_indices=[at],
                stamps=motion_pb2.LatencyStamps(received_ns=1_000_000, motion_done_ns=3_000_000, sent_ns=4_500_000),
            )  # fmt: skip
            await self._send(face, context, motion=motion)
        if face.start.HasField("texture"):
            texture = texture_pb2.Texture(
                sample_index=face.sample, line_id=line, line_sample_index=at, format=face.start.texture.format,
                width_px=2, height_px=2, data=bytes(range(16)),
            )  # fmt: skip
            await self._send(face, context, texture=texture)
        if face.start.audio_echo:
            echo = audio_pb2.AudioEcho(sample_index=face.sample, line_id=line, line_sample_index=at, pcm=own.tobytes())
            await self._send(face, context, audio_echo=echo)
        face.played[line] = at + own.size
        face.sample += STEP
        return True


def audio_pb2_received(line: str, count: int) -> talk_pb2.Received:
    return talk_pb2.Received(line_id=line, sample_count=count)


def event(kind: str, sample: int, line: str = "", *, message: str = "") -> talk_pb2.Event:
    return talk_pb2.Event(type=f"EVENT_TYPE_{kind}", sample_index=sample, line_id=line, message=message)


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
