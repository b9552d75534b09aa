"""What one real talk, one refusal and one broken connection leave on the page of counts."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Iterator

import grpc
import live_server
import pytest
from live_server import Client, Running, chunk, event, s16, start, voice
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    running = Running(live_server.config(metrics_listen="127.0.0.1:0", max_talks=1))
    yield running
    running.stop()


def _counts(running: Running) -> dict[tuple[str, str], float]:
    """(name, reason) -> value."""
    url = f"http://127.0.0.1:{running.server.metrics.port}/metrics"
    with urllib.request.urlopen(url, timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, s.labels.get("reason", "")): s.value for family in families for s in family.samples}


def _wait(condition: Callable[[], bool], *, limit_s: float = 20) -> None:
    until = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_talks_are_counted_from_their_beginning_to_their_end(running: Running) -> None:
    with grpc.insecure_channel(running.address) as channel:
        client, second = Client(channel), Client(channel)
        client.send(start=start())
        client.read()
        assert _counts(running)["visavis_talks", ""] == 1
        second.send(start=start())
        assert second.refusal() == ("RESOURCE_EXHAUSTED", "MAX_TALKS")
        client.send(audio=chunk(s16(voice(1.5))))
        client.send(end_of_line={"line_id": "a"})
        said = client.until(lambda response: event(response) == "LINE_FINISHED")
        live = _counts(running)
        client.half_close()
        said += client.rest()
    frames = sum(response.motion.ByteSize() > 0 and len(response.motion.latents) // 64 for response in said)
    _wait(lambda: _counts(running)["visavis_talks", ""] == 0)
    counts = _counts(running)
    assert 0 < live["visavis_frames_sent_total", ""] <= frames, "counted while it runs"
    assert counts["visavis_frames_sent_total", ""] == frames == said[-1].summary.motion_frames
    assert counts["visavis_talks_admitted_total", ""] == 1
    assert counts["visavis_talks_refused_total", "MAX_TALKS"] == 1
    assert counts["visavis_talks_ended_total", "OK"] == 1
    assert counts["visavis_first_frame_ms_count", ""] == 1
    assert counts["visavis_first_frame_ms_sum", ""] == pytest.approx(said[-1].summary.first_frame_ms, rel=1e-3)
    assert counts["visavis_step_ms_count", ""] == 1
    _wait(lambda: _counts(running).get(("visavis_engine_batch_size_count", ""), 0) > 0)


def test_a_broken_connection_is_counted_as_one(running: Running) -> None:
    with grpc.insecure_channel(running.address) as channel:
        client = Client(channel)
        client.send(start=start())
        client.read()
        client.call.cancel()
        _wait(lambda: _counts(running).get(("visavis_talks_ended_total", "BROKEN")) == 1)
