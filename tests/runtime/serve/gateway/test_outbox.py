from __future__ import annotations

import asyncio
from typing import Any

import pytest
from outbox_reader import Reader, age, frames, picture

from visavis.v1 import talk_pb2
from visavis_runtime.serve.gateway.gone import Gone
from visavis_runtime.serve.gateway.outbox import KEPT_S, WAITING_MOST, Outbox
from visavis_runtime.serve.gateway.unread import SLOW_S, Unread
from visavis_runtime.serve.messages import Echo, Notice


def test_waiting_frames_of_a_line_share_a_message() -> None:
    async def go() -> None:
        reader = Reader()
        for first in range(0, 40, 2):
            reader.outbox.put(frames(first))
        reader.outbox.put(frames(40, line="b"))
        reader.outbox.put(Notice(1, "UNDERRUN", 42))
        reader.outbox.put(frames(42, line="b"))
        await reader.while_writing(lambda: asyncio.sleep(0))
        assert reader.samples == list(range(44))
        kinds = [(len(one.motion.sample_indices), one.motion.line_id) for one in reader.got]
        assert kinds == [(12, "a"), (12, "a"), (12, "a"), (4, "a"), (2, "b"), (0, ""), (2, "b")]
        assert [one.sequence for one in reader.got] == [1, 2, 3, 4, 5, 6, 7]
        assert reader.outbox.motion_frames == 44

    asyncio.run(go())


def test_a_slow_client_loses_the_oldest_frames_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader()
        outbox = reader.outbox

        async def work() -> None:
            outbox.put(frames(0))
            outbox.put_picture(picture(0))
            await asyncio.sleep(0.01)
            assert len(reader.got) == 2
            age(monkeypatch, SLOW_S + 0.1)
            outbox.put(frames(2))
            await asyncio.sleep(0.01)
            assert len(reader.got) == 3
            outbox.put(frames(4))
            outbox.put(Notice(1, "LINE_FINISHED", 6, line="a"))
            outbox.put(Echo(1, 0, "a", 0, b""))
            outbox.put_picture(picture(2))
            await asyncio.sleep(0.01)
            assert len(reader.got) == 3
            assert reader.pictures == [False]
            age(monkeypatch, SLOW_S + 0.1)
            outbox.put(frames(6))
            outbox.put_picture(picture(4))
            assert outbox.unread.behind_s() > 2 * SLOW_S
            outbox.acknowledge(3)
            await asyncio.sleep(0.01)

        await reader.while_writing(work)
        assert reader.read == [3]
        assert reader.pictures == [False, True]
        assert reader.samples == [0, 1, 2, 3, 6, 7]
        events = [(one.event.type, one.event.count) for one in reader.got if one.HasField("event")]
        assert events == [(talk_pb2.EVENT_TYPE_DROPPED, 2), (talk_pb2.EVENT_TYPE_LINE_FINISHED, 0)]
        assert [one.texture.sample_index for one in reader.got if one.HasField("texture")] == [0, 4]
        assert outbox.dropped_frames == 3

    asyncio.run(go())


def test_a_client_that_comes_back_gets_what_a_slow_one_would_have_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader()
        outbox = reader.outbox

        async def stand_still() -> None:
            for first in range(0, 120, 6):
                outbox.put(frames(first, count=6))
                await asyncio.sleep(0.001)
                age(monkeypatch, 0.1)

        async def work() -> None:
            await asyncio.sleep(0.01)

        await reader.while_writing(stand_still)
        assert len(reader.samples) < 100
        del reader.got[3:]
        outbox.reopen(last_sequence=reader.got[-1].sequence)
        await reader.while_writing(work)
        assert reader.samples == list(range(120))
        assert outbox.dropped_frames == 0
        age(monkeypatch, KEPT_S + 0.6)
        outbox.put(frames(120))
        age(monkeypatch, KEPT_S + 0.1)
        outbox.put(frames(122))
        assert outbox.dropped_frames == 2, "no longer than this"

    asyncio.run(go())


def test_a_burst_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def go() -> None:
        reader = Reader(paced=False)

        async def work() -> None:
            for first in range(0, 60, 2):
                reader.outbox.put(frames(first))
                age(monkeypatch, 0.1)
            await asyncio.sleep(0.01)

        await reader.while_writing(work)
        assert reader.samples == list(range(60))
        assert reader.outbox.dropped_frames == 0

    asyncio.run(go())


def test_another_connection_gets_what_was_not_read() -> None:
    async def go() -> None:
        reader = Reader()
        outbox = reader.outbox

        async def first() -> None:
            outbox.put_plain(talk_pb2.TalkResponse(ready=talk_pb2.Ready()))
            for at in range(0, 8, 2):
                outbox.put(frames(at))
                await asyncio.sleep(0.005)
            outbox.put_picture(picture(0))
            await asyncio.sleep(0.005)
            outbox.put_picture(picture(2))
            await asyncio.sleep(0.005)

        await reader.while_writing(first)
        assert [one.sequence for one in reader.got] == [0, 1, 2, 3, 4, 5, 6]
        outbox.put(frames(8))
        before, reader.got = reader.got, []
        outbox.reopen(last_sequence=2)
        outbox.put_plain(talk_pb2.TalkResponse(ready=talk_pb2.Ready(resumed=True)))
        await reader.while_writing(lambda: asyncio.sleep(0))
        assert [one.sequence for one in reader.got] == [0, 3, 4, 6, 7]
        assert reader.got[1:4] == [before[3], before[4], before[6]]
        assert reader.samples == [4, 5, 6, 7, 8, 9]
        reader.got = []
        outbox.reopen(last_sequence=6)
        await reader.while_writing(lambda: asyncio.sleep(0))
        assert [one.sequence for one in reader.got] == [7]

    asyncio.run(go())


def test_the_summary_comes_last() -> None:
    async def go() -> None:
        reader = Reader()
        outbox = reader.outbox
        outbox.put(frames(0))
        outbox.finish(lambda: talk_pb2.TalkResponse(summary=talk_pb2.Summary(motion_frames=outbox.motion_frames)))
        outbox.put(frames(2))
        await outbox.drain(reader.write)
        assert outbox.done
        assert reader.got[-1].summary.motion_frames == 4

    asyncio.run(go())


def test_a_write_that_fails_means_the_client_is_gone() -> None:
    async def fail(response: Any) -> None:
        raise RuntimeError("RPC already finished.")

    async def go() -> None:
        outbox = Reader().outbox
        outbox.put(frames(0))
        with pytest.raises(Gone):
            await outbox.drain(fail)

    asyncio.run(go())


def test_a_flood_of_events_costs_no_more_than_its_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is behind is looked through now and then, not for every event that waits."""
    looked = []
    shed = Outbox._shed
    monkeypatch.setattr(
        Outbox, "_shed", lambda self, now_ns, **kept: (looked.append(now_ns), shed(self, now_ns, **kept))
    )
    monkeypatch.setattr(Unread, "behind_ns", lambda self, now_ns: 10**12)
    outbox = Reader().outbox
    for number in range(WAITING_MOST + 1):
        assert not outbox.flooded
        outbox.put(Notice(1, "WARNING", number))
    assert outbox.flooded
    assert len(looked) < 100
