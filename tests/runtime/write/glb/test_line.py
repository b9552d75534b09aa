"""A line: the animation and its sound, both of the same length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis.errors import OutputError
from visavis.latents import INDEX
from visavis_runtime.audio.pcm import AudioClip
from visavis_runtime.face.avatar import Avatar
from visavis_runtime.write.glb.document import read_accessor, read_document
from visavis_runtime.write.glb.export import Look
from visavis_runtime.write.glb.line import check_sound, write_line


def _clip() -> AudioClip:
    original = np.sin(np.arange(22_050, dtype=np.float32) * 0.05)[:, None] * 0.3
    return AudioClip(np.zeros(16_000, np.float32), 22_050, (), original)


def _write(avatar: Avatar, folder: Path, *, sound: Path | None) -> Path:
    latents = np.zeros((60, 64), np.float32)
    latents[:, INDEX["jawOpen"]] = np.linspace(0, 0.5, 60)
    path = folder / "line.glb"
    write_line(
        path, avatar=avatar, look=Look(), latents=latents, clip=_clip(), sound=sound, sound_name="line.wav"
    )  # fmt: skip
    return path


def test_sound_and_animation_have_the_same_length(drawn: Avatar, tmp_path: Path) -> None:
    path = _write(drawn, tmp_path, sound=tmp_path / "line.wav")
    json, binary = read_document(path.read_bytes())
    talk = json["animations"][0]
    assert talk["extras"] == {"audio": "line.wav"}
    times = read_accessor(json, binary, talk["samplers"][0]["input"])
    samples, rate_hz = soundfile.read(tmp_path / "line.wav")
    assert rate_hz == 22_050
    assert abs(times[-1] + 1 / 60 - len(samples) / rate_hz) < 1e-3
    np.testing.assert_allclose(samples, _clip().original[:, 0], atol=1e-4)


def test_a_voice_that_lies_there_already_is_left_alone(drawn: Avatar, tmp_path: Path) -> None:
    _write(drawn, tmp_path, sound=None)
    assert [path.name for path in tmp_path.iterdir()] == ["line.glb"]


def test_a_strangers_sound_is_not_written_over(drawn: Avatar, tmp_path: Path) -> None:
    head, sound = tmp_path / "line.glb", tmp_path / "line.wav"
    check_sound(head, source=None)
    sound.write_bytes(b"a recording of somebody's own")
    for before in (None, b"no glb", b"glTF" + bytes(20)):
        if before is not None:
            head.write_bytes(before)
        with pytest.raises(OutputError) as refused:
            check_sound(head, source=tmp_path / "voice.flac")
        assert refused.value.reason == "OUTPUT_SOUND"
    check_sound(head, source=tmp_path / "." / "line.wav")  # the voice itself: it stays
    assert sound.read_bytes() == b"a recording of somebody's own"


def test_the_sound_of_an_earlier_line_may_be_written_again(drawn: Avatar, tmp_path: Path) -> None:
    check_sound(_write(drawn, tmp_path, sound=tmp_path / "line.wav"), source=tmp_path / "voice.flac")
