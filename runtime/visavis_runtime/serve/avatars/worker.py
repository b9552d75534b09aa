"""Takes the file of a stranger, lets a child process look at it or rig it, gives nothing or a clear error.

One child, one job at a time, at low priority: a portrait takes a second or two, live talks come first. Who comes while
`queue` jobs wait is sent away with a delay. The child (`portrait_process.py`) is started with the first job, stays warm
for `idle_s`, and is ended whenever a job does not end as it should: too long, cancelled, crashed. What is left of a job
then is the caller's temporary file. What it does not do: it reads no file itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visavis.errors import CapacityError, InputError, LimitError, UnavailableError, error_of_status

START_S = 300.0
"""Longest start: on a new machine the child fetches the networks."""
JOB_S = 2.0
"""About what a job takes: for the delay that is told."""
_COSTLY_SIGNALS = frozenset({"SIGXCPU", "SIGKILL"})
"""What ends a child that computes or grows too much; the second one comes from the system when memory runs out."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkLimits:
    """What one job may take."""

    memory_bytes: int = 2 << 30
    """Above the 1 GB of address space that the loaded libraries take."""
    cpu_s: float = 30.0
    wall_s: float = 90.0
    queue: int = 8
    """Jobs that wait or run."""
    idle_s: float = 60.0
    niceness: int = 10
    """How far the child stands back, 0 to 19, on Unix."""


class PortraitWorker:
    """The child process and its queue, in one event loop."""

    def __init__(self, limits: WorkLimits | None = None) -> None:
        self.limits = limits or WorkLimits()
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._jobs = 0
        self._rest: asyncio.TimerHandle | None = None

    async def build(self, source: Path, target: Path, *, size_px: int, face_number: int) -> None:
        """Rig the picture `source` into the avatar file `target`.

        Args:
            source: the picture file.
            target: the avatar file.
            size_px: edge of the avatar's pictures.
            face_number: which face from the left, 1, 2, ...; 0: the only one.

        Raises:
            CapacityError: PORTRAIT_QUEUE.
            InputError, LimitError: see `read_picture`, and IMAGE_TOO_COSTLY.
            PortraitError: see `find_subject`.
            UnavailableError: PORTRAIT_WORKER, WEIGHTS_..., the child cannot be started or has no networks.
        """
        await self._do("build", source=source, target=target, size_px=size_px, face_number=face_number)

    async def check(self, source: Path) -> None:
        """Read the avatar file `source` whole. Raises as `build`, and what `Avatar.load` raises."""
        await self._do("check", source=source)

    async def head(self, source: Path, target: Path) -> None:
        """Write the native head of an avatar file. Raises as `check`."""
        await self._do("head", source=source, target=target)

    def check_room(self) -> None:
        """Raises CapacityError PORTRAIT_QUEUE if a job would be sent away now."""
        if self._jobs >= self.limits.queue:
            raise CapacityError(
                f"{self._jobs} portraits are waiting already: try again in a moment.",
                reason="PORTRAIT_QUEUE",
                retry_s=JOB_S * self._jobs,
            )

    @property
    def child_pid(self) -> int | None:
        """Number of the child process, if there is one."""
        return None if self._process is None else self._process.pid

    async def stop(self) -> None:
        """End the child."""
        await self._end()

    async def _do(self, job: str, **fields: Any) -> None:
        self.check_room()
        self._jobs += 1
        line = json.dumps({"job": job} | {key: _plain(value) for key, value in fields.items()})
        try:
            async with self._turn:
                answer = await self._asked(line)
        finally:
            self._jobs -= 1
        if "trace" in answer:
            log.warning("a portrait job failed:\n%s", answer["trace"])
        if answer:
            raise error_of_status(answer["code"], message=answer["message"], reason=answer["reason"])

    async def _asked(self, line: str) -> dict[str, str]:
        """The child's answer; a child that gives none is ended."""
        if self._rest is not None:
            self._rest.cancel()
        try:
            process = await self._running()
            answer = await asyncio.wait_for(_exchange(process, line), self.limits.wall_s)
            if not answer:
                raise _death(await process.wait())
        except asyncio.TimeoutError as error:
            await self._end()
            raise _too_costly() from error
        except BaseException:
            await self._end()
            raise
        found: dict[str, str] = json.loads(answer)
        if "trace" in found:
            await self._end()
        self._rest = asyncio.get_running_loop().call_later(self.limits.idle_s, self._dismiss)
        return found

    async def _running(self) -> Process:
        """The child, started and loaded. Raises UnavailableError PORTRAIT_WORKER."""
        if self._process is None or self._process.returncode is not None:
            limits = self.limits
            arguments = [f"--memory-bytes={limits.memory_bytes}", f"--cpu-s={limits.cpu_s}"]
            arguments += [f"--niceness={limits.niceness}"]
            module = "visavis_runtime.serve.avatars.process"
            # A session of its own: Ctrl-C at the terminal is for the server, which ends the child in its time.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, stdin=PIPE, stdout=PIPE, start_new_session=True,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
            assert self._process.stdout is not None
            with contextlib.suppress(asyncio.TimeoutError):
                if await asyncio.wait_for(self._process.stdout.readline(), START_S):
                    return self._process
            await self._end()
            raise UnavailableError("Portraits cannot be worked on: see the server's log.", reason="PORTRAIT_WORKER")
        return self._process

    def _dismiss(self) -> None:
        """Let an idle child go: it ends with its input."""
        if self._process is not None and self._process.stdin is not None and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _exchange(process: Process, line: str) -> bytes:
    """Empty if the child has died."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
    return await process.stdout.readline()


def _death(code: int) -> InputError | LimitError:
    """The error of a job that its child did not survive."""
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    log.warning("the portrait process ended with %s", name)
    if name in _COSTLY_SIGNALS:
        return _too_costly()
    return InputError(
        "The file could not be worked on: reading it ended the process. Export the picture again, or use another one.",
        reason="IMAGE_CORRUPT",
    )


def _too_costly() -> LimitError:
    return LimitError(
        "The file takes more time or memory than one may take: use a smaller picture.", reason="IMAGE_TOO_COSTLY"
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
