"""One engine behind a pipe, seen from the event loop: a process or a thread, and two threads that keep the pipe moving.

Commands are sent in the batches in which they pile up; nothing that the event loop calls ever waits.
What it does not do: it knows no talks (`link.py`).
"""

from __future__ import annotations

import asyncio
import atexit
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from visavis.errors import UnavailableError
from visavis_runtime.serve.engine import EngineConfig
from visavis_runtime.serve.engine_loop import run_engine, run_engine_process
from visavis_runtime.serve.messages import Command, Load, Report

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 5.0
GATHER_S = 0.002
"""Commands wait so long for others: to wake a thread and the pipe for each costs more than they do."""


class EnginePipe:
    """Start it, send to it; `on_reports` and `on_lost` are called in the event loop."""

    def __init__(
        self, number: int, config: EngineConfig, *, process: bool,
        on_reports: Callable[[EnginePipe, list[Report]], None], on_lost: Callable[[EnginePipe], None],
    ) -> None:  # fmt: skip
        self.number = number
        self.load: Load | None = None
        """What the engine last said; None while it is not up."""
        self.planned = 0.0
        """What was sent there since then, roughly, in shares of the engine."""
        self._config, self._in_process = config, process
        self._on_reports, self._on_lost = on_reports, on_lost
        self._outbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._pipe: Connection | None = None
        self._runner: multiprocessing.process.BaseProcess | threading.Thread | None = None
        self._threads: list[threading.Thread] = []

    async def start(self) -> None:
        """Until the engine is warm. Raises UnavailableError ENGINE_START."""
        self._loop = asyncio.get_running_loop()
        self._warm: asyncio.Future[None] = self._loop.create_future()
        self._pipe, theirs = multiprocessing.Pipe()
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
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self._threads:
            thread.start()
        atexit.register(self._outbox.put, None)  # whoever leaves without a word must not leave engines behind
        try:
            await asyncio.wait_for(self._warm, START_TIMEOUT_S)
        except (asyncio.TimeoutError, EOFError) as error:
            raise UnavailableError(
                f"Engine {self.number} did not start; see the lines above for the reason.", reason="ENGINE_START"
            ) from error

    def send(self, command: Command) -> None:
        """Never waits."""
        self._outbox.put(command)

    async def stop(self) -> None:
        """Close the pipe, which ends the engine, and wait for it."""
        self._outbox.put(None)
        atexit.unregister(self._outbox.put)
        if self._runner is None:
            return
        await asyncio.to_thread(self._runner.join, STOP_TIMEOUT_S)
        if not isinstance(self._runner, threading.Thread) and self._runner.is_alive():
            self._runner.kill()
            await asyncio.to_thread(self._runner.join, STOP_TIMEOUT_S)

    def _write(self) -> None:
        """Thread: commands into the pipe, all that have piled up at once."""
        assert self._pipe is not None
        while True:
            batch = [self._outbox.get()]
            time.sleep(GATHER_S)
            while not self._outbox.empty():
                batch.append(self._outbox.get())
            ended = None in batch
            try:
                self._pipe.send([command for command in batch if command is not None])
                if ended:
                    self._pipe.send(None)
            except OSError:
                return
            if ended:
                return

    def _read(self) -> None:
        """Thread: reports out of the pipe, into the event loop."""
        assert self._pipe is not None
        while True:
            try:
                reports: list[Report] = self._pipe.recv()
            except (EOFError, OSError):
                break
            self._tell(self._hear, reports)
        self._tell(self._end)

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return  # the loop is closed: nobody is left to be told

    def _hear(self, reports: list[Report]) -> None:
        if not self._warm.done():
            self._warm.set_result(None)
        self._on_reports(self, reports)

    def _end(self) -> None:
        if not self._warm.done():
            self._warm.set_exception(EOFError())
        else:
            self._on_lost(self)
