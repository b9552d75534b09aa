"""A UDP socket on loopback that keeps what it hears."""

from __future__ import annotations

import socket
import time


class UdpListener:
    """Bound to a free port; use it in `with`."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> UdpListener:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def take(self, count: int, *, within_s: float = 10.0) -> list[bytes]:
        """The next `count` datagrams; fails if they do not come in time."""
        heard: list[bytes] = []
        end_s = time.monotonic() + within_s
        while len(heard) < count:
            self._socket.settimeout(max(end_s - time.monotonic(), 1e-3))
            heard.append(self._socket.recv(65536))
        return heard

    def drain(self, *, quiet_s: float = 0.0) -> list[bytes]:
        """Everything that lies there, until nothing comes for `quiet_s`."""
        heard: list[bytes] = []
        self._socket.settimeout(quiet_s)
        while True:
            try:
                heard.append(self._socket.recv(65536))
            except (BlockingIOError, TimeoutError):
                return heard
