"""ZMTP over TCP: requests on a ROUTER, motion and events on one PUB, pictures on another.

Pictures have a socket of their own so that one of a megabyte never stands before a latent, and so that a slow reader
loses pictures (`TEXTURES_AHEAD` wait at most) and not motion (`MOTION_AHEAD`). A message is [topic,] header, payload.
What is not one of ours is dropped and counted. What it does not do: no authentication; see WIRE.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import zmq
import zmq.asyncio

from visavis.errors import CapacityError, InputError, VisavisError
from visavis_bridge.messages import topic_of
from visavis_bridge.relay import Relay, error_message
from visavis_bridge.wire import MESSAGE_BYTES, Kind, Message, message_of

MOTION_AHEAD = 20_000
"""Messages that may wait for one reader: 20 characters at 60 Hz for 16 s."""
TEXTURES_AHEAD = 4
SEND_BUFFER_BYTES = 1 << 20
"""Of pictures in the kernel, which are older than those behind them."""
ANSWERS_AHEAD = 10_000
ASKED_MOST = 1_000
"""Requests under way."""


class ZmqSide:
    """Binds three ports of a host; `ports` are those of requests, motion and pictures. Port 0: any free one."""

    def __init__(self, relay: Relay, *, host: str, ports: tuple[int, int, int]) -> None:
        """Raises InputError LISTEN_TAKEN."""
        self._relay = relay
        self._context = zmq.asyncio.Context()
        self._plain = zmq.Context(self._context)  # PUB never waits, so it needs no event loop
        self._router = self._context.socket(zmq.ROUTER)
        self._motion = self._plain.socket(zmq.PUB)
        self._textures = self._plain.socket(zmq.PUB)
        for socket in (self._router, self._motion, self._textures):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.IPV6, int(":" in host))
            socket.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES)
        self._router.setsockopt(zmq.SNDHWM, ANSWERS_AHEAD)
        self._router.setsockopt(zmq.ROUTER_HANDOVER, 1)  # an engine that comes back under its own name is the same
        self._motion.setsockopt(zmq.SNDHWM, MOTION_AHEAD)
        self._textures.setsockopt(zmq.SNDHWM, TEXTURES_AHEAD)
        self._textures.setsockopt(zmq.SNDBUF, SEND_BUFFER_BYTES)
        try:
            sockets = (self._router, self._motion, self._textures)
            bound = [_bind(socket, host, port) for socket, port in zip(sockets, ports, strict=True)]
        except InputError:
            self.close()
            raise
        self.ports = (bound[0], bound[1], bound[2])
        self._asked: set[asyncio.Task[None]] = set()

    def publish(self, message: Message) -> None:
        """To whoever subscribes to its topic."""
        parts = [topic_of(message), message.header(), message.payload]
        if message.kind == Kind.TEXTURE:
            self._textures.send_multipart(parts, copy=False)
        else:
            self._motion.send_multipart(parts)

    async def run(self) -> None:
        """Read requests; ends by being cancelled."""
        while True:
            who, *parts = await self._router.recv_multipart()
            tell = partial(self._tell, who)
            try:
                request = message_of(*parts) if len(parts) == 2 else _refuse(len(parts))
            except VisavisError as error:
                self._relay.counts["malformed"] += 1
                if error.reason == "WIRE_VERSION":
                    tell(error_message(error))
                continue
            if len(self._asked) >= ASKED_MOST:
                tell(error_message(_busy(), character=request.character, sequence=request.sequence))
                continue
            asked = asyncio.create_task(self._answer(request, tell))
            self._asked.add(asked)
            asked.add_done_callback(self._asked.discard)

    async def _answer(self, request: Message, tell: Callable[[Message], None]) -> None:
        tell(await self._relay.answer(request, tell=tell))

    def _tell(self, who: bytes, message: Message) -> None:
        """Never waits: what an engine that has left, or does not read, should get is dropped by the ROUTER."""
        self._router.send_multipart([who, message.header(), message.payload])

    def close(self) -> None:
        """Close the sockets."""
        for socket in (self._router, self._motion, self._textures):
            socket.close(0)
        self._context.term()


def _bind(socket: zmq.Socket[Any], host: str, port: int) -> int:
    shown = f"[{host}]" if ":" in host else host
    try:
        socket.bind(f"tcp://{shown}:{port or '*'}")
    except zmq.ZMQError as error:
        raise InputError(
            f"{shown}:{port} cannot be listened on ({error.strerror}): another bridge? "
            "Choose a port with --listen (--bridge-listen of visavis serve).",
            reason="LISTEN_TAKEN",
        ) from None
    return int(bytes(socket.getsockopt(zmq.LAST_ENDPOINT)).rstrip(b"\0").rpartition(b":")[2])


def _refuse(count: int) -> Message:
    raise InputError(f"A request has two parts, not {count}.", reason="MESSAGE_MALFORMED")


def _busy() -> CapacityError:
    return CapacityError(f"{ASKED_MOST} requests are under way: wait for answers.", reason="BUSY")
