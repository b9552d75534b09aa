"""A server's engines and the link to them, without a gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.link import EngineLink


@asynccontextmanager
async def running(**settings: object) -> AsyncIterator[EngineLink]:
    link = EngineLink(ServerConfig(**{"engines": 1, "engine_process": False, **settings}))  # type: ignore[arg-type]
    await link.engines.start()
    try:
        yield link
    finally:
        await link.engines.stop()


async def until(happened: Callable[[], bool], *, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)
