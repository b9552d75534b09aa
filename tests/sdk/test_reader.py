"""Frames of a talk are read in one place, read while somebody waits, and acknowledged when they were read."""

from __future__ import annotations

import asyncio

import pytest
from sdk.heard import frames_of, loud, motion_of, ramp, run
from sdk.talk_server import Script, serving

from visavis import Client, MotionFrame
from visavis.errors import InputError, LimitError


def test_a_second_loop_over_a_talk_is_refused() -> None:
    async def work() -> None:
        async with serving(Script(pace_s=0.005)) as target, Client(target) as client, client.talk() as talk:
            await talk.say(ramp(40))
            talk.end()
            first, second = await asyncio.gather(frames_of(talk), frames_of(talk), return_exceptions=True)
            assert isinstance(first, list)
            assert len(motion_of(first)) == 40
            assert isinstance(second, InputError)
            assert second.reason == "TALK_READ_TWICE"

    run(work())


def test_a_loop_may_be_left_and_another_begun() -> None:
    async def work() -> None:
        async with serving(Script(pace_s=0.002)) as target, Client(target) as client, client.talk() as talk:
            line = await talk.say(ramp(20))
            finished = asyncio.create_task(line.finished())
            talk.end()
            seen = 0
            while seen < 5:
                async for frame in talk:
                    seen += isinstance(frame, MotionFrame)
                    break
            seen += len(motion_of(await frames_of(talk)))
            assert seen == 20
            assert await finished

    run(work())


def test_a_line_may_be_waited_for_without_reading() -> None:
    async def work() -> None:
        async with serving(Script()) as target, Client(target) as client, client.talk() as talk:
            line = await talk.say(loud(2))
            assert await line.finished()
            summary = await talk.finish()
            assert summary.motion_frames == 101
            assert await frames_of(talk) == []

    run(work())


def test_waiting_for_a_line_takes_no_frame_from_a_reader() -> None:
    async def work() -> None:
        async with serving(Script(pace_s=0.001)) as target, Client(target) as client, client.talk() as talk:
            reading = asyncio.create_task(frames_of(talk))
            line = await talk.say(ramp(20))
            assert await line.finished()
            await talk.finish()
            assert len(motion_of(await reading)) == 20

    run(work())


def test_only_what_was_handed_out_is_acknowledged() -> None:
    async def work() -> None:
        script = Script(pace_s=0.005, slow_after=60)
        async with serving(script) as target, Client(target) as client:
            async with client.talk() as talk:
                await talk.say(loud(1))
                talk.end()
                assert len(motion_of(await frames_of(talk))) == 50
            async with client.talk() as talk:
                await talk.say(loud(3))
                await asyncio.sleep(1.0)
                with pytest.raises(LimitError) as raised:
                    await frames_of(talk)
                assert raised.value.reason == "SLOW_CONSUMER"
                with pytest.raises(LimitError):
                    await talk.finish()
                with pytest.raises(LimitError):
                    await talk.say(loud(1))

    run(work())
