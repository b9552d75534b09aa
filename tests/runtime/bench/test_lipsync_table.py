from __future__ import annotations

import io
import json

from rich.console import Console

from visavis_runtime.bench.lipsync import Result
from visavis_runtime.bench.lipsync_conditions import QUICK
from visavis_runtime.bench.lipsync_table import HEADLINES, json_of_result, print_result


def test_json_has_the_headlines_by_condition(lipsync_result: Result) -> None:
    described = json.loads(json.dumps(json_of_result(lipsync_result), allow_nan=False))
    for field in HEADLINES:
        assert list(described[field]) == list(QUICK)
        for figure in described[field].values():
            assert set(figure) == {"value", "low", "high", "n"}
    assert described["set"] in described["sets"]
    assert described["missing"]["real"]
    assert described["floors"][described["set"]]["loudness"]


def test_the_table_names_figures_targets_and_what_is_missing(lipsync_result: Result) -> None:
    shown = io.StringIO()
    print_result(lipsync_result, console=Console(width=200, file=shown))
    text = shown.getvalue()
    for word in ("viseme_accuracy", ">= 0.65", "shuffled", "95 % interval", "white_10_db", "Not measured, real"):
        assert word in text
