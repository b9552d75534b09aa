"""A face for the server of `talk_server.py`: takes the requests of one talk, gives the responses of each frame.

Every frame (50 a second) needs 320 samples of its line; `jawOpen` is the loudness of its own audio, so that a test sees
which audio a frame has heard. Responses are numbered by who sends them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np

from visavis.latents import INDEX
from visavis.v1 import audio_pb2, motion_pb2, talk_pb2, texture_pb2

FPS = 50
STEP = 16_000 // FPS


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
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def line(self) -> str | None:
        """The line whose turn it is."""
        return next((name for name in self.order if name not in self.over), None)

    @property
    def ahead(self) -> int:
        """Samples that have come and were not played."""
        return sum(len(self.heard[name]) // 2 - self.played[name] for name in self.order if name not in self.over)

    def received(self) -> list[talk_pb2.Received]:
        """What Ready says of lines that have not come in whole."""
        return [
            talk_pb2.Received(line_id=line, sample_count=len(self.heard[line]) // 2)
            for line in self.order
            if line not in self.over and line not in self.whole
        ]

    def hear(self, request: talk_pb2.TalkRequest) -> list[talk_pb2.TalkResponse]:
        """What it says to a request."""
        told = []
        kind = request.WhichOneof("request")
        if kind == "audio":
            self._listen(request.audio)
        elif kind == "end_of_line":
            self.whole.add(request.end_of_line.line_id)
        elif kind == "marker":
            marker = request.marker
            self.markers.setdefault(marker.line_id, []).append((marker.sample_index, marker.name))
        elif kind == "ack":
            self.acked = request.ack.sequence
        elif kind == "interrupt":
            told = [self.event("LINE_INTERRUPTED", line) for line in self.order if line not in self.over]
            self.over.update(self.order)
        return told

    def _listen(self, audio: audio_pb2.AudioChunk) -> None:
        line = audio.line_id
        if line not in self.heard:
            self.order.append(line)
            self.heard[line] = bytearray()
            self.played[line] = 0
        at = audio.sample_index * 2
        assert at <= len(self.heard[line]), "a gap"
        self.heard[line][at:] = audio.pcm

    def frame(self, line: str) -> list[talk_pb2.TalkResponse] | None:
        """Its next frame in this line, or the line's end; None while audio is missing."""
        at, pcm = self.played[line], self.heard[line]
        own = np.frombuffer(bytes(pcm[2 * at : 2 * (at + STEP)]), "<i2")
        if own.size < STEP and line not in self.whole:
            return None
        shown = [self.event("LINE_STARTED", line)] if at == 0 else []
        if own.size == 0:
            self.over.add(line)
            return [*shown, self.event("LINE_FINISHED", line)]
        shown += [
            self.event("MARKER", line, message=name)
            for sample, name in self.markers.get(line, [])
            if at <= sample < at + STEP
        ]
        shown += self._moment(line, at=at, own=own)
        self.played[line] = at + own.size
        self.sample += STEP
        return shown

    def _moment(self, line: str, *, at: int, own: np.ndarray) -> list[talk_pb2.TalkResponse]:
        """Motion, picture and sound, as far as they were asked for."""
        shown = []
        if not self.start.motion_off:
            latents = np.zeros(64, np.float32)
            latents[INDEX["jawOpen"]] = np.abs(own.astype(np.float32)).mean() / 32768
            motion = motion_pb2.Motion(
                sample_indices=[self.sample], latents=latents.tolist(), line_id=line, line_sample_indices=[at],
                stamps=motion_pb2.LatencyStamps(received_ns=1_000_000, motion_done_ns=3_000_000, sent_ns=4_500_000),
            )  # fmt: skip
            shown.append(talk_pb2.TalkResponse(motion=motion))
        if self.start.HasField("texture"):
            texture = texture_pb2.Texture(
                sample_index=self.sample, line_id=line, line_sample_index=at, format=self.start.texture.format,
                width_px=2, height_px=2, data=bytes(range(16)),
            )  # fmt: skip
            shown.append(talk_pb2.TalkResponse(texture=texture))
        if self.start.audio_echo:
            echo = audio_pb2.AudioEcho(sample_index=self.sample, line_id=line, line_sample_index=at, pcm=own.tobytes())
            shown.append(talk_pb2.TalkResponse(audio_echo=echo))
        return shown

    def event(self, kind: str, line: str = "", *, message: str = "") -> talk_pb2.TalkResponse:
        """Something that happens now."""
        told = talk_pb2.Event(type=f"EVENT_TYPE_{kind}", sample_index=self.sample, line_id=line, message=message)
        return talk_pb2.TalkResponse(event=told)
