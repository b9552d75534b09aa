"""The real server with an ACE port and its engine in a thread, one for all tests of a module."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from ace_client import SEED, AceClient, Received

from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.gateway.server import Server

LINE = Path(__file__).resolve().parents[4] / "samples" / "lines" / "innkeeper.flac"


@contextmanager
def serving(config: ServerConfig) -> Iterator[AceClient]:
    """The server, in a thread of its own; the client has it as `server` and its loop as `loop`."""
    ready, stop = threading.Event(), asyncio.Event()
    server = Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.start()
        ready.set()
        await stop.wait()
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(30)
    client = AceClient(f"127.0.0.1:{server.ports[-1]}", server=server, loop=loops[0])
    try:
        yield client
    finally:
        client.channel.close()
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(20)


def ace_config(folder: Path, **changes: Any) -> ServerConfig:
    """Ports that are free, an engine in a thread, avatars nowhere."""
    listen = {"listen": "127.0.0.1:0", "ace_listen": "127.0.0.1:0", "metrics_listen": ""}
    return ServerConfig(**{**listen, "avatars": folder, "engine_process": False, **changes})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AceClient]:
    with serving(ace_config(tmp_path_factory.mktemp("avatars"))) as one:
        yield one


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., Any]:
    """`with serve(...) as client`: another server, with other settings."""
    return lambda **changes: serving(ace_config(tmp_path, **changes))


@pytest.fixture(scope="session")
def speech() -> bytes:
    """2.5 s of a spoken line, 16 kHz int16."""
    samples, rate_hz = soundfile.read(LINE, dtype="int16")
    assert rate_hz == 16_000
    return np.asarray(samples[:40_000]).astype("<i2").tobytes()


@pytest.fixture(scope="module")
def plain(client: AceClient, speech: bytes) -> Received:
    """The clip with nothing asked for."""
    return client.clip(speech, face_params=SEED)
