"""A game engine as the tests play it: it asks and listens over ZMTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

import numpy as np
import zmq
import zmq.asyncio

from visavis import INDEX, Client
from visavis_bridge.bridge import Bridge, BridgeConfig
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message, message_of

WAIT_S = 20.0


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 40))


def say(pcm: bytes, *, character: str = "guard", last: bool = True, rate_hz: int = 16_000) -> Message:
    flags = Flags.LAST if last else Flags.NONE
    return Message(Kind.SAY, Codec.PCM_S16, pcm, flags=flags, rate_hz=rate_hz, character=character)


def opening(character: str = "guard", **options: Any) -> Message:
    return json_message(Kind.OPEN, options, character=character)


class Engine:
    """`ask` requests, `heard` is what came without being asked for on the reliable path, `listen` reads the rest."""

    def __init__(self, ports: tuple[int, ...], *topics: str) -> None:
        self._context = zmq.asyncio.Context()
        self._requests = self._context.socket(zmq.DEALER)
        self._frames = self._context.socket(zmq.SUB)
        self._requests.connect(f"tcp://127.0.0.1:{ports[0]}")
        for port in ports[1:3]:
            self._frames.connect(f"tcp://127.0.0.1:{port}")
        for topic in topics or ("",):
            self._frames.subscribe(topic)
        self.heard: list[Message] = []
        self._count = 0

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.destroy(0)

    async def send(self, *parts: bytes) -> None:
        await self._requests.send_multipart(parts)

    async def ask(self, request: Message) -> Message:
        self._count += 1
        numbered = Message(**{**vars(request), "sequence": self._count})
        await self.send(numbered.header(), numbered.payload)
        while (message := await self.told()).kind not in (Kind.OK, Kind.ERROR) or message.sequence != self._count:
            self.heard.append(message)
        return message

    async def told(self, *, within_s: float = WAIT_S) -> Message:
        """The next message on the reliable path."""
        return message_of(*await asyncio.wait_for(self._requests.recv_multipart(), within_s))

    async def listen(self, until: Callable[[Message], bool]) -> list[Message]:
        """What comes on PUB, up to the first that fits."""
        found: list[Message] = []
        while not found or not until(found[-1]):
            _, *parts = await asyncio.wait_for(self._frames.recv_multipart(), WAIT_S)
            found.append(message_of(*parts))
        return found


@asynccontextmanager
async def bridged(server: str, *topics: str, **options: Any) -> AsyncIterator[tuple[Bridge, Engine]]:
    """A bridge to a server, and an engine on it that hears these topics."""
    async with (
        Client(server) as client,
        Bridge(BridgeConfig(listen="127.0.0.1:0"), client=client, **options) as bridge,
        Engine(bridge.ports, *topics) as engine,
    ):
        yield bridge, engine


def event_of(message: Message) -> str:
    return str(message.content()["event"]) if message.kind == Kind.EVENT else ""


def is_event(name: str) -> Callable[[Message], bool]:
    return lambda message: event_of(message) == name


def jaw_of(message: Message) -> float:
    return float(np.frombuffer(message.payload, "<f4")[INDEX["jawOpen"]])
