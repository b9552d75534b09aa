"""`visavis bench bridge` on real processes: what it says is what came."""

from __future__ import annotations

import json
import subprocess
import sys

from visavis_bridge.bench.reader import Stream

COMMAND = [sys.executable, "-m", "visavis.cli", "bench", "bridge"]


def test_figures_of_a_load() -> None:
    run = subprocess.run(
        [*COMMAND, "--motion", "2", "--textures", "0", "--seconds", "2", "--restart", "--json"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    figures = json.loads(run.stdout)
    assert 100 < figures["motion_per_s"] < 130, "two characters at 60 Hz"
    assert figures["motion_lost"] == 0
    assert figures["motion_p50_ms"] > 0
    assert figures["texture_per_s"] == 0
    assert 0 < figures["bridge_core"] < 1
    assert 0 < figures["back_s"] < 30


def test_what_is_missing_is_counted() -> None:
    stream = Stream()
    for sequence in (4, 5, 8, 9):
        header = [b"VSVS", 1, 1, 1, 0, 0, 0, sequence, 0, 0, 1_000_000, 0, 0, 60, 0, b"guard"]
        stream.hear(tuple(header), now_ns=3_000_000)
    figures = stream.figures("motion", seconds=2.0)
    assert figures["motion_lost"] == 2
    assert figures["motion_p50_ms"] == 2.0
    assert figures["motion_per_s"] == 2.0


def test_a_client_that_gives_no_figures_is_named() -> None:
    run = subprocess.run(
        [*COMMAND, "--motion", "1", "--textures", "0", "--seconds", "1", "--client", f"{sys.executable} -c pass"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 1
    assert "BENCH_CLIENT" in run.stderr


def test_no_character_is_no_load() -> None:
    run = subprocess.run([*COMMAND, "--textures", "0"], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert "OPTION_VALUE" in run.stderr
