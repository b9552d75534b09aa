"""Takes the shared material, gives the clips of real speech that training may hear, word by word with timed phones.

The phones come from forced alignment (`reference.align`); the words of GRID s1 also from the corpus itself, and where
the two disagree the word is not used, nor where a phone lasts longer than speech allows or fits its sound badly. Clips
are aligned once and the result is kept in a file. The readers that benches score on (`reference.recordings`) and the
held-out clips of `reference.lips` are never read here.
"""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.audio.features import RATE_HZ
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.phones import Segment
from visavis_runtime.reference.align import Aligner, open_aligner
from visavis_runtime.reference.lips import SAID, held_out_names
from visavis_runtime.reference.recordings import TRAINING_READERS, is_free, read_recordings

_LOG = logging.getLogger(__name__)

_GRID = "lips_grid_s1"
_NO_WORDS = frozenset({"sil", "sp"})
_MARGIN_S = 0.3
_AGREED_S = 0.12  # between the word's edges by the aligner and by the corpus
_LONGEST_S = 0.35  # of one phone
_LEAST_SCORE = -7.0
_LOUD_RMS = 0.08


class SaidWord(NamedTuple):
    """One word of a clip: its phones (times in the clip) and whether they are to be trusted."""

    text: str
    segments: tuple[Segment, ...]
    good: bool


class SaidClip(NamedTuple):
    """One recording: `samples [n] float32` at 16 kHz and its words in order."""

    reader: str
    samples: npt.NDArray[np.float32]
    words: tuple[SaidWord, ...]


def read_said_clips(material: Path, *, timings: Path) -> list[SaidClip]:
    """Clips that may be trained on, with their words; aligned once and kept in `timings` (json).

    Raises:
        InputError: MATERIAL_MISSING, TRAINING_EXTRA_MISSING.
    """
    known = json.loads(timings.read_text("utf-8")) if timings.exists() else {}
    sources = [*_grid_sources(material), *_reader_sources(material)]
    if not sources:
        raise InputError(
            f"{material} holds no speech that training may hear ({_GRID}/, speech/); train without it, or fetch it.",
            reason="MATERIAL_MISSING",
        )
    missing = [source for source in sources if source.name not in known]
    if missing:
        _LOG.info("aligning %d recordings with their words", len(missing))
        aligners = {"grid": open_aligner(pronounced=SAID, scored=False), "": open_aligner()}
        for source in missing:
            known[source.name] = _words_of_source(source, aligner=aligners["grid" if source.edges else ""])
        timings.parent.mkdir(parents=True, exist_ok=True)
        timings.write_text(json.dumps(known), "utf-8")
    clips = [SaidClip(s.reader, _even(s.samples), _words_of_json(known[s.name])) for s in sources]
    words = [word.good for clip in clips for word in clip.words]
    failed = sum(not clip.words for clip in clips)
    _LOG.info("%d clips (%d failed), %d words, %d left out", len(clips), failed, len(words), words.count(False))
    return clips


class _Source(NamedTuple):
    """A recording to align; `edges` are the corpus's own word times, or empty."""

    name: str
    reader: str
    samples: npt.NDArray[np.float32]
    transcript: str
    edges: tuple[tuple[float, float], ...]


def _grid_sources(material: Path) -> list[_Source]:
    """The clips of GRID s1 that are not held out."""
    folder = material / _GRID
    if not (folder / "words.csv").is_file() or not _grid_is_free(material):
        return []
    return [
        _Source(
            name,
            reader="grid-s1",
            samples=read_audio(folder / "audio" / f"{name}.flac").samples,
            transcript=" ".join(text for text, _, _ in words),
            edges=tuple((start_s, end_s) for _, start_s, end_s in words),
        )
        for name, words in sorted(grid_words(folder).items())
    ]


def grid_words(folder: Path) -> dict[str, list[tuple[str, float, float]]]:
    """Words with start and end in seconds of every clip that training may hear, by clip."""
    said: dict[str, list[tuple[str, float, float]]] = {}
    with (folder / "words.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["word"] not in _NO_WORDS:
                said.setdefault(row["clip"], []).append((row["word"], float(row["start_s"]), float(row["end_s"])))
    held_out = held_out_names(list(said))
    return {name: words for name, words in said.items() if name not in held_out}


def _grid_is_free(material: Path) -> bool:
    with (material / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        return any(row["file"].rstrip("/") == _GRID and is_free(row["licence"]) for row in csv.DictReader(file))


def _reader_sources(material: Path) -> list[_Source]:
    """The recordings of readers that training may hear."""
    recordings = read_recordings(material, align=False)
    return [
        _Source(r.name, r.speaker, r.samples, r.transcript, ()) for r in recordings if r.speaker in TRAINING_READERS
    ]


def _words_of_source(source: _Source, *, aligner: Aligner) -> list[Any]:
    """Words as they are kept in the file: text, trusted or not, and the phones; none where the alignment failed."""
    first_s, last_s = (source.edges[0][0], source.edges[-1][1]) if source.edges else (0.0, np.inf)
    start = max(0, int((first_s - _MARGIN_S) * RATE_HZ))
    end = int(min(len(source.samples), (last_s + _MARGIN_S) * RATE_HZ))
    try:
        found = aligner.align(source.samples[start:end], transcript=source.transcript)
    except InputError as error:
        if error.reason != "ALIGNMENT_FAILED":
            raise
        return []
    words: list[Any] = []
    for number, word in enumerate(found.words):
        segments = [
            (s.phone, round(s.start_s + start / RATE_HZ, 3), round(s.end_s + start / RATE_HZ, 3))
            for s in found.segments[word.first : word.last]
        ]
        good = max(s[2] - s[1] for s in segments if s[0] != "SIL") <= _LONGEST_S
        if source.edges:
            moved_s = (segments[0][1] - source.edges[number][0], segments[-1][2] - source.edges[number][1])
            good &= abs(moved_s[1]) <= _AGREED_S and (number == 0 or abs(moved_s[0]) <= _AGREED_S)
        else:
            good &= float(found.scores[word.first : word.last].mean()) >= _LEAST_SCORE
        words.append([word.text, bool(good), segments])
    return words


def _words_of_json(words: Sequence[Any]) -> tuple[SaidWord, ...]:
    return tuple(SaidWord(text, tuple(Segment(*s) for s in segments), good) for text, good, segments in words)


def _even(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The samples with their loud parts at one level, so that stretches of several clips fit together."""
    power = np.square(samples[: len(samples) // 160 * 160].reshape(-1, 160)).mean(axis=1)
    return samples * np.float32(_LOUD_RMS / (np.sqrt(np.quantile(power, 0.9)) + 1e-6))
