"""Takes an audio file (wav, flac, ogg, mp3), gives an `AudioClip`: mono float32 at 16 kHz plus the original for muxing.

What `decode.py` lets in is mended where that needs no guessing (two channels are mixed, a DC offset is removed) and
`warnings` say so; level is left alone, because the speech network brings its own level control. What it does not do:
live audio, which comes as PCM (see `visavis_runtime.motion`).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.latents import SAMPLE_RATE_HZ
from visavis_runtime.audio.decode import decode_file, no_sound
from visavis_runtime.audio.resample import resample

QUIET_PEAK = 0.01
CLIPPED_SHARE = 0.01
DC_OFFSET = 0.01
LOUDEST_PEAK = 1.5
"""Float samples may pass full scale a little; beyond this they were written in another unit."""
CANCELLED_SHARE = 0.05
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
    warnings: list[str] = []
    original, rate_hz = decode_file(path, allow_truncated=allow_truncated, warnings=warnings)
    original = _within_full_scale(original, warnings=warnings)
    mono = _mixed(original, warnings=warnings)
    warnings.extend(level_warnings(mono))
    centred = mono - np.float32(mono.mean(dtype=np.float64))
    samples = resample(np.ascontiguousarray(centred), source_hz=rate_hz, target_hz=SAMPLE_RATE_HZ)
    if samples.shape[0] == 0:
        raise no_sound(path)
    return AudioClip(samples=samples, source_rate_hz=rate_hz, warnings=tuple(warnings), original=original)


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
