"""Keeps a talk alive while its stream is open: says what was read, pings when nothing is said, gives up a dead wire.

Each of the two goes on until it is cancelled and asks `opened` for the stream each time, so that it waits over a break.
What it does not do: no mending (`conversation.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from visavis.arrivals import Arrivals
from visavis.streams import TalkStream
from visavis.v1 import talk_pb2

TEND_S = 0.1
"""Acks go out this often."""
PING_S = 5.0
WATCH_S = 1.0
SILENT_S = 15.0
"""A connection on which nothing has come for so long, pings included, is taken for broken."""

Opened = Callable[[], Awaitable[TalkStream]]
"""Gives the stream that is open, or the next one."""


async def tend(opened: Opened, *, arrivals: Arrivals, said_all: Callable[[], bool]) -> None:
    """Acks of what was handed out, pings of a silent talk, as long as the sending side is open."""
    ping = 0
    while True:
        await asyncio.sleep(TEND_S)
        stream = await opened()
        if said_all():
            continue  # the sending side is closed
        if sequence := arrivals.acknowledgement():
            await stream.write(talk_pb2.TalkRequest(ack=talk_pb2.Ack(sequence=sequence)))
        elif time.monotonic() - stream.last_write_s > PING_S:
            ping += 1
            await stream.write(talk_pb2.TalkRequest(ping=talk_pb2.Ping(id=ping)))


async def watch(opened: Opened, *, arrivals: Arrivals) -> None:
    """Give up a connection on which nothing comes, although we read.

    Counted in looks, not by the clock: a program that stood still has not been listening.
    """
    read_s = silent_s = 0.0
    while True:
        await asyncio.sleep(WATCH_S)
        stream = await opened()
        silent_s = silent_s + WATCH_S if stream.last_read_s == read_s and not arrivals.inbox.full() else 0.0
        read_s = stream.last_read_s
        if silent_s > SILENT_S:
            silent_s = 0.0
            stream.give_up()
