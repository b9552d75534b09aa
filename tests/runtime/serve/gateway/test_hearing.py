"""Audio that comes long before its time waits, and is judged when its turn comes."""

from __future__ import annotations

import grpc
from live_server import Client, Running, chunk, config, s16, start, voice


def test_what_is_wrong_in_audio_far_ahead_is_said_when_its_turn_comes(client: Client) -> None:
    client.send(start=start(pacing=2))
    for _ in range(12):
        client.send(audio=chunk(s16(voice(1.0))))
    client.send(audio=chunk(b"odd"))
    assert client.refusal() == ("INVALID_ARGUMENT", "AUDIO_ALIGNMENT")


def test_audio_far_ahead_is_read_as_it_is_needed_and_none_is_lost() -> None:
    running = Running(config(ahead_s=2.0, ahead_max_s=4.0))
    try:
        with grpc.insecure_channel(running.address) as channel:
            client = Client(channel)
            client.send(start=start(pacing=2))
            pcm = s16(voice(30.0))
            for at in range(0, len(pcm), 16_000):
                client.send(audio=chunk(pcm[at : at + 16_000]))
            client.half_close()
            rest = client.rest()
            summary = rest[-1].summary
            motions = [one.motion for one in rest if one.HasField("motion")]
            samples = [sample for motion in motions for sample in motion.line_sample_indices]
            assert samples == [k * 16_000 // 60 for k in range(1800)]
            assert (summary.audio_s, summary.motion_frames, summary.dropped_frames) == (30.0, 1800, 0)
    finally:
        running.stop()
