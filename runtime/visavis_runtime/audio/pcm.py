"""Takes an audio file (wav, flac, ogg, mp3), gives an `AudioClip`: mono float32 at 16 kHz plus the original for muxing.

Every gate is judged as early as it can be: kind, rate, channels and length from the header before anything is decoded;
truncation from the container's own promise; NaN after decoding. Mends what can be mended without guessing (two
channels are mixed, a DC offset is removed) and says so in `warnings`; level is left alone, because the speech network
brings its own level control. What it does not do: live audio, which comes as PCM (see `visavis_runtime.motion`).
Source of the gates: the bad-input catalogue of the design.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile

from visavis.errors import DamageError, InputError, LimitError
from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.container import promise_of
from visavis_runtime.audio.resample import resample

FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3")
RATE_MIN_HZ = 8_000
RATE_MAX_HZ = 48_000
CHANNELS_MAX = 2
LENGTH_MAX_S = 600.0

MP3_SHORTFALL = 0.02
"""An MP3 header only estimates its length; a shortfall below this share is its rounding, not a cut file."""

QUIET_PEAK = 0.01
CLIPPED_SHARE = 0.01
DC_OFFSET = 0.01
LOUDEST_PEAK = 1.5
"""Float samples may pass full scale a little; beyond this they were written in another unit."""
CANCELLED_SHARE = 0.05
BLOCK_FRAMES = 512
_MAX_INT = 0.999


class AudioClip(NamedTuple):
    """One voice: `samples` [N] float32 mono at 16 kHz without DC; `original` [n, C] float32 at `source_rate_hz`,
    for the sound track, untouched unless far beyond full scale; `warnings` are sentences for people that end in a
    stable [REASON].
    """

    samples: npt.NDArray[np.float32]
    source_rate_hz: int
    warnings: tuple[str, ...]
    original: npt.NDArray[np.float32]

    @property
    def duration_s(self) -> float:
        """Length of the clip in seconds of the 16 kHz clock."""
        return len(self.samples) / SAMPLE_RATE_HZ


def read_audio(path: str | Path, *, allow_truncated: bool = False) -> AudioClip:
    """Read a sound file.

    `allow_truncated` takes what is there of a cut file, with a warning.

    Raises:
        InputError: AUDIO_MISSING, AUDIO_FORMAT, AUDIO_EMPTY, AUDIO_RATE, AUDIO_CHANNELS, AUDIO_NOT_FINITE.
        LimitError: AUDIO_TOO_LONG, from the header, before decoding.
        DamageError: AUDIO_TRUNCATED.
    """
    path = Path(path)
    if not path.is_file():
        fault = f"{path} is not a file" if path.exists() else f"There is no audio file {path}"
        raise InputError(f"{fault}: check the path of the voice.", reason="AUDIO_MISSING")
    warnings: list[str] = []
    promise = promise_of(path)
    if promise is not None and promise.present < promise.promised:
        _truncated(path, promised=promise.promised, present=promise.present, allow=allow_truncated, warnings=warnings)
    original, rate_hz = _decode(path, allow_truncated=allow_truncated, warnings=warnings)
    _check_finite(original, path=path)
    original = _within_full_scale(original, warnings=warnings)
    mono = _mixed(original, warnings=warnings)
    warnings.extend(level_warnings(mono))
    centred = mono - np.float32(mono.mean(dtype=np.float64))
    samples = resample(np.ascontiguousarray(centred), source_hz=rate_hz, target_hz=SAMPLE_RATE_HZ)
    if samples.shape[0] == 0:
        raise _empty(path)
    return AudioClip(samples=samples, source_rate_hz=rate_hz, warnings=tuple(warnings), original=original)


def _decode(path: Path, *, allow_truncated: bool, warnings: list[str]) -> tuple[npt.NDArray[np.float32], int]:
    """Open, judge the header, then decode to [n, C] float32."""
    try:
        with soundfile.SoundFile(path) as file:
            _check_header(file, path=path)
            rate_hz, frames, kind = int(file.samplerate), int(file.frames), str(file.format)
            original = _samples(file, path=path, frames=frames, allow_truncated=allow_truncated)
    except soundfile.LibsndfileError as error:
        if path.stat().st_size == 0:
            raise _empty(path) from error
        raise InputError(
            f"{path.name} is not an audio file that can be read ({str(error).rsplit(': ', 1)[-1].rstrip('.')}): "
            "use wav, flac, ogg or mp3.",
            reason="AUDIO_FORMAT",
        ) from error
    if original.shape[0] == 0:
        raise _empty(path)
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


def _within_full_scale(original: npt.NDArray[np.float32], *, warnings: list[str]) -> npt.NDArray[np.float32]:
    """Samples in another unit (16-bit numbers written as float, say) as shares of full scale."""
    peak = float(np.abs(original).max())
    if peak <= LOUDEST_PEAK:
        return original
    warnings.append(
        f"The recording's peak is {peak:.3g} times full scale; it was scaled down: export it within -1 to 1"
        " [AUDIO_SCALED]."
    )
    return np.asarray(original / np.float64(peak), dtype=np.float32)


def _mixed(original: npt.NDArray[np.float32], *, warnings: list[str]) -> npt.NDArray[np.float32]:
    """[n]: one channel as it is, two mixed; if they cancel each other, the louder one."""
    if original.shape[1] == 1:
        return original[:, 0]
    mono: npt.NDArray[np.float32] = original.mean(axis=1, dtype=np.float32)
    power = np.square(original, dtype=np.float64).mean(axis=0)
    if power.max() > 0 and np.square(mono, dtype=np.float64).mean() < CANCELLED_SHARE**2 * power.max():
        warnings.append(
            "The two channels cancel each other when mixed (one is the other turned over); one alone was used for the"
            " lips: export the voice as one channel [AUDIO_CANCELS]."
        )
        return np.ascontiguousarray(original[:, int(power.argmax())])
    warnings.append("The recording has two channels; they were mixed to one for the lips [AUDIO_STEREO].")
    return mono


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


def _empty(path: Path) -> InputError:
    return InputError(f"{path.name} holds no sound at all (0 samples): export it again.", reason="AUDIO_EMPTY")


def level_warnings(mono: npt.NDArray[np.float32]) -> list[str]:
    """What sounds wrong in `mono` [n > 0], -1..1, but can be worked with: sentences that end in a stable [REASON]."""
    warnings = []
    offset = float(mono.mean(dtype=np.float64))
    peak = float(np.abs(mono).max())
    clipped = float((np.abs(mono) >= _MAX_INT).mean())
    if abs(offset) > DC_OFFSET:
        warnings.append(f"The recording has a DC offset of {offset:+.3f}; it was removed for the lips [AUDIO_DC].")
    if peak == 0.0:
        warnings.append("The recording is silent (every sample is 0), the lips rest: check the export [AUDIO_SILENT].")
    elif peak < QUIET_PEAK:
        level_db = 20 * np.log10(max(peak, 1e-9))
        warnings.append(f"The recording is very quiet (its peak is {level_db:.0f} dB): record it louder [AUDIO_QUIET].")
    if clipped > CLIPPED_SHARE:
        warnings.append(f"{clipped:.1%} of the recording is clipped: record it with less gain [AUDIO_CLIPPED].")
    if _looks_swapped(mono):
        warnings.append(
            "This sounds like noise at full scale, as 16-bit samples with swapped bytes do: "
            "check the byte order [AUDIO_LOOKS_SWAPPED]."
        )
    return warnings


def _looks_swapped(mono: npt.NDArray[np.float32]) -> bool:
    """Speech is smooth from sample to sample; byte-swapped speech is loud white noise."""
    rms = float(np.sqrt(np.square(mono, dtype=np.float64).mean()))
    if rms <= 0.3 or mono.shape[0] < 100:
        return False
    crossings = float((np.signbit(mono[1:]) != np.signbit(mono[:-1])).mean())
    correlation = float(np.dot(mono[1:], mono[:-1])) / (rms * rms * mono.shape[0])
    return correlation < 0.2 and crossings > 0.4
