"""What a talk is from outside, from Start to summary, and how it ends before its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import pytest
from live_server import RATE, Client, Running, chunk, config, event, s16, start, status_of, voice

from visavis.latents import NAMES
from visavis.v1 import audio_pb2, talk_pb2

HALF = s16(voice(0.5))
END = audio_pb2.EndOfLine(line_id="a")


def test_a_request_may_be_nothing_but_an_acknowledgement(client: Client) -> None:
    client.send(start=start())
    client.send(acknowledged=1)
    client.send(ping=talk_pb2.Ping(id=5))
    assert client.until(lambda one: one.HasField("pong"))[-1].pong.id == 5


def test_a_talk_from_start_to_summary(client: Client) -> None:
    client.send(start=start(audio_echo=True))
    ready = client.read().ready
    assert list(ready.names) == list(NAMES)
    assert (ready.motion_fps, ready.seed, ready.marking.ai_generated, ready.resumed) == (60, 7, True, False)
    assert 0 < ready.look_ahead_ms < ready.latency_ms <= 125
    for at in range(0, len(HALF), 1280):
        client.send(audio=chunk(HALF[at : at + 1280]))
    client.send(marker=audio_pb2.Marker(line_id="a", sample_index=4000, name="here"))
    client.send(end_of_line=END)
    heard = client.until(lambda response: event(response) == "LINE_FINISHED")
    client.send(ping=talk_pb2.Ping(id=9))
    client.half_close()
    rest = client.rest()
    assert [event(one) for one in heard if event(one)] == ["LINE_STARTED", "MARKER", "LINE_FINISHED"]
    assert [one.pong.id for one in rest if one.HasField("pong")] == [9]
    everything = heard + rest
    numbers = [one.sequence for one in everything if one.sequence]
    assert numbers == list(range(1, len(numbers) + 1))
    motions = [one.motion for one in everything if one.HasField("motion")]
    samples = [sample for motion in motions for sample in motion.sample_indices]
    assert samples == [k * 16_000 // 60 for k in range(len(samples))]
    assert all(len(motion.latents) == 64 * len(motion.sample_indices) for motion in motions)
    spoken = [sample for motion in motions if motion.line_id == "a" for sample in motion.line_sample_indices]
    assert len(spoken) == 30
    stamps = next(motion.stamps for motion in motions if motion.line_id == "a" and motion.stamps.received_ns)
    assert 0 < stamps.received_ns < stamps.motion_done_ns < stamps.sent_ns
    sound = b"".join(one.audio_echo.pcm for one in everything if one.HasField("audio_echo") and one.audio_echo.line_id)
    assert np.abs(np.frombuffer(sound, "<i2") - np.frombuffer(HALF, "<i2")[: len(sound) // 2]).max() <= 1
    summary = everything[-1].summary
    assert summary.motion_frames == len(samples)
    assert (summary.dropped_frames, summary.underruns) == (0, 0)
    assert summary.audio_s == pytest.approx(0.5, abs=0.01)
    assert summary.first_frame_ms > 0


def test_motion_can_be_left_out_of_the_echo(client: Client) -> None:
    client.send(start=start(pacing=2, audio_echo=True))
    client.send(audio=chunk(HALF))
    client.half_close()
    kinds = [response.WhichOneof("response") for response in client.rest()]
    assert (kinds[0], kinds[-1]) == ("ready", "summary")
    assert {"motion", "audio_echo", "event"} <= set(kinds)


def test_half_close_is_the_end_of_the_line(client: Client) -> None:
    client.send(start=start())
    client.send(audio=chunk(HALF))
    client.half_close()
    responses = client.rest()
    assert "LINE_FINISHED" in [event(one) for one in responses]
    last = [one.motion for one in responses if one.HasField("motion")][-1]
    jaw = NAMES.index("jawOpen")
    assert last.latents[-64 + jaw] < 0.02


def test_an_interrupt_drops_the_line_and_what_still_comes_of_it(client: Client) -> None:
    client.send(start=start())
    client.send(audio=chunk(s16(voice(5.0))))
    client.until(lambda response: event(response) == "LINE_STARTED")
    client.send(interrupt=talk_pb2.Interrupt())
    client.until(lambda response: event(response) == "LINE_INTERRUPTED")
    client.send(audio=chunk(HALF))
    client.send(end_of_line=END)
    client.send(audio=chunk(HALF, line="b"))
    client.half_close()
    lines = [(event(one), one.event.line_id) for one in client.rest() if event(one)]
    assert lines == [("LINE_STARTED", "b"), ("LINE_FINISHED", "b")]


def test_a_minute_sent_at_once_is_interrupted_at_once(client: Client) -> None:
    client.send(start=start())
    minute = s16(voice(60.0))
    for line, pcm in (("a", minute[: len(minute) // 2]), ("b", minute[len(minute) // 2 :]), ("c", HALF)):
        for at in range(0, len(pcm), 64_000):
            client.send(audio=chunk(pcm[at : at + 64_000], line=line))
    client.until(lambda response: event(response) == "LINE_STARTED")
    client.send(ping=talk_pb2.Ping(id=3))
    client.send(interrupt=talk_pb2.Interrupt())
    client.until(lambda response: response.HasField("pong"))
    cut = client.until(lambda response: event(response) == "LINE_INTERRUPTED" and response.event.line_id == "c")
    lines = [(event(one), one.event.line_id) for one in cut if event(one)]
    assert lines == [("LINE_INTERRUPTED", line) for line in "abc"]
    assert 0 < next(one for one in cut if event(one)).event.count < 5 * RATE
    client.send(audio=chunk(HALF, line="b"))
    client.send(audio=chunk(HALF, line="d"))
    client.half_close()
    lines = [(event(one), one.event.line_id) for one in client.rest() if event(one)]
    assert lines == [("LINE_STARTED", "d"), ("LINE_FINISHED", "d")]


def test_markers_may_come_before_their_line(client: Client) -> None:
    client.send(start=start(pacing=2))
    client.send(audio=chunk(HALF))
    client.send(marker=audio_pb2.Marker(line_id="b", sample_index=100, name="later"))
    client.send(audio=chunk(HALF))
    client.send(audio=chunk(HALF, line="b"))
    client.half_close()
    events = [(event(one), one.event.line_id) for one in client.rest() if event(one)]
    assert events == [
        ("LINE_STARTED", "a"), ("LINE_FINISHED", "a"), ("LINE_STARTED", "b"), ("MARKER", "b"), ("LINE_FINISHED", "b"),
    ]  # fmt: skip


def test_a_line_without_sound_ends_too(client: Client) -> None:
    client.send(start=start())
    client.send(audio=chunk(b""))
    client.send(end_of_line=END)
    client.half_close()
    events = [(event(one), one.event.reason) for one in client.rest() if event(one)]
    assert ("WARNING", "AUDIO_EMPTY") in events


def _slots(running: Running) -> int:
    return len(running.server.link._engine_of)


def _soon(fits: Callable[[], bool], *, within_s: float = 1.0) -> bool:
    ends = time.monotonic() + within_s
    while not fits() and time.monotonic() < ends:
        time.sleep(0.02)
    return fits()


def test_a_burst_of_lines_without_sound_comes_to_its_end(client: Client) -> None:
    client.send(start=start(pacing=2))
    for number in range(300):
        client.send(end_of_line=audio_pb2.EndOfLine(line_id=f"e{number}"))
    client.half_close()
    responses = client.rest()
    assert sum(event(one) == "LINE_FINISHED" for one in responses) == 300
    assert responses[-1].HasField("summary")


def test_a_cancelled_talk_frees_its_slot(client: Client, running: Running, caplog: pytest.LogCaptureFixture) -> None:
    client.send(start=start())
    client.send(audio=chunk(s16(voice(3.0))))
    client.until(lambda response: event(response) == "LINE_STARTED")
    assert _slots(running) == 1
    client.call.cancel()
    assert _soon(lambda: _slots(running) == 0)
    assert _soon(lambda: not running.server.talks.talks)
    assert caplog.records == []


def test_a_client_that_is_killed_frees_its_slot(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    script = (
        "import sys, grpc; sys.path[:0] = sys.argv[2:];"
        "from live_server import Client, chunk, s16, start, voice;"
        "client = Client(grpc.insecure_channel(sys.argv[1]));"
        "client.send(start=start()); client.send(audio=chunk(s16(voice(5.0))));"
        "client.read(); print('ready', flush=True); client.rest()"
    )
    command = [sys.executable, "-c", script, running.address, *filter(None, sys.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert _slots(running) == 1
        os.kill(process.pid, signal.SIGKILL)
        assert _soon(lambda: _slots(running) == 0)
    assert caplog.records == []


def test_a_deadline_that_is_over_computes_nothing(channel: grpc.Channel, running: Running) -> None:
    call: Any = channel.stream_stream("/visavis.v1.TalkService/Talk")(iter([b""]), timeout=-1)
    with pytest.raises(grpc.RpcError) as caught:
        next(call)
    assert status_of(caught.value)[0] == "DEADLINE_EXCEEDED"
    assert _slots(running) == 0


def test_limits_of_the_server() -> None:
    running = Running(config(max_talks=2, idle_timeout_s=0.6, talk_s=1.5, ahead_s=2.0, ahead_max_s=4.0))
    try:
        with grpc.insecure_channel(running.address) as channel:
            first, second, third = (Client(channel) for _ in range(3))
            first.send(start=start())
            first.read()
            second.send(start=start())
            second.read()
            began = time.monotonic()
            third.send(start=start())
            with pytest.raises(grpc.RpcError) as caught:
                third.rest()
            assert time.monotonic() - began < 1.0
            assert status_of(caught.value) == ("RESOURCE_EXHAUSTED", "MAX_TALKS")
            assert float(dict(caught.value.trailing_metadata())["visavis-retry-ms"]) > 0
            second.acks = False
            assert second.refusal() == ("DEADLINE_EXCEEDED", "IDLE")
            lasting = Client(channel)
            lasting.send(start=start())
            assert lasting.refusal() == ("RESOURCE_EXHAUSTED", "TALK_TOO_LONG")
            silent = Client(channel)
            assert silent.refusal() == ("DEADLINE_EXCEEDED", "IDLE")
            rude = Client(channel)
            rude.send(start=start())
            rude.send(audio=chunk(s16(voice(5.0))))
            assert rude.refusal() == ("RESOURCE_EXHAUSTED", "AUDIO_AHEAD")
    finally:
        running.stop()
