"""Numbers and names of the clients are those of the Python in every language, golden faces those of the reference."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from visavis.latents import NAMES

BRIDGE = Path(__file__).resolve().parents[2] / "unity_bridge"


def _script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


BINDINGS = _script(BRIDGE / "bindings" / "write.py")


@pytest.mark.parametrize("name", BINDINGS.FILES)
def test_written_files_are_fresh(name: str) -> None:
    text = (BRIDGE.parent / name).read_text(encoding="utf-8")
    assert text == BINDINGS.FILES[name](), "run python unity_bridge/bindings/write.py"


@pytest.mark.parametrize("name", BINDINGS.FILES)
def test_the_64_names_are_there_in_order(name: str) -> None:
    """Read from the file's text, not from what wrote it."""
    text = (BRIDGE.parent / name).read_text(encoding="utf-8")
    listed = re.search(r"\b(?:NAMES|string\[\] Names)\s*=\s*[\[{]([^\]}]*)", text)
    assert listed is not None
    assert re.findall(r'"(\w+)"', listed[1]) == list(NAMES)


def test_golden_faces_are_fresh() -> None:
    _script(BRIDGE / "golden" / "follower.py")  # which follow.py imports
    follow = _script(BRIDGE / "golden" / "follow.py")
    golden = json.loads((BRIDGE / "golden" / "follow.json").read_text(encoding="utf-8"))
    assert golden == json.loads(json.dumps(follow.cases())), "run python unity_bridge/golden/follow.py"
