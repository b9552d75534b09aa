"""Probes against a real server: a voice is answered, silence never is, so the twin is exact."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import numpy as np
import pytest
from live_server import Running, config

from visavis_runtime.bench.talk import sample_voices
from visavis_runtime.bench.talk_load import run_plan
from visavis_runtime.bench.talk_record import Plan, Record, TalkPlan
from visavis_runtime.bench.talk_twin import LOUD, first_frames_ms, trimmed

CHUNK_MS = 40


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = Running(config())
    yield server
    server.stop()


def probes(running: Running, voice: bytes) -> list[Record]:
    open_ns = time.monotonic_ns()
    talks = tuple(
        TalkPlan("probe", seed=seed, open_ns=open_ns, end_ns=open_ns + 60_000_000_000, phase_ns=seed * 7_000_000)
        for seed in (3, 4)
    )
    return asyncio.run(run_plan(Plan(running.address, (voice,), CHUNK_MS * 16, talks)))


def test_a_voice_is_answered(running: Running) -> None:
    records = probes(running, sample_voices()[0][:19_200])
    assert [record.status for record in records] == ["OK", "OK"]
    answers = first_frames_ms(records)
    assert len(answers) == 2
    assert min(answers) > CHUNK_MS  # nobody has heard it before its first chunk was sent
    assert max(answers) < 1000


def test_silence_is_not(running: Running) -> None:
    records = probes(running, bytes(19_200))
    assert all(len(record.samples) > 30 for record in records)
    assert first_frames_ms(records) == []


def test_a_trimmed_voice_begins_loud() -> None:
    voice = np.array([0, 5, -3, 4000, 0, -9000], np.int16)
    assert trimmed(voice, length=2).tolist() == [4000, 0]
    first = np.frombuffer(sample_voices()[0], "<i2")[0]
    assert abs(int(first)) > LOUD * 32768
