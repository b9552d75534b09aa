"""The page of counts, scraped over HTTP as Prometheus does."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from visavis.errors import InputError
from visavis_runtime.serve.config import ServerConfig
from visavis_runtime.serve.messages import Load
from visavis_runtime.serve.metrics import Metrics, check_metrics_address
from visavis_runtime.serve.strain import Strain


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    metrics = Metrics()
    metrics.start(ServerConfig(metrics_listen="127.0.0.1:0"))
    yield metrics
    metrics.stop()


def _page(metrics: Metrics) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def _samples(metrics: Metrics) -> dict[str, float]:
    """name{label=value,...} -> value."""
    found = {}
    for family in text_string_to_metric_families(_page(metrics)):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def test_talks_are_counted(metrics: Metrics) -> None:
    for resumed in (False, False, True):
        metrics.talk_admitted(resumed=resumed)
    metrics.talk_refused("CAPACITY")
    metrics.talk_refused("CAPACITY")
    metrics.talk_refused("TOKEN_UNKNOWN")
    metrics.sent(frames=60, pictures=25, dropped=3)
    metrics.sent(frames=1)
    metrics.first_frame(130)
    metrics.talk_ended(underruns=2, step_ms=1.5)
    metrics.talk_ended("SLOW_CONSUMER")
    found = _samples(metrics)
    assert found["visavis_talks"] == 1
    assert found["visavis_talks_admitted_total"] == 3
    assert found["visavis_talks_resumed_total"] == 1
    assert found["visavis_talks_refused_total{reason=CAPACITY}"] == 2
    assert found["visavis_talks_refused_total{reason=TOKEN_UNKNOWN}"] == 1
    assert found["visavis_talks_ended_total{reason=OK}"] == 1
    assert found["visavis_talks_ended_total{reason=SLOW_CONSUMER}"] == 1
    assert found["visavis_frames_sent_total"] == 61
    assert found["visavis_pictures_sent_total"] == 25
    assert found["visavis_frames_dropped_total"] == 3
    assert found["visavis_underruns_total"] == 2
    assert found["visavis_first_frame_ms_bucket{le=120.0}"] == 0
    assert found["visavis_first_frame_ms_bucket{le=140.0}"] == 1
    assert found["visavis_step_ms_count"] == 1


def test_engines_and_avatars_are_told(metrics: Metrics) -> None:
    load = Load(
        talks=7, picture_talks=2, capacity=0.8, planned=0.3, busy=0.25, tick_ms=(1.5, 6.0), batches={1: 2, 8: 5},
        pictures=50, pictures_dropped=4, queued_s=12.5,
    )  # fmt: skip
    metrics.engine_load(load, 0)
    metrics.engine_load(load, 0)
    metrics.engine_load(load, 1)
    metrics.engine_restarted()
    metrics.watch_avatars(lambda: 42)
    found = _samples(metrics)
    for name, value in (
        ("talks", 7), ("picture_talks", 2), ("capacity", 0.8), ("planned", 0.3), ("busy", 0.25),
        ("queued_seconds", 12.5), ("pictures_total", 100), ("pictures_dropped_total", 8), ("batch_size_count", 14),
    ):  # fmt: skip
        assert found[f"visavis_engine_{name}{{engine=0}}"] == value
    assert found["visavis_engine_batch_size_bucket{engine=0,le=4.0}"] == 4
    assert found["visavis_engine_tick_ms{engine=1,quantile=0.99}"] == 6
    assert found["visavis_engine_restarts_total"] == 1
    assert found["visavis_avatars"] == 42


def test_an_address_that_is_taken_or_open_to_all_is_refused(metrics: Metrics) -> None:
    with pytest.raises(InputError) as caught:
        Metrics().start(ServerConfig(metrics_listen=f"127.0.0.1:{metrics.port}"))
    assert caught.value.reason == "METRICS_TAKEN"
    assert "--metrics-listen" in str(caught.value)
    files = {"tls_cert": Path("cert.pem"), "tls_key": Path("key.pem")}
    for config in (ServerConfig(metrics_listen="0.0.0.0:9464"), ServerConfig(metrics_listen="10.0.0.1:1", **files)):
        with pytest.raises(InputError) as caught:
            check_metrics_address(config)
        assert caught.value.reason == "LISTEN_UNSAFE"
    check_metrics_address(ServerConfig(metrics_listen="0.0.0.0:9464", tls_client_ca=Path("ca.pem"), **files))
    none = Metrics()
    none.start(ServerConfig(metrics_listen=""))
    assert none.port == 0


def test_a_server_short_of_time_shows(metrics: Metrics) -> None:
    strain = Strain()
    metrics.watch_strain(strain)
    assert _samples(metrics)["visavis_strained"] == 0
    strain.strained, strain.late_s = True, 0.25
    found = _samples(metrics)
    assert (found["visavis_strained"], found["visavis_gateway_late_ms"]) == (1, 250)


def test_the_dashboard_and_the_table_know_every_metric_and_no_other(metrics: Metrics, root: Path) -> None:
    names = {f.name for f in metrics.registry.collect() if f.name.startswith("visavis")}
    table = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(visavis_\w+)`", table, re.MULTILINE))
    assert {name.removesuffix("_total") for name in told} == names
    dashboard = json.loads((root / "docs" / "grafana.json").read_text(encoding="utf-8"))
    shown = {
        re.sub(r"_(total|bucket|count|sum)$", "", word)
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
        for word in re.findall(r"visavis_\w+", target["expr"])
    }
    assert shown <= names
    assert len(shown) > 15
