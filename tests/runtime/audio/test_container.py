from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis_runtime.audio.container import promise_of


@pytest.mark.parametrize("suffix", ["wav", "ogg"])
def test_a_whole_file_keeps_its_promise(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.zeros(4000, np.float32), 16_000)
    promise = promise_of(path)
    assert promise is not None
    assert promise.present == promise.promised > 0


def test_flac_and_rubbish_promise_nothing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(4000, np.float32), 16_000)
    (tmp_path / "b").write_bytes(b"x")
    assert promise_of(tmp_path / "a.flac") is None
    assert promise_of(tmp_path / "b") is None


def test_chunks_before_the_data_are_walked(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100, np.int16), 16_000)
    content = path.read_bytes()
    at = content.index(b"data")
    path.write_bytes(content[:at] + b"LIST\x03\x00\x00\x00abc\x00" + content[at:])
    promise = promise_of(path)
    assert promise is not None
    assert (promise.promised, promise.present) == (200, 200)
