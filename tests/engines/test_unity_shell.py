"""Inspectors and samples of the Unity package compile against Unity's signatures, are drawn and played."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from engine_runs import need
from live_stack import LiveStack, live_stack

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "unity_bridge" / "com.visavis.unity"
STUBS = ROOT / "tests" / "engines" / "unity" / "StubsEditor"
PROGRAMS = ROOT / "tests" / "engines" / "unity" / "Programs"
MCS = ("mcs", "-langversion:7.2", "-warnaserror", "-nowarn:649")


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of it compiled, each part seeing only what it sees in Unity."""
    for program in ("mcs", "mono"):
        need(shutil.which(program), f"{program} is not installed")
    folder = tmp_path_factory.mktemp("unity")
    samples = sorted((PACKAGE / "Samples~").rglob("*.cs"))
    engine = [STUBS / f"{name}.cs" for name in ("UnityEngine", "Scene", "Geometry", "Audio")]
    _compile(folder / "UnityEngine.dll", engine)
    _compile(folder / "UnityEditor.dll", [STUBS / "UnityEditor.cs"], "UnityEngine")
    _compile(folder / "Visavis.dll", sorted((PACKAGE / "Runtime").rglob("*.cs")), "UnityEngine")
    editor = sorted((PACKAGE / "Editor").glob("*.cs"))
    _compile(folder / "Visavis.Editor.dll", editor, "UnityEngine", "UnityEditor", "Visavis")
    _compile(folder / "Samples.dll", samples, "UnityEngine", "Visavis")
    inspectors = ("UnityEngine", "UnityEditor", "Visavis", "Visavis.Editor", "Samples")
    _compile(folder / "InspectorRun.exe", [PROGRAMS / "InspectorRun.cs"], *inspectors)
    _compile(folder / "SampleRun.exe", [PROGRAMS / "SampleRun.cs"], "UnityEngine", "Visavis", "Samples")
    return folder


def _compile(out: Path, sources: list[Path], *references: str) -> None:
    kind = "-target:library" if out.suffix == ".dll" else "-target:exe"
    libraries = [f"-r:{out.parent / name}.dll" for name in references]
    shown = subprocess.run(
        [*MCS, kind, *libraries, f"-out:{out}", *sources], capture_output=True, text=True, timeout=120, check=False
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr


@pytest.fixture(scope="module")
def stack(npc_folder: Path) -> Iterator[LiveStack]:
    """Four avatars on the server, one character open at the bridge."""
    with live_stack(npc_folder, bridge=["--character", "doorman"]) as running:
        yield running


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _sections(assemblies: Path, port: int) -> dict[str, list[str]]:
    """What InspectorRun prints, by the titles of its sections."""
    shown = subprocess.run(
        ["mono", assemblies / "InspectorRun.exe", "127.0.0.1", str(port)],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert shown.returncode == 0, shown.stdout + shown.stderr
    sections: dict[str, list[str]] = {}
    for line in shown.stdout.splitlines():
        if line.startswith("== "):
            sections[line[3:]] = []
        else:
            sections[list(sections)[-1]].append(line)
    return sections


def test_the_inspectors_show_what_is_there(assemblies: Path, stack: LiveStack) -> None:
    for _ in range(60):  # a server that warms up has no list yet
        seen = _sections(assemblies, stack.ports[0])
        if not any(line.startswith("Warning") for line in seen["source answered"]):
            break
        time.sleep(0.5)
    assert seen["shapes"][:3] == ["(fields)", "[Find renderers]", "Shapes found: 0 of 52"]
    assert seen["shapes"][3].startswith("Warning: No ARKit blend shapes")
    assert seen["shapes found"][2] == "Shapes found: 2 of 52"
    assert "jawOpen" not in seen["shapes found"][3]
    assert "eyeBlinkRight" in seen["shapes found"][3]
    assert seen["shapes found"][4] == "head"
    assert seen["source"][1:] == [
        "[Ask the bridge for faces]",
        "Info: In play mode: state, latency, and a line to try.",
    ]
    assert "Avatar: android|guard|innkeeper|scholar" in seen["source answered"]
    assert "Open characters: doorman" in seen["source answered"]
    assert seen["source answered"][-1] == "avatar guard"
    assert {"State: Connecting", "Latency: unknown", "[Say the test line]", "[Interrupt]"} <= set(seen["source plays"])


def test_a_bridge_that_is_not_there_is_a_sentence(assemblies: Path, unused_port: int) -> None:
    answered = _sections(assemblies, unused_port)["source answered"]
    warnings = [line for line in answered if line.startswith("Warning:")]
    assert len(warnings) == 1
    assert "visavis serve --bridge" in warnings[0]


def test_the_puppet_has_the_shapes_that_show(assemblies: Path, unused_port: int) -> None:
    first, *shapes = _sections(assemblies, unused_port)["puppet"]
    found, made, parts = map(int, first.split())
    assert found == made == len(shapes) == 14
    assert parts == 2
    assert min(float(line.split()[1]) for line in shapes) >= 0.005, "every shape moves something by half a centimetre"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first second and a half of the lines that the samples bring, raw."""
    folder = tmp_path_factory.mktemp("clips")
    for path in (PACKAGE / "Samples~").rglob("*.ogg"):
        samples, rate_hz = soundfile.read(path, dtype="float32")
        (folder / f"{path.stem}.f32").write_bytes(samples[: 3 * rate_hz // 2].tobytes())
    return folder


def _play(name: str, *, assemblies: Path, stack: LiveStack, clips: Path, lines: int) -> list[str]:
    """What happened in a sample until so many lines were said; then it was closed."""
    shown = subprocess.run(
        ["mono", assemblies / "SampleRun.exe", name, str(stack.ports[0]), str(lines), clips],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert shown.returncode == 0, shown.stdout + shown.stderr
    said = shown.stdout.splitlines()
    states = [line.split() for line in said if line.startswith("state")]
    assert {state[2] for state in states} == {"Live"}
    closed_ms = int(next(line for line in said if line.startswith("closed")).split()[1])
    assert closed_ms <= 1000 * len(states)
    return [*said[: said.index("closing")], said[-1]]


def _turns(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith(("started", "finished", "interrupted"))]


def test_sample_01_needs_one_empty_object(assemblies: Path, stack: LiveStack, clips: Path) -> None:
    said = _play("texture", assemblies=assemblies, stack=stack, clips=clips, lines=1)
    assert _turns(said) == ["started innkeeper", "finished innkeeper"]
    assert int(said[-1].split()[1]) >= 5, "pictures reach the texture; how many of 40 tells how busy the machine is"


def test_sample_02_moves_the_puppets_jaw(assemblies: Path, stack: LiveStack, clips: Path) -> None:
    said = _play("blendshape", assemblies=assemblies, stack=stack, clips=clips, lines=1)
    assert _turns(said) == ["started scholar", "finished scholar"]
    jaw = next(line for line in said if line.startswith("jaw"))
    assert 15.0 <= float(jaw.split()[1]) <= 100.0


def test_sample_03_takes_turns(assemblies: Path, stack: LiveStack, clips: Path) -> None:
    said = _play("two", assemblies=assemblies, stack=stack, clips=clips, lines=3)
    turns = [f"{what} {name}" for name in ("guard", "innkeeper", "guard") for what in ("started", "finished")]
    assert _turns(said)[:6] == turns
