"""A server and a bridge as the processes that a user starts, on free ports, to be killed and started again.

Takes a folder of avatars, gives the ports. What it does not do: it never imports the server, only runs its command.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from visavis.errors import UnavailableError

UP_S = 60.0
PORTS = 4


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, below those that the system gives to outgoing connections."""
    for first in range(20_000 + os.getpid() % 2_900 * PORTS, 32_000, count):  # processes begin apart
        probes = [socket.socket() for _ in range(count)]
        try:
            for port, probe in enumerate(probes, start=first):
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first
    raise UnavailableError("No free ports below 32000: end other servers.", reason="BENCH_PORTS")


def _wait_for(port: int, process: subprocess.Popen[bytes], *, name: str) -> None:
    """Until somebody listens. Raises UnavailableError BENCH_SERVER."""
    end_s = time.monotonic() + UP_S
    while time.monotonic() < end_s:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise UnavailableError(f"The {name} does not listen on {port}; what it said stands above.", reason="BENCH_SERVER")


class LiveStack:
    """`visavis serve` and `visavis bridge`. `ports`: requests, motion, pictures, WebSocket."""

    def __init__(self, avatars: Path, *, bridge: Sequence[str] = ()) -> None:
        """`bridge`: more flags of the bridge."""
        first = free_ports(PORTS + 1)
        self.ports = tuple(range(first, first + PORTS))
        self.server_port = first + PORTS
        self._avatars = avatars
        self._flags = bridge
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start_server(self) -> None:
        """It listens when this returns."""
        self._start(
            "server", self.server_port, "serve", "--listen", f"127.0.0.1:{self.server_port}", "--metrics-listen", "",
            "--engines", "1", "--avatars", str(self._avatars),
        )  # fmt: skip

    def start_bridge(self) -> None:
        """It listens when this returns."""
        self._start(
            "bridge", self.ports[3], "bridge", "--server", f"127.0.0.1:{self.server_port}",
            "--listen", f"127.0.0.1:{self.ports[0]}", *self._flags,
        )  # fmt: skip

    def kill_server(self) -> None:
        """At once, as a crash would."""
        self._kill("server")

    def kill_bridge(self) -> None:
        """At once, as a crash would."""
        self._kill("bridge")

    def stop(self) -> None:
        """Both."""
        for name in list(self.processes):
            self._kill(name)

    def _start(self, name: str, port: int, *arguments: str) -> None:
        command = [sys.executable, "-m", "visavis.cli", *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.processes[name] = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        _wait_for(port, self.processes[name], name=name)

    def _kill(self, name: str) -> None:
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)  # with its engines
        process.wait(10)


@contextmanager
def live_stack(avatars: Path, *, bridge: Sequence[str] = ()) -> Iterator[LiveStack]:
    """A stack that runs for as long as the block."""
    stack = LiveStack(avatars, bridge=bridge)
    try:
        stack.start_server()
        stack.start_bridge()
        yield stack
    finally:
        stack.stop()
