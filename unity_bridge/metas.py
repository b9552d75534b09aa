"""Takes the folder com.visavis.unity, writes the .meta file of every file and folder that has none.

Unity finds assets by the GUID in these files. A GUID here is the MD5 of the path within the package, so that it is the
same wherever it is made, and unique. A .meta that exists is never touched: scenes that use the package hold its GUIDs.
Folders whose names end in ~ and hidden files are not imported by Unity and get none.

    python unity_bridge/metas.py        # after a file was added
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "com.visavis.unity"
_TAIL = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
_PLAIN = "  externalObjects: {}\n" + _TAIL
_SCRIPT = (
    "  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n" + _TAIL
)
_IMPORTERS = {
    ".cs": "MonoImporter",
    ".asmdef": "AssemblyDefinitionImporter",
    ".md": "TextScriptImporter",
    ".ogg": "AudioImporter",
}


def assets(package: Path) -> list[Path]:
    """Files and folders that Unity imports, without the .meta files themselves."""
    found = []
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package).parts
        if path.suffix != ".meta" and not any(part.startswith(".") or part.endswith("~") for part in inside):
            found.append(path)
    return found


def meta_of(path: Path) -> Path:
    """Where the .meta of an asset lies: beside it."""
    return path.with_name(f"{path.name}.meta")


def guid_of(path: Path, *, package: Path = PACKAGE) -> str:
    """32 hexadecimal digits that stand for this place in the package."""
    return hashlib.md5(f"com.visavis.unity/{path.relative_to(package).as_posix()}".encode()).hexdigest()


def meta_text(path: Path, *, package: Path = PACKAGE) -> str:
    """What Unity would write for this asset, with our GUID."""
    head = f"fileFormatVersion: 2\nguid: {guid_of(path, package=package)}\n"
    if path.is_dir():
        return f"{head}folderAsset: yes\nDefaultImporter:\n{_PLAIN}"
    if path.name == "package.json":
        return f"{head}PackageManifestImporter:\n{_PLAIN}"
    importer = _IMPORTERS.get(path.suffix, "DefaultImporter")
    return f"{head}{importer}:\n{_SCRIPT if importer == 'MonoImporter' else _PLAIN}"


def write_missing(package: Path = PACKAGE) -> list[Path]:
    """The .meta files that were missing and are there now."""
    written = []
    for path in assets(package):
        meta = meta_of(path)
        if not meta.exists():
            meta.write_text(meta_text(path, package=package), encoding="utf-8", newline="\n")
            written.append(meta)
    return written


if __name__ == "__main__":
    for new in write_missing():
        sys.stdout.write(f"{new.relative_to(PACKAGE)}\n")
