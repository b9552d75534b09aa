"""A bridge between a real server and an engine that speaks real ZMTP."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_server import Running, config
from unity_bridge.engine import Engine, event_of, is_event, opening, run, say

from visavis import INDEX, Client, MotionFrame
from visavis.errors import WeightsError
from visavis_bridge.bridge import Bridge, BridgeConfig
from visavis_bridge.wire import Codec, Flags, Kind, Message, json_message
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture


@asynccontextmanager
async def bridged(server: str, *topics: str, **options: Any) -> AsyncIterator[tuple[Bridge, Engine]]:
    async with (
        Client(server) as client,
        Bridge(BridgeConfig(listen="127.0.0.1:0"), client=client, **options) as bridge,
        Engine(bridge.ports, *topics) as engine,
    ):
        yield bridge, engine


def jaw_of(message: Message) -> float:
    return float(np.frombuffer(message.payload, "<f4")[INDEX["jawOpen"]])


def test_a_line_comes_back_as_motion_in_order(server: str, voice: np.ndarray) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            assert (await engine.ask(opening(seed=3))).kind == Kind.OK
            answer = await engine.ask(say(voice[:24_000].tobytes()))
            assert (answer.kind, answer.line) == (Kind.OK, 1)
            got = await engine.listen(is_event("LINE_FINISHED"))
            motion = [message for message in got if message.kind == Kind.MOTION]
            assert all(b.sequence - a.sequence == 1 for a, b in itertools.pairwise(motion))
            assert all(b.sample - a.sample in (266, 267) for a, b in itertools.pairwise(motion))
            said = [message for message in motion if message.line == 1]
            assert abs(len(said) - 90) <= 2
            assert said[0].line_sample <= 267
            assert {message.line_sample for message in motion if not message.line} == {-1}
            assert max(map(jaw_of, said)) > 0.1
            # Begin and end reach the engine that says it on its own way too, and can be asked for.
            told = [*engine.heard, *[await engine.told() for _ in range(2 - len(engine.heard))]]
            assert [(event_of(message), message.line) for message in told] == [
                ("LINE_STARTED", 1),
                ("LINE_FINISHED", 1),
            ]
            state = (await engine.ask(Message(Kind.STATE, character="guard"))).content()
            assert (state["state"], state["lines"]) == ("live", {"1": "LINE_FINISHED"})

    run(work())


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


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Message(Kind.STATE, character="nobody"), "CHARACTER_UNKNOWN"),
        (Message(Kind.INTERRUPT, character="a b"), "CHARACTER_NAME"),
        (opening(avatar="no-such"), "AVATAR_UNKNOWN"),
        (opening(avatr="guard"), "OPTION_KEY"),
        (opening(texture_fps="fast"), "OPTION_VALUE"),
        (Message(Kind.OPEN, Codec.JSON, b"[1]", character="guard"), "REQUEST_JSON"),
        (Message(99, character="guard"), "KIND_UNKNOWN"),
        (Message(Kind.MAKE, Codec.FILE, b"no picture", character="A B"), "AVATAR_NAME"),
        (Message(Kind.FORGET, character="guard"), "AVATAR_UNKNOWN"),
    ],
)
def test_a_refusal_says_why(server: str, request_: Message, reason: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            answer = await engine.ask(request_)
            assert answer.kind == Kind.ERROR
            assert answer.content()["reason"] == reason
            assert answer.content()["message"].endswith((".", "?"))

    run(work())


def test_what_an_open_character_refuses(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            await engine.ask(opening())
            for request, reason in (
                (say(b"abc"), "AUDIO_ALIGNMENT"),
                (say(b"ab", rate_hz=0), "AUDIO_RATE"),
                (Message(Kind.SAY, Codec.JPEG, b"ab", character="guard"), "AUDIO_FORMAT"),
                (Message(Kind.AUDIO, Codec.PCM_S16, b"ab", line=9, character="guard"), "LINE_UNKNOWN"),
                (json_message(Kind.CONTROL, {"gaze": "left"}, character="guard"), "OPTION_VALUE"),
                (json_message(Kind.CONTROL, {"head_gain": 9}, character="guard"), "CONTROL_RANGE"),
            ):
                assert (await engine.ask(request)).content()["reason"] == reason
            assert (await engine.ask(Message(Kind.CLOSE, character="guard"))).kind == Kind.OK
            assert (await engine.ask(say(b""))).content()["reason"] == "CHARACTER_UNKNOWN"

    run(work())


def test_malformed_messages_are_dropped_and_counted(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (_, engine):
            good = Message(Kind.STATE).header()
            for parts in ((b"",), (b"hello", b"world"), (good,), (good, b"surplus"), (good, b"", b"")):
                await engine.send(*parts)
            await engine.send(good[:4] + b"\x07" + good[5:], b"")
            assert (await engine.told()).content()["reason"] == "WIRE_VERSION"
            state = (await engine.ask(Message(Kind.STATE))).content()
            assert state.pop("cpu_s") > 0
            assert state == {"characters": [], "counts": {"malformed": 6}}

    run(work())


def test_sinks_get_the_motion_of_every_character(server: str) -> None:
    class Heard:
        def __init__(self) -> None:
            self.frames: list[tuple[str, MotionFrame]] = []

        def send(self, character: str, frame: MotionFrame) -> None:
            self.frames.append((character, frame))

    async def work() -> None:
        heard = Heard()
        async with bridged(server, sinks=[heard]) as (_, engine):
            await engine.ask(opening("guard"))
            await engine.ask(opening("cook"))
            await engine.listen(lambda message: message.character == "cook" and message.sequence > 20)
        assert {name for name, _ in heard.frames} == {"guard", "cook"}

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


def test_a_picture_becomes_an_avatar_and_is_forgotten_again(root: Path, tmp_path: Path) -> None:
    picture = (root / "samples" / "portraits" / "scholar.png").read_bytes()

    async def work(address: str) -> None:
        async with bridged(address) as (_, engine):
            refused = await engine.ask(Message(Kind.MAKE, Codec.JPEG, picture, character="me"))
            assert refused.content()["reason"] == "PICTURE_FORMAT"
            made = await engine.ask(Message(Kind.MAKE, Codec.FILE, picture, character="me"))
            assert made.content() == {"name": "me", "size_px": 512, "warnings": made.content()["warnings"]}
            again = await engine.ask(Message(Kind.MAKE, Codec.FILE, picture, character="me"))
            assert again.content()["reason"] == "AVATAR_EXISTS"
            named = (await engine.ask(Message(Kind.AVATARS))).content()["avatars"]
            assert {one["name"]: one["made"] for one in named} == {"me": True, "owner": False}
            assert (await engine.ask(opening("guard", avatar="me"))).kind == Kind.OK
            strange = await engine.ask(Message(Kind.FORGET, character="owner"))
            assert strange.content()["reason"] == "AVATAR_UNKNOWN"
            (tmp_path / "me.visavis").write_bytes((tmp_path / "owner.visavis").read_bytes())  # the owner's, since
            foreign = await engine.ask(Message(Kind.FORGET, character="me"))
            assert foreign.content()["reason"] == "AVATAR_UNKNOWN"
            (tmp_path / "me.visavis").unlink()
            assert (await engine.ask(Message(Kind.MAKE, Codec.FILE, picture, character="me"))).kind == Kind.OK
            assert (await engine.ask(Message(Kind.FORGET, character="me"))).kind == Kind.OK
            assert [one["name"] for one in (await engine.ask(Message(Kind.AVATARS))).content()["avatars"]] == ["owner"]

    try:
        build_avatar(read_picture(root / "samples" / "portraits" / "scholar.png"), size=128).save(
            tmp_path / "owner.visavis"
        )
    except WeightsError as error:
        pytest.skip(f"the face networks cannot be had: {error}")
    running = Running(config(avatars=tmp_path))
    try:
        run(work(running.address))
    finally:
        running.stop()
