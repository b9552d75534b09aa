"""The client and the real server: what is said, cut short, left unread, refused, and stopped."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from pathlib import Path

import numpy as np
import pytest
from live_server import Running, config
from sdk.heard import LINE, Connect, frames_of, kinds_of, motion_of, run

import visavis
from visavis import Event, EventKind, MotionFrame
from visavis.errors import AccessError, LimitError, UnavailableError
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.write.talk import Talk, talk_latents

TOKEN_TALKS = 30


def test_a_line_is_said_in_the_tempo_of_its_audio(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with connect(server) as client:
            assert await client.health()
            async with client.talk(seed=4) as talk:
                line = await talk.say(voice[:24_000])
                await talk.mark(line, 8_000, "here")
                talk.end()
                frames = await frames_of(talk)
            assert talk.ready.latency_ms <= 125
            assert talk.summary is not None
            assert talk.summary.dropped_frames == 0
        motion = motion_of(frames)
        assert all(b.sample - a.sample in (266, 267) for a, b in itertools.pairwise(motion))
        said = [frame for frame in motion if frame.line]
        assert abs(len(said) - 90) <= 2
        assert max(frame["jawOpen"] for frame in said) > 0.1
        assert motion[-1]["jawOpen"] < 0.02
        wanted = [EventKind.LINE_STARTED, EventKind.MARKER, EventKind.LINE_FINISHED]
        assert [kind for kind in kinds_of(frames) if kind is not EventKind.UNDERRUN] == wanted

    run(work())


@pytest.mark.parametrize("when", ["at once", "in a line", "unread"])
def test_a_talk_that_is_closed_leaves_its_place(
    voice: np.ndarray, connect: Connect, when: str, caplog: pytest.LogCaptureFixture
) -> None:
    running = Running(config(max_talks=1))

    async def work() -> None:
        for seed in range(3):
            async with connect(running.address) as client, client.talk(seed=seed) as talk:
                if when != "at once":
                    await talk.say(voice)
                    await asyncio.sleep(1.0 if when == "unread" else 0.0)
                if when == "in a line":
                    async for frame in talk:
                        if isinstance(frame, MotionFrame) and frame.line:
                            break

    try:
        with caplog.at_level(logging.INFO, logger="visavis_runtime.serve"):
            run(work())
    finally:
        running.stop()
    ended = [record for record in caplog.records if "talk ended" in record.message]
    assert [getattr(record, "reason", "") for record in ended] == ["CANCELLED"] * 3


def test_a_burst_is_the_offline_talk(server: str, connect: Connect) -> None:
    clip = read_audio(LINE)
    offline = np.concatenate(list(talk_latents(Talk(clip=clip, speech=load_speech(), seed=9), fps=60)))

    async def work() -> None:
        async with connect(server) as client, client.talk(seed=9, pacing="burst") as talk:
            await talk.say(clip.samples)
            talk.end()
            said = [frame for frame in motion_of(await frames_of(talk)) if frame.line]
            live = np.stack([frame.latents for frame in said])[: len(offline)]
            assert live.shape == offline.shape
            # 16 bit on the wire against float32 here
            assert np.abs(live - offline).max() < 5e-3

    run(work())


def test_an_interruption_shuts_the_mouth(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with connect(server) as client, client.talk(seed=4) as talk:
            line = await talk.say(voice)
            cut_sample = -1
            async for frame in talk:
                if isinstance(frame, MotionFrame):
                    if cut_sample < 0 and frame.line_sample > 8_000 and frame["jawOpen"] > 0.15:
                        await talk.interrupt()
                        cut_sample = frame.sample
                    elif cut_sample >= 0 and frame.sample > cut_sample + 16_000 * 0.4:
                        assert frame["jawOpen"] < 0.02
                        break
            assert not await line.finished()

    run(work())


def test_a_minute_handed_over_at_once_is_cut_within_120_ms(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with connect(server) as client, client.talk(seed=4) as talk:
            line = await talk.say(np.resize(voice, 60 * 16_000))
            most_ahead, over_sample, interrupting = 0, -1, asyncio.create_task(later(talk))
            motion: list[MotionFrame] = []
            async for frame in talk:
                if isinstance(frame, MotionFrame):
                    motion.append(frame)
                    if frame.line:
                        assert line.played >= frame.line_sample
                        most_ahead = max(most_ahead, line.sent - line.played)
                    if over_sample >= 0 and frame.sample > over_sample + 16_000:
                        break
                elif isinstance(frame, Event) and frame.kind is EventKind.LINE_INTERRUPTED:
                    over_sample = frame.sample
            await interrupting
            assert not await line.finished()
            # Sent beyond the newest frame that has come, which is all that the server asks for.
            assert 15_000 * talk.ready.limits.ahead_s < most_ahead <= 16_000 * talk.ready.limits.ahead_s
        parted = [frame["jawOpen"] - frame["mouthClose"] for frame in motion if frame.sample < over_sample]
        assert max(parted) > 0.1
        shut = [frame["jawOpen"] - frame["mouthClose"] for frame in motion if frame.sample >= over_sample + 1_920]
        assert len(shut) > 50
        assert max(shut) < 0.01

    async def later(talk: visavis.Talk) -> None:
        await asyncio.sleep(3.0)
        await talk.interrupt()

    run(work())


def test_who_does_not_read_is_let_go(server: str, voice: np.ndarray, connect: Connect) -> None:
    async def work() -> None:
        async with connect(server) as client, client.talk() as talk:
            await talk.say(voice)
            async for _ in talk:
                break
            await asyncio.sleep(2.5)
            with pytest.raises(LimitError) as raised:
                await frames_of(talk)
            assert raised.value.reason == "SLOW_CONSUMER"

    run(work())


@pytest.mark.parametrize("standing", ["thread", "task"])
def test_who_stands_still_hears_why_the_talk_has_ended(
    server: str, voice: np.ndarray, standing: str, connect: Connect
) -> None:
    async def work() -> None:
        async with connect(server) as client, client.talk() as talk:
            await talk.say(voice)
            seen: list[visavis.Frame] = []
            async for frame in talk:
                seen.append(frame)
                if len(seen) == 40:
                    break
            if standing == "thread":
                time.sleep(3.0)
            else:
                await asyncio.sleep(4.0)
            with pytest.raises(LimitError) as raised:
                seen += await frames_of(talk)
            assert raised.value.reason == "SLOW_CONSUMER"
            assert EventKind.RESTARTED not in kinds_of(seen)

    run(work())


def test_a_refused_token_is_said_every_time(tmp_path: Path, connect: Connect) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('[[token]]\nname = "studio"\ntoken = "right"\n', encoding="utf-8")
    running = Running(config(tokens=tokens))

    async def work() -> None:
        async with connect(running.address, token="wrong") as client:
            for _ in range(TOKEN_TALKS):
                with pytest.raises(AccessError) as raised:
                    await client.talk().__aenter__()
                assert raised.value.reason == "TOKEN_UNKNOWN"

    try:
        run(work())
    finally:
        running.stop()


def test_a_server_that_stops_finishes_the_line(voice: np.ndarray, connect: Connect) -> None:
    running = Running(config())

    async def work() -> None:
        async with connect(running.address) as client, client.talk(reconnect_s=0.3) as talk:
            line = await talk.say(voice[:16_000])
            frames: list[visavis.Frame] = []
            stopping = None
            async for frame in talk:
                frames.append(frame)
                if len(frames) == 20:
                    stopping = asyncio.create_task(asyncio.to_thread(running.stop, drain_s=5.0))
                if isinstance(frame, Event) and frame.kind is EventKind.LINE_FINISHED:
                    break
            with pytest.raises(UnavailableError):
                await frames_of(talk)
            assert await line.finished()
            assert kinds_of(frames).count(EventKind.GOODBYE) == 1
            assert abs(len([frame for frame in motion_of(frames) if frame.line]) - 60) <= 2
            assert stopping is not None
            await stopping

    run(work())
