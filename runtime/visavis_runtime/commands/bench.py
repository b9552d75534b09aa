"""`visavis bench render | face | motion | lipsync | talk | chaos | soak | bridge`: figures of this machine.

A table for people, one JSON object with `--json` for machines.
"""

from __future__ import annotations

import argparse
import json
import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from visavis.errors import InputError
from visavis_runtime.commands import bench_talk

_SAMPLES = Path(__file__).resolve().parents[3] / "samples"
SAMPLE_PORTRAIT, SAMPLE_LINE = _SAMPLES / "portraits" / "innkeeper.png", _SAMPLES / "lines" / "innkeeper.flac"
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
    render.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1 (cpu)")
    render.add_argument("--backend", choices=("cpu", "torch"), help="which back end (cpu on a CPU, torch on a GPU)")
    render.add_argument("--batch", metavar="N,...", help="batches of the back end torch (1,4,16 on a CPU, else to 256)")
    render.add_argument("--graphs", action="store_true", help="record batches as CUDA graphs (on a GPU)")
    render.add_argument("--json", action="store_true", help="print one JSON object")
    render.set_defaults(run=_run_render)

    face = benches.add_parser(
        "face", help="face, identity, colours and mouth of a finished talk, tracked on its frames"
    )
    face.add_argument("portrait", nargs="?", type=Path, default=SAMPLE_PORTRAIT, help="picture; the sample innkeeper")
    face.add_argument("line", nargs="?", type=Path, default=SAMPLE_LINE, help="spoken line; the sample innkeeper's")
    face.add_argument("--seed", type=int, default=0, help="of the gestures (0)")
    face.add_argument("--every", type=int, default=1, metavar="N", help="track only every Nth frame (1)")
    face.add_argument("--json", action="store_true", help="print one JSON object")
    face.set_defaults(run=_run_face)

    motion = benches.add_parser("motion", help="cost and look-ahead of the motion of one stream, one core")
    motion.add_argument("--quality", choices=("fast", "balanced", "best"), default="balanced")
    motion.add_argument("--talks", type=int, default=None, metavar="N", help="instead: engines alone with N live talks")
    motion.add_argument("--engines", type=int, default=1, metavar="N", help="so many, which share the talks (1)")
    motion.add_argument("--device", default="cpu", help="of those engines: cpu, cuda or cuda:1 (cpu)")
    motion.add_argument("--seconds", type=float, default=10.0, help="of those talks (10)")
    motion.add_argument("--json", action="store_true", help="print one JSON object")
    motion.set_defaults(run=_run_motion)

    lipsync = benches.add_parser("lipsync", help="how well the mouth follows voices, beside floors that know less")
    lipsync.add_argument(
        "--material", type=Path, default=None, help="folder with speech/ and lips_grid_s1/ (default: VISAVIS_MATERIAL)"
    )
    lipsync.add_argument("--quality", choices=("fast", "balanced", "best"), default="balanced")
    lipsync.add_argument("--quick", action="store_true", help="a few clips under three conditions")
    lipsync.add_argument("--model", type=Path, default=None, help="another speech.onnx, with its .json beside it")
    lipsync.add_argument("--plot", type=Path, default=None, metavar="FILE.png", help="draw the figures as well")
    lipsync.add_argument("--json", action="store_true", help="print one JSON object")
    lipsync.set_defaults(run=_run_lipsync)

    bench_talk.register(benches, show=_show)
    for point in entry_points(group="visavis.benches"):  # of packages that the runtime does not know
        point.load()(benches)


