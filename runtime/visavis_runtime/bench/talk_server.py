"""Takes an address or nothing, gives a server to measure: `visavis serve` as a process of its own, and what it costs.

CPU time and memory come from /proc, for the gateway (the process itself) and its engines (its children) apart; where
there is no /proc (not Linux) or the server was started by somebody else they are None.
What it does not do: it sends no talk.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

from visavis.errors import UnavailableError

START_S, STOP_S = 90.0, 60.0
_PROC = Path("/proc")


class Usage(NamedTuple):
    """CPU seconds so far and resident megabytes of the gateway and of all engines together."""

    gateway_s: float
    engines_s: float
    rss_mb: float


class BenchServer:
    """One `visavis serve` on a free loopback port; its log lies beside its avatars."""

    def __init__(self, *, avatars: Path) -> None:
        """Start it and wait until it serves. Raises UnavailableError BENCH_SERVER."""
        self._log = avatars / "serve.log"
        command = [
            sys.executable, "-m", "visavis.cli", "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
            "--avatars", str(avatars), "--capacity", "1",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )  # fmt: skip
        self.address, self._metrics = self._wait()

    @property
    def pid(self) -> int:
        """Of the gateway."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def memory_mb(self) -> dict[str, float]:
        """Resident memory of each of its processes."""
        engines = [child for child in children_of(self.pid) if "spawn_main" in _command(child)]
        return {"gateway": rss_mb(self.pid)} | {f"engine {i}": rss_mb(pid) for i, pid in enumerate(engines)}

    def usage(self) -> Usage | None:
        """What it has used so far; None where there is no /proc."""
        return usage_of(self.pid)

    def terminate(self) -> None:
        """SIGTERM: it finishes the lines under way."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit status."""
        return self._process.wait(STOP_S)

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def gauge(self, name: str) -> float:
        """A gauge of its metrics page, all engines together."""
        with urllib.request.urlopen(f"http://{self._metrics}/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == f"visavis_{name}")

    def _wait(self) -> tuple[str, str]:
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s and self._process.poll() is None:
            said = self.log
            found = re.search(r"serves on (\S+:\d+)", said), re.search(r"metrics: (\S+:\d+)", said)
            if found[0] and found[1]:
                return found[0].group(1), found[1].group(1)
            time.sleep(0.1)
        said = self.log
        self.stop()
        raise UnavailableError(f"The server to measure did not start. It said: {said.strip()}", reason="BENCH_SERVER")


def usage_of(pid: int) -> Usage | None:
    """CPU and memory of a server process and its children."""
    if not (_PROC / str(pid) / "stat").exists():
        return None
    engines = [child for child in children_of(pid) if "spawn_main" in _command(child)]
    own = cpu_s(pid)
    return Usage(own, sum(map(cpu_s, engines)), sum(map(rss_mb, (pid, *engines))))


def children_of(pid: int) -> list[int]:
    """Processes that this one has started."""
    found = []
    for entry in _PROC.iterdir():
        fields = _stat(int(entry.name)) if entry.name.isdecimal() else []
        if fields and int(fields[1]) == pid:
            found.append(int(entry.name))
    return sorted(found)


def rss_mb(pid: int) -> float:
    """Resident memory; 0 for a process that is gone."""
    try:
        pages = int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far; 0 for one that is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; [] for a process that is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
