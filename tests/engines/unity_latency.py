"""How long pictures (RGBA, 512 px, 60 a second) and motion take from the server to C#, and the bridge's part.

Takes a folder of avatars, the name of one and seconds; starts a server and a bridge, runs unity/Latency.cs on mono,
prints its JSON with the bridge's share of a core. Use, on a quiet machine:
python tests/engines/unity_latency.py AVATARS guard 600
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from live_stack import live_stack
from test_unity import HERE, RUNTIME, compile_cs


def cpu_s(process: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(avatars: Path, avatar: str, seconds: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, live_stack(avatars) as stack:
        folder = Path(name)
        compile_cs(folder / "Core.dll", RUNTIME / "Core")
        compile_cs(folder / "Latency.exe", HERE / "unity" / "Latency.cs", references=("Core.dll",))
        bridge = stack.processes["bridge"].pid
        begin_s, used_s = time.monotonic(), cpu_s(bridge)
        done = subprocess.run(
            ["mono", str(folder / "Latency.exe"), str(stack.ports[0]), avatar, seconds],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        share = (cpu_s(bridge) - used_s) / (time.monotonic() - begin_s)
    print(json.dumps({**json.loads(done.stdout), "bridge_cores": round(share, 3)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
