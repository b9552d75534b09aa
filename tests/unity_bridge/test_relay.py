"""A bridge between a real server and an engine that speaks real ZMTP."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from live_server import Running, config
from unity_bridge.engine import bridged, event_of, is_event, jaw_of, opening, run, say

from visavis import MotionFrame
from visavis.errors import WeightsError
from visavis_bridge.wire import Codec, Kind, Message
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.portrait.picture import read_picture


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
