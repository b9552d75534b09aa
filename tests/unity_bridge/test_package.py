"""com.visavis.unity is a package as Unity wants it, and its C# keeps the rules of the house; Unity is not needed."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

BRIDGE = Path(__file__).resolve().parents[2] / "unity_bridge"
PACKAGE = BRIDGE / "com.visavis.unity"
SCRIPTS = sorted(PACKAGE.rglob("*.cs"))
ASSEMBLIES = {path.parent: json.loads(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.asmdef")}
MOST_LINES, MOST_FUNCTION_LINES = 250, 60

FORBIDDEN = {
    "unsafe code": r"\bunsafe\b|\bstackalloc\b|\bDllImport\b",
    "reflection": r"\bSystem\.Reflection\b|\.GetType\(\)\.Get|\bActivator\.",
    "a local function": r"(?m)^ {12,}(?:static )?(?:void|int|bool|float|double|string) \w+\([^;=]*\)\s*(?:\{|=>|$)",
    "case ... when": r"\bcase\b[^:;]*\bwhen\b",
    "an unmanaged constraint": r"where\s+\w+\s*:\s*unmanaged",
    "a using declaration": r"(?m)^\s+using\s+(?:var|\w+)\s+\w+\s*=",
    "a switch expression": r"\bswitch\s*\{",
    "??=": r"\?\?=",
    "an index from the end": r"\[\^\d",
    "nullable annotations": r"#nullable",
    "a record": r"\brecord\s+\w+\s*[({]",
    "an init accessor": r"\binit;",
    "a file-scoped namespace": r"(?m)^namespace [\w.]+;",
    "a target-typed new": r"=\s*new\s*\(",
}
"""What mcs 6.8 refuses, so that what ships is what is tested; and what the package promises not to use."""


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def _code(path: Path) -> str:
    """The file without comments and the contents of strings."""
    text = path.read_text(encoding="utf-8")
    bare = r'//[^\n]*|/\*.*?\*/|@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"'
    return re.sub(bare, lambda found: '""' if found[0][0] in '"@' else "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def metas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metas", BRIDGE / "metas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_layout() -> None:
    for name in ("package.json", "README.md", "CHANGELOG.md", "LICENSE.md", "Documentation~/index.md"):
        assert (PACKAGE / name).is_file(), name
    assert (PACKAGE / "LICENSE.md").read_bytes() == (BRIDGE.parent / "LICENSE").read_bytes()
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders == {"Runtime", "Editor", "Tests", "Samples~", "Documentation~"}
    foreign = [_name(path) for path in PACKAGE.rglob("*") if path.suffix in {".dll", ".so", ".dylib", ".bundle", ".a"}]
    assert foreign == []


def test_manifest() -> None:
    about = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    assert about["name"] == PACKAGE.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", about["version"])
    assert f'version = "{about["version"]}"' in (BRIDGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f"## [{about['version']}]" in (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert about["unity"] == "2022.3"
    assert all(name.startswith("com.unity.modules.") for name in about["dependencies"])


def test_every_sample_is_named_and_has_a_script_and_three_lines() -> None:
    about = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    named = [sample["path"] for sample in about["samples"]]
    assert sorted(named) == sorted(_name(path) for path in (PACKAGE / "Samples~").iterdir())
    for sample in about["samples"]:
        folder = PACKAGE / sample["path"]
        assert folder.name == sample["displayName"]
        assert list(folder.glob("*.cs"))
        lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
        assert len([line for line in lines if line and not line.startswith("#")]) <= 3


@pytest.mark.parametrize(
    ("copy", "line"),
    [
        ("Editor/TestLine", "innkeeper"),
        ("Samples~/01 Texture NPC/Resources/VisavisInnkeeper", "innkeeper"),
        ("Samples~/02 Blendshape NPC/Resources/VisavisScholar", "scholar"),
        ("Samples~/03 Two NPCs in dialogue/Resources/VisavisDialogueGuard", "guard"),
        ("Samples~/03 Two NPCs in dialogue/Resources/VisavisDialogueInnkeeper", "innkeeper"),
    ],
)
def test_spoken_lines_are_those_of_the_samples(copy: str, line: str) -> None:
    """Whose rights are known; Unity reads Ogg Vorbis, not FLAC."""
    ours, rate_hz = soundfile.read(PACKAGE / f"{copy}.ogg")
    wanted, _ = soundfile.read(BRIDGE.parent / "samples" / "lines" / f"{line}.flac")
    assert (rate_hz, len(ours)) == (16_000, len(wanted))
    assert np.corrcoef(ours, wanted)[0, 1] > 0.99


def test_samples_load_the_lines_that_they_bring() -> None:
    for script in (PACKAGE / "Samples~").rglob("*.cs"):
        for name in re.findall(r'Load<AudioClip>\("(\w+)"\)', script.read_text(encoding="utf-8")):
            assert (script.parent / "Resources" / f"{name}.ogg").is_file()


def test_every_asset_has_a_meta_and_every_meta_an_asset(metas: ModuleType) -> None:
    wanted = {metas.meta_of(path) for path in metas.assets(PACKAGE)}
    there = set(PACKAGE.rglob("*.meta"))
    assert sorted(map(_name, wanted - there)) == [], "run python unity_bridge/metas.py"
    assert sorted(map(_name, there - wanted)) == [], "these belong to no file: remove them"


def test_guids_are_unique_and_stable(metas: ModuleType) -> None:
    guids = []
    for path in metas.assets(PACKAGE):
        lines = metas.meta_of(path).read_text(encoding="utf-8").splitlines()
        wanted = metas.meta_text(path).splitlines()
        assert lines[0] == "fileFormatVersion: 2"
        assert re.fullmatch(r"guid: [0-9a-f]{32}", lines[1])
        assert lines[2 : lines.index("  externalObjects: {}")] == wanted[2 : wanted.index("  externalObjects: {}")]
        guids.append(lines[1])
    assert len(set(guids)) == len(guids)
    assert metas.guid_of(PACKAGE / "Runtime" / "Visavis.asmdef") == "c5f8e2156d9c50d37fbfd8e01d536946"


def test_a_meta_that_exists_is_never_changed(metas: ModuleType, tmp_path: Path) -> None:
    package = tmp_path / "com.visavis.unity"
    for name in ("Runtime/One.cs", "Runtime/Visavis.asmdef", "Samples~/x/A.cs", ".hidden", "package.json", "README.md"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("x")
    (package / "Runtime" / "One.cs.meta").write_text("mine")
    written = sorted(path.relative_to(package).as_posix() for path in metas.write_missing(package))
    assert written == ["README.md.meta", "Runtime.meta", "Runtime/Visavis.asmdef.meta", "package.json.meta"]
    assert metas.write_missing(package) == []
    assert (package / "Runtime" / "One.cs.meta").read_text() == "mine"
    importers = {
        "Runtime.meta": "folderAsset: yes\nDefaultImporter:",
        "Runtime/Visavis.asmdef.meta": "AssemblyDefinitionImporter:",
        "package.json.meta": "PackageManifestImporter:",
        "README.md.meta": "TextScriptImporter:",
    }
    for name, importer in importers.items():
        assert importer in (package / name).read_text()


def test_assemblies_resolve() -> None:
    assert {folder.relative_to(PACKAGE).as_posix(): one["name"] for folder, one in ASSEMBLIES.items()} == {
        "Runtime": "Visavis",
        "Editor": "Visavis.Editor",
        "Tests/Runtime": "Visavis.Tests",
    }
    names = {one["name"] for one in ASSEMBLIES.values()}
    for one in ASSEMBLIES.values():
        assert set(one["references"]) <= names
        assert one["allowUnsafeCode"] is False
    assert ASSEMBLIES[PACKAGE / "Runtime"]["references"] == []
    assert ASSEMBLIES[PACKAGE / "Editor"]["includePlatforms"] == ["Editor"]
    # An embedded package's tests would compile in every project: ours wait until somebody asks for them.
    assert ASSEMBLIES[PACKAGE / "Tests" / "Runtime"]["defineConstraints"] == ["UNITY_INCLUDE_TESTS", "VISAVIS_TESTS"]


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_scripts_keep_to_what_is_allowed(path: Path) -> None:
    code = _code(path)
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, code)]
    assert found == []


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_scripts_are_short_and_in_their_namespace(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    folder = path.relative_to(PACKAGE).parts[0]
    wanted = {"Runtime": "Visavis", "Editor": "Visavis.Editor", "Tests": "Visavis.Tests", "Samples~": "Visavis.Samples"}
    assert re.findall(r"(?m)^namespace ([\w.]+)", text) == [wanted[folder]]
    assert re.search(rf"\b(?:class|struct|enum|interface) {re.escape(path.stem)}\b", text) or path.stem == "Vocabulary"


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_methods_are_short(path: Path) -> None:
    """A method's body begins at eight spaces with a brace and ends there."""
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [i for i, line in enumerate(lines) if line == "        {"]
    lengths = [next(j for j, line in enumerate(lines[i:]) if line in {"        }", "        };"}) for i in starts]
    assert path.stem == "Vocabulary" or max(lengths, default=0) <= MOST_FUNCTION_LINES


@pytest.mark.parametrize("path", sorted((PACKAGE / "Runtime" / "Core").glob("*.cs")), ids=_name)
def test_the_core_knows_no_unity(path: Path) -> None:
    assert "Unity" not in _code(path)


@pytest.mark.parametrize("path", [path for path in SCRIPTS if "Runtime" in path.parts], ids=_name)
def test_only_the_editor_knows_the_editor(path: Path) -> None:
    assert "UnityEditor" not in _code(path)
