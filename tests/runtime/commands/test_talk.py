from __future__ import annotations

import csv
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest
import soundfile
import torch

from visavis.cli import main
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.write.curves import read_curves


@pytest.fixture
def line(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "line.wav", toy_voice(duration_s=1.2), 16_000)
    return tmp_path / "line.wav"


def _fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["talk", *arguments]) == 1
    return capsys.readouterr().err


def test_curves_need_only_a_voice(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = line.with_suffix(".csv")
    assert main(["talk", str(line), "-o", str(out), "--gaze", "-10,5", "--emotion", "happy=0.5,sad=0.1"]) == 0
    assert capsys.readouterr().out.split() == [str(out)]
    assert len(read_curves(out)[0]) == 72


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "x.gif"], ".mp4, .webm"),
        (["-o", "nowhere/x.csv"], "does not exist"),
        (["-o", "x.mp4"], "name a portrait"),
        (["-o", "x.csv", "--emotion", "hapy=1"], "did you mean happy"),
        (["-o", "x.csv", "--emotion", "happy=lots"], "not a number"),
        (["-o", "x.csv", "--emotion", "happy="], "not a number"),
        (["-o", "x.csv", "--emotion", "happy=0.1,sad", "--emotion", "happy"], "'happy' twice"),
        (["-o", "x.csv", "--avatar", "none.visavis"], "none.visavis does not exist"),
        (["-o", "x.csv", "--avatar", "."], "is not a file"),
        (["-o", "x.csv", "--gaze", "12"], "two angles"),
        (["-o", "x.csv", "--gaze", "90,0"], "-35 to 35"),
        (["-o", "x.csv", "--fps", "7"], "20 to 60"),
        (["-o", "x.csv", "--size", "511"], "even number"),
        (["-o", "x.csv", "--quality", "ultra"], "fast, balanced, best"),
        (["-o", "x.csv", "--head", "nan"], "allowed"),
        (["-o", "x.csv", "--blink-rate", "9"], "0 to 3 is allowed"),
        (["-o", "x.csv", "--distance", "-2"], "-1 to 1 is allowed"),
        (["-o", "x.csv", "--lips", "-1"], "0 to 2 is allowed"),
        (["-o", "x.csv", "--seed", "-1"], "0 or more"),
        (["-o", "x.csv", "--mask", "brow"], "did you mean brows"),
        (["-o", "x.csv", "--mask", ""], "known are brows, lids, eyes, cheeks, mouth, head"),
        pytest.param(
            ["-o", "x.mp4", "--avatar", "line.wav", "--device", "cuda"],
            "use the device cpu",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU: nothing to refuse"),
        ),
        (["-o", "x.csv", "--config", "none.toml"], "none.toml"),
    ],
)
def test_one_clear_sentence(
    line: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(line.parent)
    message = _fails([str(line), *options], capsys)
    assert words in message
    assert message.startswith("visavis: ")
    assert os.listdir(line.parent) == ["line.wav"]


def test_a_mask_leaves_the_rest_still(line: Path) -> None:
    out = line.with_suffix(".csv")
    assert (
        main(["talk", str(line), "-o", str(out), "--mask", "lids, eyes", "--emotion", "pain", "--blink-rate", "2"]) == 0
    )
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert max(float(row["eyeSquintLeft"]) for row in rows) > 0.3
    for name in ("jawOpen", "mouthStretchLeft", "browDownLeft", "headYaw", "headZ"):
        assert all(float(row[name]) == 0.0 for row in rows)


def test_inputs_in_the_wrong_place(line: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portrait, out = str(root / "samples" / "portraits" / "guard.png"), str(line.with_suffix(".csv"))
    assert "use --avatar mona.visavis" in _fails(["mona.visavis", str(line), "-o", out], capsys)
    assert "use --avatar mona.visavis" in _fails(["mona.visavis", "-o", out], capsys)
    assert "the order is PORTRAIT AUDIO" in _fails([str(line), portrait, "-o", out], capsys)
    assert "none.png does not exist" in _fails(["none.png", str(line), "-o", out], capsys)


def test_the_help_lists_emotions_and_devices(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["talk", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "happy, sad, angry",
        "contemptuous, neutral, amazement",
        "outofbreath, pain, sadness",
        "brows, lids, eyes",
        "cuda to render on an NVIDIA GPU",
    ):
        assert words in shown


def test_nothing_that_is_read_is_written_over(line: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portrait = line.with_name("guard.png")
    portrait.write_bytes((root / "samples" / "portraits" / "guard.png").read_bytes())
    voice = line.with_name("voice.csv")
    voice.write_bytes(line.read_bytes())
    roundabout = portrait.parent / ".." / portrait.parent.name / portrait.name
    for inputs, out in (([portrait, line], portrait), ([portrait, line], roundabout), ([voice], voice)):
        before = out.read_bytes()
        assert "another name" in _fails([*map(str, inputs), "-o", str(out)], capsys)
        assert out.read_bytes() == before


def test_three_inputs_are_too_many(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "one PORTRAIT and one AUDIO" in _fails(["a", "b", str(line), "-o", str(line.with_suffix(".csv"))], capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    soundfile.write(tmp_path / "long.flac", toy_voice(duration_s=120.0), 16_000)
    command = [sys.executable, "-m", "visavis.cli", "talk", "long.flac", "-o", "long.csv"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(tmp_path.glob(".long-*.csv")):
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(stop)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "nothing half-written" in errors
    assert os.listdir(tmp_path) == ["long.flac"]


def test_a_sample_portrait_speaks(root: Path, line: Path) -> None:
    video, sheet = line.with_suffix(".mp4"), line.with_suffix(".png")
    portrait = str(root / "samples" / "portraits" / "innkeeper.png")
    options = ["-o", str(video), "-o", str(sheet), "--size", "256", "--fps", "20"]
    status = main(["talk", portrait, str(line), *options])
    assert status == 0
    with av.open(str(video)) as file:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in file.decode(video=0)]
    assert len(frames) == 24
    assert frames[0].shape == (256, 256, 3)
    moved = [abs(after - before).mean() for before, after in itertools.pairwise(frames)]
    assert max(moved) > 0.3
    assert sheet.stat().st_size > 20_000
