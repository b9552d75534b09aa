"""The Unity package on mono: it compiles as it ships, and its NUnit tests run against a real server and bridge.

There is no Unity here: a stub stands for UnityEngine, whose members throw off the main thread. It proves the logic of
the package and that it compiles, nothing about Unity. The tests of the package itself (Tests/Runtime) need neither stub
nor server; those in unity/ play a game. All run once, by nunit-console, and every one of them is a test here. Figures
that they measure lie in out/engines/unity.txt afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from engine_runs import PICTURES, need
from live_stack import LiveStack, live_stack

from visavis import MotionFrame, blocking

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGE = ROOT / "unity_bridge" / "com.visavis.unity"
RUNTIME = PACKAGE / "Runtime"
SOURCES = [*(PACKAGE / "Tests" / "Runtime").glob("*.cs"), *(HERE / "unity").glob("*Test.cs")]
TESTS = sorted(
    f"{source.stem}.{name}"
    for source in SOURCES
    for name in re.findall(r"\[Test\]\s+public void (\w+)", source.read_text(encoding="utf-8"))
)
COMPILER = ["mcs", "-langversion:7.2", "-warnaserror", "-nowarn:649"]
LINE = "innkeeper"
WARM_UP_S = 60.0


def compile_cs(output: Path, *sources: Path, references: Sequence[str] = (), packages: Sequence[str] = ()) -> None:
    """Compile folders or files into a library or, by its name, a program."""
    files = [str(file) for source in sources for file in (source.glob("*.cs") if source.is_dir() else [source])]
    target = "exe" if output.suffix == ".exe" else "library"
    uses = [*(f"-r:{name}" for name in references), *(f"-pkg:{name}" for name in packages)]
    command = [*COMPILER, f"-target:{target}", f"-out:{output.name}", *uses, *files]
    done = subprocess.run(command, cwd=output.parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything compiled."""
    for program in ("mcs", "mono", "nunit-console"):
        need(shutil.which(program), f"{program} is not installed")
    folder = tmp_path_factory.mktemp("unity")
    compile_cs(folder / "UnityEngine.dll", HERE / "unity" / "Stubs")
    compile_cs(folder / "Core.dll", RUNTIME / "Core")  # by itself: it knows no engine
    compile_cs(folder / "Visavis.dll", RUNTIME / "Core", RUNTIME / "Component", references=("UnityEngine.dll",))
    tests = [file for file in (HERE / "unity").glob("*.cs") if file.name != "Latency.cs"]
    compile_cs(
        folder / "Visavis.Tests.dll", PACKAGE / "Tests" / "Runtime", *tests,
        references=("UnityEngine.dll", "Visavis.dll"), packages=("nunit",),
    )  # fmt: skip
    compile_cs(folder / "Latency.exe", HERE / "unity" / "Latency.cs", references=("Core.dll",))
    return folder


def jaw_of(pcm: np.ndarray, *, server: str) -> np.ndarray:
    """jawOpen of a line in a burst, [n, 2] float32: line sample and value."""
    with blocking.Client(server) as client:
        end_s = time.monotonic() + WARM_UP_S
        while not client.health() and time.monotonic() < end_s:
            time.sleep(0.1)
        with client.talk(pacing="burst", seed=3) as talk:
            talk.say(pcm)
            talk.end()
            frames = [frame for frame in talk if isinstance(frame, MotionFrame) and frame.line]
    return np.array([(frame.line_sample, frame["jawOpen"]) for frame in frames], np.float32)


@contextmanager
def control(stack: LiveStack) -> Iterator[int]:
    """A port at which the tests kill, stop and start what runs: one word a connection, answered when it is done."""
    actions: dict[str, Callable[[], None]] = {
        "kill_server": stack.kill_server, "start_server": stack.start_server,
        "kill_bridge": stack.kill_bridge, "start_bridge": stack.start_bridge,
        "stop_bridge": lambda: os.killpg(stack.processes["bridge"].pid, signal.SIGSTOP),
        "continue_bridge": lambda: os.killpg(stack.processes["bridge"].pid, signal.SIGCONT),
    }  # fmt: skip

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            word = self.rfile.readline().decode().strip()
            try:
                actions[word]()
                self.wfile.write(b"done\n")
            except Exception as error:  # told to the test, which fails with it
                self.wfile.write(f"{error!r}\n".encode())

    with socketserver.TCPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def results(built: Path, npc_folder: Path) -> dict[str, str]:
    """What became of every NUnit test: "" where it passed, else what it says."""
    pcm, _ = soundfile.read(ROOT / "samples" / "lines" / f"{LINE}.flac", dtype="int16")
    (built / "line.pcm").write_bytes(pcm.astype("<i2").tobytes())
    PICTURES.mkdir(parents=True, exist_ok=True)
    figures = PICTURES / "unity.txt"
    figures.write_text("")
    with live_stack(npc_folder) as stack, control(stack) as control_port:
        jaw_of(pcm, server=f"127.0.0.1:{stack.server_port}").tofile(built / "jaw.f32")
        environment = {
            **os.environ, "VISAVIS_GOLDEN": str(ROOT / "unity_bridge" / "golden"), "VISAVIS_PORT": str(stack.ports[0]),
            "VISAVIS_CONTROL": str(control_port), "VISAVIS_SPEECH": str(built / "line.pcm"),
            "VISAVIS_JAW": str(built / "jaw.f32"), "VISAVIS_FIGURES": str(figures),
        }  # fmt: skip
        command = ["nunit-console", "-nologo", "-noshadow", "-labels", "Visavis.Tests.dll"]
        done = subprocess.run(
            command, cwd=built, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
    assert (built / "TestResult.xml").exists(), done.stdout + done.stderr
    cases = ET.parse(built / "TestResult.xml").getroot().iter("test-case")
    return {case.attrib["name"].removeprefix("Visavis.Tests."): _said(case) for case in cases}


def _said(case: ET.Element) -> str:
    if case.attrib["result"] == "Success":
        return ""
    return "\n".join([case.attrib["result"], *(text.strip() for text in case.itertext() if text.strip())])


@pytest.mark.parametrize("name", TESTS)
def test_nunit(results: dict[str, str], name: str) -> None:
    assert results[name] == ""


def test_no_nunit_test_is_overlooked(results: dict[str, str]) -> None:
    assert sorted(results) == TESTS


def test_the_bench_reads_with_the_package(built: Path) -> None:
    """`visavis bench bridge` with a client in C#; how fast this machine is, is no test."""
    command = [sys.executable, "-m", "visavis.cli", "bench", "bridge", "--seconds", "2", "--json"]
    command += ["--client", f"mono {built / 'Latency.exe'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["texture_per_s"] > 0
    assert figures["motion_per_s"] > 50
    assert figures["motion_lost"] == 0
    assert 0 < figures["motion_p50_ms"] <= figures["motion_p95_ms"] <= figures["motion_max_ms"]
