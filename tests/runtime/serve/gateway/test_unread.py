"""How far a client is behind: what it has not acknowledged, less what is not its fault."""

from __future__ import annotations

import asyncio

import pytest
from outbox_reader import Reader, age, frames

from visavis_runtime.serve.gateway.unread import SLOW_S


def test_a_client_far_away_is_no_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader()

        async def work() -> None:
            for number in range(60):  # each is acknowledged 0.7 s after it was sent
                reader.outbox.put(frames(2 * number))
                await asyncio.sleep(0.002)
                age(monkeypatch, 0.05)
                reader.outbox.acknowledge(number - 13)

        await reader.while_writing(work)
        assert reader.samples == list(range(120))
        assert reader.pictures == [False, True], "until the first acknowledgement it cannot be known"
        age(monkeypatch, SLOW_S + 0.8)
        reader.outbox.put(frames(120))
        await reader.while_writing(lambda: asyncio.sleep(0.01))
        assert reader.pictures[-1] is False, "but it can become one"

    asyncio.run(go())


def test_what_is_forgiven_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader()

        async def work() -> None:
            reader.outbox.put(frames(0))
            await asyncio.sleep(0.01)
            age(monkeypatch, 3.0)
            reader.outbox.unread.forgive(2_000_000_000)
            assert reader.outbox.unread.behind_s() == pytest.approx(1.0, abs=0.1)
            reader.outbox.unread.forgive(500_000_000)
            assert reader.outbox.unread.behind_s() == pytest.approx(0.5, abs=0.1)

        await reader.while_writing(work)
        reader.outbox.acknowledge(1)
        assert reader.outbox.unread.behind_s() == 0

    asyncio.run(go())


def test_a_write_that_hangs_counts_as_being_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader()
        reader.outbox.listen(False)
        reader.reads.clear()

        async def work() -> None:
            reader.outbox.put(frames(0))
            await asyncio.sleep(0.01)
            assert reader.outbox.unread.behind_s() < SLOW_S
            age(monkeypatch, SLOW_S + 0.1)
            assert reader.outbox.unread.behind_s() > SLOW_S
            reader.outbox.put(frames(2))
            age(monkeypatch, SLOW_S + 0.1)
            reader.outbox.put(frames(4))
            reader.reads.set()
            await asyncio.sleep(0.01)

        await reader.while_writing(work)
        assert reader.samples == [0, 1, 4, 5]
        assert reader.read == [1, 5]

    asyncio.run(go())
