from __future__ import annotations

import grpc
from live_server import Client, Running, chunk, config, s16, start, voice

from visavis.v1 import audio_pb2
from visavis_runtime.serve.gateway.held import HELD_BYTES, REQUEST_BYTES, Held, Late


def test_it_gives_out_what_it_took_in_and_knows_when_it_is_full() -> None:
    held = Held()
    put = [Late("audio", audio_pb2.AudioChunk(line_id=f"{i // 9}", pcm=bytes(100_000)), i) for i in range(20)]
    for late in put:
        held.put(late)
    held.put(Late("end_of_line", audio_pb2.EndOfLine(line_id="2"), 20))
    assert not held.full
    assert held.lines == ["0", "1", "2"]
    assert [held.take() for _ in range(len(held))][:-1] == put
    for _ in range(HELD_BYTES // REQUEST_BYTES):
        held.put(Late("end_of_line", audio_pb2.EndOfLine(line_id="x"), 0))
    assert not held.full
    held.put(Late("end_of_line", audio_pb2.EndOfLine(line_id="x"), 0))
    assert held.full, "requests without sound cost something too"
    held.clear()
    assert not held.full
    assert len(held) == 0


def test_what_is_held_has_an_end_whatever_is_sent() -> None:
    running = Running(config(ahead_s=2.0))
    try:
        with grpc.insecure_channel(running.address) as channel:
            client = Client(channel)
            client.send(start=start(pacing=2))
            second = s16(voice(1.0))
            for _ in range(600):
                client.send(audio=chunk(second))
            most = 0
            while most == 0 or client.sequence < 200:
                client.read()
                (talk,) = running.server.talks.talks
                most = max(most, talk._hearing._held._bytes)
            assert HELD_BYTES // 2 < most <= HELD_BYTES + len(second) + REQUEST_BYTES
            client.call.cancel()
    finally:
        running.stop()
