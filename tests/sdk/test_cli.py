"""The command line as a user meets it: real processes, real exit states."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def _visavis(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "visavis.cli", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_version() -> None:
    shown = _visavis("--version")
    assert shown.returncode == 0
    assert shown.stdout.startswith("visavis 0.")


def test_help_lists_the_commands() -> None:
    shown = _visavis("--help")
    assert shown.returncode == 0
    for command in ("talk", "avatar", "models", "bench"):
        assert command in shown.stdout


def test_no_command_shows_the_help() -> None:
    shown = _visavis()
    assert shown.returncode == 0
    assert "commands" in shown.stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    assert _visavis("sing").returncode == 2


@pytest.mark.parametrize("picture", ["missing.png", "empty.png"])
def test_a_bad_picture_is_one_line_without_a_trace(tmp_path: Path, picture: str) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    shown = _visavis("avatar", "build", str(tmp_path / picture), "-o", str(tmp_path / "npc.visavis"))
    assert shown.returncode == 1
    assert shown.stderr.startswith("visavis: ")
    assert len(shown.stderr.strip().splitlines()) == 1
    assert "Traceback" not in shown.stderr
    assert not (tmp_path / "npc.visavis").exists()
