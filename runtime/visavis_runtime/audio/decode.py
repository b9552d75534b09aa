"""Takes a sound file (wav, flac, ogg, mp3), gives its samples as they were recorded, or says why it is refused.

Every gate is judged as early as it can be: kind, rate, channels and length from the header before anything is decoded;
truncation from the container's own promise; NaN after decoding. What it does not do: it changes no sample (`pcm.py`).
Source of the gates: the bad-input catalogue of the design.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from visavis.errors import DamageError, InputError, LimitError
from visavis_runtime.audio.container import promise_of

FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3")
RATE_MIN_HZ = 8_000
RATE_MAX_HZ = 48_000
CHANNELS_MAX = 2
LENGTH_MAX_S = 600.0
MP3_SHORTFALL = 0.02
"""An MP3 header only estimates its length; a shortfall below this share is its rounding, not a cut file."""
BLOCK_FRAMES = 512


def decode_file(path: Path, *, allow_truncated: bool, warnings: list[str]) -> tuple[npt.NDArray[np.float32], int]:
    """[n > 0, C] float32 and its rate (Hz); with `allow_truncated` what is there of a cut file, and a warning.

    Raises:
        InputError: AUDIO_MISSING, AUDIO_FORMAT, AUDIO_EMPTY, AUDIO_RATE, AUDIO_CHANNELS, AUDIO_NOT_FINITE.
        LimitError: AUDIO_TOO_LONG, from the header, before decoding.
        DamageError: AUDIO_TRUNCATED.
    """
    if not path.is_file():
        fault = f"{path} is not a file" if path.exists() else f"There is no audio file {path}"
        raise InputError(f"{fault}: check the path of the voice.", reason="AUDIO_MISSING")
    promise = promise_of(path)
    if promise is not None and promise.present < promise.promised:
        _truncated(path, promised=promise.promised, present=promise.present, allow=allow_truncated, warnings=warnings)
    original, rate_hz = _decode(path, allow_truncated=allow_truncated, warnings=warnings)
    _check_finite(original, path=path)
    return original, rate_hz


def no_sound(path: Path) -> InputError:
    """AUDIO_EMPTY."""
    return InputError(f"{path.name} holds no sound at all (0 samples): export it again.", reason="AUDIO_EMPTY")


def _decode(path: Path, *, allow_truncated: bool, warnings: list[str]) -> tuple[npt.NDArray[np.float32], int]:
    """Open, judge the header, then decode to [n, C] float32."""
    try:
        with soundfile.SoundFile(path) as file:
            _check_header(file, path=path)
            rate_hz, frames, kind = int(file.samplerate), int(file.frames), str(file.format)
            original = _samples(file, path=path, frames=frames, allow_truncated=allow_truncated)
    except soundfile.LibsndfileError as error:
        if path.stat().st_size == 0:
            raise no_sound(path) from error
        raise InputError(
            f"{path.name} is not an audio file that can be read ({str(error).rsplit(': ', 1)[-1].rstrip('.')}): "
            "use wav, flac, ogg or mp3.",
            reason="AUDIO_FORMAT",
        ) from error
    if original.shape[0] == 0:
        raise no_sound(path)
    missing = frames - original.shape[0]
    if missing > (MP3_SHORTFALL * frames if kind == "MP3" else 0):
        _truncated(path, promised=frames, present=original.shape[0], allow=allow_truncated, warnings=warnings)
    return original, rate_hz


def _samples(file: Any, *, path: Path, frames: int, allow_truncated: bool) -> npt.NDArray[np.float32]:
    """[n, C] float32: all frames, or with `allow_truncated` those before the place where the decoder gives up."""
    try:
        return np.asarray(file.read(frames, dtype="float32", always_2d=True), np.float32)
    except soundfile.LibsndfileError as error:
        if "lost sync" not in str(error):
            raise
        if not allow_truncated:
            raise _cut_short(path, detail="the decoder lost its place") from error
    with soundfile.SoundFile(path) as again:
        return _before_the_cut(again)


def _before_the_cut(file: Any) -> npt.NDArray[np.float32]:
    """[n, C] float32: read in small blocks until one fails, because a failed read gives nothing of its block."""
    blocks = [np.zeros((0, file.channels), np.float32)]
    try:
        while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            blocks.append(block)
    except soundfile.LibsndfileError:
        pass  # here it was cut
    return np.concatenate(blocks)


def _check_header(file: Any, *, path: Path) -> None:
    """Kind, rate, channels and length, from the header alone."""
    if file.format not in FORMATS:
        raise InputError(
            f"{path.name} is {file.format} audio, which is not read: convert it to wav, flac, ogg or mp3.",
            reason="AUDIO_FORMAT",
        )
    if not RATE_MIN_HZ <= file.samplerate <= RATE_MAX_HZ:
        raise InputError(
            f"{path.name} has {file.samplerate} samples a second; 8000 to 48000 are accepted "
            "(8, 16, 22.05, 24, 32, 44.1 and 48 kHz are usual): convert it first.",
            reason="AUDIO_RATE",
        )
    if file.channels > CHANNELS_MAX:
        raise InputError(
            f"{path.name} has {file.channels} channels; one or two are accepted: mix the voice to one channel.",
            reason="AUDIO_CHANNELS",
        )
    if file.frames > LENGTH_MAX_S * file.samplerate:
        raise LimitError(
            f"{path.name} is {file.frames / file.samplerate / 60:.1f} minutes long; the limit is "
            f"{LENGTH_MAX_S / 60:.0f} minutes: cut it into lines.",
            reason="AUDIO_TOO_LONG",
        )


def _check_finite(original: npt.NDArray[np.float32], *, path: Path) -> None:
    good = np.isfinite(original).all(axis=1)
    if not good.all():
        first = int(np.argmin(good))
        raise InputError(
            f"{path.name} holds a value that is not a number at sample {first} "
            f"(of {original.shape[0]}): export the sound again.",
            reason="AUDIO_NOT_FINITE",
        )


def _truncated(path: Path, *, promised: int, present: int, allow: bool, warnings: list[str]) -> None:
    """Refuse a cut file, or note it when the caller takes what is there."""
    detail = f"{present} of {promised} promised" if promised > 1 else "its end mark is missing"
    if not allow:
        raise _cut_short(path, detail=detail)
    warnings.append(f"{path.name} is cut short ({detail}); what is there was used [AUDIO_TRUNCATED].")


def _cut_short(path: Path, *, detail: str) -> DamageError:
    return DamageError(
        f"{path.name} is cut short ({detail}): copy or export it again, or pass --allow-truncated.",
        reason="AUDIO_TRUNCATED",
    )
