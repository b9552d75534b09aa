"""The bench of live talks runs a real server and real clients; what it finds is found on figures written down here."""

from __future__ import annotations

from typing import Any

import pytest

from visavis_runtime.bench.talk import TalkLoad, bench_server, find_most, holds_up, measure_talks
from visavis_runtime.bench.talk_server import usage_of

FIELDS = {
    "sessions", "lateness_p50_ms", "lateness_p99_ms", "first_frame_p50_ms", "first_frame_p95_ms", "lost_frames",
    "cpu_per_session", "texture_sessions", "texture_fps", "refused", "failed", "server_cpu_gateway",
    "server_cpu_engines", "client_cpu", "rss_mb", "chunk_ms", "latency_ms", "load_average", "machine",
}  # fmt: skip


def test_a_few_talks_are_measured_from_outside() -> None:
    load = TalkLoad(sessions=3, seconds=3.0)
    with bench_server(textures=False) as (address, server, avatars):
        figures = measure_talks(load, address=address, server=server, avatars=avatars)
        assert server is not None
        linux = usage_of(server.pid) is not None
    assert set(figures) >= FIELDS
    assert (figures["sessions"], figures["refused"], figures["failed"]) == (3, 0, {})
    assert figures["frames"] > 300
    assert 0 < figures["latency_ms"] <= 125
    assert figures["probes"] >= 2
    assert figures["first_frame_p50_ms"] > load.chunk_ms
    assert not linux or (figures["cpu_per_session"] > 0 and figures["rss_mb"] > 50)


def figures_of(sessions: int, *, most: int) -> dict[str, Any]:
    fits = sessions <= most
    return {
        "sessions": sessions, "failed": {}, "lost_frames": 0 if fits else 3, "lateness_p99_ms": 20.0 if fits else 55.0
    }  # fmt: skip


@pytest.mark.parametrize("most", [1, 5, 16, 100, 137, 2048])
def test_the_most_is_found_to_a_few_percent(most: int) -> None:
    tried: list[int] = []

    def measure(load: TalkLoad) -> dict[str, Any]:
        tried.append(load.sessions)
        return figures_of(load.sessions, most=most)

    found = find_most(TalkLoad(), measure=measure, told=lambda sentence: None)["sessions"]
    assert found <= most <= found * 1.07 + 1
    assert len(tried) < 15


def test_nothing_holds_is_zero() -> None:
    figures = find_most(
        TalkLoad(), measure=lambda load: figures_of(load.sessions, most=0), told=lambda sentence: None
    )  # fmt: skip
    assert figures["sessions"] == 0


def test_a_talk_that_was_refused_does_not_hold() -> None:
    figures = figures_of(9, most=9)
    assert holds_up(figures, sessions=9)
    assert not holds_up(figures, sessions=10)
    assert not holds_up(figures | {"failed": {"INTERNAL BUG": 1}}, sessions=9)
    assert not holds_up(figures | {"lateness_p99_ms": None}, sessions=9)
