from __future__ import annotations

import json
from pathlib import Path

import pytest

from visavis.cli import main
from visavis_runtime.bench import lipsync_bursts, lipsync_cost, lipsync_sets


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Next to nothing of everything."""
    monkeypatch.setattr(lipsync_sets, "QUICK_CLOSURES", 1)
    monkeypatch.setattr(lipsync_cost, "HEARD_S", 1.0)
    monkeypatch.setattr(lipsync_cost, "BATCH_S", 0.4)
    monkeypatch.setattr(lipsync_bursts, "QUICK_CLIPS", 1)
    monkeypatch.delenv("VISAVIS_MATERIAL", raising=False)


def test_lipsync_prints_one_json_object_without_material(
    espeak: object, short: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "lipsync", "--quick", "--json"]) == 0
    captured = capsys.readouterr()
    described = json.loads(captured.out)
    assert {"viseme_accuracy", "closure_recall", "latency_ms", "sets", "floors", "missing"} <= set(described)
    assert "VISAVIS_MATERIAL" in described["missing"]["real"]
    assert "Listening" in captured.err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--material", "nowhere"], "nowhere"),
        (["--plot", "figures.pdf"], ".png"),
        (["--plot", "no/such/a.png"], "folder"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(
    flags: list[str], says: str, short: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "lipsync", *flags]) != 0
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Listening" not in captured.err


def test_motion_of_one_engine_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "motion", "--talks", "3", "--seconds", "0.5", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert {"device", "talks", "tick_p50_ms", "tick_p99_ms", "share_network", "share_rest"} <= set(described)


def test_motion_on_a_device_needs_a_number_of_talks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "motion", "--device", "cuda"]) != 0
    assert "--talks" in capsys.readouterr().err
