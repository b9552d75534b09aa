from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from visavis.errors import DamageError, InputError, LimitError
from visavis_runtime.audio.pcm import read_audio


def _voice(duration_s: float = 1.0, rate_hz: int = 16_000) -> np.ndarray:
    time_s = np.arange(int(duration_s * rate_hz)) / rate_hz
    return (0.3 * np.sin(2 * np.pi * 220 * time_s) * np.sin(np.pi * time_s / duration_s)).astype(np.float32)


def _write(path: Path, samples: np.ndarray, *, rate_hz: int = 16_000, **options: str) -> Path:
    soundfile.write(path, samples, rate_hz, **options)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_every_format_and_rate_becomes_16_khz(tmp_path: Path, suffix: str, rate_hz: int) -> None:
    path = _write(tmp_path / f"a.{suffix}", _voice(rate_hz=rate_hz), rate_hz=rate_hz)
    clip = read_audio(path)
    assert clip.samples.dtype == np.float32
    assert abs(len(clip.samples) - 16_000) <= 16_000 * 0.08
    assert clip.source_rate_hz == rate_hz
    assert clip.original.shape[1] == 1
    # The tone is still there, at its place.
    spectrum = np.abs(np.fft.rfft(clip.samples[:16_000]))
    assert abs(float(spectrum.argmax()) * 16_000 / len(clip.samples[:16_000]) - 220) < 8


def test_stereo_is_mixed_and_the_original_kept(tmp_path: Path) -> None:
    voice = _voice()
    path = _write(tmp_path / "a.wav", np.stack([voice, -0.5 * voice], axis=1))
    clip = read_audio(path)
    assert clip.original.shape == (16_000, 2)
    np.testing.assert_allclose(clip.samples, 0.25 * voice, atol=1e-4)
    assert any("AUDIO_STEREO" in warning for warning in clip.warnings)


def test_three_channels_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.wav", np.zeros((1000, 3), np.float32))
    with pytest.raises(InputError, match="3 channels") as caught:
        read_audio(path)
    assert caught.value.reason == "AUDIO_CHANNELS"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_is_named(tmp_path: Path, bad: float) -> None:
    voice = _voice()
    voice[1234] = bad
    path = _write(tmp_path / "a.wav", voice, subtype="FLOAT")
    with pytest.raises(InputError, match="sample 1234") as caught:
        read_audio(path)
    assert caught.value.reason == "AUDIO_NOT_FINITE"


@pytest.mark.parametrize("content", [b"", None])
def test_empty(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.wav"
    if content is None:
        _write(path, np.zeros(0, np.float32))
    else:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_audio(path)
    assert caught.value.reason == "AUDIO_EMPTY"


@pytest.mark.parametrize("rate_hz", [4_000, 96_000])
def test_rates_outside_are_refused(tmp_path: Path, rate_hz: int) -> None:
    path = _write(tmp_path / "a.wav", _voice(0.1, rate_hz), rate_hz=rate_hz)
    with pytest.raises(InputError, match=str(rate_hz)) as caught:
        read_audio(path)
    assert caught.value.reason == "AUDIO_RATE"


def test_eleven_minutes_are_refused_from_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path / "a.flac", np.zeros(11 * 60 * 8_000, np.float32), rate_hz=8_000)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(soundfile.SoundFile, "read", refuse)
    with pytest.raises(LimitError, match=r"11\.0 minutes") as caught:
        read_audio(path)
    assert caught.value.reason == "AUDIO_TOO_LONG"


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_a_cut_file_is_told(tmp_path: Path, suffix: str) -> None:
    voice = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * 0.1
    whole = _write(tmp_path / f"a.{suffix}", voice).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamageError) as caught:
        read_audio(cut)
    assert caught.value.reason == "AUDIO_TRUNCATED"


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_cut_file_can_be_taken_as_it_is(tmp_path: Path, suffix: str) -> None:
    voice = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * 0.1
    whole = _write(tmp_path / f"a.{suffix}", voice).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: len(whole) // 2])
    clip = read_audio(cut, allow_truncated=True)
    assert 0.6 < clip.duration_s <= 1.0
    np.testing.assert_allclose(clip.original[:9000, 0], voice[:9000], atol=1e-4)
    assert any("AUDIO_TRUNCATED" in warning for warning in clip.warnings)


