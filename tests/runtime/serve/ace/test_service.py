from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from ace_client import (
    CONFIG_PATH,
    END,
    SECOND,
    TALK_PATH,
    AceClient,
    audio,
    header,
    header_of,
    requests_of,
    talks,
    within,
)  # fmt: skip
from grpc_health.v1 import health_pb2, health_pb2_grpc

from visavis.ace.v1 import ace_pb2

pytestmark = pytest.mark.xdist_group("ace")

Code = grpc.StatusCode
NAN = float("nan")
REFUSED = {
    "audio first": ([audio(SECOND)], Code.FAILED_PRECONDITION, "MISSING_HEADER"),
    "end first": ([END], Code.FAILED_PRECONDITION, "MISSING_HEADER"),
    "nothing at all": ([], Code.FAILED_PRECONDITION, "MISSING_HEADER"),
    "second header": ([header(), audio(SECOND), header()], Code.FAILED_PRECONDITION, "DUPLICATE_HEADER"),
    "no end": ([header(), audio(SECOND)], Code.FAILED_PRECONDITION, "MISSING_END"),
    "no audio": ([header(), END], Code.INVALID_ARGUMENT, "AUDIO_EMPTY"),
    "empty audio only": ([header(), audio(b""), END], Code.INVALID_ARGUMENT, "AUDIO_EMPTY"),
    "empty message": ([header(), ace_pb2.AudioStream(), END], Code.INVALID_ARGUMENT, "EMPTY_MESSAGE"),
    "half a sample": ([header(), audio(bytes(333)), END], Code.INVALID_ARGUMENT, "AUDIO_ALIGNMENT"),
    "garbage": ([b"\xff" * 40], Code.INVALID_ARGUMENT, "MALFORMED"),
    "garbage in mid stream": ([header(), audio(SECOND), b"\x0a\xff\xff\xff"], Code.INVALID_ARGUMENT, "MALFORMED"),
    "chunk of 11 s": ([header(), audio(SECOND * 11), END], Code.RESOURCE_EXHAUSTED, "CHUNK_TOO_LONG"),
    "clip of 301 s": ([header(), *[audio(SECOND * 10)] * 30, audio(SECOND)], Code.RESOURCE_EXHAUSTED, "CLIP_TOO_LONG"),
    "message of 4 MB": ([header(), audio(bytes(4_000_000))], Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
    "NaN emotion": ([header(), audio(SECOND, (0.0, {"joy": NAN})), END], Code.INVALID_ARGUMENT, "PARAMETER_NOT_FINITE"),
    "unknown emotion": ([header(), audio(SECOND, (0.0, {"hope": 1.0})), END], Code.INVALID_ARGUMENT, "EMOTION_UNKNOWN"),
    "negative time": ([header(), audio(SECOND, (-1.0, {"joy": 1.0})), END], Code.INVALID_ARGUMENT, "TIME_CODE"),
    "time of NaN": ([header(), audio(SECOND, (NAN, {"joy": 1.0})), END], Code.INVALID_ARGUMENT, "TIME_CODE"),
    "too many emotions": (
        [header(), audio(SECOND, *[(9.0, {"joy": 1.0})] * 10_001), END],
        Code.RESOURCE_EXHAUSTED,
        "EMOTIONS_TOO_MANY",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str, client: AceClient) -> None:
    requests, code, reason = REFUSED[case]
    assert client.refusal(requests) == (code, reason)


def write_all_then_read(client: AceClient, first: Any) -> None:
    """As the sample client does; it needs a moment for each message. A call that ends under a write tells it no more
    than that it has ended."""

    async def run() -> None:
        async with grpc.aio.insecure_channel(client.address) as channel:
            call = channel.stream_stream(
                TALK_PATH,
                request_serializer=ace_pb2.AudioStream.SerializeToString,
                response_deserializer=ace_pb2.AnimationDataStream.FromString,
            )(timeout=20)
            read = asyncio.create_task(call.read())
            for request in (first, *[audio(SECOND)] * 5, END):
                await call.write(request)
                await asyncio.sleep(0.02)
            await read

    asyncio.run(run())


def test_a_client_that_still_writes_learns_why_it_is_refused(client: AceClient) -> None:
    with pytest.raises(grpc.aio.AioRpcError, match="8000 samples a second; send 16000 to 144000"):
        write_all_then_read(client, header(rate_hz=8_000))


def test_an_error_ends_the_call_although_the_client_goes_on(client: AceClient) -> None:
    def requests() -> Iterator[Any]:
        yield header()
        yield audio(bytes(333))
        time.sleep(3)

    began_s = time.monotonic()
    assert client.refusal(requests())[1] == "AUDIO_ALIGNMENT"
    assert time.monotonic() - began_s < 2.5


def test_the_header_is_answered_before_any_audio(client: AceClient) -> None:
    """And all is answered although the client never closes its own side, as the sample client does not."""

    def requests() -> Iterator[Any]:
        yield header()
        time.sleep(1.0)
        yield audio(SECOND)
        yield END
        time.sleep(30.0)

    call = client.open(requests())
    began_s = time.monotonic()
    assert next(call).WhichOneof("stream_part") == "animation_data_stream_header"
    assert time.monotonic() - began_s < 0.9
    assert list(call)[-1].status.message == "SUCCESS"


@pytest.mark.parametrize("read", [1, 100])
def test_a_client_that_goes_away_frees_its_talk(read: int, client: AceClient, caplog: Any) -> None:
    """At once, and while frames are on their way; nothing is wrong with the server, so nothing is logged."""

    def requests() -> Iterator[Any]:
        yield header()
        for _ in range(20):
            yield audio(SECOND * 5)
        time.sleep(2)

    other = AceClient(client.address)
    call = other.open(requests())
    for _ in range(read):
        next(call)
    assert within(5.0, lambda: talks(client) == 1)
    other.channel.close()
    assert within(5.0, lambda: talks(client) == 0)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_health_is_that_of_the_server(client: AceClient) -> None:
    check = health_pb2_grpc.HealthStub(client.channel).Check
    for name in ("", "nvidia_ace.services.a2f_controller.v1.A2FControllerService"):
        assert check(health_pb2.HealthCheckRequest(service=name)).status == 1


def test_a_server_that_stops_finishes_its_clips(serve: Any) -> None:
    began = threading.Event()

    def requests() -> Iterator[Any]:
        yield header()
        began.set()
        time.sleep(1.0)
        yield audio(SECOND)
        yield END

    with serve() as client:
        call = client.open(requests())
        next(call)
        assert began.wait(5)
        drained = asyncio.run_coroutine_threadsafe(client.server.ace.drain(within_s=10), client.loop)
        assert within(5.0, lambda: client.refusal([header()]) == (Code.UNAVAILABLE, "DRAINING"))
        assert not drained.done()
        assert list(call)[-1].status.message == "SUCCESS"
        drained.result(5)


def test_a_token_may_be_needed(serve: Any, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(
        '[[token]]\nname = "game"\ntoken = "sesame"\nmax_talks = 1\n'
        '[[token]]\nname = "guest"\ntoken = "guest"\nallow = ["talk"]\n'
    )
    with serve(tokens=tokens) as client:
        with pytest.raises(grpc.aio.AioRpcError, match="send the metadata"):
            write_all_then_read(client, header())
        assert client.refusal([header()]) == (Code.UNAUTHENTICATED, "TOKEN_MISSING")
        guest = AceClient(client.address, token="guest")
        assert guest.refusal([header()]) == (Code.PERMISSION_DENIED, "PERMIT")
        game = AceClient(client.address, token="sesame")
        call = game.open(requests_of(header_of(), SECOND))
        assert list(call)[-1].status.message == "SUCCESS"


def test_clips_are_counted_and_logged(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "visavis_runtime")
    with serve(max_talks=1) as client:
        counted = client.server.metrics.registry.get_sample_value
        call = client.open(requests_of(header_of(), SECOND))
        next(call)
        assert counted("visavis_ace_clips") == 1
        assert client.refusal([header()]) == (Code.RESOURCE_EXHAUSTED, "MAX_TALKS")
        assert list(call)[-1].status.message == "SUCCESS"
        assert client.refusal([header(), END]) == (Code.INVALID_ARGUMENT, "AUDIO_EMPTY")
        assert within(5.0, lambda: counted("visavis_ace_clips") == 0)
        assert counted("visavis_ace_clips_ended_total", {"reason": "OK"}) == 1
        assert counted("visavis_ace_clips_ended_total", {"reason": "AUDIO_EMPTY"}) == 1
        assert counted("visavis_talks_refused_total", {"reason": "MAX_TALKS"}) == 1
        assert counted("visavis_ace_frames_sent_total") == 30
    told = [record for record in caplog.records if record.getMessage().startswith("ACE clip")]
    assert [record.getMessage() for record in told] == ["ACE clip ended: 30 frames", "ACE clip ended: 0 frames"]
    assert told[1].__dict__["reason"] == "AUDIO_EMPTY"


def test_configs_are_given_as_yaml_and_json(client: AceClient) -> None:
    call = client.channel.unary_stream(
        CONFIG_PATH,
        request_serializer=ace_pb2.ConfigsTypeRequest.SerializeToString,
        response_deserializer=ace_pb2.A2XConfig.FromString,
    )
    (yaml,) = call(ace_pb2.ConfigsTypeRequest())
    (plain,) = call(ace_pb2.ConfigsTypeRequest(config_type=1))
    assert (yaml.name, plain.name) == ("visavis_ace.yaml", "visavis_ace.json")
    assert json.loads(plain.content)["blendshape_parameters"]["multipliers"]["JawOpen"] == 1.0
    assert "  frames_per_second: 30\n" in yaml.content
