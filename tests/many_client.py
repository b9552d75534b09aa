"""A client of TalkMany that speaks bare protobuf: one stream, any number of talks."""

from __future__ import annotations

import queue
from collections import defaultdict
from contextlib import suppress
from typing import Any

import grpc

from visavis.v1 import talk_pb2, talk_pb2_grpc


class ManyClient:
    """`send` requests of any talk; `until_ended` reads for all and keeps what came for each."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._outgoing: queue.Queue[Any] = queue.Queue()
        self.responses: dict[int, list[talk_pb2.TalkResponse]] = defaultdict(list)
        self.ends: dict[int, talk_pb2.TalkEnd] = {}
        self.messages = 0
        self.call = talk_pb2_grpc.TalkServiceStub(channel).TalkMany(iter(self._outgoing.get, None), timeout=30)

    def send(self, *requests: tuple[int, dict[str, Any]], **flags: bool) -> None:
        """One message: numbers and what their TalkRequests hold; flags for all of them (done, cancelled)."""
        self._outgoing.put(
            talk_pb2.TalkManyRequest(
                requests=[
                    talk_pb2.NumberedRequest(
                        talk=number, request=talk_pb2.TalkRequest(**fields) if fields else None, **flags
                    )
                    for number, fields in requests
                ]
            )
        )

    def half_close(self) -> None:
        self._outgoing.put(None)

    def read(self) -> Any:
        """One message, acknowledged."""
        message = next(self.call)
        self.messages += 1
        for numbered in message.responses:
            if numbered.HasField("response"):
                self.responses[numbered.talk].append(numbered.response)
                if numbered.response.sequence:
                    self.send((numbered.talk, {"acknowledged": numbered.response.sequence}))
            if numbered.HasField("end"):
                self.ends[numbered.talk] = numbered.end
        return message

    def rest(self) -> None:
        """Read until the stream ends; raises grpc.RpcError if it ends badly."""
        with suppress(StopIteration):
            while True:
                self.read()

    def until_ended(self, *numbers: int) -> None:
        """Read until these talks have ended."""
        while not self.ends.keys() >= set(numbers):
            self.read()

    def until_ready(self, *numbers: int) -> None:
        """Read until these talks have begun."""
        while not all(self.responses[number] for number in numbers):
            self.read()

    def motion(self, number: int) -> list[tuple[int, tuple[float, ...]]]:
        """(sample, latents) of every frame of a talk."""
        frames = []
        for response in self.responses[number]:
            motion, width = response.motion, 64
            for at, sample in enumerate(motion.sample_indices):
                frames.append((sample, tuple(motion.latents[at * width : (at + 1) * width])))
        return frames
