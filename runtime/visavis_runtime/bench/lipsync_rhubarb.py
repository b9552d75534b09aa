"""Runs Rhubarb Lip Sync on a voice, where its program is installed, and gives its mouth as a track.

Rhubarb names one of nine mouth shapes (Preston Blair's A-F and the extended G, H, X) for each moment; how far each one
opens is drawn by the artist, so the apertures below are ours: A shut, B slightly open, C open, D wide open, E rounded,
F puckered, G the f and v bite, H the tongue behind the teeth, X rest. Its phonetic recogniser is used, which needs no
transcript. It works on whole files, so it hears the future that a stream cannot.

Source of names and format: the read-me of Rhubarb Lip Sync (MIT), https://github.com/DanielSWolf/rhubarb-lip-sync.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile

from visavis.errors import InputError
from visavis_runtime.audio.features import RATE_HZ, frame_count
from visavis_runtime.bench.lipsync_track import Track

ABSENT = "no rhubarb program on the PATH, so Rhubarb Lip Sync is not beside these figures"
_LIMIT_S = 60.0


class Shape(NamedTuple):
    """One drawn mouth: `aperture` 0..1, `width` -1 (puckered) .. 1 (spread), `bite` lower lip at the teeth."""

    aperture: float
    width: float
    bite: bool = False


SHAPES: dict[str, Shape] = {
    "A": Shape(0.0, 0.0), "B": Shape(0.25, 0.6), "C": Shape(0.5, 0.2), "D": Shape(1.0, 0.0), "E": Shape(0.5, -0.4),
    "F": Shape(0.2, -1.0), "G": Shape(0.05, 0.0, bite=True), "H": Shape(0.4, 0.1), "X": Shape(0.0, 0.0),
}  # fmt: skip


def find_rhubarb() -> str | None:
    """Path of the program, or None."""
    return shutil.which("rhubarb")


def track_of_rhubarb(program: str, *, samples: npt.NDArray[np.float32]) -> Track:
    """Mouth that Rhubarb draws for `samples [n] float32` at 16 kHz.

    Raises:
        InputError: RHUBARB_FAILED when the program fails or says what cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        soundfile.write(path, samples, RATE_HZ)
        command = [program, "-q", "-f", "json", "--recognizer", "phonetic", str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(
                f"rhubarb does not answer ({error}); take it off the PATH to go on without it.", reason="RHUBARB_FAILED"
            ) from error
    if done.returncode != 0:
        raise InputError(
            f"rhubarb failed: {done.stderr.strip()[-200:] or 'no message'}; take it off the PATH to go on without it.",
            reason="RHUBARB_FAILED",
        )
    return track_of_cues(done.stdout, frames=frame_count(len(samples)))


def track_of_cues(text: str, *, frames: int) -> Track:
    """Track of `frames` frames of a Rhubarb json with its `mouthCues`; where no cue is, the mouth rests.

    Raises:
        InputError: RHUBARB_FAILED when `text` is not such a json.
    """
    aperture, width = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    bite = np.zeros(frames, bool)
    try:
        for cue in json.loads(text)["mouthCues"]:
            shape = SHAPES[cue["value"]]
            when = slice(max(0, round(float(cue["start"]) * 100)), max(0, round(float(cue["end"]) * 100)))
            aperture[when], width[when], bite[when] = shape
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InputError(
            f"rhubarb's answer cannot be read ({error!r}); its json with mouthCues is needed, as version 1.13 gives.",
            reason="RHUBARB_FAILED",
        ) from error
    return Track(aperture, width, bite, None)
