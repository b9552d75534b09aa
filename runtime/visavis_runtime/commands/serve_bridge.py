"""Starts `visavis bridge` beside a server, as a process of its own that ends with it.

The bridge watches its stdin, which is a pipe of this process: whatever ends the server, Ctrl-C, a kill or a crash,
closes it. A bridge that ends by itself is started again. A session of its own keeps a terminal's Ctrl-C from it, so
that lines under way are still carried to their end. What it does not do: the bridge has settings of its own; whoever
needs them starts it by itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from visavis.errors import InputError
from visavis_runtime.serve.config import ServerConfig

END_S = 5.0
EARLY_S = 3.0
"""A bridge that ends so soon has a reason that a second try would not cure: a port that is taken."""


def check_bridge(config: ServerConfig) -> None:
    """Raises InputError BRIDGE_ALONE where the bridge would need more than an address."""
    if config.tls_cert is not None or config.tokens is not None:
        raise InputError(
            "With TLS or tokens the bridge needs settings of its own: run `visavis bridge --server HOST:PORT --tls` "
            "beside the server, with a token in VISAVIS_TOKEN.",
            reason="BRIDGE_ALONE",
        )


@contextmanager
def bridge_beside(server: str, *, listen: str, web: bool = False) -> Iterator[Beside]:
    """A bridge to `server` for as long as the block runs; `web`: with its page for browsers."""
    command = [sys.executable, "-m", "visavis.cli", "bridge", "--server", server, "--with-parent"]
    command += ["--listen", listen] if listen else []
    command += ["--web"] if web else []
    beside = Beside(command)
    watching = threading.Thread(target=beside.watch, daemon=True)
    watching.start()
    try:
        yield beside
    finally:
        beside.end()
        watching.join(END_S)


class Beside:
    """The process of the bridge; one that ends by itself is started again, unless it could not even begin."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self.failed = False
        """It could not begin."""
        self._ending = threading.Event()
        self._process = self._start()

    def watch(self) -> None:
        """Until `end`."""
        while True:
            began_s = time.monotonic()
            status = self._process.wait()
            if self._ending.is_set():
                return
            if time.monotonic() - began_s < EARLY_S:
                print(f"visavis serve: the bridge could not begin (status {status}): stopping.", file=sys.stderr)
                self.failed = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            print(f"visavis serve: the bridge ended (status {status}) and is started again.", file=sys.stderr)
            self._process = self._start()

    def end(self) -> None:
        """Its lines are carried to their end, for a while."""
        self._ending.set()
        process = self._process
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True)
