"""Takes the paths of a talk's results, says what each is by its suffix, and refuses what could not be written.

All is refused before the work, never after it. What it does not do: it writes nothing (`talk.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visavis.errors import OutputError
from visavis_runtime.write.atomic import check_writable

VIDEO_SUFFIXES = (".mp4", ".webm")
SHEET_SUFFIX = ".png"
CURVES_SUFFIX = ".csv"
TAKE_SUFFIX = ".livelink.csv"
MOTION_SUFFIX = ".npz"
HEAD_SUFFIX, SOUND_SUFFIX = ".glb", ".wav"
SUFFIXES = (*VIDEO_SUFFIXES, SHEET_SUFFIX, CURVES_SUFFIX, MOTION_SUFFIX, HEAD_SUFFIX, TAKE_SUFFIX)
OWN_RATE_SUFFIXES = (CURVES_SUFFIX, TAKE_SUFFIX, HEAD_SUFFIX)
"""Results that have `curves.ROWS_PER_S` rows a second, whatever the rate of the pictures."""


def suffix_of(path: Path) -> str:
    """The suffix that decides what a result is, in lower case."""
    return TAKE_SUFFIX if path.name.lower().endswith(TAKE_SUFFIX) else path.suffix.lower()


def needs_face(path: Path) -> bool:
    """Whether this result shows pixels. Raises OutputError SUFFIX_UNKNOWN for a suffix that is not known."""
    suffix = suffix_of(path)
    if suffix not in SUFFIXES:
        shown = f"The suffix {suffix}" if suffix else f"{path.name} has no suffix; a result without one"
        raise OutputError(f"{shown} is not known: use one of {', '.join(SUFFIXES)}.", reason="SUFFIX_UNKNOWN")
    return suffix in (*VIDEO_SUFFIXES, SHEET_SUFFIX, HEAD_SUFFIX)


def check_outputs(paths: Sequence[Path], *, inputs: Sequence[Path] = ()) -> None:
    """Refuse before the work what could not be written after it, or would be written over what is read (`inputs`).

    Raises:
        OutputError: SUFFIX_UNKNOWN, OUTPUT_FOLDER, OUTPUT_TWICE, OUTPUT_IS_INPUT.
    """
    read = {path.resolve() for path in inputs}
    for path in paths:
        needs_face(path)
        if path.resolve() in read:
            raise OutputError(f"{path} is read for this talk: give the result another name.", reason="OUTPUT_IS_INPUT")
        check_writable(path)
        if path.suffix.lower() == HEAD_SUFFIX:
            check_writable(path.with_suffix(SOUND_SUFFIX))
    if len({path.resolve() for path in paths}) < len(paths):
        raise OutputError("The same result is named twice: give each -o a name of its own.", reason="OUTPUT_TWICE")
