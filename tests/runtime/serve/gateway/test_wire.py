from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_server import Running, start, status_of

from visavis.v1 import talk_pb2
from visavis_runtime.serve.gateway.wire import LIVE_BYTES_PER_S, TRANSPORT_BYTES, Requests

TALK = "/visavis.v1.TalkService/Talk"
ALLOWED = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "ABORTED", "RESOURCE_EXHAUSTED", "NOT_FOUND", "OK"}
START = talk_pb2.TalkRequest(start=start()).SerializeToString()


def _said(channel: grpc.Channel, *pieces: bytes, method: str = TALK) -> tuple[str, str]:
    """Status and reason of a call that sends these bytes and closes its side."""
    call: Any = channel.stream_stream(method)(iter(pieces), timeout=20)
    try:
        for _ in call:
            pass
    except grpc.RpcError as error:
        return status_of(error)
    return "OK", ""


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\x0a\x7f", b"GET / HTTP/1.1", b"\x00" * 40])
def test_garbage_is_malformed(channel: grpc.Channel, data: bytes) -> None:
    assert _said(channel, data) == ("INVALID_ARGUMENT", "MALFORMED")
    assert _said(channel, START, data) == ("INVALID_ARGUMENT", "MALFORMED")


def test_an_empty_message_and_unknown_fields(channel: grpc.Channel) -> None:
    unknown = b"\xa2\x06\x03abc"  # field 100
    assert _said(channel, START, b"") == ("INVALID_ARGUMENT", "EMPTY_MESSAGE")
    assert _said(channel, START, unknown) == ("INVALID_ARGUMENT", "EMPTY_MESSAGE")
    ping = talk_pb2.TalkRequest(ping=talk_pb2.Ping(id=1)).SerializeToString()
    assert _said(channel, START + unknown, ping + unknown) == ("OK", "")


def test_too_large_a_message(channel: grpc.Channel, running: Running) -> None:
    size = running.server.config.message_bytes
    assert _said(channel, START, bytes(size + 1)) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert _said(channel, START, bytes(5_000_000)) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert _said(channel, bytes(5_000_000)) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert _said(channel, START, bytes(TRANSPORT_BYTES + 1)) == ("RESOURCE_EXHAUSTED", "")


def test_an_unknown_method(channel: grpc.Channel) -> None:
    assert _said(channel, START, method="/visavis.v1.TalkService/Shout")[0] == "UNIMPLEMENTED"
    assert _said(channel, START, method="/visavis.v2.TalkService/Talk")[0] == "UNIMPLEMENTED"


@settings(max_examples=120)
@given(data=st.binary(max_size=200), after_start=st.booleans())
def test_any_bytes_end_in_a_status_that_is_allowed(running: Running, data: bytes, after_start: bool) -> None:
    with grpc.insecure_channel(running.address) as channel:
        status, reason = _said(channel, *([START] if after_start else []), data)
    assert status in ALLOWED
    assert reason != "BUG"


class Sender:
    """A client that goes on sending, `count` messages of `size` bytes, one every 10 ms."""

    def __init__(self, count: int, *, size: int) -> None:
        self.left = count
        self._message = talk_pb2.TalkRequest()
        self._message.audio.pcm = bytes(size)

    async def read(self) -> Any:
        if not self.left:
            return grpc.aio.EOF
        await asyncio.sleep(0.01)
        self.left -= 1
        return self._message


@pytest.mark.parametrize(("size", "heard"), [(LIVE_BYTES_PER_S // 20, True), (1_000, False)])
def test_a_refused_client_may_finish_its_file_but_not_its_talk(size: int, heard: bool) -> None:
    """On a slow wire a file takes a while; a voice has no end."""
    sender = Sender(60, size=size)
    asyncio.run(Requests(sender).hear_out(within_s=0.1))
    assert (sender.left == 0) is heard
