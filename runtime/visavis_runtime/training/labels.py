"""Takes spoken lines and other sounds, gives what the network is trained on: mel power frames with their targets.

A `Corpus` is many utterances end to end in plain arrays, saved as one npz. Log power in float16 keeps ten hours in
0.5 GB (steps of at most 0.06 dB). The file holds the timed phones; the mouth they ask for is worked out when it is
read, so that new articulation targets need no new speech. Every utterance is scaled to one peak here: gains are drawn
afresh in training.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from visavis_runtime.audio.features import HOP, RATE_HZ, frame_count, mel_power, samples_to_flush, start_features
from visavis_runtime.motion.phones import PHONE_INDEX, PHONES, Segment
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
    `closures [n, 2] float16`, `starts [u + 1] int64` first frame of each utterance, `voices [u] str`,
    `timings [s, 4] float32`: utterance, phone number, start and end in seconds after the utterance's start.
    """

    log_power: npt.NDArray[np.float16]
    phones: npt.NDArray[np.int8]
    channels: npt.NDArray[np.float16]
    closures: npt.NDArray[np.float16]
    starts: npt.NDArray[np.int64]
    voices: npt.NDArray[np.str_]
    timings: npt.NDArray[np.float32]

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
    powers: list[npt.NDArray[np.float16]] = []
    voices: list[str] = []
    timings: list[tuple[float, float, float, float]] = []
    for number, (samples, segments, voice) in enumerate(utterances):
        frames = frame_count(len(samples))
        padded = np.pad(samples, (0, samples_to_flush(len(samples), frames=frames)))
        power, _ = mel_power(padded, state=start_features())
        powers.append(np.log(np.maximum(power[:frames], _LEAST_POWER)).astype(np.float16))
        voices.append(voice)
        timings += [(number, PHONE_INDEX[s.phone], s.start_s, s.end_s) for s in segments]
    starts = np.cumsum([0] + [len(power) for power in powers]).astype(np.int64)
    return _with_targets(
        np.concatenate(powers), starts=starts, voices=np.array(voices), timings=np.array(timings, np.float32)
    )


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
        timings=_joined_timings(parts),
    )


def save_corpus(path: Path, *, corpus: Corpus) -> None:
    """Write sound and timed phones of `corpus` to `path` (npz), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez(file, **{name: getattr(corpus, name) for name in _SAVED})
    os.replace(file.name, path)


def load_corpus(path: Path) -> Corpus:
    """Read what `save_corpus` wrote; the targets are those of today's `motion.targets`."""
    with np.load(path, allow_pickle=False) as arrays:
        return _with_targets(**{name: arrays[name] for name in _SAVED})


_SAVED = ("log_power", "starts", "voices", "timings")


def _with_targets(
    log_power: npt.NDArray[np.float16],
    *,
    starts: npt.NDArray[np.int64],
    voices: npt.NDArray[np.str_],
    timings: npt.NDArray[np.float32],
) -> Corpus:
    mouths = [
        targets_of_segments(segments, frames=int(frames))
        for frames, segments in zip(np.diff(starts), _segments_of_timings(timings, utterances=len(voices)), strict=True)
    ]
    return Corpus(
        log_power=log_power,
        phones=np.concatenate([mouth.phones.astype(np.int8) for mouth in mouths]),
        channels=np.concatenate([mouth.channels.astype(np.float16) for mouth in mouths]),
        closures=np.concatenate([mouth.closures.astype(np.float16) for mouth in mouths]),
        starts=starts,
        voices=voices,
        timings=timings,
    )


def _segments_of_timings(timings: npt.NDArray[np.float32], *, utterances: int) -> Iterator[list[Segment]]:
    table = timings.reshape(-1, 4)
    rows = table.tolist()
    edges = np.searchsorted(table[:, 0], np.arange(utterances + 1)).tolist()
    for first, last in pairwise(edges):
        yield [Segment(PHONES[int(phone)], start_s, end_s) for _, phone, start_s, end_s in rows[first:last]]


def _joined_timings(parts: Sequence[Corpus]) -> npt.NDArray[np.float32]:
    offsets = np.cumsum([0] + [len(part.voices) for part in parts])
    moved = [part.timings.reshape(-1, 4).copy() for part in parts]
    for timings, offset in zip(moved, offsets, strict=False):
        timings[:, 0] += offset
    return np.concatenate(moved)
