"""A client of the Audio2Face-3D contract for tests: it keeps what NVIDIA's sample client keeps, by the same steps.

It sends a header, chunks of one second (all emotions on the first, an empty last one where the clip is a whole number
of seconds) and an end, and reads until the stream ends.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np

from visavis.ace.v1 import ace_pb2

TALK_PATH = "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream"
CONFIG_PATH = "/nvidia_ace.services.a2x_export_config.v1.A2XExportConfigService/GetConfigs"
AGGREGATE_TYPE = "type.googleapis.com/nvidia_ace.emotion_aggregate.v1.EmotionAggregate"
SECOND = bytes(32_000)
"""Of silence at 16 kHz."""
END = ace_pb2.AudioStream(end_of_audio=ace_pb2.AudioStream.EndOfAudio())
SEED = ace_pb2.FaceParameters(integer_params={"seed": 7})
"""With the same seed a clip is the same."""

Timed = Sequence[tuple[float, Mapping[str, float]]]


@dataclass
class Received:
    """All that one stream gave."""

    header: Any = None
    times_s: list[float] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)
    pcm: list[bytes] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    emotions: dict[str, list[tuple[float, dict[str, float]]]] = field(
        default_factory=lambda: {"input_emotions": [], "a2e_output": [], "a2f_smoothed_output": []}
    )
    statuses: list[tuple[int, str]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def weights(self) -> np.ndarray:
        return np.array(self.rows, np.float32)

    def curve(self, name: str) -> np.ndarray:
        column: np.ndarray = self.weights[:, list(self.header.skel_animation_header.blend_shapes).index(name)]
        return column

    def take(self, message: Any) -> None:
        part = message.WhichOneof("stream_part")
        self.parts.append(part)
        if part == "animation_data_stream_header":
            self.header = message.animation_data_stream_header
        elif part == "animation_data":
            self._take_frame(message.animation_data)
        elif part == "status":
            self.statuses.append((message.status.code, message.status.message))

    def _take_frame(self, data: Any) -> None:
        self.frames.append(data)
        aggregate = ace_pb2.EmotionAggregate()
        box = data.metadata["emotion_aggregate"]
        assert box.type_url == AGGREGATE_TYPE
        aggregate.ParseFromString(box.value)
        for name, entries in self.emotions.items():
            entries += [(entry.time_code, dict(entry.emotion)) for entry in getattr(aggregate, name)]
        for row in data.skel_animation.blend_shape_weights:
            self.times_s.append(row.time_code)
            self.rows.append(list(row.values))
        self.pcm.append(data.audio.audio_buffer)

    def csv_files(self) -> dict[str, list[dict[str, str]]]:
        """The files of the sample client, written and read back: a list of rows by column each."""
        names = list(self.header.skel_animation_header.blend_shapes)
        tables = {
            "animation_frames.csv": [
                {"timeCode": at, **{f"blendShapes.{name}": value for name, value in zip(names, row, strict=True)}}
                for at, row in zip(self.times_s, self.rows, strict=True)
            ]
        }
        for file, key in (
            ("a2f_3d_input_emotions.csv", "input_emotions"),
            ("a2f_3d_smoothed_emotion_output.csv", "a2f_smoothed_output"),
        ):
            tables[file] = [
                {"time_code": at, **{f"emotion_values.{name}": value for name, value in sorted(values.items())}}
                for at, values in self.emotions[key]
            ]
        return {file: _written(rows) for file, rows in tables.items()}


def _written(rows: list[dict[str, float]]) -> list[dict[str, str]]:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return list(csv.DictReader(text))


def header_of(*, rate_hz: int = 16_000, **parts: Any) -> Any:
    """An AudioStreamHeader; `parts` are its other fields by name."""
    audio = ace_pb2.AudioHeader(audio_format=0, channel_count=1, samples_per_second=rate_hz, bits_per_sample=16)
    return ace_pb2.AudioStreamHeader(audio_header=audio, **parts)


def requests_of(header: Any, pcm: bytes, *, rate_hz: int = 16_000, emotions: Timed = ()) -> Iterator[Any]:
    """What the sample client sends."""
    yield ace_pb2.AudioStream(audio_stream_header=header)
    second = 2 * rate_hz
    for number in range(len(pcm) // second + 1):
        chunk = ace_pb2.AudioWithEmotion(audio_buffer=pcm[number * second : (number + 1) * second])
        if number == 0:
            for time_s, emotion in emotions:
                chunk.emotions.add(time_code=time_s, emotion=emotion)
        yield ace_pb2.AudioStream(audio_with_emotion=chunk)
    yield ace_pb2.AudioStream(end_of_audio=ace_pb2.AudioStream.EndOfAudio())


def header(**parts: Any) -> ace_pb2.AudioStream:
    """The first message of a stream."""
    return ace_pb2.AudioStream(audio_stream_header=header_of(**parts))


def audio(pcm: bytes, *emotions: tuple[float, dict[str, float]]) -> ace_pb2.AudioStream:
    """A message with sound and timed emotions."""
    message = ace_pb2.AudioWithEmotion(audio_buffer=pcm)
    for time_s, emotion in emotions:
        message.emotions.add(time_code=time_s, emotion=emotion)
    return ace_pb2.AudioStream(audio_with_emotion=message)


class AceClient:
    """Over one channel. A refused stream raises grpc.RpcError."""

    def __init__(self, address: str, *, token: str = "", server: Any = None, loop: Any = None) -> None:
        """`server` and its `loop`: where it runs in this process, so that a test can look into it."""
        self.address, self.server, self.loop = address, server, loop
        self.channel = grpc.insecure_channel(address)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def open(self, requests: Iterable[Any], *, timeout_s: float = 20.0) -> Any:
        """The call, to be iterated; `requests` are messages or raw bytes."""
        call = self.channel.stream_stream(
            TALK_PATH,
            request_serializer=lambda message: message if isinstance(message, bytes) else message.SerializeToString(),
            response_deserializer=ace_pb2.AnimationDataStream.FromString,
        )
        return call(iter(requests), timeout=timeout_s, metadata=self._metadata)

    def run(self, requests: Iterable[Any]) -> Received:
        """One stream to its end, with the status OK."""
        received = Received()
        call = self.open(requests)
        for message in call:
            received.take(message)
        assert call.code() == grpc.StatusCode.OK
        return received

    def clip(self, pcm: bytes, *, rate_hz: int = 16_000, emotions: Timed = (), **parts: Any) -> Received:
        """A clip as the sample client sends it."""
        header = header_of(rate_hz=rate_hz, **parts)
        return self.run(requests_of(header, pcm, rate_hz=rate_hz, emotions=emotions))

    def refusal(self, requests: Iterable[Any]) -> tuple[grpc.StatusCode, str]:
        """Status and reason of a stream that must fail."""
        call = self.open(requests)
        try:
            for _ in call:
                pass
        except grpc.RpcError:
            trailing = dict(call.trailing_metadata() or ())
            return call.code(), str(trailing.get("visavis-reason", ""))
        raise AssertionError("the stream ended well")


def talks(client: AceClient) -> int:
    """That the engines of the client's server have."""
    return sum(load.talks for load in client.server.link.loads)


def within(limit_s: float, true: Any) -> bool:
    """Whether it comes true within so many seconds."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if true():
            return True
        time.sleep(0.05)
    return False
