"""Takes the folder of shared material, gives its recordings of real speech with timed phones.

Read by benches and by the training. Phone timings that lie beside a recording (`NAME.phone.json`) are used as they are;
otherwise the transcript is aligned, if the caller asks for that, which costs a tenth of the recording's length. Only
recordings are read whose licence, as the manifest tells it, allows the use: public domain or CC BY.

Who may learn from what is fixed here too: `TRAINING_READERS` are heard in training; everyone else is kept for benches.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from visavis.errors import DamageError, InputError
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.phones import PHONE_INDEX, Segment
from visavis_runtime.reference.align import open_aligner

TRAINING_READERS = frozenset({"LJ001"})
"""Speakers that the training may hear; a figure on them says nothing about strangers."""

_FREE = re.compile(r"public domain|\bCC[ -]?BY(?![ -]?(NC|ND|SA))", re.IGNORECASE)
_TIMINGS = ".phone.json"


class Recording(NamedTuple):
    """One recording: `samples [n] float32` at 16 kHz, its phones, and where their times come from.

    `source` is "own" (timings that came with it), "aligned" (by forced alignment) or "none" (no segments). `scores [s]`
    is a score a segment as `align.Alignment` has it, or None.
    """

    name: str
    speaker: str
    samples: npt.NDArray[np.float32]
    segments: tuple[Segment, ...]
    source: str
    transcript: str
    licence: str
    scores: npt.NDArray[np.float32] | None = None


def read_recordings(folder: Path, *, align: bool = True) -> list[Recording]:
    """Recordings in `folder`/speech by `folder`/MANIFEST.csv, in the order of their names.

    Without `align`, those that have no timings of their own come without segments.

    Raises:
        InputError: MATERIAL_MISSING when there is no manifest, TRAINING_EXTRA_MISSING and ALIGNMENT_FAILED as in
            `align.aligned`, and what `read_audio` raises.
        DamageError: MANIFEST_DAMAGED, TIMINGS_DAMAGED.
    """
    manifest = folder / "MANIFEST.csv"
    if not manifest.is_file():
        raise InputError(
            f"{folder} has no MANIFEST.csv; recordings are read from a folder with MANIFEST.csv and speech/.",
            reason="MATERIAL_MISSING",
        )
    try:
        with manifest.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] == "speech" and is_free(row["licence"] or "")]
    except (KeyError, ValueError, csv.Error) as error:
        raise DamageError(
            f"{manifest} cannot be read ({error!r}); it needs the columns file, kind, licence and transcript.",
            reason="MANIFEST_DAMAGED",
        ) from error
    return [_recording(folder / row["file"], row=row, align=align) for row in sorted(rows, key=lambda row: row["file"])]


def is_free(licence: str) -> bool:
    """Whether the words of a licence field allow training and benches: public domain or CC BY."""
    return bool(_FREE.search(licence))


def speaker_of_name(name: str) -> str:
    """Who reads: the file name up to its clip number (`LJ001-0001` is read by `LJ001`)."""
    return re.split(r"[-_]\d", name, maxsplit=1)[0]


def segments_of_timings(described: dict[str, Any]) -> tuple[Segment, ...]:
    """Segments of a `.phone.json` (pocketsphinx: words `w` of phones `w` with begin `b`, duration `d`, text `t`)."""
    phones = [phone for word in described["w"] for phone in word.get("w", [word])]
    return tuple(
        Segment(p["t"] if p["t"] in PHONE_INDEX else "SIL", float(p["b"]), float(p["b"]) + float(p["d"]))
        for p in phones
    )


def _recording(path: Path, *, row: dict[str, str], align: bool) -> Recording:
    samples = read_audio(path).samples
    text_path, timings_path = path.with_suffix(".txt"), path.with_suffix(_TIMINGS)
    transcript = text_path.read_text("utf-8").strip() if text_path.exists() else row["transcript"]
    recording = Recording(
        path.stem, speaker_of_name(path.stem), samples, (), "none", transcript=transcript, licence=row["licence"]
    )
    if timings_path.exists():
        try:
            segments = segments_of_timings(json.loads(timings_path.read_text("utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise DamageError(
                f"{timings_path} cannot be read ({error!r}); delete it to have the recording aligned.",
                reason="TIMINGS_DAMAGED",
            ) from error
        return recording._replace(segments=segments, source="own")
    if not align or not transcript:
        return recording
    found = open_aligner().align(samples, transcript=transcript)
    return recording._replace(segments=found.segments, source="aligned", scores=found.scores)
