"""The command line as a user meets it: real processes, real exit states."""

from __future__ import annotations

import os
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


@pytest.mark.parametrize(("command", "module"), [("talk", "soundfile"), ("serve", "grpc_health")])
def test_a_missing_package_is_one_line_that_says_what_to_install(tmp_path: Path, command: str, module: str) -> None:
    # A package that Python finds first and that is not there.
    (tmp_path / f"{module}.py").write_text(
        f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}')\n", encoding="utf-8"
    )
    arguments = {"talk": ["line.wav", "-o", "line.csv"], "serve": ["--listen", "127.0.0.1:0"]}[command]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    shown = subprocess.run(
        [sys.executable, "-m", "visavis.cli", command, *arguments], capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert shown.returncode == 1
    said = [line for line in shown.stderr.splitlines() if " INFO " not in line]  # a server says that it starts
    assert said[0].startswith(f"visavis {command} needs the package {module}: ")
    assert "pip install 'visavis[runtime]'" in shown.stderr
    assert len(said) == 1


@pytest.mark.parametrize("picture", ["missing.png", "empty.png"])
def test_a_bad_picture_is_one_line_without_a_trace(tmp_path: Path, picture: str) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    shown = _visavis("avatar", "build", str(tmp_path / picture), "-o", str(tmp_path / "npc.visavis"))
    assert shown.returncode == 1
    assert shown.stderr.startswith("visavis: ")
    assert len(shown.stderr.strip().splitlines()) == 1
    assert "Traceback" not in shown.stderr
    assert not (tmp_path / "npc.visavis").exists()
