"""Takes the folder of a Unity project, puts the package com.visavis.unity into it.

The package is copied into `Packages/com.visavis.unity`, which Unity calls embedded: it works when this installation
goes away, travels with the project's version control, and needs no download. `Packages/manifest.json` names it too, so
that who reads the manifest sees it; one line of that file changes, the rest stays to the byte. Both are written under
another name and renamed. A copy that is there already is replaced when it differs, so edits of it are lost: version
control has them. It was not tried with Unity itself.

Source: docs.unity3d.com, Manual, "Embedded dependencies".
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visavis.errors import DamageError, InputError, OutputError

PACKAGE = "com.visavis.unity"
EMBEDDED = f"file:{PACKAGE}"
BOM = "\ufeff"
_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf"{_STRING}|[{{}}\[\]]")
_ENTRY = re.compile(rf"\s*({_STRING})\s*:\s*({_STRING})\s*,?")


@dataclass(frozen=True)
class Installed:
    """What was done: `version` now there, `before` the version that was replaced ("" for none), `changed` anything."""

    folder: Path
    version: str
    before: str
    changed: bool
    editor: str


def package_source() -> Path:
    """The package as it came with this installation: inside a wheel, or beside this package in a clone.

    Raises:
        DamageError: PACKAGE_MISSING when neither is there.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / PACKAGE, here.parent / PACKAGE):
        if (folder / "package.json").is_file():
            return folder
    raise DamageError(
        f"This installation of visavis has no {PACKAGE} beside {here}: install visavis again.", reason="PACKAGE_MISSING"
    )


def install(project: Path) -> Installed:
    """Put the package into `project`; doing it twice changes nothing.

    Raises:
        InputError: UNITY_PROJECT for a folder that is none, UNITY_VERSION for an editor that is too old,
            UNITY_MANIFEST for a manifest that cannot be read.
        OutputError: UNITY_WRITE when the project cannot be written, or its copy of the package is a link.
        DamageError: PACKAGE_MISSING.
    """
    source = package_source()
    about = json.loads((source / "package.json").read_text(encoding="utf-8"))
    editor = _check_project(project, least=about["unity"])
    packages = project / "Packages"
    manifest = packages / "manifest.json"
    text = _read_manifest(manifest)
    wanted = with_dependency(text, name=PACKAGE, value=EMBEDDED)
    folder = packages / PACKAGE
    if folder.is_symlink():
        raise OutputError(
            f"{folder} is a link to {os.readlink(folder)}, so Unity reads that folder: remove the link first if the "
            "project is to have a copy of its own.",
            reason="UNITY_WRITE",
        )
    before = _version_of(folder)
    same = folder.is_dir() and _same(source, folder)
    try:
        if not same:
            _replace_folder(source, folder)
        if wanted != text:
            _replace_text(manifest, wanted)
    except OSError as error:
        raise OutputError(
            f"{packages} cannot be written ({error}): close Unity if it is open, and check the rights of the folder.",
            reason="UNITY_WRITE",
        ) from error
    return Installed(folder, about["version"], before, not same or wanted != text, editor)


def with_dependency(text: str, *, name: str, value: str) -> str:
    """The manifest `text` with `name: value` among its dependencies, in alphabetical order; the rest to the byte.

    What reads otherwise than it looks (a name twice, or with escapes) is written anew.
    """
    manifest = json.loads(text.removeprefix(BOM))
    manifest["dependencies"] = {**manifest.get("dependencies", {}), name: value}
    edited = _edited(text, name=name, value=value)
    if json.loads(edited.removeprefix(BOM)) == manifest:
        return edited
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _edited(text: str, *, name: str, value: str) -> str:
    """The same by its letters alone; as it was where the dependencies are not found."""
    line = f"{json.dumps(name)}: {json.dumps(value)}"
    start = _dependencies_start(text)
    if start < 0:
        return text
    at, entries = start, []
    while entry := _ENTRY.match(text, at):
        entries.append(entry)
        at = entry.end()
    for entry in entries:
        if json.loads(entry[1]) == name:
            return text[: entry.start(2)] + json.dumps(value) + text[entry.end(2) :]
    if not entries:
        newline = "\r\n" if "\r\n" in text else "\n"
        return f"{text[:start]}{newline}    {line}{newline}  {text[start:].lstrip()}"
    gap = text[start : entries[0].start(1)]
    for entry in entries:
        if json.loads(entry[1]) > name:
            return f"{text[: entry.start(1)]}{line},{gap}{text[entry.start(1) :]}"
    end = entries[-1].end(2)
    return f"{text[:end]},{gap}{line}{text[end:]}"