def test_a_header_that_claims_two_gigabytes(tmp_path: Path) -> None:
    content = bytearray(_write(tmp_path / "a.wav", _voice(0.1)).read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 2_000_000_000)
    (tmp_path / "lie.wav").write_bytes(content)
    with pytest.raises(DamageError, match="2000000000 promised"):
        read_audio(tmp_path / "lie.wav")


def test_an_unknown_length_from_a_pipe_is_no_lie(tmp_path: Path) -> None:
    content = bytearray(_write(tmp_path / "a.wav", _voice(0.5)).read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "pipe.wav").write_bytes(content)
    assert read_audio(tmp_path / "pipe.wav").duration_s == pytest.approx(0.5)


@pytest.mark.parametrize(
    "content", [b"not a sound at all" * 40, b"RIFF\x00\x00\x00\x00WAVEjunk", b"\x89PNG\r\n\x1a\n" * 9]
)
def test_not_audio(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_audio(tmp_path / "a.wav")
    assert caught.value.reason == "AUDIO_FORMAT"


def test_other_containers_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.aiff", _voice(0.1))
    with pytest.raises(InputError, match="AIFF"):
        read_audio(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_audio(tmp_path / "none.wav")
    assert caught.value.reason == "AUDIO_MISSING"
    with pytest.raises(InputError, match="is not a file"):
        read_audio(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda voice: voice + 0.1, "AUDIO_DC"),
        (lambda voice: voice * 0.01, "AUDIO_QUIET"),
        (lambda voice: np.clip(voice * 20, -1, 1), "AUDIO_CLIPPED"),
        (lambda voice: (voice * 32767).astype("<i2").byteswap().astype(np.float32) / 32768, "AUDIO_LOOKS_SWAPPED"),
    ],
)
def test_what_sounds_wrong_is_said(tmp_path: Path, spoil: object, reason: str) -> None:
    random = np.random.default_rng(0)
    voice = _voice() + random.standard_normal(16_000).astype(np.float32) * 0.003
    clip = read_audio(_write(tmp_path / "a.wav", spoil(voice), subtype="FLOAT"))  # type: ignore[operator]
    assert [reason in warning for warning in clip.warnings].count(True) == 1
    assert abs(float(clip.samples.mean())) < 1e-4


def test_a_clean_voice_brings_no_warning(tmp_path: Path) -> None:
    assert read_audio(_write(tmp_path / "a.wav", _voice())).warnings == ()


@pytest.mark.parametrize("factor", [2e4, 1e30])
def test_samples_far_beyond_full_scale_are_the_same_voice(tmp_path: Path, factor: float) -> None:
    voice = _voice() / np.abs(_voice()).max()
    plain = read_audio(_write(tmp_path / "a.wav", voice, subtype="FLOAT"))
    loud = read_audio(_write(tmp_path / "b.wav", voice * np.float32(factor), subtype="FLOAT"))
    np.testing.assert_allclose(loud.samples, plain.samples, atol=1e-5)
    np.testing.assert_allclose(loud.original, plain.original, atol=1e-5)
    assert ["AUDIO_SCALED" in warning for warning in loud.warnings] == [True]


def test_channels_that_cancel_are_not_mixed(tmp_path: Path) -> None:
    voice = _voice()
    clip = read_audio(_write(tmp_path / "a.wav", np.stack([voice, -voice], axis=1)))
    np.testing.assert_allclose(clip.samples, voice, atol=1e-4)
    assert ["AUDIO_CANCELS" in warning for warning in clip.warnings] == [True]


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_is_called_silent(tmp_path: Path, channels: int) -> None:
    clip = read_audio(_write(tmp_path / "a.wav", np.zeros((16_000, channels), np.float32)))
    assert [("AUDIO_SILENT" in warning, "AUDIO_QUIET" in warning) for warning in clip.warnings][-1] == (True, False)
