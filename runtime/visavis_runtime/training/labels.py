"""Takes spoken lines and other sounds, gives what the network is trained on: mel power frames with their targets.

A `Corpus` is many utterances end to end in plain arrays, saved as one npz. Log power in float16 keeps ten hours in
0.5 GB (steps of at most 0.06 dB). Every utterance is scaled to one peak here: gains are drawn afresh in training.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from visavis_runtime.audio.features import HOP, RATE_HZ, frame_count, mel_power, samples_to_flush, start_features
from visavis_runtime.motion.phones import Segment
from visavis_runtime.motion.targets import targets_of_segments

PEAK = 0.5
_LEAST_POWER = 1e-12


class Utterance(NamedTuple):
    """One line: `samples [n] float32` at 16 kHz, its phones (none for a sound that is not speech), who spoke."""

    samples: npt.NDArray[np.float32]
    segments: tuple[Segment, ...]
    voice: str


class Corpus(NamedTuple):
    """Utterances end to end at 100 Hz.

    `log_power [n, 64] float16` natural log of mel power, `phones [n] int8`, `channels [n, 9] float16`,
    `closures [n, 2] float16`, `starts [u + 1] int64` first frame of each utterance, `voices [u] str`.
    """

    log_power: npt.NDArray[np.float16]
    phones: npt.NDArray[np.int8]
    channels: npt.NDArray[np.float16]
    closures: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]
    voices: npt.NDArray[np.str_]

    @property
    def hours(self) -> float:
        """Length of all utterances."""
        return len(self.phones) * HOP / RATE_HZ / 3600


def utterance(
    samples: npt.NDArray[np.float32], *, rate_hz: int, segments: Sequence[Segment], voice: str, warp: float = 1.0
) -> Utterance:
    """Utterance at 16 kHz and the common peak; `warp` > 1 plays it faster, pitch and formants raised alike."""
    moved = soxr.resample(samples, rate_hz * warp, RATE_HZ) if rate_hz * warp != RATE_HZ else samples
    peak = float(np.abs(moved).max(initial=1e-6))
    timed = tuple(Segment(p, start_s / warp, end_s / warp) for p, start_s, end_s in segments)
    return Utterance((moved * (PEAK / peak)).astype(np.float32), timed, voice)


def corpus_of_utterances(utterances: Iterable[Utterance]) -> Corpus:
    """Frames and targets of all utterances, in order."""
    columns: list[tuple[npt.NDArray[np.generic], ...]] = []
    voices: list[str] = []
    for samples, segments, voice in utterances:
        frames = frame_count(len(samples))
        padded = np.pad(samples, (0, samples_to_flush(len(samples), frames=frames)))
        power, _ = mel_power(padded, state=start_features())
        log_power = np.log(np.maximum(power[:frames], _LEAST_POWER)).astype(np.float16)
        phones, channels, closures = targets_of_segments(segments, frames=frames)
        columns.append((log_power, phones.astype(np.int8), channels.astype(np.float16), closures.astype(np.float16)))
        voices.append(voice)
    log_power_, phones_, channels_, closures_ = (np.concatenate(column) for column in zip(*columns, strict=True))
    starts = np.cumsum([0] + [len(column[1]) for column in columns])
    return Corpus(log_power_, phones_, channels_, closures_, starts.astype(np.int64), np.array(voices))


def joined(parts: Sequence[Corpus]) -> Corpus:
    """One corpus of several."""
    offsets = np.cumsum([0] + [len(part.phones) for part in parts])
    starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    return Corpus(
        log_power=np.concatenate([part.log_power for part in parts]),
        phones=np.concatenate([part.phones for part in parts]),
        channels=np.concatenate([part.channels for part in parts]),
        closures=np.concatenate([part.closures for part in parts]),
        starts=np.concatenate([*starts, offsets[-1:]]).astype(np.int64),
        voices=np.concatenate([part.voices for part in parts]),
    )


def save_corpus(path: Path, *, corpus: Corpus) -> None:
    """Write `corpus` to `path` (npz), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, **corpus._asdict())
    os.replace(file.name, path)


def load_corpus(path: Path) -> Corpus:
    """Read what `save_corpus` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return Corpus(**{name: arrays[name] for name in Corpus._fields})
