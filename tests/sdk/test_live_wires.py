"""The client and the real server over a wire that is long, stands still or breaks: the same talk, nothing lost."""

from __future__ import annotations

import asyncio
import itertools

import numpy as np
from live_server import Running, config
from sdk.heard import Connect, frames_of, kinds_of, motion_of, run
from sdk.wire_cut import Wire

import visavis
from visavis import EventKind, MotionFrame


def largest_step(frames: list[MotionFrame]) -> float:
    """How far any shape moves between two frames in a row."""
    latents = np.stack([frame.latents[:52] for frame in frames])
    return float(np.abs(np.diff(latents, axis=0)).max())


def test_a_cut_wire_loses_nothing(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with Wire(server) as wire, connect(wire.address) as client, client.talk(seed=4) as talk:
            await talk.say(voice[:40_000])
            talk.end()
            frames: list[visavis.Frame] = []
            cuts = [20, 60, 100]
            async for frame in talk:
                frames.append(frame)
                if cuts and len(frames) == cuts[0]:
                    cuts.pop(0)
                    wire.cut()
            assert wire.connections == 4
        motion = motion_of(frames)
        assert all(b.sample - a.sample in (266, 267) for a, b in itertools.pairwise(motion))
        assert EventKind.RESTARTED not in kinds_of(frames)
        assert kinds_of(frames).count(EventKind.LINE_FINISHED) == 1
        said = [frame for frame in motion if frame.line]
        assert abs(len(said) - 150) <= 2
        assert largest_step(motion) < 0.5

    run(work())


def test_a_server_far_away_is_reached(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with (
            Wire(server, delay_s=0.12) as wire,
            connect(wire.address) as client,
            client.talk(seed=4, pacing="burst") as talk,
        ):
            await talk.say(voice[:8_000])
            talk.end()
            assert len(motion_of(await frames_of(talk))) > 20

    run(work())


def test_a_talk_at_the_other_end_of_the_world_loses_nothing(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with (
            Wire(server, delay_s=0.3) as wire,
            connect(wire.address) as client,
            client.talk(seed=4) as talk,
        ):
            await talk.say(voice[:32_000])
            talk.end()
            frames = await frames_of(talk)
            assert EventKind.DROPPED not in kinds_of(frames)
            assert talk.summary is not None
            assert talk.summary.dropped_frames == 0

    run(work())


def test_many_talks_of_a_server_far_away_lose_nothing(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def say(client: visavis.Client, seed: int) -> None:
        async with client.talk(seed=seed) as talk:
            await talk.say(voice[:32_000])
            talk.end()
            assert EventKind.DROPPED not in kinds_of(await frames_of(talk))

    async def work() -> None:
        async with Wire(server, delay_s=0.06) as wire, connect(wire.address) as client:
            await asyncio.gather(*(say(client, seed) for seed in range(16)))

    run(work())


def test_a_wire_that_stands_still_before_it_breaks_loses_nothing(voice: np.ndarray, connect: Connect) -> None:
    running = Running(config())

    async def work() -> None:
        async with Wire(running.address) as wire, connect(wire.address) as client, client.talk(seed=4) as talk:
            await talk.say(voice[:64_000])
            talk.end()
            frames: list[visavis.Frame] = []
            cutting = None
            async for frame in talk:
                frames.append(frame)
                if len(frames) == 40:
                    wire.hold()
                    cutting = asyncio.get_running_loop().call_later(1.5, wire.cut)
            assert cutting is not None
            assert wire.connections == 2
            assert talk.summary is not None
            assert talk.summary.dropped_frames == 0
        motion = motion_of(frames)
        assert all(b.sample - a.sample in (266, 267) for a, b in itertools.pairwise(motion))
        assert abs(len([frame for frame in motion if frame.line]) - 240) <= 2
        assert not {EventKind.RESTARTED, EventKind.DROPPED} & set(kinds_of(frames))

    try:
        run(work())
    finally:
        running.stop()


def test_a_restarted_server_shows_no_jump(voice: np.ndarray, free_port: int, connect: Connect) -> None:
    settings = config(listen=f"127.0.0.1:{free_port}")
    first = Running(settings)
    second: list[Running] = []

    async def work() -> None:
        async with connect(first.address) as client, client.talk(seed=4) as talk:
            line = await talk.say(voice[:40_000])
            talk.end()
            frames: list[visavis.Frame] = []
            async for frame in talk:
                frames.append(frame)
                if len(frames) == 70:
                    await asyncio.to_thread(first.stop)
                    second.append(await asyncio.to_thread(Running, settings))
            assert await line.finished()
        motion = motion_of(frames)
        kinds = kinds_of(frames)
        assert (kinds.count(EventKind.RESTARTED), kinds.count(EventKind.LINE_STARTED)) == (1, 1)
        assert all(a.sample < b.sample for a, b in itertools.pairwise(motion))
        said = [frame for frame in motion if frame.line]
        assert said[-1].line_sample > 39_000
        assert largest_step(motion) < 0.5

    try:
        run(work())
    finally:
        for running in second:
            running.stop()
