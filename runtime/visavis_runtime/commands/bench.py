"""`visavis bench render | motion`: a table for people, one JSON object with `--json` for machines."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from visavis.errors import InputError

SAMPLE_PORTRAIT = Path(__file__).resolve().parents[3] / "samples" / "portraits" / "innkeeper.png"
"""The sample of a checkout; an installed wheel has none and asks for a picture."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis bench`."""
    parser = subparsers.add_parser("bench", help="measure speed and fidelity on this machine")
    benches = parser.add_subparsers(title="what to measure", metavar="WHAT", required=True)

    render = benches.add_parser("render", help="cost and fidelity of frames, one core")
    render.add_argument(
        "portrait",
        nargs="?",
        type=Path,
        default=SAMPLE_PORTRAIT,
        help="picture to measure on; the sample innkeeper if none is named",
    )
    render.add_argument("--frames", type=int, default=400)
    render.add_argument("--size", type=int, default=512, help="pixels of a frame's side")
    render.add_argument("--quality", choices=("fast", "balanced", "best"), default="balanced")
    render.add_argument("--json", action="store_true", help="print one JSON object")
    render.set_defaults(run=_run_render)

    motion = benches.add_parser("motion", help="cost and look-ahead of the motion of one stream, one core")
    motion.add_argument("--quality", choices=("fast", "balanced", "best"), default="balanced")
    motion.add_argument("--json", action="store_true", help="print one JSON object")
    motion.set_defaults(run=_run_motion)


def _run_render(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.render import measure_render

    if not arguments.portrait.exists():
        raise InputError(
            f"there is no picture {arguments.portrait}; name one: visavis bench render PORTRAIT",
            reason="FILE_NOT_FOUND",
        )
    if arguments.frames < 1:
        raise InputError(f"--frames is {arguments.frames}; at least 1 is needed", reason="OPTION_VALUE")
    figures = measure_render(
        arguments.portrait, frames=arguments.frames, size=arguments.size, quality=arguments.quality
    )
    _show(figures, title="render, one core, CPU time", as_json=arguments.json)
    return 0


def _run_motion(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.motion import measure_motion

    _show(measure_motion(quality=arguments.quality), title="motion, one core, CPU time", as_json=arguments.json)
    return 0


def _show(figures: dict[str, Any], *, title: str, as_json: bool) -> None:
    """Print the figures as a table or as one line of JSON."""
    if as_json:
        print(json.dumps(figures))
        return
    table = Table(title=title)
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)
