"""Speaks a line with flite: samples and timed phones of three voices built from real people's recordings.

Runs the `flite` program once per line (`-psdur` prints every phone with its end). Pitch and tempo are set by its own
features `f0_shift` and `duration_stretch`. Only the training and the sample lines need it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import soundfile

from visavis.errors import InputError
from visavis_runtime.motion.phones import Segment, phone_from_flite
from visavis_runtime.reference.espeak import Spoken

VOICES: tuple[str, ...] = ("awb", "rms", "slt")
HELD_OUT_VOICE = "kal16"
_LIMIT_S = 60.0


def has_flite() -> bool:
    """Whether the `flite` program is installed."""
    return shutil.which("flite") is not None


def speak(text: str, *, voice: str, stretch: float = 1.0, pitch_factor: float = 1.0) -> Spoken:
    """Speech of `text` by one of flite's own voices; stretch > 1 is slower, pitch_factor > 1 higher.

    Raises:
        InputError: FLITE_MISSING or FLITE_FAILED.
    """
    if not has_flite():
        raise InputError(
            "flite is not installed; training needs it (Debian and Ubuntu: apt install flite).", reason="FLITE_MISSING"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}",
                   "--setf", f"f0_shift={pitch_factor:.3f}", "-psdur", "-t", text, "-o", str(path)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
        if done.returncode != 0 or not path.exists():
            raise InputError(
                f"flite failed on voice {voice!r}: {done.stderr.strip() or 'no output'}; `flite -lv` lists its voices.",
                reason="FLITE_FAILED",
            )
        samples, rate_hz = soundfile.read(path, dtype="float32")
    return Spoken(samples, int(rate_hz), _segments_of_durations(done.stdout))


def _segments_of_durations(text: str) -> tuple[Segment, ...]:
    """Segments of a `-psdur` line such as `pau:0.224 m:0.260 ay:0.392`."""
    segments: list[Segment] = []
    start_s = 0.0
    for token in text.split():
        name, _, end = token.rpartition(":")
        try:
            end_s = float(end)
        except ValueError:
            continue  # a warning of flite's between the phones
        if end_s > start_s:
            segments.append(Segment(phone_from_flite(name), start_s, end_s))
            start_s = end_s
    return tuple(segments)
