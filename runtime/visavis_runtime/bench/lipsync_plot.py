"""Takes the figures of `bench lipsync`, draws them as one png: bars per condition with intervals, one clip in detail.

Needs matplotlib (extra `training`). The grey line of the clip is the mouth that the phone table asks for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from visavis.errors import InputError, OutputError
from visavis_runtime.bench.lipsync import CEILING, Example, Figures, Result
from visavis_runtime.bench.lipsync_table import headline_set
from visavis_runtime.motion.phones import BILABIAL, LABIODENTAL
from visavis_runtime.write.atomic import atomic_path, check_writable

PANELS = (("viseme_accuracy", 0.65), ("closure_recall", 0.85), ("closure_precision", 0.80), ("vowel_open", 0.90))
"""Figures drawn as bars, each 0..1, with its target on clean speech."""

_OURS, _CEILING, _FLOOR, _INK, _TARGET = "#2f6f8f", "#d9e4ea", "#b9b9b9", "#333333", "#c0504d"


def check_plot(path: Path) -> None:
    """Say before the long work that `path` can be drawn.

    Raises:
        InputError: TRAINING_EXTRA_MISSING without matplotlib.
        OutputError: SUFFIX_UNKNOWN unless the name ends in .png, OUTPUT_FOLDER.
    """
    if path.suffix != ".png":
        raise OutputError(f"--plot writes a .png but {path} ends otherwise; name it FILE.png.", reason="SUFFIX_UNKNOWN")
    check_writable(path)
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise InputError(
            "--plot needs matplotlib, which is not installed; install the extra: pip install 'visavis[training]'.",
            reason="TRAINING_EXTRA_MISSING",
        ) from error


def draw_plot(result: Result, *, path: Path) -> None:
    """Write the png, whole or not at all; the sets side by side, the example clip below."""
    from matplotlib.figure import Figure as Canvas

    names = list(result.spoken)
    canvas = Canvas(figsize=(13, 3.2 * max(1, len(names)) + 4.2), layout="constrained")
    grid = canvas.add_gridspec(len(names) + 2, len(PANELS), height_ratios=[*(1.0 for _ in names), 0.45, 0.9])
    for row, name in enumerate(names):
        for column, (figure, target) in enumerate(PANELS):
            axes = canvas.add_subplot(grid[row, column])
            _draw_bars(axes, result=result, name=name, figure=figure, target=target)
    if result.example is not None:
        voice = canvas.add_subplot(grid[len(names), :])
        _draw_example(voice, canvas.add_subplot(grid[len(names) + 1, :], sharex=voice), example=result.example)
    canvas.suptitle(f"Lip sync, quality {result.quality}, headline set: {headline_set(result) or 'none'}")
    with atomic_path(path) as unfinished:
        canvas.savefig(unfinished, dpi=110, format="png")


def _draw_bars(axes: Any, *, result: Result, name: str, figure: str, target: float) -> None:
    """One bar per condition, then the ceiling and the floors in other colours, the target as a line."""
    rows: list[tuple[str, Figures, str]] = [(c, row, _OURS) for c, row in result.spoken[name].items()]
    beside = {
        floor: row for floor, row in result.floors[name].items() if (figure, floor) != ("viseme_accuracy", CEILING)
    }
    rows += [(floor, row, _CEILING if floor == CEILING else _FLOOR) for floor, row in beside.items()]
    shown = [(label, row[figure], colour) for label, row, colour in rows if figure in row]
    values = np.array([found.value for _, found, _ in shown])
    reach = np.array([[found.value - found.low, found.high - found.value] for _, found, _ in shown]).T
    axes.bar(range(len(shown)), values, yerr=np.maximum(reach, 0), color=[c for *_, c in shown], ecolor=_INK, capsize=2)
    axes.axhline(target, color=_TARGET, linewidth=1, linestyle="--")
    axes.set_xticks(range(len(shown)), [label.replace("_", " ") for label, *_ in shown], rotation=60, ha="right")
    axes.tick_params(labelsize=7)
    axes.set_ylim(0, 1)
    axes.set_title(f"{name}: {figure.replace('_', ' ')} (n {shown[0][1].n})" if shown else name, fontsize=9)


def _draw_example(voice: Any, mouth: Any, *, example: Example) -> None:
    """Waveform with the phones above the aperture of the output and of the reference."""
    clip = example.clip
    voice.plot(np.arange(len(clip.samples)) / 16_000, clip.samples, color=_FLOOR, linewidth=0.4)
    top = float(np.abs(clip.samples).max(initial=1e-3))
    for phone, start_s, end_s in clip.segments:
        lips = phone in BILABIAL or phone in LABIODENTAL
        voice.text((start_s + end_s) / 2, 0.9 * top, "" if phone == "SIL" else phone, fontsize=6, ha="center",
                   color=_TARGET if lips else _INK)  # fmt: skip
        if phone in BILABIAL:
            mouth.axvspan(start_s, end_s, color=_TARGET, alpha=0.2, linewidth=0)
    voice.set_yticks([])
    voice.set_title(f"{clip.name}: voice and phones; below the gap of the lips, p b m shaded", fontsize=9)
    for track, colour, label in ((example.reference, _FLOOR, "phone table"), (example.track, _OURS, "output")):
        mouth.plot(np.arange(len(track.aperture)) / 100, track.aperture, color=colour, label=label, linewidth=1.2)
    mouth.set_xlabel("s")
    mouth.legend(loc="upper right", fontsize=7)
    mouth.margins(x=0)
