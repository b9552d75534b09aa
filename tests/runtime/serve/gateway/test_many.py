"""Many talks over one stream: each as it would be alone, each ending by itself, none harmed by another."""

from __future__ import annotations

import threading
import time

import grpc
import pytest
from live_server import Client, Running, chunk, config, event, s16, start, status_of, until_held, voice
from many_client import ManyClient

from visavis.v1 import audio_pb2, talk_pb2
from visavis_runtime.serve.gateway import many

END = audio_pb2.EndOfLine(line_id="a")
LINE = s16(voice(1.0))


def test_each_talk_is_as_it_would_be_alone(channel: grpc.Channel, stream: ManyClient) -> None:
    numbers = (1, 2, 7)
    for number in numbers:
        stream.send((number, {"start": start(pacing=2, seed=number)}))
    stream.send(*((number, {"audio": chunk(LINE)}) for number in numbers))
    stream.send(*((number, {}) for number in numbers), done=True)
    stream.until_ended(*numbers)
    for number in numbers:
        alone = Client(channel)
        alone.send(start=start(pacing=2, seed=number))
        alone.send(audio=chunk(LINE))
        alone.half_close()
        responses = alone.rest()
        assert [one.WhichOneof("response") for one in stream.responses[number] if not one.HasField("motion")] == [
            one.WhichOneof("response") for one in responses if not one.HasField("motion")
        ]
        wanted = [
            (sample, tuple(one.motion.latents[64 * at : 64 * at + 64]))
            for one in responses
            for at, sample in enumerate(one.motion.sample_indices)
        ]
        frames = stream.motion(number)
        assert [sample for sample, _ in frames] == [sample for sample, _ in wanted]
        for (_, mine), (_, theirs) in zip(frames, wanted, strict=True):
            assert mine == pytest.approx(theirs, abs=1e-3)
        assert stream.ends[number] == talk_pb2.TalkEnd()


def test_talks_of_one_tick_come_in_one_message(stream: ManyClient) -> None:
    numbers = range(1, 11)
    stream.send(*((number, {"start": start()}) for number in numbers))
    stream.until_ready(*numbers)
    before = stream.messages
    stream.send(*((number, {"audio": chunk(LINE)}) for number in numbers))
    stream.send(*((number, {}) for number in numbers), done=True)
    stream.until_ended(*numbers)
    responses = sum(len(stream.responses[number]) for number in numbers)
    assert responses > 2 * (stream.messages - before)


def test_a_talk_that_is_refused_ends_alone(stream: ManyClient) -> None:
    stream.send((1, {"start": start()}), (2, {"start": start(avatar="nobody")}), (3, {"ping": talk_pb2.Ping(id=1)}))
    stream.until_ended(2, 3)
    assert (stream.ends[2].code, stream.ends[2].reason) == (grpc.StatusCode.NOT_FOUND.value[0], "AVATAR_UNKNOWN")
    assert "nobody" in stream.ends[2].message
    assert stream.ends[3].reason == "MISSING_HEADER"
    stream.send((1, {"audio": chunk(LINE)}), (1, {"audio": chunk(b"abc")}))
    stream.until_ended(1)
    assert stream.ends[1].reason == "AUDIO_ALIGNMENT"
    stream.send((1, {"audio": chunk(LINE)}), (4, {"start": start()}))  # 1 is over and stays so
    stream.until_ready(4)
    assert stream.ends.keys() == {1, 2, 3}
    assert stream.ends[1].reason == "AUDIO_ALIGNMENT"


def test_a_full_server_says_when_to_try_again() -> None:
    running = Running(config(max_talks=1))
    try:
        with grpc.insecure_channel(running.address) as channel:
            stream = ManyClient(channel)
            stream.send((1, {"start": start()}))
            stream.until_ready(1)
            stream.send((2, {"start": start()}))
            stream.until_ended(2)
            assert stream.ends[2].reason == "MAX_TALKS"
            assert stream.ends[2].retry_ms > 0
            stream.send((1, {}), cancelled=True)
            stream.until_ended(1)
            time.sleep(stream.ends[2].retry_ms * 1e-3)
            stream.send((3, {"start": start()}))
            stream.until_ready(3)
    finally:
        running.stop()


def test_a_talk_whose_number_is_too_low_is_told(stream: ManyClient) -> None:
    stream.send((5, {"start": start()}))
    stream.until_ready(5)
    stream.send((3, {"start": start()}), (5, {"ping": talk_pb2.Ping(id=1)}))
    stream.until_ended(3)
    assert (stream.ends[3].code, stream.ends[3].reason) == (grpc.StatusCode.INVALID_ARGUMENT.value[0], "TALK_NUMBER")
    assert "take 6 or more" in stream.ends[3].message
    stream.send((3, {"ping": talk_pb2.Ping(id=1)}), (5, {}), cancelled=True)
    stream.until_ended(5)
    assert not stream.responses[3]


