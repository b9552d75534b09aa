"""What the package promises: one command, light SDK, reasons for dependencies, the contracts between layers."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_runtime_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in ("dependencies = [", "runtime = [", "bridge = [", "training = ["):
        block = text[text.index(extra) :].split("\n]", 1)[0].splitlines()[1:]
        assert block, extra
        assert [line for line in block if "#" not in line] == []


def test_subcommands_load() -> None:
    points = {point.name: point.load() for point in entry_points(group="visavis.commands")}
    assert {"talk", "avatar", "models", "bench"} <= set(points)


def test_sdk_imports_neither_runtime_nor_torch() -> None:
    script = (
        "import sys, visavis, visavis.cli;"
        "print([m for m in sys.modules if m.split('.')[0] in ('torch', 'visavis_runtime', 'cv2')])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_command_line_starts_without_the_networks() -> None:
    """`visavis --help` must not wait seconds for torch."""
    script = (
        "import sys, visavis.cli; visavis.cli.build_parser();"
        "print([m for m in sys.modules if m in ('torch', 'cv2', 'scipy', 'onnxruntime', 'av')])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_layers_hold() -> None:
    shown = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout[-3000:]


def test_makefile_has_the_promised_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {"setup", "demo", "test", "check", "bench", "engines", "test-engines", "serve"} <= targets
