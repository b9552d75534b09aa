"""A talk whose connection breaks: nothing lost, nothing twice, no jump, and an end to all trying."""

from __future__ import annotations

import asyncio
import itertools

import numpy as np
import pytest
from sdk.heard import frames_of, kinds_of, loud, motion_of, ramp, run
from sdk.talk_face import STEP
from sdk.talk_server import Script, serving

from visavis import Client, Event, EventKind, MotionFrame
from visavis.errors import InputError, UnavailableError
from visavis.latents import INDEX


@pytest.mark.parametrize("breaks", [[3], [1, 5, 20], [7, 7, 7]])
def test_a_broken_talk_goes_on_where_it_was(breaks: list[int]) -> None:
    async def work() -> None:
        script = Script(break_after=list(breaks), ahead_s=0.2, pace_s=0.001)
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            await talk.control(head_gain=0.5)
            first = await talk.say(ramp(40))
            await talk.mark(first, 30 * STEP, "late")
            await talk.say(ramp(20))
            talk.end()
            frames = await frames_of(talk)
        motion = motion_of(frames)
        assert [frame.sample for frame in motion] == [STEP * j for j in range(60)]
        expected = [j / 41 for j in range(1, 41)] + [j / 21 for j in range(1, 21)]
        assert [frame["jawOpen"] for frame in motion] == pytest.approx(expected, abs=1e-4)
        started = [EventKind.LINE_STARTED, EventKind.MARKER, EventKind.LINE_FINISHED]
        assert kinds_of(frames) == [*started, EventKind.LINE_STARTED, EventKind.LINE_FINISHED]
        assert [start.HasField("resume") for start in script.starts] == [False] + [True] * len(breaks)
        controls = [request for request in script.requests if request.HasField("control")]
        assert len(controls) == 1 + len(breaks)

    run(work())


def test_a_server_that_lost_the_talk_gets_what_was_not_said() -> None:
    async def work() -> None:
        script = Script(break_after=[10], forget=True, pace_s=0.001)
        async with serving(script) as target, Client(target) as client, client.talk(seed=3) as talk:
            await talk.control(distance=0.25)
            line = await talk.say(ramp(30))
            await talk.mark(line, 20 * STEP, "nod")
            talk.end()
            frames = await frames_of(talk)
            assert await line.finished()
        motion = motion_of(frames)
        loudness = [round(frame["jawOpen"] * 31) for frame in motion]
        assert loudness == [*range(1, 11), *range(10, 31)]  # the frame that was shown last is said again
        assert [frame.line_sample for frame in motion] == [STEP * (j - 1) for j in loudness]
        assert all(b.sample - a.sample == STEP for a, b in itertools.pairwise(motion))
        assert kinds_of(frames) == [
            EventKind.LINE_STARTED, EventKind.RESTARTED, EventKind.MARKER, EventKind.LINE_FINISHED,
        ]  # fmt: skip
        again = script.starts[-1]
        assert not again.HasField("resume")
        assert again.from_latents[INDEX["jawOpen"]] == pytest.approx(10 / 31, abs=1e-4)
        assert (again.control.distance, again.seed) == (0.25, 3)

    run(work())


def test_a_restarted_server_is_found_again(free_port: int) -> None:
    async def work() -> None:
        script = Script(pace_s=0.002)
        first = serving(script, port=free_port)
        target = await first.__aenter__()
        async with Client(target) as client, client.talk() as talk:
            await talk.say(ramp(40))
            talk.end()
            seen: list[MotionFrame | Event] = []
            async for frame in talk:
                assert isinstance(frame, MotionFrame | Event)
                seen.append(frame)
                if len(seen) == 10:
                    await first.__aexit__(None, None, None)
                    await asyncio.sleep(0.3)
                    second = serving(script, port=free_port)
                    await second.__aenter__()
            motion = motion_of(list(seen))
            loudness = [round(frame["jawOpen"] * 41) for frame in motion]
            assert sorted(set(loudness)) == list(range(1, 41))
            assert kinds_of(list(seen)).count(EventKind.RESTARTED) == 1
            assert all(a.sample < b.sample for a, b in itertools.pairwise(motion))
        await second.__aexit__(None, None, None)

    run(work())


def test_trying_has_an_end() -> None:
    async def work() -> None:
        script = Script(break_after=[5], refuse=[])
        server = serving(script)
        target = await server.__aenter__()
        async with Client(target) as client, client.talk(reconnect_s=0.3) as talk:
            line = await talk.say(loud(60))
            async for _ in talk:
                break
            await server.__aexit__(None, None, None)
            with pytest.raises(UnavailableError, match=r"could not be taken up for 0\.3 s"):
                await frames_of(talk)
            with pytest.raises(UnavailableError):
                await line.finished()
            with pytest.raises(UnavailableError):
                await talk.interrupt()

    run(work())


def test_a_refusal_that_waiting_cannot_mend_ends_the_trying() -> None:
    async def work() -> None:
        script = Script(break_after=[5])
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            script.refuse = [
                ("RESOURCE_EXHAUSTED", "full", "CAPACITY", 20),
                ("INVALID_ARGUMENT", "no", "AVATAR_NAME", 0),
            ]
            await talk.say(loud(1))
            with pytest.raises(InputError) as raised:
                await frames_of(talk)
            assert raised.value.reason == "AVATAR_NAME"
            assert len(script.starts) == 3

    run(work())


def test_goodbye_leads_to_another_talk_after_the_line() -> None:
    async def work() -> None:
        script = Script(goodbye_after=5, ahead_s=0.3, pace_s=0.001)
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            await talk.say(ramp(20))
            await talk.say(ramp(30))
            talk.end()
            frames = await frames_of(talk)
        motion = motion_of(frames)
        assert [frame.line_sample for frame in motion] == [STEP * j for j in (*range(20), *range(30))]
        assert all(a.sample < b.sample for a, b in itertools.pairwise(motion))
        kinds = kinds_of(frames)
        assert kinds.index(EventKind.GOODBYE) < kinds.index(EventKind.LINE_FINISHED) < kinds.index(EventKind.RESTARTED)
        assert kinds.count(EventKind.LINE_FINISHED) == 2
        assert len(script.starts) == 2

    run(work())


def test_a_lost_interrupt_is_said_again() -> None:
    async def work() -> None:
        script = Script(break_after=[8], pace_s=0.01)
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            line = await talk.say(loud(2))
            reading = asyncio.create_task(frames_of(talk))
            while len(script.starts) < 1 or script.break_after:
                await asyncio.sleep(0.001)
            await talk.interrupt()
            assert not await line.finished()
            talk.end()
            assert len(motion_of(await reading)) < 100

    run(work())


def test_a_server_that_does_not_begin_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis.streams.OPEN_S", 0.3)

    async def work() -> None:
        async with serving(Script(silent=True)) as target, Client(target) as client:
            with pytest.raises(UnavailableError) as raised:
                await client.talk().__aenter__()
            assert raised.value.reason == "NO_ANSWER"

    run(work())


def test_leaving_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with serving(Script(pace_s=0.01)) as target, Client(target) as client:
            async with client.talk() as talk:
                line = await talk.say(loud(100))
                async for _ in talk:
                    break
            with pytest.raises(UnavailableError):
                await line.finished()
            assert np.all([frame is None for frame in await frames_of(talk)])

    run(work())
