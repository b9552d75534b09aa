"""Takes the folder of measured lips, gives what one man's mouth did while he spoke: 3 s clips at 25 pictures a second.

Read by the fit of the articulation stage and by benches; the material is not part of the project. It comes from the
GRID corpus (Cooke, Barker, Cunningham, Shao 2006): read commands of six words, so it teaches how phones look and
nothing about how people phrase.

Sound and pictures run together: at 905 releases of p and b the voice above 1 kHz bursts 10 ms after the picture in
which the lips part, at 200 closures it falls 0 ms after they meet (medians, quartiles within +-10 ms; the two biases of
a contact seen too early or too late cancel). A delay of 60 ms had been estimated before from best lags of a network;
physics says no. Nothing is shifted here, so that the natural lead of lips over the voice is kept.

Points are in a head-fixed frame: x to the picture's right, y down, in units of the distance between the outer eye
corners. Tracker noise is about 0.006.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile

from visavis.errors import DamageError, InputError

PICTURES_LATE_S = 0.0
"""How far the pictures run behind their own sound: -5 ms measured, nothing at 25 pictures a second."""

HELD_OUT = 100
SAID: dict[str, list[str]] = {
    "a": ["EY"], "z": ["Z EH D"], "r": ["AA", "AA R"], "four": ["F AO", "F AO R"], "white": ["W AY T"],
    "at": ["AE T", "AH T"], "again": ["AH G EH N", "AH G EY N"], "zero": ["Z IH R OW", "Z IY R OW"],
}  # fmt: skip
"""How the man says letters and words, for `align.open_aligner`: British, without American R."""

_HELD_OUT_FIRST, _HELD_OUT_STEP = 3, 10
_SILENT_WORDS = frozenset({"sil", "sp"})

F32 = npt.NDArray[np.float32]


class Word(NamedTuple):
    """One spoken word, or "sil" or "sp" where nothing is said."""

    text: str
    start_s: float
    end_s: float


class Clip(NamedTuple):
    """Lips of one sentence in k pictures.

    `t_s [k]` time in the sound that a picture shows. `points [k, 62, 3]` (landmark numbers in `Lips.landmarks`),
    `aperture [k]` mean gap of three pairs of inner lip points, `width [k]` between the corners of the mouth, all
    float32 in outer-eye-corner distances and NaN where `seen [k] bool` is False.
    """

    name: str
    t_s: F32
    points: F32
    aperture: F32
    width: F32
    seen: npt.NDArray[np.bool_]
    words: tuple[Word, ...]
    sound: Path

    @property
    def transcript(self) -> str:
        """The words that are said."""
        return " ".join(word.text for word in self.words if word.text not in _SILENT_WORDS)


class Lips(NamedTuple):
    """All clips in the order of their names; `landmarks [62]` face-mesh numbers of the points.

    `held_out` is what no fit and no training may see, `fit` is the rest.
    """

    landmarks: npt.NDArray[np.int64]
    clips: tuple[Clip, ...]

    @property
    def held_out(self) -> tuple[Clip, ...]:
        """The clips to report on."""
        names = held_out_names([clip.name for clip in self.clips])
        return tuple(clip for clip in self.clips if clip.name in names)

    @property
    def fit(self) -> tuple[Clip, ...]:
        """The clips to learn from."""
        names = held_out_names([clip.name for clip in self.clips])
        return tuple(clip for clip in self.clips if clip.name not in names)


def held_out_names(names: list[str]) -> frozenset[str]:
    """The one rule for what is kept out of every fit: of the sorted names every tenth from the fourth, 100 at most."""
    return frozenset(sorted(names)[_HELD_OUT_FIRST::_HELD_OUT_STEP][:HELD_OUT])


def read_lips(folder: Path) -> Lips:
    """Measured lips in `folder` (`lips.npz`, `words.csv`, `audio/NAME.flac`).

    Raises:
        InputError: LIPS_MISSING where a file is not there.
        DamageError: LIPS_DAMAGED where arrays are missing or do not fit each other.
    """
    for name in ("lips.npz", "words.csv", "audio"):
        if not (folder / name).exists():
            raise InputError(
                f"{folder} has no {name}; measured lips need lips.npz, words.csv and audio/, name their folder.",
                reason="LIPS_MISSING",
            )
    words = _read_words(folder / "words.csv")
    try:
        with np.load(folder / "lips.npz", allow_pickle=False) as arrays:
            landmarks = arrays["index"].astype(np.int64)
            columns = [arrays[key] for key in ("clip", "t", "points", "aperture", "width")]
        clips = [_clip(*row, words=words, folder=folder) for row in zip(*columns, strict=True)]
    except (KeyError, ValueError) as error:
        raise DamageError(
            f"{folder / 'lips.npz'} is damaged ({error}); fetch the measured lips again.", reason="LIPS_DAMAGED"
        ) from error
    return Lips(landmarks, tuple(sorted(clips, key=lambda clip: clip.name)))


def read_sound(clip: Clip) -> F32:
    """Voice of a clip `[n] float32, -1..1` at 16 kHz.

    Raises:
        DamageError: LIPS_DAMAGED where the file has another rate.
    """
    samples, rate_hz = soundfile.read(clip.sound, dtype="float32", always_2d=True)
    if rate_hz != 16000:
        raise DamageError(
            f"{clip.sound} has {rate_hz} Hz but must have 16000; fetch the measured lips again.", reason="LIPS_DAMAGED"
        )
    return np.asarray(samples.mean(axis=1), np.float32)


def _clip(
    name: npt.NDArray[np.str_],
    t_s: F32,
    points: npt.NDArray[np.float16],
    aperture: npt.NDArray[np.float16],
    width: npt.NDArray[np.float16],
    *,
    words: dict[str, tuple[Word, ...]],
    folder: Path,
) -> Clip:
    seen = np.isfinite(points).all(axis=(1, 2)) & np.isfinite(aperture) & np.isfinite(width)
    return Clip(
        name=str(name),
        t_s=(t_s - PICTURES_LATE_S).astype(np.float32),
        points=np.where(seen[:, None, None], points, np.nan).astype(np.float32),
        aperture=np.where(seen, aperture, np.nan).astype(np.float32),
        width=np.where(seen, width, np.nan).astype(np.float32),
        seen=seen,
        words=words.get(str(name), ()),
        sound=folder / "audio" / f"{name}.flac",
    )


def _read_words(path: Path) -> dict[str, tuple[Word, ...]]:
    words: dict[str, list[Word]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            words.setdefault(row["clip"], []).append(Word(row["word"], float(row["start_s"]), float(row["end_s"])))
    return {name: tuple(said) for name, said in words.items()}
