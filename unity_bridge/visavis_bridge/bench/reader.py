"""Reads a bridge as an engine in Python does, for some seconds: how late messages are, and which are missing.

Takes the ports, gives figures in the form that client programs in other languages print as JSON (`--client`). Lateness
is the time of arrival less `sent_ns` of the header: both are this machine's monotonic clock.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zmq

from visavis_bridge.wire import HEADER, Kind

SPOT_SEQUENCE, SPOT_SENT, SPOT_CHARACTER = 7, 10, 15
"""Fields of HEADER."""


@dataclass
class Stream:
    """What came of one kind."""

    late_ms: list[float] = field(default_factory=list)
    missing: int = 0
    _last: dict[bytes, int] = field(default_factory=lambda: defaultdict(int))

    def hear(self, header: tuple[Any, ...], *, now_ns: int) -> None:
        """One message."""
        if header[SPOT_SENT]:
            self.late_ms.append((now_ns - header[SPOT_SENT]) / 1e6)
        last, sequence = self._last[header[SPOT_CHARACTER]], header[SPOT_SEQUENCE]
        if last:
            self.missing += max(sequence - last - 1, 0)
        self._last[header[SPOT_CHARACTER]] = sequence

    def figures(self, name: str, *, seconds: float) -> dict[str, Any]:
        """Its figures, named after it."""
        shares = {"p50": 50, "p95": 95, "max": 100}
        late = {key: np.percentile(self.late_ms, share) if self.late_ms else None for key, share in shares.items()}
        return {
            f"{name}_per_s": round(len(self.late_ms) / seconds, 2),
            **{f"{name}_{key}_ms": None if ms is None else round(float(ms), 2) for key, ms in late.items()},
            f"{name}_lost": self.missing,
        }


def read_bridge(ports: tuple[int, ...], *, seconds: float) -> dict[str, Any]:
    """Motion and pictures of all characters for so long. Pictures that are missing were dropped for newer ones."""
    context = zmq.Context()
    streams = {int(Kind.MOTION): Stream(), int(Kind.TEXTURE): Stream()}
    poller = zmq.Poller()
    try:
        for port in ports[1:3]:
            socket = context.socket(zmq.SUB)
            socket.connect(f"tcp://127.0.0.1:{port}")
            socket.subscribe("")
            poller.register(socket, zmq.POLLIN)
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            for ready, _ in poller.poll(int(left_s * 1000) + 1):
                parts = ready.recv_multipart(copy=False)
                header = HEADER.unpack(parts[1].bytes)
                if header[2] in streams:
                    streams[header[2]].hear(header, now_ns=time.monotonic_ns())
    finally:
        context.destroy(0)
    motion, pictures = streams[int(Kind.MOTION)], streams[int(Kind.TEXTURE)]
    return {**motion.figures("motion", seconds=seconds), **pictures.figures("texture", seconds=seconds)}
