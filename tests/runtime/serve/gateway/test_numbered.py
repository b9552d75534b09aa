"""A talk of a stream of many: it can be cancelled whenever it pleases, and sends no further ahead than it may."""

from __future__ import annotations

import logging
import time

import grpc
import pytest
from live_server import Client, Running, chunk, event, s16, start, until_held, voice
from many_client import ManyClient

from visavis.v1 import audio_pb2, talk_pb2
from visavis_runtime.serve.gateway import held, numbered

END = audio_pb2.EndOfLine(line_id="a")
LINE = s16(voice(1.0))


def test_a_talk_that_is_cancelled_before_it_began_is_over(stream: ManyClient) -> None:
    stream.send((1, {"start": start()}), (2, {}), cancelled=True)
    stream.until_ended(1, 2)
    stream.half_close()
    stream.rest()
    assert not stream.responses


def test_a_cancel_is_heard_whenever_it_comes(stream: ManyClient, running: Running) -> None:
    for number in range(1, 121):
        stream.send((number, {"start": start()}))
        time.sleep(number % 40 * 0.00025)  # somewhere between the Start and the answer of the engine
        stream.send((number, {}), cancelled=True)
    until_held(running, 0, within_s=3.0)  # one that goes on is ended after 5 s, for it is not acknowledged


def test_a_talk_that_is_cancelled_is_not_kept_to_be_taken_up(
    channel: grpc.Channel, stream: ManyClient, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="visavis_runtime.serve"):
        stream.send((1, {"start": start()}))
        stream.until_ready(1)
        stream.send((1, {}), cancelled=True)
        stream.until_ended(1)
        until_held(running, 0)
    ended = [record for record in caplog.records if "talk ended" in record.message]
    assert [getattr(record, "reason", "") for record in ended] == ["CANCELLED"]
    late = Client(channel)
    late.send(start=start(resume=talk_pb2.Resume(token=stream.responses[1][0].ready.resume_token)))
    assert late.refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")


def test_who_sends_far_ahead_loses_that_talk_only(stream: ManyClient) -> None:
    stream.send((1, {"start": start()}), (2, {"start": start(rate=48_000, channels=2)}))
    stream.until_ready(1, 2)
    second = s16(voice(1.0, rate=96_000))
    for _ in range(20 + (held.HELD_BYTES + numbered.UNREAD_BYTES) // len(second)):
        stream.send((2, {"audio": chunk(second)}))
    stream.until_ended(2)
    assert stream.ends[2].reason == "AUDIO_AHEAD"
    stream.send((1, {"audio": chunk(LINE)}), (1, {"end_of_line": END}))
    while not any(event(one) == "LINE_FINISHED" for one in stream.responses[1]):
        stream.read()
