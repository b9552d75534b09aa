"""Takes a plan, gives what its talks went through: many light clients in one process and one event loop.

The clock is the voice's: sample s of a line is spoken at t0 + s / 16000, and the chunk with samples [a, b) is sent when
sample b has been spoken, never earlier. Lines follow each other without a pause, so the load is the heaviest there is.
A talk acknowledges every `ACK_S`. What comes is stamped when the event loop hands it over, so a client that is busy
makes its server look late, never early. What it does not do: it computes nothing (`talk_figures.py`), and it keeps
latents of probes only.
"""

from __future__ import annotations

import asyncio
import gc
import time
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any

import grpc

from visavis.connection import Connection
from visavis.errors import REASON_KEY, VisavisError
from visavis.streams import NumberedStream, shared_call
from visavis.v1 import audio_pb2, talk_pb2, texture_pb2
from visavis_runtime.bench.talk_record import NS_PER_SAMPLE, RATE_HZ, Plan, Record, TalkPlan

ACK_NS = 100_000_000
TALKS_PER_CONNECTION = 25
METHOD = "/visavis.v1.TalkService/Talk"
PROBE_IDLE_S, PROBE_VOICE_S = 0.4, 0.6


class OwnCall:
    """A call of TalkService.Talk, with as little round it as can be."""

    def __init__(self, channel: Any) -> None:
        self._call = channel.stream_stream(METHOD)()

    async def read(self) -> talk_pb2.TalkResponse | None:
        """The next response, None at the end. Raises grpc.aio.AioRpcError."""
        data = await self._call.read()
        return None if data is grpc.aio.EOF else talk_pb2.TalkResponse.FromString(data)

    async def write(self, request: talk_pb2.TalkRequest) -> None:
        """Send a request."""
        await self._call.write(request.SerializeToString())

    async def close_writing(self) -> None:
        """Nothing more will be written."""
        await self._call.done_writing()

    def cancel(self) -> None:
        """End the call."""
        self._call.cancel()


class LoadTalk:
    """One talk."""

    def __init__(self, plan: TalkPlan, *, voices: Sequence[bytes], chunk: int) -> None:
        self.record = Record(plan)
        self._voices, self._chunk = voices, chunk
        self._sequence = 0
        self._acked_ns = 0
        self._ready = asyncio.Event()
        self._leaving = False
        self._call: Any = None

    async def run(self, begin: Callable[[], OwnCall | NumberedStream]) -> None:
        """From Start to the end, on the call that `begin` gives."""
        await _until(self.record.plan.open_ns)
        record = self.record
        self._call = begin()
        speaking = asyncio.ensure_future(self._speak())
        try:
            await self._listen()
            record.status = "OK"
        except VisavisError as error:
            record.status, record.reason = error.code, error.reason
        except grpc.aio.AioRpcError as error:
            record.status = error.code().name
            record.reason = str(dict(error.trailing_metadata() or ()).get(REASON_KEY, ""))
        finally:
            speaking.cancel()
            self._call.cancel()

    async def _speak(self) -> None:
        plan, record, call, chunk = self.record.plan, self.record, self._call, self._chunk
        await call.write(start_of(plan))
        await self._ready.wait()
        idle_ns = int(PROBE_IDLE_S * 1e9) if plan.kind == "probe" else 0
        begins_ns = time.monotonic_ns() + idle_ns + plan.phase_ns
        while begins_ns < plan.end_ns and not self._leaving and (plan.kind != "probe" or not record.lines):
            number = len(record.lines)
            voice = self._voices[(plan.first_line + number) % len(self._voices)]
            size = len(voice) // 2
            record.lines.append((begins_ns, 0))
            for at in range(0, size, chunk):
                until = min(at + chunk, size)
                due_ns = begins_ns + until * NS_PER_SAMPLE
                if due_ns > plan.end_ns:
                    break
                await _until(due_ns)
                now_ns = time.monotonic_ns()
                record.sent_late_ns.append(now_ns - due_ns)
                request = talk_pb2.TalkRequest()
                request.audio.line_id, request.audio.pcm = str(number), voice[2 * at : 2 * until]
                if now_ns - self._acked_ns >= ACK_NS:
                    self._acked_ns, request.acknowledged = now_ns, self._sequence
                await call.write(request)
                record.lines[-1] = (begins_ns, until)
            end = audio_pb2.EndOfLine(line_id=str(number))
            await call.write(talk_pb2.TalkRequest(end_of_line=end))
            record.ended += 1
            begins_ns += size * NS_PER_SAMPLE
        await call.close_writing()

    async def _listen(self) -> None:
        read, clock = self._call.read, time.monotonic_ns
        while (response := await read()) is not None:
            now_ns = clock()
            if response.sequence:
                self._sequence = response.sequence
            kind = response.WhichOneof("response")
            if kind == "motion":
                self._take_motion(response.motion, now_ns)
            elif kind == "texture":
                texture = response.texture
                line = int(texture.line_id) if texture.line_id else -1
                self.record.pictures.append((now_ns, line, texture.line_sample_index))
            else:
                self._take_other(kind, response)

    def _take_motion(self, motion: Any, now_ns: int) -> None:
        record, line, count = self.record, motion.line_id, len(motion.sample_indices)
        record.arrived_ns.append(now_ns)
        record.counts.append(count)
        record.line_numbers.append(int(line) if line else -1)
        record.samples.extend(motion.sample_indices)
        record.line_samples.extend(motion.line_sample_indices if line else (-1,) * count)
        if record.plan.kind == "probe":
            record.latents.append(array("f", motion.latents))

    def _take_other(self, kind: str | None, response: Any) -> None:
        record = self.record
        if kind == "ready":
            record.ready, record.latency_ms, record.fps = True, response.ready.latency_ms, response.ready.motion_fps
            self._ready.set()
        elif kind == "event":
            record.dropped += response.event.count * (response.event.type == talk_pb2.EVENT_TYPE_DROPPED)
            record.underruns += response.event.type == talk_pb2.EVENT_TYPE_UNDERRUN
            record.finished += response.event.type == talk_pb2.EVENT_TYPE_LINE_FINISHED
            if response.event.type == talk_pb2.EVENT_TYPE_GOODBYE:
                self._leaving, record.goodbye_in_line = True, len(record.lines) > record.ended
        elif kind == "summary":
            record.summary_frames = response.summary.motion_frames


