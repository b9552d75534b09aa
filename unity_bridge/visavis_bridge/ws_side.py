"""WebSocket: the same messages, header and payload in one binary message, for browsers and whoever has no ZMTP.

The address says what is wanted: `/` is everything, `/?topic=guard/` one character, and
`/?topic=guard/motion&topic=guard/event` two topics. With `own=1` the characters that a connection begins end with it,
so that no page leaves one behind. Every reader has a queue of its own: a slow one gets the newest picture of each
character and loses the oldest motion beyond `MOTION_AHEAD`, and nobody else notices. Pages of other
hosts are refused by their Origin, because a browser lets any page open a socket to this machine.
What it does not do: no pictures of its own; JPEG comes as JPEG.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import parse_qs

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from visavis.errors import CapacityError, InputError, VisavisError
from visavis_bridge.character import Character
from visavis_bridge.messages import topic_of
from visavis_bridge.page import Page
from visavis_bridge.relay import Relay, error_message
from visavis_bridge.spoken import Tell
from visavis_bridge.wire import MESSAGE_BYTES, Kind, Message, message_of_bytes

MOTION_AHEAD = 4_000
CONNECTIONS_MOST = 100
MAKES_MOST = 4
"""Avatars that one connection has made at a time."""
LOCAL = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
TRY_LATER = 1013
OPEN_S = 30.0
"""Time for a handshake or a page: a server that is busy or just begins makes a head in seconds."""


class Reader:
    """What waits for one connection."""

    def __init__(self, topics: Sequence[str], *, owns: bool = False) -> None:
        """`owns`: the characters that it opens end with it."""
        self.owns = owns
        self._topics = tuple(topic.encode() for topic in topics)
        self._queue: deque[bytes] = deque()
        self._newest: dict[str, bytes] = {}
        self._wake = asyncio.Event()

    def wants(self, topic: bytes) -> bool:
        """Whether it listens to a topic."""
        return topic.startswith(self._topics)

    def picture(self, character: str, data: bytes) -> bool:
        """The newest picture; False: the one before had not gone out."""
        fresh = self._newest.pop(character, None) is None
        self._newest[character] = data
        self._wake.set()
        return fresh

    def put(self, data: bytes) -> bool:
        """Anything else, in order; False: the oldest was dropped for it."""
        self._queue.append(data)
        fits = len(self._queue) <= MOTION_AHEAD
        if not fits:
            self._queue.popleft()
        self._wake.set()
        return fits

    async def get(self) -> bytes:
        """What goes out next: a picture when nothing else waits."""
        while not (self._queue or self._newest):
            self._wake.clear()
            await self._wake.wait()
        if self._queue:
            return self._queue.popleft()
        return self._newest.pop(next(iter(self._newest)))


class WebSocketSide:
    """Listens on one port. `port` is known after `start`."""

    def __init__(
        self, relay: Relay, *, host: str, port: int, origins: Sequence[str] = (), page: Page | None = None
    ) -> None:
        """`page` is served to browsers that ask for one."""
        self._relay = relay
        self._page = page
        self._host = host
        self.port = port
        self._origins: list[Origin | re.Pattern[str] | None] = [None, LOCAL, *map(Origin, origins)]
        self._readers: set[Reader] = set()
        self._owners: dict[Character, Reader] = {}
        self._server: Server | None = None

    async def start(self) -> None:
        """Raises InputError LISTEN_TAKEN."""
        try:
            self._server = await serve(
                self._join, self._host, self.port, origins=self._origins, max_size=MESSAGE_BYTES, compression=None,
                server_header=None, open_timeout=OPEN_S, process_request=self._show if self._page else None,
            )  # fmt: skip
        except OSError as error:
            raise InputError(
                f"{self._host}:{self.port} cannot be listened on ({error.strerror}): another bridge? "
                "Choose a port with --listen (--bridge-listen of visavis serve).",
                reason="LISTEN_TAKEN",
            ) from None
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def close(self) -> None:
        """Close every connection."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def publish(self, message: Message) -> None:
        """To every reader of its topic."""
        topic = topic_of(message)
        readers = [reader for reader in self._readers if reader.wants(topic)]
        if not readers:
            return
        data = message.header() + message.payload
        for reader in readers:
            if message.kind == Kind.TEXTURE:
                if not reader.picture(message.character, data):
                    self._relay.counts["textures_dropped"] += 1
            elif not reader.put(data):
                self._relay.counts["motion_dropped"] += 1

    async def _show(self, _: ServerConnection, request: Request) -> Response | None:
        assert self._page is not None
        return await self._page.answer(request)

    async def _join(self, connection: ServerConnection) -> None:
        """One connection from its begin to its end."""
        if len(self._readers) >= CONNECTIONS_MOST:
            await connection.close(TRY_LATER, f"{CONNECTIONS_MOST} connections are open")
            return
        assert connection.request is not None
        asked = parse_qs(connection.request.path.partition("?")[2])
        reader = Reader(asked.get("topic", [""]), owns="own" in asked)
        self._readers.add(reader)
        beside = {asyncio.create_task(_write(connection, reader))}
        try:
            async for data in connection:
                await self._hear(data, reader=reader, beside=beside)
        except ConnectionClosed:
            pass
        finally:
            self._readers.discard(reader)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            for character in [character for character, owner in self._owners.items() if owner is reader]:
                del self._owners[character]
                if self._relay.find(character.name) is character:  # not another one that began under its name since
                    await self._relay.close(character.name)

    async def _hear(self, data: str | bytes, *, reader: Reader, beside: set[asyncio.Task[None]]) -> None:
        """Answer one request before the next is read; `beside` takes those that last seconds."""

        def tell(message: Message) -> None:
            reader.put(message.header() + message.payload)

        try:
            request = message_of_bytes(data if isinstance(data, bytes) else data.encode())
        except VisavisError as error:
            self._relay.counts["malformed"] += 1
            if error.reason == "WIRE_VERSION":
                tell(error_message(error))
            return
        if request.kind == Kind.MAKE:
            if len(beside) > MAKES_MOST:
                tell(error_message(_busy(), character=request.character, sequence=request.sequence))
                return
            making = asyncio.create_task(self._make(request, tell))
            beside.add(making)
            making.add_done_callback(beside.discard)
            return
        before = self._relay.find(request.character)
        answer = await self._relay.answer(request, tell=tell)
        if reader.owns and request.kind == Kind.OPEN and answer.kind == Kind.OK:
            self._claim(request.character, reader=reader, before=before)
        tell(answer)

    async def _make(self, request: Message, tell: Tell) -> None:
        tell(await self._relay.answer(request, tell=tell))

    def _claim(self, name: str, *, reader: Reader, before: Character | None) -> None:
        """The character ends with this reader, unless somebody else began it: `before` stood under its name."""
        self._owners = {one: owner for one, owner in self._owners.items() if self._relay.find(one.name) is one}
        character = self._relay.find(name)
        if character is not None and (character is not before or character in self._owners):
            self._owners[character] = reader  # the newest: a page that comes back takes its character along


async def _write(connection: ServerConnection, reader: Reader) -> None:
    with suppress(ConnectionClosed):
        while True:
            await connection.send(await reader.get())


def _busy() -> CapacityError:
    return CapacityError(f"{MAKES_MOST} avatars are being made for this connection: wait for one.", reason="BUSY")
