"""One engine behind a socket, seen from the event loop: a process or a thread of its own.

The socket belongs to the event loop, so no thread stands between the engines and the clients (two threads per engine
cost the gateway a third of its time, measured). Commands are sent in the batches in which they pile up; nothing that
the event loop calls ever waits. The engine's end is a `multiprocessing` connection, whose framing is spoken here.
What it does not do: it knows no talks (`link.py`).
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import socket
import struct
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

from visavis.errors import UnavailableError
from visavis_runtime.serve.engine.loop import run_engine, run_engine_process
from visavis_runtime.serve.engine.slots import EngineConfig
from visavis_runtime.serve.messages import Command, Load, Report, Said

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 5.0
GATHER_S = 0.002
"""Commands wait so long for others: to wake the engine for each costs more than they do."""
_LENGTH = struct.Struct("!i")


class _Wire(asyncio.Protocol):
    """Cuts what comes in into messages of a `multiprocessing` connection."""

    def __init__(self, *, on_message: Callable[[Said], None], on_end: Callable[[], None]) -> None:
        self._on_message, self._on_end = on_message, on_end
        self._buffer = bytearray()

    def data_received(self, data: bytes) -> None:
        """A piece of the stream."""
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _LENGTH.size:
            end = at + _LENGTH.size + _LENGTH.unpack_from(buffer, at)[0]
            if len(buffer) < end:
                break
            message = bytes(memoryview(buffer)[at + _LENGTH.size : end])
            at = end
            self._on_message(ForkingPickler.loads(message))
        del buffer[:at]

    def connection_lost(self, error: Exception | None) -> None:
        """The engine is gone."""
        self._on_end()


class EnginePipe:
    """Start it, send to it; `on_reports` (with how many seconds ago they were said) and `on_lost` are called in the
    event loop."""

    def __init__(
        self, number: int, config: EngineConfig, *, process: bool,
        on_reports: Callable[[EnginePipe, list[Report], float], None], on_lost: Callable[[EnginePipe], None],
    ) -> None:  # fmt: skip
        self.number = number
        self.load: Load | None = None
        """What the engine last said; None while it is not up."""
        self.heard_s = 0.0
        """When it last said something (monotonic)."""
        self.planned = 0.0
        """What was sent there since then, roughly, in shares of the engine."""
        self._config, self._in_process = config, process
        self._on_reports, self._on_lost = on_reports, on_lost
        self._outbox: list[Command] = []
        self._socket: socket.socket | None = None
        self._transport: asyncio.Transport | None = None
        self._runner: multiprocessing.process.BaseProcess | threading.Thread | None = None

    async def start(self) -> None:
        """Until the engine is warm. Raises UnavailableError ENGINE_START."""
        self._loop = asyncio.get_running_loop()
        self._warm: asyncio.Future[None] = self._loop.create_future()
        self._socket, other = socket.socketpair()
        theirs: Connection = Connection(other.detach())
        if self._in_process:
            self._runner = multiprocessing.get_context("spawn").Process(
                target=run_engine_process, args=(theirs, self._config), daemon=True,
                name=f"visavis-engine-{self.number}",
            )  # fmt: skip
        else:
            self._runner = threading.Thread(target=run_engine, args=(theirs, self._config), daemon=True)
        await asyncio.to_thread(self._runner.start)
        if self._in_process:
            theirs.close()
        self._socket.setblocking(False)
        self._transport, _ = await self._loop.create_connection(
            lambda: _Wire(on_message=self._hear, on_end=self._end), sock=self._socket
        )
        atexit.register(self._hang_up)  # whoever leaves without a word must not leave engines behind
        try:
            await asyncio.wait_for(self._warm, START_TIMEOUT_S)
        except (asyncio.TimeoutError, EOFError) as error:
            self._hang_up()
            self.kill()
            raise UnavailableError(
                f"Engine {self.number} did not start; see the lines above for the reason.", reason="ENGINE_START"
            ) from error

    def send(self, command: Command) -> None:
        """Never waits."""
        if not self._outbox:
            self._loop.call_later(GATHER_S, self._flush)
        self._outbox.append(command)

    async def stop(self) -> None:
        """Hang up, which ends the engine, and wait for it."""
        if self._transport is not None:
            self._transport.close()
            await asyncio.sleep(0)  # the transport closes its socket in the next round of the loop
        atexit.unregister(self._hang_up)
        self._hang_up()
        if self._runner is None:
            return
        await asyncio.to_thread(self._runner.join, STOP_TIMEOUT_S)
        if not isinstance(self._runner, threading.Thread) and self._runner.is_alive():
            self._runner.kill()
            await asyncio.to_thread(self._runner.join, STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End an engine that does not answer; `on_lost` follows. A thread cannot be ended."""
        if self._runner is not None and not isinstance(self._runner, threading.Thread):
            self._runner.kill()

    def _flush(self) -> None:
        """Everything that has piled up, in one message."""
        commands, self._outbox = self._outbox, []
        if self._transport is not None and not self._transport.is_closing():
            message = ForkingPickler.dumps(commands)
            self._transport.write(_LENGTH.pack(len(message)) + bytes(message))

    def _hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _hear(self, said: Said) -> None:
        said_ns, reports = said
        self.heard_s = self._loop.time()
        if not self._warm.done():
            self._warm.set_result(None)
        self._on_reports(self, reports, (time.monotonic_ns() - said_ns) * 1e-9)

    def _end(self) -> None:
        if not self._warm.done():
            self._warm.set_exception(EOFError())
        elif not self._warm.cancelled():  # it has been up; else `start` has told of it
            self._on_lost(self)