def _dependencies_start(text: str) -> int:
    """Just behind the brace of the outermost "dependencies", or -1."""
    depth, key = 0, ""
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            if depth == 1 and token[0] == "{" and key == '"dependencies"':
                return token.end()
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1:
            key = token[0]
    return -1


def _check_project(project: Path, *, least: str) -> str:
    """The project's editor version. Raises InputError UNITY_PROJECT, UNITY_VERSION."""
    version_file = project / "ProjectSettings" / "ProjectVersion.txt"
    parts = (project / "Assets", project / "Packages" / "manifest.json", version_file)
    missing = [path.relative_to(project).as_posix() for path in parts if not path.exists()]
    if missing:
        raise InputError(
            f"{project} is not a Unity project: it has no {' and no '.join(missing)}. Name the folder that holds "
            "Assets; a project that is new must have been opened in Unity once.",
            reason="UNITY_PROJECT",
        )
    found = re.search(
        r"m_EditorVersion:\s*((\d+)\.(\d+)\S*)", version_file.read_text(encoding="utf-8", errors="replace")
    )
    if found is None:
        raise InputError(
            f"{version_file} names no m_EditorVersion: open the project in Unity once, which writes it.",
            reason="UNITY_VERSION",
        )
    if (int(found[2]), int(found[3])) < tuple(map(int, least.split("."))):
        raise InputError(
            f"The project is of Unity {found[1]}, the package needs {least} or newer: open the project in a "
            "newer editor first.",
            reason="UNITY_VERSION",
        )
    return found[1]


def _read_manifest(path: Path) -> str:
    """Its text, checked. Raises InputError UNITY_MANIFEST."""
    try:
        text = path.read_bytes().decode("utf-8")
        manifest: Any = json.loads(text.removeprefix(BOM))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): repair it first.", reason="UNITY_MANIFEST") from error
    dependencies = manifest.get("dependencies", {}) if isinstance(manifest, dict) else None
    if not isinstance(dependencies, dict) or not all(isinstance(value, str) for value in dependencies.values()):
        raise InputError(
            f'{path} has no dependencies of the form "name": "version": repair it first.', reason="UNITY_MANIFEST"
        )
    return text


def _version_of(folder: Path) -> str:
    """The version of the copy that is there, "" if there is none, "unknown" if it says nothing."""
    if not folder.is_dir():
        return ""
    try:
        return str(json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


def _same(one: Path, other: Path) -> bool:
    """Whether both folders hold the same files with the same bytes."""
    names = [
        sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        for folder in (one, other)
    ]
    return names[0] == names[1] and all(filecmp.cmp(one / name, other / name, shallow=False) for name in names[0])


def _replace_folder(source: Path, folder: Path) -> None:
    """Copied into the project's root, where Unity does not look, then renamed: at no moment is half a package there."""
    new, old = (folder.parent.parent / f".{PACKAGE}.{word}" for word in ("new", "old"))
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        shutil.copytree(source, new)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


def _replace_text(path: Path, text: str) -> None:
    path = path.resolve()  # a link stays one
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(text.encode("utf-8"))
        shutil.copymode(path, new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
