"""Takes the figures of `bench lipsync`, gives them as tables for people and as one JSON object for machines."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from visavis_runtime.bench.lipsync import Figures, Result
from visavis_runtime.bench.lipsync_figures import Figure

HEADLINES = (
    "viseme_accuracy", "closure_recall", "closure_precision", "vowel_open", "wide_narrow_gap", "lag_ms", "latency_ms",
)  # fmt: skip
TARGETS = {
    "viseme_accuracy": ">= 0.65", "closure_recall": ">= 0.85", "closure_precision": ">= 0.80", "vowel_open": ">= 0.90",
    "wide_narrow_gap": ">= 0.25", "silence_std": "< 0.02", "lag_ms": "within 40", "latency_ms": "<= 125",
    "rtf": "<= 0.03", "rtf_batch_64": "<= 0.007",
}  # fmt: skip
MEASURED_TARGETS = {
    "aperture_r_1s": ">= 0.60", "width_r_1s": ">= 0.45", "short_closure_hit": ">= 0.60",
    "short_closure_false": "<= 0.25", "lag_ms": "within 40",
}  # fmt: skip
CONDITION_TARGETS = {
    ("white_10_db", "viseme_accuracy"): ">= 0.58", ("minus_30_db", "viseme_accuracy_lost"): "<= 0.03",
}  # fmt: skip
_SETS = {
    "real": "real readers whom training never heard",
    "flite": "flite voice kept out of training",
    "espeak": "espeak-ng variants kept out of training",
    "grid": "the man of the measured lips, whose other clips training may have heard",
}


def headline_set(result: Result) -> str | None:
    """The set of the top-level figures: the real readers, or the first set there is."""
    return next((name for name in _SETS if name in result.spoken), None)


def json_of_result(result: Result) -> dict[str, Any]:
    """The top-level fields are `{condition: {value, low, high, n}}` of the set that `set` names."""
    name = headline_set(result)
    grid = result.spoken[name] if name else {}
    described: dict[str, Any] = {
        field: {condition: row[field].as_json() for condition, row in grid.items() if field in row}
        for field in HEADLINES[:-1]
    }
    described["latency_ms"] = {condition: result.cost["latency_ms"].as_json() for condition in grid}
    described |= {
        "set": name,
        "quality": result.quality,
        "sets": {key: {c: _json(row) for c, row in by.items()} for key, by in result.spoken.items()},
        "floors": {key: {f: _json(row) for f, row in by.items()} for key, by in result.floors.items()},
        "measured_lips": _json(result.lips),
        "measured_lips_floors": {floor: _json(row) for floor, row in result.lips_floors.items()},
        "cost": _json(result.cost),
        "bursts": _json(result.bursts),
        "clips": {key: len(clips) for key, clips in result.sets.spoken.items()} | {"lips": len(result.sets.lips)},
        "speakers": {key: sorted({c.speaker for c in clips}) for key, clips in result.sets.spoken.items()},
        "missing": result.sets.missing,
        "used_in_training": list(result.sets.left_out),
        "notes": list(result.notes),
    }
    return described


def print_result(result: Result, *, console: Console) -> None:
    """Tables of every set, its conditions and its floors, then what is missing."""
    for name, by_condition in result.spoken.items():
        clips = result.sets.spoken[name]
        seconds = sum(len(clip.samples) for clip in clips) / 16_000
        title = f"{_SETS[name]}: {len(clips)} clips, {seconds:.0f} s, {len({c.speaker for c in clips})} voices"
        console.print(_figures_table(by_condition["clean"], title=title, targets=TARGETS))
        console.print(_floors_table(by_condition["clean"], result.floors[name], title=f"{name}: ceiling and floors"))
        console.print(_grid_table(by_condition, title=f"{name}: conditions"))
    if result.lips:
        title = f"measured lips kept out of the fit: {len(result.sets.lips)} clips of one man"
        console.print(_figures_table(result.lips, title=title, targets=MEASURED_TARGETS))
        console.print(_floors_table(result.lips, result.lips_floors, title="measured lips: ceiling and floors"))
    console.print(_figures_table(result.bursts, title="jaw on sounds that are not speech", targets={}))
    console.print(_figures_table(result.cost, title="one stream, CPU time of one core", targets=TARGETS))
    if result.sets.left_out:
        console.print(f"Used in training and left out: {', '.join(result.sets.left_out)}.")
    for name, why in result.sets.missing.items():
        console.print(f"Not measured, {name}: {why}")
    for note in result.notes:
        console.print(f"{note}.")


def _figures_table(figures: Figures, *, title: str, targets: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("figure", "value", "95 % interval", "n", "target"):
        table.add_column(column, justify="left" if column == "figure" else "right", no_wrap=True)
    for name, figure in figures.items():
        table.add_row(name, _number(figure), _interval(figure), str(figure.n), targets.get(name, ""))
    return table


def _floors_table(figures: Figures, floors: dict[str, Figures], *, title: str) -> Table:
    """What other mouths would get, apart from the figures so that both fit 80 columns."""
    table = Table(title=title, title_justify="left")
    for column in ("figure", "ours", *floors):
        table.add_column(column.replace("_", " "), justify="left" if column == "figure" else "right", no_wrap=True)
    for name, figure in figures.items():
        beside = (_number(floor[name]) if name in floor else "" for floor in floors.values())
        table.add_row(name, _number(figure), *beside)
    return table


def _grid_table(by_condition: dict[str, Figures], *, title: str) -> Table:
    """One row a figure and condition, so that names and intervals stay whole on a narrow terminal."""
    table = Table(title=title, title_justify="left")
    for column in ("figure", "condition", "value", "95 % interval", "target"):
        table.add_column(column, justify="right" if column in ("value", "95 % interval") else "left", no_wrap=True)
    for name in ("viseme_accuracy", "viseme_accuracy_lost", *HEADLINES[1:-1]):
        for condition, row in by_condition.items():
            if name in row:
                target = CONDITION_TARGETS.get((condition, name), "")
                table.add_row(name, condition, _number(row[name]), _interval(row[name]), target)
        table.add_section()
    return table


def _number(figure: Figure) -> str:
    return _digits(figure.value)


def _interval(figure: Figure) -> str:
    return f"{_digits(figure.low)}..{_digits(figure.high)}"


def _digits(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _json(figures: Figures) -> dict[str, Any]:
    return {name: figure.as_json() for name, figure in figures.items()}
