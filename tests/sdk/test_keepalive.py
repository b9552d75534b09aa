"""A talk in which nobody says anything stays open, and one whose connection is dead is taken up."""

from __future__ import annotations

import asyncio

import pytest
from sdk.heard import loud, run
from sdk.talk_server import Script, serving

from visavis import Client


def test_a_silent_talk_is_kept_open_by_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis.keepalive.PING_S", 0.2)

    async def work() -> None:
        script = Script()
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            await asyncio.sleep(0.8)
            await talk.finish()
        assert 2 <= sum(request.HasField("ping") for request in script.requests) <= 4

    run(work())


def test_a_dead_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visavis.keepalive.SILENT_S", 0.5)
    monkeypatch.setattr("visavis.keepalive.WATCH_S", 0.2)

    async def work() -> None:
        script = Script()
        async with serving(script) as target, Client(target) as client, client.talk() as talk:
            await asyncio.sleep(1.5)
            line = await talk.say(loud(0.2))
            assert await line.finished()
            assert len(script.starts) >= 2

    run(work())
