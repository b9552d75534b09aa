"""Voices to say and views of what came back, for the tests of the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
from sdk.talk_face import STEP

import visavis
from visavis import Client, Event, EventKind, MotionFrame

LINE = "samples/lines/innkeeper.flac"
Connect = Callable[..., Client]
"""Makes a client of an address."""


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def loud(seconds: float, *, level: float = 0.5) -> np.ndarray:
    return np.full(round(16_000 * seconds), level, np.float32)


def ramp(count: int) -> np.ndarray:
    """Every frame of 320 samples has a loudness of its own."""
    return np.repeat(np.arange(1, count + 1) / (count + 1), STEP).astype(np.float32)


async def frames_of(talk: visavis.Talk) -> list[visavis.Frame]:
    return [frame async for frame in talk]


def motion_of(frames: list[visavis.Frame]) -> list[MotionFrame]:
    return [frame for frame in frames if isinstance(frame, MotionFrame)]


def kinds_of(frames: list[visavis.Frame]) -> list[EventKind]:
    return [frame.kind for frame in frames if isinstance(frame, Event)]
