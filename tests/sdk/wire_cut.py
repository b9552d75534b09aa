"""A wire to a server that can be held up and cut: a TCP relay on a port of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Wire:
    """`async with Wire("127.0.0.1:8610") as wire`: clients connect to `wire.address`."""

    def __init__(self, target: str, *, delay_s: float = 0.0) -> None:
        """`delay_s`: how long what is sent is on its way, in each direction."""
        self._delay_s = delay_s
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._writers: list[asyncio.StreamWriter] = []
        self.address = ""
        self.connections = 0
        self._flow = asyncio.Event()
        self._flow.set()

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def hold(self) -> None:
        """Carry nothing more, in either direction, until it is cut."""
        self._flow.clear()

    def cut(self) -> None:
        """Reset every connection, in the middle of whatever it carries; new ones carry again."""
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.transport.abort()
        self._flow.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                await self._flow.wait()
                asyncio.get_running_loop().call_later(self._delay_s, writer.write, data)
                await writer.drain()
        asyncio.get_running_loop().call_later(self._delay_s, writer.close)
