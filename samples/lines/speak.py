"""Speaks the sample lines with flite: `python samples/lines/speak.py [-o DIR]`.

Takes the .txt files beside this script and writes a .flac of the same name. The words are ours; the voices are flite's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import soundfile

# line -> (flite voice, speaking-rate factor: above 1 is slower, mean pitch in Hz or None for the voice's own)
VOICES: dict[str, tuple[str, float, int | None]] = {
    "innkeeper": ("rms", 1.0, 95),
    "guard": ("awb", 0.98, None),
    "android": ("slt", 1.05, None),
    "scholar": ("slt", 1.10, 185),
    "captain": ("kal16", 1.02, 98),
}


def speak(text: str, target: Path, *, voice: str, stretch: float, pitch_hz: int | None) -> None:
    """Writes one line as FLAC at the voice's own rate (16 kHz), through a temporary name."""
    settings = ["--setf", f"duration_stretch={stretch}"]
    if pitch_hz is not None:
        settings += ["--setf", f"int_f0_target_mean={pitch_hz}"]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "line.wav"
        subprocess.run(["flite", "-voice", voice, *settings, "-t", text, "-o", str(wav)], check=True)
        samples, rate_hz = soundfile.read(wav, dtype="int16")
    part = target.with_suffix(".part.flac")
    soundfile.write(part, samples, rate_hz, subtype="PCM_16", format="FLAC")
    os.replace(part, target)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent, help="folder for the .flac files")
    options = parser.parse_args(arguments)
    if shutil.which("flite") is None:
        print(
            "flite is not installed. Install it (for example `apt-get install flite`) and run this again.",
            file=sys.stderr,
        )
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, (voice, stretch, pitch_hz) in VOICES.items():
        text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").strip()
        target = options.out / f"{name}.flac"
        speak(text, target, voice=voice, stretch=stretch, pitch_hz=pitch_hz)
        print(f"{target}  {soundfile.info(target).duration:.1f} s  {voice}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
