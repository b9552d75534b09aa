"""Talks that share a stream see what they would see on streams of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from live_server import Running, config, voice
from sdk.heard import frames_of, kinds_of, motion_of, run
from sdk.talk_server import Script, serving

from visavis import Client, EventKind, Talk
from visavis.errors import LimitError, MissingError, UnknownCallError


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = Running(config(ack_timeout_s=1.0))
    yield server
    server.stop()


def streams(running: Running) -> int:
    """Calls of TalkMany that the server holds."""
    return len(running.server.talks._streams)


async def line_of(talk: Talk, *, seconds: float) -> np.ndarray:
    """Latents [n, 64] of the frames of one line."""
    await talk.say(voice(seconds))
    talk.end()
    frames = await frames_of(talk)
    kinds = [kind for kind in kinds_of(frames) if kind not in (EventKind.UNDERRUN, EventKind.RECOVERED)]
    assert kinds == [EventKind.LINE_STARTED, EventKind.LINE_FINISHED]
    return np.stack([frame.latents for frame in motion_of(frames) if frame.line])


def test_ten_talks_are_one_call_and_say_what_each_would_say_alone(running: Running) -> None:
    async def burst(client: Client, seed: int) -> np.ndarray:
        async with client.talk(seed=seed, pacing="burst") as talk:
            return await line_of(talk, seconds=1.0)

    async def work() -> None:
        async with Client(running.address, share_stream=True) as client:
            talks = [client.talk(seed=seed, pacing="burst") for seed in range(10)]
            for talk in talks:
                await talk.__aenter__()
            assert streams(running) == 1
            together = await asyncio.gather(*(line_of(talk, seconds=1.0) for talk in talks))
            for talk in talks:
                await talk.close()
        async with Client(running.address) as client:
            for seed in (0, 7):
                assert np.abs(await burst(client, seed) - together[seed]).max() < 1e-3

    run(work())


def test_a_stream_ends_with_its_last_talk_and_another_one_follows(running: Running) -> None:
    async def work() -> None:
        async with Client(running.address, share_stream=True) as client:
            for _ in range(3):
                async with client.talk(pacing="burst") as first, client.talk(pacing="burst") as second:
                    assert streams(running) == 1
                    await line_of(first, seconds=0.2)
                    await first.close()
                    await line_of(second, seconds=0.2)
                for _ in range(100):
                    if not streams(running):
                        break
                    await asyncio.sleep(0.02)
                assert streams(running) == 0

    run(work())


def test_a_talk_that_is_refused_leaves_the_others_alone(running: Running) -> None:
    async def work() -> None:
        async with Client(running.address, share_stream=True) as client, client.talk(pacing="burst") as talk:
            with pytest.raises(MissingError, match="nobody"):
                await client.talk(avatar="nobody").__aenter__()
            assert len(await line_of(talk, seconds=0.5)) > 20

    run(work())


def test_who_does_not_read_one_talk_still_hears_the_others(running: Running) -> None:
    async def work() -> None:
        async with Client(running.address, share_stream=True) as client, client.talk() as unread:
            await unread.say(voice(3.0))
            async with client.talk() as read:
                assert len(await line_of(read, seconds=2.0)) > 100
                assert read.summary is not None
                assert read.summary.dropped_frames == 0
            with pytest.raises(LimitError) as caught:
                await frames_of(unread)
            assert caught.value.reason == "SLOW_CONSUMER"

    run(work())


def test_a_server_may_allow_small_messages_only() -> None:
    server = Running(config(message_bytes=16_384))

    async def work() -> None:
        async with Client(server.address, share_stream=True) as client:
            face = np.zeros(64, np.float32)
            talks = [client.talk(pacing="burst", from_latents=face) for _ in range(60)]
            await asyncio.gather(*(talk.__aenter__() for talk in talks))  # 18 KB of Starts at once
            lines = await asyncio.gather(*(line_of(talk, seconds=1.0) for talk in talks[:12]))
            assert all(len(line) > 50 for line in lines)
            for talk in talks:
                await talk.close()

    try:
        run(work())
    finally:
        server.stop()


def test_a_server_that_knows_no_shared_streams_says_so() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target, share_stream=True) as client:
            with pytest.raises(UnknownCallError, match="update the older side"):
                await client.talk().__aenter__()

    run(work())
