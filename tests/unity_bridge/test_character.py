"""A character over real ZMTP: its lines by number, interruptions, wishes, and outages of its server."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from live_server import Running, config
from unity_bridge.engine import Engine, bridged, event_of, is_event, jaw_of, opening, run, say

from visavis import INDEX
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message


def test_a_line_in_pieces_of_another_rate_is_heard_to_its_end(server: str, voice: np.ndarray) -> None:
    async def work() -> None:
        slow = np.repeat(voice[:16_000], 3).tobytes()  # 48 kHz
        async with bridged(server, "guard/") as (_, engine):
            await engine.ask(opening())
            line = (await engine.ask(say(slow[:9_600], last=False, rate_hz=48_000))).line
            for at in range(9_600, len(slow), 19_200):
                last = at + 19_200 >= len(slow)
                piece = Message(
                    Kind.AUDIO, Codec.PCM_S16, slow[at : at + 19_200], line=line, character="guard",
                    flags=Flags.LAST if last else 0,
                )  # fmt: skip
                assert (await engine.ask(piece)).kind == Kind.OK
            assert (await engine.ask(piece)).content()["reason"] == "LINE_WHOLE"
            got = await engine.listen(is_event("LINE_FINISHED"))
            assert abs(len([message for message in got if message.kind == Kind.MOTION and message.line]) - 60) <= 2

    run(work())


def test_an_interruption_ends_every_line_and_shuts_the_mouth(server: str, voice: np.ndarray) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            await engine.ask(opening())
            for _ in range(3):
                await engine.ask(say(voice.tobytes()))
            await engine.listen(lambda message: message.line_sample > 8_000 and jaw_of(message) > 0.15)
            assert (await engine.ask(Message(Kind.INTERRUPT, character="guard"))).kind == Kind.OK
            ended: set[int] = set()
            while ended != {1, 2, 3}:
                [*_, last] = await engine.listen(is_event("LINE_INTERRUPTED"))
                ended.add(last.line)
            [*_, last] = await engine.listen(lambda message: message.kind == Kind.MOTION)
            got = await engine.listen(lambda message: message.sample > last.sample + 0.4 * 16_000)
            assert jaw_of([message for message in got if message.kind == Kind.MOTION][-1]) < 0.02

    run(work())


@pytest.mark.parametrize("end", [opening(motion_fps=30), Message(Kind.CLOSE, character="guard")])
def test_who_ends_a_character_ends_the_lines_of_others(server: str, voice: np.ndarray, end: Message) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, engine), Engine(bridge.ports) as other:
            await engine.ask(opening())
            for _ in range(2):
                await engine.ask(say(voice.tobytes()))
            await engine.listen(is_event("LINE_STARTED"))
            await other.ask(end)
            ended: dict[int, str] = {}
            while len(ended) < 2:
                message = await engine.told()
                if event_of(message) == "LINE_INTERRUPTED":
                    ended[message.line] = message.content()["reason"]
            assert ended == {1: "CLOSED", 2: "CLOSED"}
            if end.kind == Kind.OPEN:  # the numbers of lines are not given twice: others know the old ones
                assert (await other.ask(say(voice.tobytes()))).line == 3

    run(work())


def test_a_wish_turns_the_eyes(server: str) -> None:
    async def work() -> None:
        async with bridged(server, "guard/motion") as (_, engine):
            await engine.ask(opening(seed=5))
            wish = json_message(Kind.CONTROL, {"gaze": [0.5, 0.0], "head_gain": 0}, character="guard")
            assert (await engine.ask(wish)).kind == Kind.OK
            got = await engine.listen(lambda message: message.sequence > 90)
            yaw = np.mean(
                [np.frombuffer(one.payload, "<f4")[[INDEX["headYaw"], INDEX["leftEyeYaw"]]].sum() for one in got[60:]]
            )
            assert yaw > 0.3

    run(work())


def test_names_are_said_again_every_second(server: str) -> None:
    async def work() -> None:
        async with bridged(server, "guard/names") as (_, engine):
            await engine.ask(opening())
            first, second = [(await engine.listen(lambda _: True))[0] for _ in range(2)]
            assert second.sequence == first.sequence + 1
            assert 8_000 < second.sample - first.sample < 32_000
            assert first.content()["names"] == list(INDEX)

    run(work())


def test_characters_come_back_with_their_server(free_port: int, voice: np.ndarray) -> None:
    settings = config(listen=f"127.0.0.1:{free_port}")
    running = [Running(settings)]

    async def work() -> None:
        async with bridged(running[0].address) as (_, engine):
            await engine.ask(opening())
            await engine.ask(say(voice.tobytes()))
            [*_, before] = await engine.listen(lambda message: message.line_sample > 4_000)
            await asyncio.to_thread(running.pop().stop)
            [*_, away] = await engine.listen(is_event("AWAY"))
            assert away.content()["reason"]
            await engine.listen(is_event("LINE_INTERRUPTED"))
            assert (await engine.ask(say(b""))).content()["reason"] == "CHARACTER_AWAY"
            running.append(await asyncio.to_thread(Running, settings))
            begin_s = asyncio.get_running_loop().time()
            await engine.listen(is_event("READY"))
            assert asyncio.get_running_loop().time() - begin_s < 2.0
            [*_, after] = await engine.listen(lambda message: message.kind == Kind.MOTION)
            assert after.sample > before.sample, "one clock"

    try:
        run(work())
    finally:
        for one in running:
            one.stop()


def test_a_wish_that_nobody_knows_is_answered_and_forgotten(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            await engine.ask(opening())
            await engine.listen(lambda message: message.kind == Kind.MOTION)
            answer = await engine.ask(json_message(Kind.CONTROL, {"emotion": {"hapy": 1}}, character="guard"))
            assert answer.kind == Kind.ERROR
            assert answer.content()["reason"] == "EMOTION_UNKNOWN"
            await engine.listen(lambda message: message.kind == Kind.MOTION)

    run(work())
