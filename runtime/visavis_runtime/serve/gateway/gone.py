"""How a connection ends that its talk has not ended: what is raised where the client is not there any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable


class Gone(Exception):
    """The client of this connection is not there any more."""


class Left(Gone):
    """The client has said that it goes."""


class TakenUp(Gone):
    """Another connection goes on with the talk."""


async def writing(write: Awaitable[None]) -> None:
    """Wait for something that is sent to the client. Raises Gone."""
    try:
        await write
    except asyncio.CancelledError:
        raise
    except Exception as error:  # gRPC has several, some of them private, for a client that is gone
        raise Gone from error
