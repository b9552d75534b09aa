"""`visavis bench chaos`: clients that die and a server that is told to stop, in mid-line; who misses what?

Talks run from several client processes. Some of the processes are killed (SIGKILL): the slots of their talks must be
free within a second, and nobody else may miss a frame. Then the server gets SIGTERM while everybody that is left is in
the middle of a line: every frame of every line must still come. What it does not do: it measures no lateness.
"""

from __future__ import annotations

import time
from typing import Any

from visavis_runtime.bench.talk import RAMP_NS_PER_TALK, bench_server, sample_voices
from visavis_runtime.bench.talk_client import Client
from visavis_runtime.bench.talk_figures import failures, lost_frames, was_refused
from visavis_runtime.bench.talk_record import RATE_HZ, Plan, TalkPlan
from visavis_runtime.bench.talk_server import BenchServer

PROCESSES_KILLED, PROCESSES_LEFT = 2, 2
FREE_MOST_S = 10.0
LINE_S = 3.0
_ENGINE_TELLS_S = 2.5
"""Engines tell how many slots are in use once a second."""


def measure_chaos(
    *, sessions: int = 100, killed: int = 30, seconds: float = 6.0, chunk_ms: int = 40, shared: bool = False
) -> dict[str, Any]:
    """Who missed what: `sessions` talks of which `killed` die, `seconds` before and after the kill.

    `shared`: the talks of a process share a stream.
    """
    with bench_server(textures=False) as (address, server, _):
        assert server is not None
        open_ns = time.monotonic_ns() + 3_000_000_000
        calm_s = sessions * RAMP_NS_PER_TALK * 1e-9 + seconds
        shares = [*_shares(killed, PROCESSES_KILLED), *_shares(sessions - killed, PROCESSES_LEFT)]
        clients = [
            Client(
                _plan(address, first=sum(shares[:i]), count=share, open_ns=open_ns, chunk_ms=chunk_ms, shared=shared)
            )
            for i, share in enumerate(shares)
        ]
        time.sleep(3.0 + calm_s)
        before = server.gauge("talks")
        doomed, others = clients[:PROCESSES_KILLED], clients[PROCESSES_KILLED:]
        for client in doomed:
            client.kill()
        freed_s = _time_until(server, talks=before - killed)
        time.sleep(max(seconds, _ENGINE_TELLS_S))
        slots = server.gauge("engine_talks")
        server.terminate()
        status = server.wait()
        records = [record for client in others for record in client.records()]
    return {
        "sessions": int(before),
        "killed": killed,
        "slots_freed_s": round(freed_s, 2),
        "slots_in_use_after": int(slots),
        "others": len(records),
        "others_refused": sum(map(was_refused, records)),
        "others_failed": failures(records),
        "others_lost_frames": sum(map(lost_frames, records)),
        "frames_of_others": sum(len(record.samples) for record in records),
        "in_mid_line_at_sigterm": sum(record.goodbye_in_line for record in records),
        "lines_sent": sum(record.ended for record in records),
        "lines_finished": sum(record.finished for record in records),
        "server_exit_status": status,
    }


def _plan(address: str, *, first: int, count: int, open_ns: int, chunk_ms: int, shared: bool) -> Plan:
    talks = tuple(
        TalkPlan(
            "motion", seed=i, open_ns=open_ns + i * RAMP_NS_PER_TALK, end_ns=open_ns + 3_600_000_000_000,
            first_line=i, phase_ns=i * 7_000_000 % (chunk_ms * 1_000_000),
        )
        for i in range(first, first + count)
    )  # fmt: skip
    voices = tuple(voice[: 2 * int(LINE_S * RATE_HZ)] for voice in sample_voices())
    return Plan(address, voices, RATE_HZ * chunk_ms // 1000, talks, shared)


def _shares(count: int, processes: int) -> list[int]:
    """`count` in as many parts as there are processes."""
    return [count // processes + (i < count % processes) for i in range(processes)]


def _time_until(server: BenchServer, *, talks: float) -> float:
    """Seconds until the server holds no more talks than this."""
    began = time.monotonic()
    while server.gauge("talks") > talks and time.monotonic() - began < FREE_MOST_S:
        time.sleep(0.02)
    return time.monotonic() - began
