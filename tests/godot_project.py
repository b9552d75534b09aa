"""The Godot sample as a user has it after `prepare.py`, in a folder of its own, and runs of Godot 3 in it.

Software OpenGL draws few pictures a second: tests count, compare numbers and pixels, and never ask how fast it was.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer

from engine_runs import ENGINES, need

SAMPLE = ENGINES.parent.parent / "samples" / "godot"
TESTS = ENGINES / "godot_live"
HARMLESS = (
    "set_locale",
    "core/translation.cpp",
    "Invalid locale",
    "make_dir_recursive",
    "free_static",
    "core/os/memory.cpp",
)
"""What Debian's Godot 3.2.3 says of itself: no language, no folder of settings; its editor frees too much."""


class GodotProject:
    """A copy of samples/godot with the scripts of the tests beside it."""

    def __init__(self, folder: Path, *, npc: Path) -> None:
        """`npc`: what prepare.py has made."""
        for program in ("godot3", "xvfb-run"):
            need(shutil.which(program), f"{program} is not installed")
        self.folder = folder / "project"
        shutil.copytree(SAMPLE, self.folder, ignore=shutil.ignore_patterns("npc", ".import", "*.import"))
        shutil.copytree(npc, self.folder / "npc")
        for source in TESTS.iterdir():
            shutil.copy(source, self.folder)
        self.imported = ""
        """What the editor said when it imported all this."""

    def run(
        self, *arguments: str, limit_s: float = 300.0, on_word: Callable[[str], None] = print, **variables: str
    ) -> str:
        """One run to its end; gives what it printed. `on_word` hears each line at once."""
        command = ["xvfb-run", "-a", "-s", "-screen 0 1400x800x24", "godot3", "--path", ".", "--audio-driver", "Dummy"]
        environment = {**os.environ, "HOME": str(self.folder.parent), **variables}
        process = subprocess.Popen(
            [*command, *arguments], cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        watch = Timer(limit_s, _end, [process])
        watch.start()
        printed = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                printed.append(line)
                on_word(line.strip())
        finally:
            watch.cancel()
            _end(process)
        return "".join(printed)


def complaints(printed: str) -> list[str]:
    """Lines with errors and warnings that are not of Godot itself."""
    said = ("ERROR", "WARNING", "At: ", "crash")
    lines = [line for line in printed.splitlines() if any(word in line for word in said)]
    return [line for line in lines if not any(word in line for word in HARMLESS)]


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