def test_a_request_without_a_number_is_told_and_harms_no_talk(stream: ManyClient) -> None:
    stream.send((1, {"start": start()}))
    stream.until_ready(1)
    stream.send((0, {"start": start()}), (0, {"ping": talk_pb2.Ping(id=1)}))
    stream.until_ended(0)
    assert (stream.ends[0].code, stream.ends[0].reason) == (grpc.StatusCode.INVALID_ARGUMENT.value[0], "TALK_NUMBER")
    stream.send((1, {"audio": chunk(LINE)}), (1, {}), done=True)
    stream.until_ended(1)
    assert stream.ends[1] == talk_pb2.TalkEnd()


def test_a_message_has_no_end_of_requests(stream: ManyClient) -> None:
    stream.send(*((number, {"ping": talk_pb2.Ping(id=1)}) for number in range(1, many.REQUESTS_MOST + 2)))
    with pytest.raises(grpc.RpcError) as caught:
        stream.until_ended(1)
    assert status_of(caught.value) == ("RESOURCE_EXHAUSTED", "REQUESTS")


def test_when_the_stream_breaks_its_talks_can_be_resumed(
    channel: grpc.Channel, stream: ManyClient, running: Running
) -> None:
    stream.send((1, {"start": start()}), (2, {"start": start()}))
    stream.until_ready(1, 2)
    tokens = [stream.responses[number][0].ready.resume_token for number in (1, 2)]
    stream.call.cancel()
    until_held(running, 0)
    alone, again = Client(channel), ManyClient(channel)
    alone.send(start=start(resume=talk_pb2.Resume(token=tokens[0])))
    again.send((1, {"start": start(resume=talk_pb2.Resume(token=tokens[1]))}))
    assert alone.read().ready.resumed
    again.until_ready(1)
    assert again.responses[1][0].ready.resumed
    alone.half_close()
    alone.rest()


def test_half_close_ends_every_talk_in_order(stream: ManyClient) -> None:
    stream.send((1, {"start": start(pacing=2)}), (2, {"start": start(pacing=2)}))
    stream.send((1, {"audio": chunk(LINE)}), (2, {"audio": chunk(LINE)}))
    stream.half_close()
    stream.rest()
    assert all(stream.responses[number][-1].HasField("summary") for number in (1, 2))
    assert stream.call.code() is grpc.StatusCode.OK


def test_a_stream_that_nobody_reads_is_ended_and_harms_nobody() -> None:
    running = Running(config(ack_timeout_s=1.0, resume_s=0.0))
    options = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16_384)]
    try:
        with (
            grpc.insecure_channel(running.address, options=options) as channel,
            grpc.insecure_channel(running.address) as another,
        ):
            stuck = ManyClient(channel)
            for number in (1, 2):
                stuck.send((number, {"start": start(pacing=2, audio_echo=True)}))
                stuck.send((number, {"audio": chunk(s16(voice(25.0)))}), done=True)
            until_held(running, 2)
            good = Client(another)
            good.send(start=start())
            good.send(audio=chunk(LINE))
            good.half_close()
            assert good.rest()[-1].summary.dropped_frames == 0
            until_held(running, 0)
            deadline_s = time.monotonic() + 10
            while running.server.talks._streams and time.monotonic() < deadline_s:
                time.sleep(0.05)
            assert not running.server.talks._streams
    finally:
        running.stop()


def test_a_stream_without_talks_ends() -> None:
    running = Running(config(idle_timeout_s=0.3))
    try:
        with grpc.insecure_channel(running.address) as channel:
            stream = ManyClient(channel)
            with pytest.raises(grpc.RpcError) as caught:
                stream.read()
            assert status_of(caught.value) == ("DEADLINE_EXCEEDED", "IDLE")
    finally:
        running.stop()


def test_a_server_that_stops_finishes_the_lines_of_a_stream() -> None:
    running = Running(config())
    with grpc.insecure_channel(running.address) as channel:
        stream = ManyClient(channel)
        stream.send((1, {"start": start()}), (2, {"start": start()}))
        stream.until_ready(1, 2)
        stream.send((1, {"audio": chunk(LINE)}), (1, {"end_of_line": END}))
        while not any(event(one) == "LINE_STARTED" for one in stream.responses[1]):
            stream.read()
        stopping = threading.Thread(target=lambda: running.stop(drain_s=10))
        stopping.start()
        stream.rest()
        stopping.join()
    assert [event(one) for one in stream.responses[1] if event(one)][-1] == "LINE_FINISHED"
    for number in (1, 2):
        assert stream.responses[number][-1].HasField("summary")
        assert stream.ends[number].code == 0
    assert stream.call.code() is grpc.StatusCode.OK
