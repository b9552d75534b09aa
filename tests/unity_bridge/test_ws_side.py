"""The same messages over a real WebSocket: answers, topics, slow readers, pages of strangers."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest
from live_server import Running, config
from unity_bridge.engine import event_of, opening, run, say
from unity_bridge.test_relay import bridged
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from visavis_bridge.wire import Codec, Kind, Message, message_of_bytes
from visavis_bridge.ws_side import MAKES_MOST, MOTION_AHEAD, Reader


async def heard(page: ClientConnection) -> Message:
    data = await asyncio.wait_for(page.recv(), 10)
    assert isinstance(data, bytes)
    return message_of_bytes(data)


async def ask(page: ClientConnection, request: Message) -> Message:
    await page.send(request.header() + request.payload)
    while (message := await heard(page)).kind not in (Kind.OK, Kind.ERROR):
        pass
    return message


def test_a_page_opens_a_character_and_hears_its_line(server: str, voice: np.ndarray) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, _), connect(f"ws://127.0.0.1:{bridge.ports[3]}/") as page:
            assert (await ask(page, opening())).kind == Kind.OK
            assert (await ask(page, say(voice[:8_000].tobytes()))).line == 1
            said, events = 0, []
            while events.count("LINE_FINISHED") < 2:  # once as a topic, once because it was said here
                message = await heard(page)
                said += message.kind == Kind.MOTION and message.line == 1
                events += [event_of(message)] if message.kind == Kind.EVENT else []
            assert abs(said - 30) <= 2
            assert events.count("LINE_STARTED") == 2

    run(work())


def test_a_page_hears_the_topics_it_asks_for(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, engine):
            for name in ("guard", "cook"):
                await engine.ask(opening(name))
            address = f"ws://127.0.0.1:{bridge.ports[3]}/?topic=cook/motion&topic=guard/names"
            async with connect(address) as page:
                got = [await heard(page) for _ in range(100)]
            assert {(message.character, Kind(message.kind)) for message in got} == {
                ("cook", Kind.MOTION), ("guard", Kind.NAMES),
            }  # fmt: skip

    run(work())


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("http://localhost:5173", True), ("https://127.0.0.1", True), ("https://game.example.com", True),
        ("https://evil.example.com", False), ("http://localhost.example.com", False), ("null", False),
    ],
)  # fmt: skip
def test_pages_of_strangers_are_refused(server: str, origin: str, taken: bool) -> None:
    async def work() -> None:
        from visavis import Client
        from visavis_bridge.bridge import Bridge, BridgeConfig

        settings = BridgeConfig(listen="127.0.0.1:0", origins=["https://game.example.com"])
        async with Client(server) as client, Bridge(settings, client=client) as bridge:
            page = connect(f"ws://127.0.0.1:{bridge.ports[3]}/", origin=origin)  # type: ignore[arg-type]
            if taken:
                async with page as opened:
                    assert (await ask(opened, Message(Kind.STATE))).kind == Kind.OK
                return
            with pytest.raises(InvalidStatus) as refused:
                await page.__aenter__()
            assert refused.value.response.status_code == 403

    run(work())


def test_a_page_takes_its_characters_along(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, engine):
            await engine.ask(opening("guard"))

            async def open_here() -> list[str]:
                return list((await engine.ask(Message(Kind.STATE))).content()["characters"])

            address = f"ws://127.0.0.1:{bridge.ports[3]}/?topic=cook/event"
            async with connect(f"{address}&own=1") as page:
                assert (await ask(page, opening("cook"))).kind == Kind.OK
                async with connect(f"{address}&own=1") as later:  # the same page, back before the bridge missed it
                    assert (await ask(later, opening("cook"))).kind == Kind.OK
                    await page.close()
                    assert await open_here() == ["guard", "cook"]
            while await open_here() != ["guard"]:
                await asyncio.sleep(0.02)
            async with connect(address) as page:
                assert (await ask(page, opening("cook"))).kind == Kind.OK
            await asyncio.sleep(0.2)
            assert await open_here() == ["guard", "cook"]

    run(work())


def test_a_page_leaves_what_others_began(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, engine):

            async def open_here() -> list[str]:
                return list((await engine.ask(Message(Kind.STATE))).content()["characters"])

            address = f"ws://127.0.0.1:{bridge.ports[3]}/?topic=cook/event&own=1"
            await engine.ask(opening("guard"))
            async with connect(address) as page:
                assert (await ask(page, opening("guard"))).kind == Kind.OK
                for name in ("cook", "smith"):
                    assert (await ask(page, opening(name))).kind == Kind.OK
                await engine.ask(Message(Kind.CLOSE, character="cook"))
                await engine.ask(opening("cook"))  # another one of this name
            while "smith" in await open_here():
                await asyncio.sleep(0.02)
            assert await open_here() == ["guard", "cook"]

    run(work())


def test_garbage_is_counted_and_the_page_stays(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, _), connect(f"ws://127.0.0.1:{bridge.ports[3]}/") as page:
            await page.send("text")
            await page.send(b"")
            assert (await ask(page, Message(Kind.STATE))).content()["counts"] == {"malformed": 2}

    run(work())


def test_who_does_not_read_holds_up_nobody(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, engine):
            await engine.ask(opening())
            with socket.create_connection(("127.0.0.1", bridge.ports[3])) as sleeper:
                sleeper.sendall(
                    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                )
                got = await engine.listen(lambda message: message.kind == Kind.MOTION and message.sequence > 90)
            motion = [message.sequence for message in got if message.kind == Kind.MOTION]
            assert motion == list(range(motion[0], motion[0] + len(motion)))

    run(work())


def test_a_reader_keeps_order_and_the_newest_picture() -> None:
    async def work() -> None:
        reader = Reader([""])
        assert reader.picture("guard", b"old")
        assert not reader.picture("guard", b"new")
        assert all(reader.put(b"%d" % number) for number in range(MOTION_AHEAD))
        assert not reader.put(b"last")
        got = [await reader.get() for _ in range(MOTION_AHEAD + 1)]
        assert (got[0], got[-2], got[-1]) == (b"1", b"last", b"new")

    run(work())


def test_an_avatar_that_is_made_holds_up_nothing(root: Path, tmp_path: Path) -> None:
    picture = (root / "samples" / "portraits" / "guard.png").read_bytes()

    async def work(address: str) -> None:
        async with bridged(address) as (bridge, _), connect(f"ws://127.0.0.1:{bridge.ports[3]}/?topic=-") as page:
            for request in (
                Message(Kind.MAKE, Codec.FILE, picture, sequence=1, character="me"),
                Message(Kind.STATE, sequence=2),
            ):
                await page.send(request.header() + request.payload)
            assert [(await heard(page)).sequence for _ in range(2)] == [2, 1]

    running = Running(config(avatars=tmp_path))
    try:
        run(work(running.address))
    finally:
        running.stop()


def test_only_so_many_avatars_are_made_at_a_time(server: str) -> None:
    async def work() -> None:
        async with bridged(server) as (bridge, _), connect(f"ws://127.0.0.1:{bridge.ports[3]}/?topic=-") as page:
            for number in range(2 * MAKES_MOST):
                request = Message(Kind.MAKE, Codec.FILE, bytes(1 << 20), sequence=number, character=f"me{number}")
                await page.send(request.header() + request.payload)
            answers = [await heard(page) for _ in range(2 * MAKES_MOST)]
            assert {one.kind for one in answers} == {Kind.ERROR}
            assert any(one.content()["reason"] == "BUSY" for one in answers)
            assert any(one.content()["reason"] != "BUSY" for one in answers)

    run(work())
