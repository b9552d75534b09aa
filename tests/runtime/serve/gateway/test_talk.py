"""What the clock and the other side do to a live talk."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import grpc
from live_server import Client, Running, chunk, config, event, s16, start, status_of, voice
from many_client import ManyClient

from visavis.v1 import audio_pb2, talk_pb2


def test_who_acknowledges_nothing_loses_frames_and_then_the_talk() -> None:
    running = Running(config(ack_timeout_s=2.5))
    try:
        with grpc.insecure_channel(running.address) as channel:
            silent = Client(channel, acks=False)
            late = Client(channel, acks=False)
            other = Client(channel)
            for client in (silent, late, other):
                client.send(start=start())
                client.send(audio=chunk(s16(voice(3.0))))
            other.half_close()
            heard: list[Any] = []
            reading = threading.Thread(target=lambda: heard.extend(other.rest()))
            reading.start()
            late.until(lambda one: event(one) == "LINE_STARTED")
            time.sleep(1.8)
            late.send(ack=talk_pb2.Ack(sequence=1 << 40))
            dropped = late.until(lambda one: event(one) == "DROPPED")[-1].event.count
            assert dropped > 0
            late.acks = True
            late.send(ack=talk_pb2.Ack(sequence=1 << 40))
            late.half_close()
            assert late.rest()[-1].summary.dropped_frames == dropped
            assert silent.refusal() == ("RESOURCE_EXHAUSTED", "SLOW_CONSUMER")
            reading.join(10)
            assert heard[-1].summary.dropped_frames == 0
            assert heard[-1].summary.motion_frames == sum(len(one.motion.sample_indices) for one in heard)
    finally:
        running.stop()


def test_a_client_that_never_reads_is_ended_and_harms_nobody() -> None:
    running = Running(config(ack_timeout_s=1.0))
    options = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16_384)]
    try:
        with grpc.insecure_channel(running.address, options=options) as channel:
            stuck = Client(channel)
            stuck.send(start=start(pacing=2, audio_echo=True))
            for _ in range(2):
                stuck.send(audio=chunk(s16(voice(25.0))))
            stuck.half_close()
            with grpc.insecure_channel(running.address) as another:
                good = Client(another)
                good.send(start=start())
                good.send(audio=chunk(s16(voice(1.0))))
                good.half_close()
                assert good.rest()[-1].summary.dropped_frames == 0
            ends = time.monotonic() + 5
            while running.server.link._engine_of and time.monotonic() < ends:
                time.sleep(0.05)
            assert running.server.link._engine_of == {}
            assert _end(stuck) == ("RESOURCE_EXHAUSTED", "SLOW_CONSUMER")
    finally:
        running.stop()


def _end(client: Client) -> Any:
    try:
        client.rest()
    except grpc.RpcError as error:
        return status_of(error)
    return "OK"


def test_a_server_that_stood_still_blames_no_client() -> None:
    running = Running(config(ack_timeout_s=1.2, idle_timeout_s=1.2))
    try:
        with grpc.insecure_channel(running.address) as channel:
            alone, many = Client(channel), ManyClient(channel)
            alone.send(start=start())
            many.send((1, {"start": start()}))
            many.send((1, {"audio": chunk(s16(voice(2.0)))}), done=True)
            alone.send(audio=chunk(s16(voice(2.0))))
            alone.until(lambda one: event(one) == "LINE_STARTED")
            running.loop.call_soon_threadsafe(time.sleep, 1.6)
            alone.half_close()
            assert alone.rest()[-1].HasField("summary")
            many.until_ended(1)
            assert many.ends[1] == talk_pb2.TalkEnd()
    finally:
        running.stop()


def test_an_engine_that_stood_still_blames_no_client() -> None:
    """Some acknowledge every so many messages: those that an engine does not send cannot be counted."""
    running = Running(config(ack_timeout_s=1.5, engine_process=True))
    try:
        with grpc.insecure_channel(running.address) as channel:
            counting = Client(channel, acks=False)
            counting.send(start=start())
            counting.send(audio=chunk(s16(voice(1.5))))
            counting.until(lambda one: event(one) == "LINE_STARTED")
            engine = running.server.link.engines.pipes[0]._runner.pid  # type: ignore[union-attr]
            os.kill(engine, signal.SIGSTOP)
            threading.Timer(2.5, os.kill, (engine, signal.SIGCONT)).start()
            while not (response := counting.read()).HasField("summary"):
                if response.sequence % 6 == 5:
                    counting.send(ack=talk_pb2.Ack(sequence=response.sequence))
                if event(response) == "LINE_FINISHED":
                    counting.half_close()
                elif response.motion.line_sample_indices[-1:] > [23_000]:
                    counting.send(end_of_line=audio_pb2.EndOfLine(line_id="a"))
            assert response.summary.dropped_frames == 0
    finally:
        running.stop()


def test_warnings_come_as_events(client: Client) -> None:
    client.send(start=start(pacing=2, channels=2))
    client.send(audio=chunk(s16(voice(1.5) * 20)))
    client.send(audio=chunk(s16(voice(0.5)), at=100_000))
    client.half_close()
    told = [(one.event.reason, one.event.line_id) for one in client.rest() if event(one) == "WARNING"]
    assert told == [("AUDIO_STEREO", "a"), ("AUDIO_GAP", "a"), ("AUDIO_CLIPPED", "a")]


def test_pings_keep_a_silent_talk_open() -> None:
    running = Running(config(idle_timeout_s=0.5))
    try:
        with grpc.insecure_channel(running.address) as channel:
            client = Client(channel)
            client.send(start=start())
            for number in range(8):
                client.send(ping=talk_pb2.Ping(id=number))
                pong = client.until(lambda one: one.HasField("pong"))[-1].pong
                assert pong.id == number
                time.sleep(0.15)
            client.acks = False
            assert client.refusal() == ("DEADLINE_EXCEEDED", "IDLE")
    finally:
        running.stop()


def test_pictures_go_with_their_frames(avatar: Path) -> None:
    running = Running(config(avatars=avatar.parent))
    try:
        with grpc.insecure_channel(running.address) as channel:
            client = Client(channel)
            options = talk_pb2.TextureOptions(fps=20, size_px=128)
            client.send(start=start(avatar=avatar.stem, texture=options, motion_off=True))
            assert client.read().ready.texture_fps == 20
            idle = client.until(lambda one: one.HasField("texture"))
            client.send(audio=chunk(s16(voice(1.0))))
            client.half_close()
            responses = [*idle, *client.rest()]
    finally:
        running.stop()
    textures = [one.texture for one in responses if one.HasField("texture")]
    assert all(not one.HasField("motion") for one in responses)
    assert len(textures) >= 10
    assert all(one.data.startswith(b"\xff\xd8") and one.width_px == one.height_px == 128 for one in textures)
    assert [one.sample_index for one in textures] == sorted({one.sample_index for one in textures})
    assert {one.line_id for one in textures} == {"", "a"}
    stamps = textures[-1].stamps
    assert stamps.motion_done_ns < stamps.rendered_ns < stamps.sent_ns
    assert responses[-1].summary.texture_frames == len(textures)
