"""`visavis unity install`: a project as Unity makes it gets the package, and nothing else of it changes."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from visavis.cli import main
from visavis.errors import InputError, OutputError
from visavis_bridge import unity_project
from visavis_bridge.commands.unity import register
from visavis_bridge.unity_project import PACKAGE, install, package_source, with_dependency

MANIFEST = """{
  "scopedRegistries": [
    { "name": "ours", "url": "https://registry.example", "scopes": ["com.example"], "dependencies": {"com.b": "1"} }
  ],
  "dependencies": {
    "com.unity.textmeshpro": "3.0.6",
    "com.unity.modules.audio": "1.0.0",
    "com.zeta.tool": "https://example.com/zeta.git?path=\\"quoted\\"{"
  },
  "testables": ["com.example.tests"]
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of Unity 2022.3."""
    folder = tmp_path / "Game"
    for name in ("Assets", "Packages", "ProjectSettings"):
        (folder / name).mkdir(parents=True)
    (folder / "Packages" / "manifest.json").write_text(MANIFEST)
    (folder / "ProjectSettings" / "ProjectVersion.txt").write_text(
        "m_EditorVersion: 2022.3.10f1\nm_EditorVersionWithRevision: 2022.3.10f1 (ff3792e53c62)\n"
    )
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_whole_package_comes_in_and_the_manifest_names_it(project: Path) -> None:
    done = install(project)
    assert (done.changed, done.before, done.editor) == (True, "", "2022.3.10f1")
    assert _files(project / "Packages" / PACKAGE) == _files(package_source())
    manifest = json.loads((project / "Packages" / "manifest.json").read_text())
    assert manifest["dependencies"].pop(PACKAGE) == f"file:{PACKAGE}"
    assert manifest == json.loads(MANIFEST)
    assert sorted(path.name for path in (project / "Packages").iterdir()) == [PACKAGE, "manifest.json"]
    assert sorted(path.name for path in project.iterdir()) == ["Assets", "Packages", "ProjectSettings"]


def test_twice_changes_nothing(project: Path) -> None:
    install(project)
    before = {path: path.stat().st_mtime_ns for path in (project / "Packages").rglob("*")}
    assert install(project).changed is False
    assert {path: path.stat().st_mtime_ns for path in (project / "Packages").rglob("*")} == before


def test_an_older_copy_is_replaced_whole(project: Path) -> None:
    install(project)
    copy = project / "Packages" / PACKAGE
    about = json.loads((copy / "package.json").read_text())
    (copy / "package.json").write_text(json.dumps({**about, "version": "0.0.1"}))
    (copy / "Runtime" / "Gone.cs").write_text("// no longer part of it")
    done = install(project)
    assert (done.changed, done.before) == (True, "0.0.1")
    assert _files(copy) == _files(package_source())


def test_a_copy_that_is_no_package_is_replaced(project: Path) -> None:
    (project / "Packages" / PACKAGE).mkdir()
    assert install(project).before == "unknown"


def test_a_copy_that_fails_leaves_the_old_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(project)
    copy = project / "Packages" / PACKAGE
    (copy / "README.md").write_text("mine")
    kept = _files(project)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OutputError, match="close Unity") as raised:
        install(project)
    assert raised.value.reason == "UNITY_WRITE"
    assert _files(project) == kept


def test_a_link_of_a_developer_is_left_alone(project: Path) -> None:
    (project / "Packages" / PACKAGE).symlink_to(package_source(), target_is_directory=True)
    with pytest.raises(OutputError, match="link"):
        install(project)
    assert (package_source() / "package.json").is_file()


@pytest.mark.parametrize("missing", ["Assets", "Packages/manifest.json", "ProjectSettings/ProjectVersion.txt"])
def test_a_folder_that_is_no_project_is_refused_by_name(project: Path, missing: str) -> None:
    path = project / missing
    path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=missing) as raised:
        install(project)
    assert raised.value.reason == "UNITY_PROJECT"
    assert not (project / "Packages" / PACKAGE).exists()


@pytest.mark.parametrize("version", ["2022.2.21f1", "2021.3.40f1", "5.6.7f1"])
def test_an_old_editor_is_refused(project: Path, version: str) -> None:
    (project / "ProjectSettings" / "ProjectVersion.txt").write_text(f"m_EditorVersion: {version}\n")
    with pytest.raises(InputError, match=r"2022\.3 or newer") as raised:
        install(project)
    assert raised.value.reason == "UNITY_VERSION"


@pytest.mark.parametrize("version", ["2022.3.0f1", "2023.1.0b4", "6000.0.23f1"])
def test_newer_editors_are_taken(project: Path, version: str) -> None:
    (project / "ProjectSettings" / "ProjectVersion.txt").write_text(f"m_EditorVersion: {version}\n")
    assert install(project).editor == version


@pytest.mark.parametrize("text", ["{", "[]", '{"dependencies": []}', '{"dependencies": {"a": 1}}', "\xff"])
def test_a_broken_manifest_is_refused_untouched(project: Path, text: str) -> None:
    path = project / "Packages" / "manifest.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as raised:
        install(project)
    assert raised.value.reason == "UNITY_MANIFEST"
    assert path.read_bytes() == text.encode("latin-1")
    assert not (project / "Packages" / PACKAGE).exists()


def test_one_line_of_the_manifest_is_new_the_rest_to_the_byte(project: Path) -> None:
    install(project)
    lines = (project / "Packages" / "manifest.json").read_text().splitlines(keepends=True)
    new = f'    "{PACKAGE}": "file:{PACKAGE}",\n'
    assert new in lines
    lines.remove(new)
    assert "".join(lines) == MANIFEST


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"dependencies":{"a":"1"}}', '{"dependencies":{"a":"1","com.b": "2"}}'),
        ('{"dependencies":{"z":"1"}}', '{"dependencies":{"com.b": "2","z":"1"}}'),
        ('{"dependencies": {"com.b" : "1", "z": "1"}}', '{"dependencies": {"com.b" : "2", "z": "1"}}'),
        (
            '{\r\n\t"dependencies": {\r\n\t\t"a": "1"\r\n\t}\r\n}',
            '{\r\n\t"dependencies": {\r\n\t\t"a": "1",\r\n\t\t"com.b": "2"\r\n\t}\r\n}',
        ),
        ('{\n  "dependencies": {}\n}\n', '{\n  "dependencies": {\n    "com.b": "2"\n  }\n}\n'),
        ("{}", '{\n  "dependencies": {\n    "com.b": "2"\n  }\n}\n'),
        ('\ufeff{"dependencies":{"a":"\\u00e9"}}', '\ufeff{"dependencies":{"a":"\\u00e9","com.b": "2"}}'),
    ],
)  # fmt: skip
def test_manifests_keep_their_form(text: str, wanted: str) -> None:
    assert with_dependency(text, name="com.b", value="2") == wanted
    assert with_dependency(wanted, name="com.b", value="2") == wanted


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ('{"d\\u0065pendencies": {"com.a": "1"}}', {"com.a": "1"}),
        ('{"dependencies": {"com.a": "1"}, "dependencies": {"com.b": "2"}}', {"com.b": "2"}),
        ('{"dependencies": {"com.visavis.unity": "1", "com.visavis.unity": "2"}}', {}),
    ],
)
def test_a_manifest_that_reads_otherwise_than_it_looks_loses_nothing(text: str, others: dict[str, str]) -> None:
    found = with_dependency(text, name=PACKAGE, value="file:x")
    assert json.loads(found) == {"dependencies": {**others, PACKAGE: "file:x"}}


def test_a_manifest_that_is_a_link_stays_one(project: Path, tmp_path: Path) -> None:
    manifest = project / "Packages" / "manifest.json"
    manifest.rename(tmp_path / "shared.json")
    manifest.symlink_to(tmp_path / "shared.json")
    install(project)
    assert manifest.is_symlink()
    assert PACKAGE in (tmp_path / "shared.json").read_text()


def test_the_command_says_what_to_do_next(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(["unity", "install", str(project)])
    assert arguments.run(arguments) == 0
    said = capsys.readouterr().out
    assert f"is now in {project / 'Packages' / PACKAGE}" in said
    assert "visavis serve --bridge --avatars npcs" in said
    assert "2022.3.10f1" in said
    assert arguments.run(arguments) == 0
    assert "is up to date" in capsys.readouterr().out


def test_the_command_is_part_of_visavis(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unity", "install", str(tmp_path)]) == 1
    assert "[UNITY_PROJECT]" in capsys.readouterr().err


def test_a_wheel_carries_the_package(
    root: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built as pip builds it; the installed package is found where it lies."""
    build = pytest.importorskip("hatchling.build", reason="hatchling builds the wheel and is not installed")
    source = package_source()
    (tmp_path / "wheel").mkdir()
    monkeypatch.chdir(root)
    with zipfile.ZipFile(tmp_path / "wheel" / build.build_wheel(os.fspath(tmp_path / "wheel"))) as wheel:
        wheel.extractall(tmp_path / "site", [name for name in wheel.namelist() if name.startswith("visavis_bridge/")])
    installed = tmp_path / "site" / "visavis_bridge"
    assert _files(installed / PACKAGE) == _files(source)
    monkeypatch.setattr(unity_project, "__file__", str(installed / "unity_project.py"))
    assert package_source() == installed / PACKAGE
    assert install(project).changed
    assert _files(project / "Packages" / PACKAGE) == _files(source)
