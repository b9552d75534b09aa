"""Takes the settings of a bridge, gives one that runs: relay, ZMTP, WebSocket, in one event loop.

Four ports in a row: requests, motion, pictures, WebSocket. Neither wire has passwords or encryption, so any address but
loopback is refused unless that is asked for. What it does not do: no command line.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from visavis import Client
from visavis.connection import is_loopback
from visavis.errors import InputError
from visavis_bridge.character import Sink
from visavis_bridge.page import Page, page_files
from visavis_bridge.relay import Relay
from visavis_bridge.requests import CharacterOptions
from visavis_bridge.ws_side import LOCAL, WebSocketSide
from visavis_bridge.zmq_side import ZmqSide

LISTEN = "127.0.0.1:8611"
PORTS = 4


@dataclass(frozen=True)
class BridgeConfig:
    """Where a bridge listens and what it begins with. Raises InputError LISTEN_ADDRESS, LISTEN_UNSAFE."""

    listen: str = LISTEN
    """HOST:PORT of the requests; motion, pictures and WebSocket have the three ports above. Port 0: any free ones."""
    allow_remote: bool = False
    origins: Sequence[str] = ()
    """Web pages that may connect, beside those of this machine: "https://game.example.com"."""
    characters: Mapping[str, CharacterOptions] = field(default_factory=dict)
    web: bool = False
    """Serve the browser page on the port of the WebSocket."""

    def __post_init__(self) -> None:
        host, port = self.address
        if not host or port < 0:
            raise InputError(
                f"The address {self.listen!r} is not HOST:PORT with a port from 0 to {65_536 - PORTS}: "
                f"take for example {LISTEN}.",
                reason="LISTEN_ADDRESS",
            )
        if not (is_loopback(self.listen) or self.allow_remote):
            raise InputError(
                f"{host} can be reached from other machines, and the bridge has neither passwords nor encryption: "
                "listen on 127.0.0.1, or add --allow-remote in a network where you trust everybody.",
                reason="LISTEN_UNSAFE",
            )

    @property
    def address(self) -> tuple[str, int]:
        """Host without brackets, and port; -1 is none."""
        host, _, port = self.listen.rpartition(":")
        fits = port.isdecimal() and int(port) <= 65_536 - PORTS
        return host.removeprefix("[").removesuffix("]"), int(port) if fits else -1


class Bridge:
    """`async with Bridge(config, client=client) as bridge`. `ports`: requests, motion, pictures, WebSocket."""

    def __init__(self, config: BridgeConfig, *, client: Client, sinks: Sequence[Sink] = ()) -> None:
        """`sinks` get the motion of every character too."""
        self._config = config
        self._client = client
        self.relay = Relay(client, sinks=sinks)
        self.ports: tuple[int, int, int, int] = (0, 0, 0, 0)
        self._running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Bridge:
        """Listen, and begin the characters.

        Raises:
            InputError: LISTEN_TAKEN, CHARACTER_NAME.
        """
        host, port = self._config.address
        first, motion, textures, web = (port + i if port else 0 for i in range(PORTS))
        self._zmq = ZmqSide(self.relay, host=host, ports=(first, motion, textures))
        origins = self._config.origins
        page = Page(self._client, files=page_files(), origins=[LOCAL, *origins]) if self._config.web else None
        self._web = WebSocketSide(self.relay, host=host, port=web, origins=origins, page=page)
        try:
            await self._web.start()
            self.relay.outlets += [self._zmq, self._web]
            for name, options in self._config.characters.items():
                self.relay.open(name, options=options)
        except BaseException:
            await self._close()
            raise
        self.ports = (*self._zmq.ports, self._web.port)
        self._running = [asyncio.create_task(work()) for work in (self.relay.run, self._zmq.run)]
        gc.freeze()  # what is there now stays; collections need not look at it between frames
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every talk and close every port."""
        for task in self._running:
            task.cancel()
        results = await asyncio.gather(*self._running, return_exceptions=True)
        await self._close()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def failed(self) -> None:
        """Wait until something of the bridge fails, which it never should; raised when it is left."""
        await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _close(self) -> None:
        await self.relay.stop()
        await self._web.close()
        self._zmq.close()
