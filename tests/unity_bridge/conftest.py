"""What the tests of the bridge share: one server for a module, and a voice."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile
from live_server import Running, config


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a real server without avatars."""
    running = Running(config())
    yield running.address
    running.stop()


@pytest.fixture(scope="session")
def voice() -> np.ndarray:
    """A spoken line, [n] int16 at 16 kHz."""
    audio, rate_hz = soundfile.read("samples/lines/innkeeper.flac", dtype="int16")
    assert rate_hz == 16_000
    return np.asarray(audio)


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
