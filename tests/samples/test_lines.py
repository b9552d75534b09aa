"""The sample lines: length, rate, level, two voices, and the words beside each."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "lines"
NAMES = ("android", "captain", "guard", "innkeeper", "scholar")


@pytest.fixture(scope="module")
def speak() -> ModuleType:
    spec = importlib.util.spec_from_file_location("samples_lines_speak", FOLDER / "speak.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_there_is_a_sound_and_a_text_for_each(speak: ModuleType) -> None:
    assert {path.stem for path in FOLDER.glob("*.flac")} == set(NAMES)
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(NAMES)
    assert set(speak.VOICES) == set(NAMES)
    assert len({voice for voice, *_ in speak.VOICES.values()}) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_line_is_short_clear_speech(name: str) -> None:
    samples, rate_hz = soundfile.read(FOLDER / f"{name}.flac")
    assert rate_hz == 16000
    assert samples.ndim == 1
    assert 4 <= len(samples) / rate_hz <= 9
    assert 0.2 < np.abs(samples).max() < 0.99
    words = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()
    assert 12 <= len(words) <= 40


def test_words_exercise_lips() -> None:
    text = " ".join((FOLDER / f"{name}.txt").read_text(encoding="utf-8").lower() for name in NAMES)
    for sound in ("p", "b", "m", "f", "v", "oo", "ee"):
        assert text.count(sound) >= 4, sound


def test_missing_flite_is_said_clearly(
    speak: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert speak.main(["-o", str(tmp_path / "out")]) == 1
    assert "flite is not installed" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed: the lines cannot be spoken again")
def test_speaking_again_gives_the_same_line(speak: ModuleType, tmp_path: Path) -> None:
    voice, stretch, pitch_hz = speak.VOICES["guard"]
    text = (FOLDER / "guard.txt").read_text(encoding="utf-8").strip()
    speak.speak(text, tmp_path / "guard.flac", voice=voice, stretch=stretch, pitch_hz=pitch_hz)
    again, _ = soundfile.read(tmp_path / "guard.flac", dtype="int16")
    shipped, _ = soundfile.read(FOLDER / "guard.flac", dtype="int16")
    np.testing.assert_array_equal(again, shipped)
