"""How a call ended, when the server ends it while the client writes: hundreds of times, because it is a race."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio
import pytest
from sdk.heard import run

from visavis import Client
from visavis.connection import Connection
from visavis.errors import REASON_KEY, CapacityError, LimitError, UnavailableError
from visavis.streams import open_stream
from visavis.v1 import audio_pb2, avatar_pb2, avatar_pb2_grpc, talk_pb2, talk_pb2_grpc

TIMES = 300
AUDIO = talk_pb2.TalkRequest(audio=audio_pb2.AudioChunk(line_id="a", pcm=bytes(100)))


class Rude(talk_pb2_grpc.TalkServiceServicer, avatar_pb2_grpc.AvatarServiceServicer):
    """Ends every call in the middle of what is sent, in order or with a refusal."""

    def __init__(self) -> None:
        self.in_order = False

    async def Talk(self, _: Any, context: Any) -> None:
        await context.read()
        await context.write(talk_pb2.TalkResponse(ready=talk_pb2.Ready(motion_fps=60)))
        for _ in range(3):
            await context.read()
        await context.write(talk_pb2.TalkResponse(summary=talk_pb2.Summary(motion_frames=7)))
        if not self.in_order:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "enough", ((REASON_KEY, "TALK_TOO_LONG"),))

    async def CreateAvatar(self, _: Any, context: Any) -> avatar_pb2.CreateAvatarResponse:
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", ((REASON_KEY, "MAX_TALKS"),))
        raise AssertionError


@asynccontextmanager
async def rude() -> AsyncIterator[tuple[Rude, str]]:
    server, service = grpc.aio.server(), Rude()
    talk_pb2_grpc.add_TalkServiceServicer_to_server(service, server)
    avatar_pb2_grpc.add_AvatarServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield service, f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


@pytest.mark.parametrize("in_order", [True, False])
def test_a_talk_that_ends_while_it_is_written_to_says_why(in_order: bool) -> None:
    async def ending(connection: Connection) -> str:
        stream, _ = await open_stream(connection, talk_pb2.TalkRequest(start=talk_pb2.Start()), pictures=False)

        async def write() -> None:
            while await stream.write(AUDIO):
                pass

        writing = asyncio.create_task(write())
        try:
            summary = await stream.read()
            assert summary is not None
            assert summary.summary.motion_frames == 7
            assert await stream.read() is None
            return "OK"
        except (LimitError, UnavailableError) as error:
            return error.reason
        finally:
            writing.cancel()
            stream.cancel()

    async def work() -> None:
        async with rude() as (service, target):
            service.in_order = in_order
            connection = Connection(target)
            endings = Counter([await ending(connection) for _ in range(TIMES)])
            await connection.close()
        assert endings == {"OK" if in_order else "TALK_TOO_LONG": TIMES}

    run(work())


def test_an_upload_that_is_refused_while_it_is_sent_says_why() -> None:
    async def work() -> None:
        endings: Counter[str] = Counter()
        async with rude() as (_, target), Client(target) as client:
            for _ in range(TIMES):
                try:
                    await client.create_avatar(bytes(4 << 20), name="npc")
                except CapacityError as error:
                    endings[error.reason] += 1
                except Exception as error:
                    endings[repr(error)] += 1
        assert endings == {"MAX_TALKS": TIMES}

    run(work())
