"""Starts `visavis bridge` beside a server, as a process of its own that ends with it.

The bridge watches its stdin, which is a pipe of this process: whatever ends the server, Ctrl-C, a kill or a crash,
closes it. A session of its own keeps a terminal's Ctrl-C from it, so that lines under way are still carried to their
end. What it does not do: the bridge has settings of its own; whoever needs them starts it by itself.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from visavis.errors import InputError
from visavis_runtime.serve.config import ServerConfig

END_S = 5.0


def check_bridge(config: ServerConfig) -> None:
    """Raises InputError BRIDGE_ALONE where the bridge would need more than an address."""
    if config.tls_cert is not None or config.tokens is not None:
        raise InputError(
            "With TLS or tokens the bridge needs settings of its own: run `visavis bridge --server HOST:PORT --tls` "
            "beside the server, with a token in VISAVIS_TOKEN.",
            reason="BRIDGE_ALONE",
        )


@contextmanager
def bridge_beside(server: str, *, listen: str, web: bool = False) -> Iterator[None]:
    """A bridge to `server` for as long as the block runs; `web`: with its page for browsers."""
    command = [sys.executable, "-m", "visavis.cli", "bridge", "--server", server, "--with-parent"]
    command += ["--listen", listen] if listen else []
    command += ["--web"] if web else []
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
