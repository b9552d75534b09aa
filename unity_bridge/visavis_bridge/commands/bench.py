"""`visavis bench bridge`: what an engine sees through the bridge."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from visavis.errors import InputError

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "portraits" / "innkeeper.png"
"""The sample of a checkout; an installed wheel has none and asks for an avatar."""


def register(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `visavis bench bridge`."""
    parser = benches.add_parser("bridge", help="server, bridge and an engine on this machine: lateness, losses, cost")
    add = parser.add_argument
    add("--motion", type=int, default=0, metavar="N", help="characters with motion alone, 60 Hz (0)")
    add("--textures", type=int, default=1, metavar="M", help="characters with pictures and motion (1)")
    add("--texture-fps", type=int, default=60, metavar="FPS", help="pictures a second of each (60)")
    add("--size", type=int, default=512, help="pixels of a picture's side (512)")
    add("--codec", choices=("rgba", "jpeg"), default="rgba", help="of the pictures (rgba)")
    add("--seconds", type=float, default=60.0, metavar="S", help="how long (60)")
    add("--avatar", type=Path, metavar="NPC.visavis", help="the face; the sample innkeeper if none is named")
    add(
        "--client", default="", metavar="COMMAND",
        help="read with this program: it gets MOTION_PORT PICTURE_PORT SECONDS and prints JSON",
    )  # fmt: skip
    add("--restart", action="store_true", help="then kill and start the server: seconds until motion is back")
    add("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print."""
    from visavis_bridge.bench.bridge import BridgeLoad, measure_bridge

    if min(arguments.motion, arguments.textures) < 0 or not arguments.motion + arguments.textures:
        raise InputError("No character is asked for: give --motion or --textures.", reason="OPTION_VALUE")
    if arguments.seconds < 1:
        raise InputError(f"--seconds is {arguments.seconds:g}; take 1 or more.", reason="OPTION_VALUE")
    load = BridgeLoad(
        arguments.motion, arguments.textures, arguments.texture_fps, arguments.size, arguments.codec, arguments.seconds
    )
    with tempfile.TemporaryDirectory(prefix="visavis-") as folder:
        avatar = arguments.avatar or Path(folder) / "none"
        if load.textures and not arguments.avatar:
            avatar = _sample_avatar(Path(folder))
        figures = measure_bridge(load, avatar=avatar, client=arguments.client, restart=arguments.restart)
    if arguments.json:
        print(json.dumps(figures))
        return 0
    table = Table("figure", "value", title="through the bridge")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)
    return 0


def _sample_avatar(folder: Path) -> Path:
    """The sample innkeeper. Raises InputError FILE_NOT_FOUND."""
    if not SAMPLE.exists():
        raise InputError("There is no sample here; name one: --avatar NPC.visavis", reason="FILE_NOT_FOUND")
    avatar = folder / "innkeeper.visavis"
    command = [sys.executable, "-m", "visavis.cli", "avatar", "build", str(SAMPLE), "-o", str(avatar)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return avatar