def _run_render(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.render import measure_render
    from visavis_runtime.render.backend import backend_of

    if not arguments.portrait.exists():
        raise InputError(
            f"there is no picture {arguments.portrait}; name one: visavis bench render PORTRAIT",
            reason="FILE_NOT_FOUND",
        )
    if arguments.frames < 1:
        raise InputError(f"--frames is {arguments.frames}; at least 1 is needed", reason="OPTION_VALUE")
    if (arguments.backend or backend_of(arguments.device)) == "torch":
        return _run_batches(arguments)
    if arguments.batch is not None or arguments.device != "cpu":
        raise InputError("--batch and --device belong to --backend torch", reason="OPTION_VALUE")
    figures = measure_render(
        arguments.portrait, frames=arguments.frames, size=arguments.size, quality=arguments.quality
    )
    _show(figures, title="render, one core, CPU time", as_json=arguments.json)
    return 0


def _run_face(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.face import measure_face

    for path in (arguments.portrait, arguments.line):
        if not path.exists():
            raise InputError(
                f"there is no file {path}; name them: visavis bench face PORTRAIT LINE", reason="FILE_NOT_FOUND"
            )
    if arguments.every < 1:
        raise InputError(f"--every is {arguments.every}; at least 1 is needed", reason="OPTION_VALUE")
    figures = measure_face(arguments.portrait, arguments.line, seed=arguments.seed, every=arguments.every)
    _show(figures, title="face, 25 frames a second, 512 px", as_json=arguments.json)
    return 0


def _run_batches(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.render_batched import measure_batches
    from visavis_runtime.nets.device import device_named

    batches = arguments.batch or ("1,4,16" if device_named(arguments.device).type == "cpu" else "1,4,16,64,256")
    sizes = [int(text) if text.strip().isdecimal() else 0 for text in batches.split(",")]
    if min(sizes) < 1:
        raise InputError(f"--batch is {batches}; write for example --batch 1,4,16", reason="OPTION_VALUE")
    figures = measure_batches(
        arguments.portrait,
        device=arguments.device,
        size=arguments.size,
        quality=arguments.quality,
        batches=sizes,
        graphs=arguments.graphs,
    )
    if arguments.json:
        print(json.dumps(figures))
        return 0
    rows = figures.pop("batches")
    _show(figures, title="render in batches", as_json=False)
    splits = [{"batch": row["batch"], **row.pop("split_ms")} for row in rows]
    for title, lines in (("batches", rows), ("steps of one batch, ms", splits)):
        table = Table(title=title)
        for name in lines[0]:
            table.add_column(name.replace("_", " "), justify="right", overflow="fold")
        for line in lines:
            table.add_row(*(f"{value:.4g}" for value in line.values()))
        Console().print(table)
    return 0


def _run_motion(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.engines import measure_engines
    from visavis_runtime.bench.motion import measure_motion

    if arguments.talks is not None:
        figures = measure_engines(
            arguments.talks, engines=arguments.engines, device=arguments.device, quality=arguments.quality,
            duration_s=arguments.seconds,
        )  # fmt: skip
        _show(figures, title="motion, engines alone", as_json=arguments.json)
        return 0
    if arguments.device != "cpu" or arguments.engines != 1:
        raise InputError("--device and --engines belong to --talks N", reason="OPTION_VALUE")
    _show(measure_motion(quality=arguments.quality), title="motion, one core, CPU time", as_json=arguments.json)
    return 0


def _run_lipsync(arguments: argparse.Namespace) -> int:
    from visavis_runtime.bench.lipsync import measure_lipsync
    from visavis_runtime.bench.lipsync_plot import check_plot, draw_plot
    from visavis_runtime.bench.lipsync_table import json_of_result, print_result
    from visavis_runtime.motion.speech_net import MODEL

    named = os.environ.get("VISAVIS_MATERIAL", "")
    material = arguments.material or (Path(named) if named else None)
    if material is not None and not material.is_dir():
        raise InputError(
            f"there is no folder {material}; name the material with --material or VISAVIS_MATERIAL.",
            reason="FILE_NOT_FOUND",
        )
    if arguments.plot is not None:
        check_plot(arguments.plot)
    result = measure_lipsync(material, quality=arguments.quality, quick=arguments.quick, model=arguments.model or MODEL)
    if arguments.plot is not None:
        draw_plot(result, path=arguments.plot)
    if arguments.json:
        print(json.dumps(json_of_result(result)))
    else:
        print_result(result, console=Console())
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
