"""A client of an outbox without a connection: what it gets, when it stops reading, and time that passes at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from visavis_runtime.serve.gateway.outbox import Outbox
from visavis_runtime.serve.messages import Frames, Picture


def frames(first: int, *, count: int = 2, line: str = "a") -> Frames:
    """`count` frames, whose numbers are their samples."""
    samples = list(range(first, first + count))
    return Frames(1, samples, np.full((count, 64), first, np.float32).tobytes(), line, samples, 5, 6)


def picture(sample: int) -> Picture:
    """A picture of this sample."""
    return Picture(1, sample, "a", sample, "jpeg", 512, b"jpeg", 1, 2, 3)


class Reader:
    """A client that reads what is written until it stops."""

    def __init__(self, *, paced: bool = True) -> None:
        self.read: list[int] = []
        self.pictures: list[bool] = []
        self.got: list[Any] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.outbox = Outbox(paced=paced, on_read=self.read.append, on_pictures=self.pictures.append)

    async def write(self, response: Any) -> None:
        await self.reads.wait()
        self.got.append(response)

    async def while_writing(self, work: Callable[[], Any]) -> None:
        task = asyncio.ensure_future(self.outbox.drain(self.write))
        await work()
        await asyncio.sleep(0.01)
        task.cancel()

    @property
    def samples(self) -> list[int]:
        return [sample for one in self.got if one.HasField("motion") for sample in one.motion.sample_indices]


def age(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let time pass without waiting."""
    now = time.monotonic_ns
    monkeypatch.setattr(time, "monotonic_ns", lambda: now() + int(seconds * 1e9))
