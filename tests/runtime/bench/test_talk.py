"""The bench of live talks runs a real server and real clients."""

from __future__ import annotations

from visavis_runtime.bench.talk import TalkLoad, bench_server, measure_talks
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
