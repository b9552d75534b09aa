"""A real server in a thread, and clients that speak bare protobuf to it."""

from __future__ import annotations

import asyncio
import queue
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from visavis.errors import REASON_KEY
from visavis.v1 import audio_pb2, talk_pb2, talk_pb2_grpc
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.server import Server

RATE = 16_000
NOWHERE = Path("none")
"""Stands for an empty folder of avatars that goes when the server goes."""
WAIT_S = 20.0


class Running:
    """A server in its own thread and event loop."""

    def __init__(self, config: ServerConfig) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._folder = tempfile.TemporaryDirectory(prefix="visavis-")
        if config.avatars == NOWHERE:
            config = replace(config, avatars=Path(self._folder.name))
        self.server = Server(config)
        self.call(self.server.start())
        self.address = f"127.0.0.1:{self.server.ports[0]}"

    def call(self, work: Any, *, timeout_s: float = 60.0) -> Any:
        """Run a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def stop(self, *, drain_s: float = 0.0) -> None:
        self.call(self.server.stop(drain_s=drain_s))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self._folder.cleanup()


def until_held(running: Running, count: int, *, within_s: float = 5.0) -> None:
    """Wait until the server holds so many talks."""
    until_s = time.monotonic() + within_s
    while len(running.server.talks.talks) != count and time.monotonic() < until_s:
        time.sleep(0.01)
    assert len(running.server.talks.talks) == count


class Client:
    """One talk: `send` any request, `until` reads responses. It acknowledges what it reads, unless told not to."""

    def __init__(self, channel: grpc.Channel, *, acks: bool = True, metadata: Any = None) -> None:
        self._outgoing: queue.Queue[Any] = queue.Queue()
        self.acks = acks
        self.sequence = 0
        self.call = talk_pb2_grpc.TalkServiceStub(channel).Talk(iter(self._outgoing.get, None), metadata=metadata)

    def send(self, **fields: Any) -> None:
        self._outgoing.put(talk_pb2.TalkRequest(**fields))

    def half_close(self) -> None:
        self._outgoing.put(None)

    def read(self) -> Any:
        response = next(self.call)
        if response.sequence:
            self.sequence = response.sequence
            if self.acks:
                self.send(ack=talk_pb2.Ack(sequence=response.sequence))
        return response

    def until(self, fits: Callable[[Any], bool]) -> list[Any]:
        """Responses up to the first that fits, that one included."""
        responses = [self.read()]
        while not fits(responses[-1]):
            responses.append(self.read())
        return responses

    def rest(self) -> list[Any]:
        """All that comes until the call ends; raises grpc.RpcError if it ends badly."""
        responses = []
        while True:
            try:
                responses.append(self.read())
            except StopIteration:
                return responses

    def refusal(self) -> tuple[str, str]:
        """Status and reason, when the call ends with an error."""
        with pytest.raises(grpc.RpcError) as caught:
            self.rest()
        return status_of(caught.value)


def status_of(error: Any) -> tuple[str, str]:
    return error.code().name, dict(error.trailing_metadata() or ()).get(REASON_KEY, "")


def start(*, rate: int = RATE, encoding: int = 1, channels: int = 1, **fields: Any) -> talk_pb2.Start:
    audio = audio_pb2.AudioFormat(encoding=encoding, sample_rate_hz=rate, channel_count=channels)  # type: ignore[arg-type]
    return talk_pb2.Start(**{"audio": audio, "seed": 7, "protocol_version": 1, **fields})


def chunk(pcm: bytes, *, line: str = "a", at: int | None = None) -> audio_pb2.AudioChunk:
    return audio_pb2.AudioChunk(line_id=line, pcm=pcm, sample_index=at)


def voice(seconds: float, *, rate: int = RATE, seed: int = 3) -> Any:
    """Something that swings like a voice, [n] float32."""
    at = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 130 * at) + 0.5 * np.sin(2 * np.pi * 700 * at) + 0.3 * np.sin(2 * np.pi * 1900 * at)
    noise = np.random.default_rng(seed).normal(0, 0.02, at.shape[0])
    return (0.2 * tone * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * at)) + noise).astype(np.float32)


def s16(samples: Any) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def event(response: Any) -> str:
    """Its kind, or "" for anything else."""
    if response.WhichOneof("response") != "event":
        return ""
    return talk_pb2.EventType.Name(response.event.type).removeprefix("EVENT_TYPE_")


def config(**fields: Any) -> ServerConfig:
    return ServerConfig(
        **{
            "listen": "127.0.0.1:0", "metrics_listen": "", "engine_process": False, "engines": 1,
            "avatars": NOWHERE, **fields,
        }
    )  # fmt: skip