def start_of(plan: TalkPlan) -> talk_pb2.TalkRequest:
    """The Start of a talk."""
    audio = audio_pb2.AudioFormat(
        encoding=audio_pb2.AUDIO_ENCODING_S16LE, sample_rate_hz=RATE_HZ, channel_count=1
    )  # fmt: skip
    start = talk_pb2.Start(audio=audio, seed=plan.seed, protocol_version=1, avatar=plan.avatar)
    if plan.kind == "texture":
        start.motion_off = True
        start.texture.format = texture_pb2.TEXTURE_FORMAT_JPEG
    return talk_pb2.TalkRequest(start=start)


async def run_plan(plan: Plan) -> list[Record]:
    """All talks of a plan, until the last one is over: on one stream, or `TALKS_PER_CONNECTION` to a connection."""
    count = 1 if plan.shared else max(1, -(-len(plan.talks) // TALKS_PER_CONNECTION))
    connections = [Connection(plan.address) for _ in range(count)]
    talks = [LoadTalk(one, voices=plan.voices, chunk=plan.chunk) for one in plan.talks]

    kind = "texture" if any(one.kind == "texture" for one in plan.talks) else "motion"

    def begin(connection: Connection) -> OwnCall | NumberedStream:
        return shared_call(connection).begin() if plan.shared else OwnCall(connection.channel(kind))

    try:
        await asyncio.gather(*(talk.run(partial(begin, connections[i % count])) for i, talk in enumerate(talks)))
    finally:
        for connection in connections:
            await connection.close()
    return [talk.record for talk in talks]


def run_client(pipe: Pipe, plan: Plan) -> None:
    """The body of a client process: sends its records."""
    gc.freeze()
    gc.disable()  # records only grow; looking through them would make frames look late
    pipe.send(asyncio.run(run_plan(plan)))
    pipe.close()


async def _until(when_ns: int) -> None:
    left_ns = when_ns - time.monotonic_ns()
    if left_ns > 0:
        await asyncio.sleep(left_ns * 1e-9)
