"""The house rules that a machine can check: sizes, names, docstrings, nothing from one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 250
MOST_FUNCTION_LINES = 60
SOURCES = sorted(
    path
    for folder in ("sdk", "runtime", "samples", "unity_bridge", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "v1" not in path.parts
)
PRODUCT = [path for path in SOURCES if "tests" not in path.relative_to(ROOT).parts]
FORBIDDEN_SUFFIXES = ("Manager", "Helper", "Utils", "Util", "Handler", "Base")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_are_sources() -> None:
    assert len(PRODUCT) > 30


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_functions_are_short(path: Path) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(_tree(path))


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_names_are_nouns_of_the_field(path: Path) -> None:
    classes = [node.name for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)]
    assert [name for name in classes if name.endswith(FORBIDDEN_SUFFIXES)] == []
    assert path.stem not in {"utils", "helpers", "common", "misc", "manager"}


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_no_pickle(path: Path) -> None:
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {(node.module or "").split(".")[0] for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom)}
    assert imported.isdisjoint({"pickle", "dill", "joblib", "shelve", "marshal"})
    assert "allow_pickle=True" not in path.read_text(encoding="utf-8")


def _tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_nothing_from_one_machine_is_tracked() -> None:
    pattern = re.compile(r"(/wo" + r"rk/|/tmp/[a-z]|/ro" + r"ot/|/ho" + r"me/[a-z])")
    hits = []
    for path in _tracked():
        if path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".yml", ".yaml", ".cfg"} or path.name == "Makefile":
            hits += [
                f"{_name(path)}:{number}"
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
                if pattern.search(line)
            ]
    assert hits == []


def test_no_large_file_is_tracked() -> None:
    limit_bytes = 6_500_000
    assert [_name(path) for path in _tracked() if path.stat().st_size > limit_bytes] == []


def test_folders_of_tests_mirror_the_sources() -> None:
    """tests/runtime/<folder>/test_<name>.py tests <folder>/<name>.py, its __main__ or the folder of that name."""
    strangers = []
    for path in sorted((ROOT / "tests" / "runtime").rglob("test_*.py")):
        folder = ROOT / "runtime" / "visavis_runtime" / path.parent.relative_to(ROOT / "tests" / "runtime")
        name = path.stem.removeprefix("test_")
        sources = (folder / f"{name}.py", folder / f"__{name}__.py", folder / name, folder.parent / name)
        if not any(source.exists() for source in sources):
            strangers.append(_name(path))
    assert strangers == []
