"""What the tests of the client share."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
import soundfile
from live_server import Running, config
from sdk.heard import LINE, Connect

from visavis import Client


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(params=[False, True], ids=["own", "shared"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Makes clients whose talks have streams of their own, or share one."""
    return partial(Client, share_stream=request.param)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a real server that lets a client go after a second without a sign of reading."""
    running = Running(config(ack_timeout_s=1.0))
    yield running.address
    running.stop()


@pytest.fixture(scope="session")
def voice() -> np.ndarray:
    """A spoken line, [n] float32 at 16 kHz."""
    audio, rate_hz = soundfile.read(LINE, dtype="float32")
    assert rate_hz == 16_000
    return np.asarray(audio)
