from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from live_server import Client, Running, chunk, config, event, s16, start, voice

from visavis.v1 import audio_pb2, talk_pb2

PCM = s16(voice(2.0))
PIECE = 640
OWN = [("grpc.use_local_subchannel_pool", 1)]
"""Each channel has a connection of its own."""
END = audio_pb2.EndOfLine(line_id="a")


def _spoken(responses: list[Any]) -> dict[int, Any]:
    """Latents of the line's frames by their sample in it."""
    return {
        sample: np.array(motion.latents[64 * k : 64 * k + 64])
        for motion in (one.motion for one in responses if one.HasField("motion"))
        for k, sample in enumerate(motion.line_sample_indices)
    }


def _say(client: Client, *, first: int = 0, until: int = len(PCM)) -> None:
    for at in range(first, until, PIECE):
        client.send(audio=chunk(PCM[at : at + PIECE], at=at // 2))


def _again(running: Running, token: str, *, last: int) -> Client:
    client = Client(grpc.insecure_channel(running.address))
    client.send(start=start(resume=talk_pb2.Resume(token=token, last_sequence=last)))
    return client


@pytest.fixture(scope="module")
def unbroken(running: Running) -> dict[int, Any]:
    """Frames of the same talk when nothing happens; a burst, because its frames do not depend on the time of day."""
    client = Client(grpc.insecure_channel(running.address))
    client.send(start=start(pacing=2))
    _say(client)
    client.half_close()
    return _spoken(client.rest())


@pytest.mark.parametrize("acks", [True, False])
def test_a_broken_talk_is_its_unbroken_twin(running: Running, unbroken: dict[int, Any], acks: bool) -> None:
    channel = grpc.insecure_channel(running.address)
    first = Client(channel, acks=acks)
    first.send(start=start(pacing=2))
    token = first.read().ready.resume_token
    _say(first, until=len(PCM) // 2)
    before = first.until(lambda one: one.HasField("motion") and one.motion.line_sample_indices[-1:] > [2000])
    channel.close()
    second = _again(running, token, last=first.sequence)
    assert second.read().ready.resumed
    _say(second)
    second.half_close()
    after = second.rest()
    numbers = [one.sequence for one in before + after if one.sequence]
    assert numbers == list(range(1, len(numbers) + 1))
    frames = _spoken(before) | _spoken(after)
    assert len(_spoken(before)) + len(_spoken(after)) == len(frames)
    assert list(frames) == list(unbroken)
    assert max(np.abs(frames[at] - unbroken[at]).max() for at in unbroken) < 1e-3


def test_a_live_talk_goes_on_where_it_was(running: Running) -> None:
    channel = grpc.insecure_channel(running.address)
    first = Client(channel)
    first.send(start=start())
    token = first.read().ready.resume_token
    _say(first, until=len(PCM) // 2)
    before = first.until(lambda one: one.HasField("motion") and one.motion.line_sample_indices[-1:] > [8000])
    channel.close()
    time.sleep(0.3)
    assert running.server.link._engine_of == {}
    second = _again(running, token, last=first.sequence)
    ready = second.read().ready
    assert ready.resumed
    assert [(one.line_id, one.sample_count) for one in ready.received] == [("a", len(PCM) // 4)]
    _say(second, first=len(PCM) // 2)
    second.send(end_of_line=END)
    second.half_close()
    after = second.rest()
    assert [event(one) for one in before + after if event(one)] == ["LINE_STARTED", "LINE_FINISHED"]
    spoken = np.array(list(_spoken(before + after)))
    assert spoken.shape[0] in {120, 121}
    assert set(np.diff(spoken)) == {266, 267}
    clock = [sample for one in before + after for sample in one.motion.sample_indices]
    assert clock == [k * 16_000 // 60 for k in range(len(clock))]
    assert after[-1].summary.dropped_frames == 0


def test_a_client_may_be_back_before_its_old_connection_is_found_dead(running: Running) -> None:
    first = Client(grpc.insecure_channel(running.address))
    first.send(start=start())
    token = first.read().ready.resume_token
    _say(first, until=len(PCM) // 4)
    first.until(lambda one: event(one) == "LINE_STARTED")
    second = _again(running, token, last=first.sequence)
    assert second.read().ready.resumed
    assert first.refusal() == ("FAILED_PRECONDITION", "TAKEN_UP")
    assert len(running.server.link._engine_of) == 1
    second.half_close()
    assert second.rest()[-1].HasField("summary")
    third = _again(running, token, last=0)
    assert third.refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")


def test_a_talk_that_ended_well_cannot_be_taken_up(running: Running, client: Client) -> None:
    client.send(start=start())
    token = client.read().ready.resume_token
    client.half_close()
    client.rest()
    assert _again(running, token, last=0).refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")


@pytest.mark.parametrize("limited", ["server", "token"])
def test_who_cancels_and_begins_again_has_no_more_talks_than_allowed(tmp_path: Path, limited: str) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('[[token]]\nname = "studio"\ntoken = "secret"\nmax_talks = 2\n', encoding="utf-8")
    running = Running(config(max_talks=2) if limited == "server" else config(tokens=tokens))
    channel = grpc.insecure_channel(running.address, options=OWN)

    def begin(**fields: Any) -> Client:
        client = Client(channel, metadata=(("authorization", "Bearer secret"),))
        client.send(start=start(**fields))
        return client

    try:
        resumes = []
        for _ in range(5):
            client = begin()
            resumes.append(talk_pb2.Resume(token=client.read().ready.resume_token))
            client.call.cancel()
            ends = time.monotonic() + 10
            while not running.server.talks.parking.kept() and time.monotonic() < ends:
                time.sleep(0.01)
        *forgotten, last = [begin(resume=resume) for resume in resumes]
        assert {client.refusal() for client in forgotten} == {("FAILED_PRECONDITION", "RESUME_UNKNOWN")}
        assert last.read().ready.resumed
        other = begin()
        assert other.read().HasField("ready")
        assert begin().refusal() == ("RESOURCE_EXHAUSTED", "MAX_TALKS")
    finally:
        running.stop()


def test_a_resume_that_breaks_while_its_engine_stands_still_can_be_tried_again() -> None:
    running = Running(config(engine_process=True))

    def begin(**fields: Any) -> Client:
        client = Client(grpc.insecure_channel(running.address, options=OWN))
        client.send(start=start(**fields))
        return client

    try:
        first = begin()
        resume = talk_pb2.Resume(token=first.read().ready.resume_token)
        engine = running.server.link.engines.pipes[0]._runner.pid  # type: ignore[union-attr]
        assert engine is not None
        os.kill(engine, signal.SIGSTOP)
        try:
            first.call.cancel()
            time.sleep(0.1)
            second = begin(resume=resume)
            time.sleep(0.3)
            second.call.cancel()
            time.sleep(0.1)
        finally:
            os.kill(engine, signal.SIGCONT)
        assert begin(resume=resume).read().ready.resumed
    finally:
        running.stop()


def test_a_client_that_says_that_it_leaves_is_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    running = Running(config(max_talks=1))

    def begin() -> Client:
        client = Client(grpc.insecure_channel(running.address, options=OWN))
        client.send(start=start())
        return client

    try:
        with caplog.at_level(logging.INFO, logger="visavis_runtime.serve"):
            first = begin()
            token = first.read().ready.resume_token
            _say(first, until=len(PCM) // 4)
            first.send(leave=talk_pb2.Leave())
            assert not [one for one in first.rest() if one.HasField("summary")]
            second = begin()
            assert second.read().HasField("ready"), "its place is free at once"
        ended = [record for record in caplog.records if "talk ended" in record.message]
        assert [getattr(record, "reason", "") for record in ended] == ["CANCELLED"]
        assert _again(running, token, last=0).refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")
    finally:
        running.stop()


@pytest.mark.parametrize("limited", ["server", "token"])
def test_a_newcomer_does_not_take_the_place_of_a_broken_talk(tmp_path: Path, limited: str) -> None:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text('[[token]]\nname = "studio"\ntoken = "secret"\nmax_talks = 1\n', encoding="utf-8")
    running = Running(config(max_talks=1) if limited == "server" else config(tokens=tokens))
    metadata = (("authorization", "Bearer secret"),)

    def begin(channel: grpc.Channel | None = None, **fields: Any) -> Client:
        client = Client(channel or grpc.insecure_channel(running.address, options=OWN), metadata=metadata)
        client.send(start=start(**fields))
        return client

    try:
        first = begin()
        resume = talk_pb2.Resume(token=first.read().ready.resume_token)
        channel = grpc.insecure_channel(running.address, options=OWN)
        second = begin(channel, resume=resume)  # the first connection is not yet known to be dead
        assert second.read().ready.resumed
        second.call.cancel()
        time.sleep(0.3)
        assert begin().refusal() == ("RESOURCE_EXHAUSTED", "MAX_TALKS")
        third = begin(channel, resume=resume)
        assert third.read().ready.resumed
        third.call.cancel()
        time.sleep(0.3)
        assert begin(channel).read().HasField("ready"), "who cancels a talk may begin another in its place"
    finally:
        running.stop()


def test_after_a_while_it_is_too_late() -> None:
    running = Running(config(resume_s=0.3))
    try:
        first = Client(grpc.insecure_channel(running.address))
        first.send(start=start())
        token = first.read().ready.resume_token
        first.call.cancel()
        time.sleep(0.6)
        assert _again(running, token, last=0).refusal() == ("FAILED_PRECONDITION", "RESUME_UNKNOWN")
    finally:
        running.stop()
