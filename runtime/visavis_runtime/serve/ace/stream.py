"""Takes the requests of one ACE stream, gives its answers: header, a message a frame, event, status.

A stream is one talk of the engine with one line in it, as a burst. Three tasks run until the last frame is out: one
listens to the client and feeds the engine, one turns the engine's reports into answers and waits for the client to take
them, one watches that something moves (`liveness.py`); the first error of any ends the call. What the client does not
take makes everything before it wait: the engine (`Read`), then the listening. What it does not do: no protobuf fields
(`answers.py`), no motion.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from visavis.ace.v1 import ace_pb2
from visavis.errors import (
    InputError,
    ProtocolError,
    UnavailableError,
    VisavisError,
    error_of_status,
)  # fmt: skip
from visavis.latents import NAMES, sample_of_frame
from visavis_runtime.serve.ace import answers
from visavis_runtime.serve.ace.clip import Clip
from visavis_runtime.serve.ace.curves import Rows, blend_weights, shape_curves
from visavis_runtime.serve.ace.feelings import Feelings, Key, read_emotion
from visavis_runtime.serve.ace.header import Wishes, read_header
from visavis_runtime.serve.ace.limits import FPS, HELD_MAX_BYTES
from visavis_runtime.serve.ace.liveness import Liveness
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.gone import Gone
from visavis_runtime.serve.link import EngineLink
from visavis_runtime.serve.messages import Closed, EndLine, Feed, Finish, Frames, Read, Report, Steer, TalkSpec

LINE = "clip"
CLAMPED_MAX = 24
"""Values that the last status names."""

Write = Callable[[answers.Answer], Awaitable[None]]


class AceStream:
    """One call of ProcessAudioStream."""

    def __init__(
        self,
        requests: Any,
        write: Write,
        *,
        link: EngineLink,
        config: ServerConfig,
        longest_s: float = math.inf,
        on_begun: Callable[[], None] = lambda: None,
    ) -> None:
        """`requests.next()` gives the next request, or None at the end; `write` sends an answer.

        `longest_s`: how long the stream may last; `on_begun` is called when it has a slot.
        """
        self._on_begun = on_begun
        self.talk: int | None = None
        """The engine's number for it, once it has a slot."""
        self.frames = 0
        """That are out."""
        self._requests, self._send, self._link, self._config = requests, write, link, config
        self._reports: asyncio.Queue[Report] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._life = Liveness(idle_s=config.idle_timeout_s, longest_s=longest_s)
        self._clamped: list[str] = []
        self._due_s = 0.0

    async def run(self) -> None:
        """Until the status SUCCESS is out.

        Raises:
            ProtocolError: MISSING_HEADER, DUPLICATE_HEADER, MISSING_END.
            InputError: as `read_header`, `read_emotion`, `Clip` and `Feelings` do, EMPTY_MESSAGE, MALFORMED.
            LimitError: CHUNK_TOO_LONG, CLIP_TOO_LONG, EMOTIONS_TOO_MANY, SLOW_CONSUMER, TALK_TOO_LONG; CapacityError.
            SilentError: IDLE.
            Gone: the client is not there any more.
        """
        header = await self._header()
        wishes = read_header(header)
        spec = TalkSpec(seed=wishes.seed, motion_fps=FPS, paced=False, controls=wishes.controls)
        opened = await self._link.open(spec, on_report=self._reports.put_nowait)
        self.talk = opened.talk
        self._on_begun()
        try:
            await self._write(answers.header_answer(header.audio_header))
            self._clamped += wishes.clamped
            clip = Clip(rate_hz=wishes.rate_hz)
            listening = self._listen(clip, wishes.feelings, talk=opened.talk, origin=opened.sample)
            telling = self._tell(clip, wishes, talk=opened.talk)
            await _first_to_end(telling, beside=(listening, self._life.watch()))
        finally:
            self._link.close(opened.talk)
        await self._write(answers.end_answer())
        await self._write(answers.status_answer(ace_pb2.Status.CODE_SUCCESS, self._summary(wishes)))

    async def _header(self) -> Any:
        try:
            request = await asyncio.wait_for(self._requests.next(), self._life.idle_s)
        except asyncio.TimeoutError as error:
            raise self._life.silence() from error
        part = request.WhichOneof("stream_part") if request is not None else None
        if part != "audio_stream_header":
            raise ProtocolError(
                "The first message is not an audio_stream_header: send it before any audio.", reason="MISSING_HEADER"
            )
        return request.audio_stream_header

    async def _listen(self, clip: Clip, feelings: Feelings, *, talk: int, origin: int) -> None:
        """Audio and emotions to the engine, until the client says that it was all."""
        while True:
            request = await self._requests.next()
            self._life.moved()
            part = request.WhichOneof("stream_part") if request is not None else "nothing"
            if part == "audio_with_emotion":
                await self._take(request.audio_with_emotion, clip, feelings, talk=talk, origin=origin)
            elif part == "end_of_audio":
                break
            elif part == "audio_stream_header":
                raise ProtocolError(
                    "A second header came: one stream is one clip, open another.", reason="DUPLICATE_HEADER"
                )
            elif part == "nothing":
                raise ProtocolError(
                    "The stream was closed in mid clip: send end_of_audio when all audio is sent.", reason="MISSING_END"
                )
            else:
                raise InputError(
                    "A message has neither audio nor end_of_audio: fill in one of them.", reason="EMPTY_MESSAGE"
                )
        self._feed(clip.finish(), clip, feelings, talk=talk, origin=origin)
        self._life.ended = True
        self._link.send(EndLine(talk, LINE))
        self._link.send(Finish(talk))

    async def _take(self, audio: Any, clip: Clip, feelings: Feelings, *, talk: int, origin: int) -> None:
        for entry in audio.emotions:
            weights, clamped = read_emotion(entry.emotion)
            feelings.add(Key(entry.time_code, weights))
            if len(self._clamped) < CLAMPED_MAX:
                self._clamped += [name for name in clamped if name not in self._clamped]
        self._feed(clip.add(audio.audio_buffer), clip, feelings, talk=talk, origin=origin)
        if clip.held_bytes > HELD_MAX_BYTES:
            self._room.clear()
        await self._room.wait()

    def _feed(self, samples: Rows, clip: Clip, feelings: Feelings, *, talk: int, origin: int) -> None:
        """What is to be felt goes ahead of what is to be heard."""
        for sample, emotion in feelings.steps(until=clip.heard):
            self._link.send(Steer(talk, {"emotion": emotion}, sample=origin + sample))
        if samples.shape[0]:
            self._link.send(Feed(talk, LINE, samples.tobytes(), received_ns=time.monotonic_ns()))

    async def _tell(self, clip: Clip, wishes: Wishes, *, talk: int) -> None:
        """The engine's frames to the client, until every frame of the clip is out."""
        frame, state = 0, None
        while not (self._life.ended and frame == clip.frames):
            report = await self._reports.get()
            if isinstance(report, Closed):
                raise _lost(report)
            if isinstance(report, Frames) and report.line == LINE:
                to_end = clip.frames - 1 - frame if self._life.ended else None
                latents = np.frombuffer(report.latents, np.float32).reshape(-1, len(NAMES))
                rows, state = shape_curves(latents, wishes.face, state=state, to_end=to_end)
                weights = blend_weights(rows, wishes.blend)
                for latent, row in zip(latents, weights, strict=True):
                    await self._write_frame(frame, clip, wishes.feelings, latent=latent, weights=row)
                    self.frames = frame = frame + 1
                self._link.send(Read(talk, report.samples[-1]))

    async def _write_frame(self, frame: int, clip: Clip, feelings: Feelings, *, latent: Rows, weights: Rows) -> None:
        if self._config.ace_paced:
            self._due_s = await _sleep_until(self._due_s)
        sample = sample_of_frame(frame, fps=FPS)
        emotions = answers.aggregate(
            frame, given=feelings.given(sample=sample), shown=feelings.shown(sample=sample),
            fill_a2e_output=self._config.ace_a2e_output,
        )  # fmt: skip
        pcm = clip.take(frame, last=self._life.ended and frame == clip.frames - 1)
        await self._write(answers.frame_answer(frame, latent=latent, weights=weights, pcm=pcm, emotions=emotions))
        if clip.held_bytes <= HELD_MAX_BYTES:
            self._room.set()

    async def _write(self, answer: answers.Answer) -> None:
        self._life.writing = True
        try:
            await self._send(answer)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # gRPC has several, some of them private, for a client that is gone
            raise Gone from error
        self._life.writing = False
        self._life.moved()

    def _summary(self, wishes: Wishes) -> str:
        """What the last status says. What the client should know of its parameters waits for it: one of NVIDIA's
        clients stops reading at the first status, and takes each but SUCCESS for a failure."""
        told = f" Accepted, without effect here: {', '.join(wishes.ignored)}." if wishes.ignored else ""
        told += f" Clamped: {', '.join(self._clamped)}." if self._clamped else ""
        return f"SUCCESS.{told}" if told else "SUCCESS"


def _lost(closed: Closed) -> VisavisError:
    """The engine ended the talk before its last frame."""
    if closed.code:
        return error_of_status(closed.code, message=closed.message, reason=closed.reason)
    return UnavailableError("The engine lost the clip; send it again.", reason="ENGINE_RESTART")


async def _sleep_until(due_s: float) -> float:
    """Wait until a frame is due (loop time); gives when the next one is. A frame that is late delays those after it."""
    now_s = time.monotonic()
    if due_s > now_s:
        await asyncio.sleep(due_s - now_s)
    return max(due_s, now_s) + 1.0 / FPS


async def _first_to_end(main: Awaitable[None], *, beside: tuple[Awaitable[None], ...]) -> None:
    """Run all until `main` is done; an error of any of them is raised at once."""
    principal = asyncio.ensure_future(main)
    pending = {principal, *map(asyncio.ensure_future, beside)}
    tasks = set(pending)
    try:
        while not principal.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
