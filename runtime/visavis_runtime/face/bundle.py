"""Takes bytes by name, gives one `.visavis` zip file, and back: safely, whoever made the file.

A bundle is data, never code: png, json and npz without pickle. Everything that a hostile file can lie about is judged
from the zip's directory and the headers before memory is spent: names (only the expected ones, so no path can leave
the file), entry count, unpacked size, packing ratio, picture sizes, array types. Entries are read into memory and
nothing is ever extracted to disk. It knows no avatar: which names and arrays belong in the file is the caller's word.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2

from visavis.errors import DamageError, InputError, OutputError
from visavis_runtime.face.entries import EPOCH, MAX_ENTRIES, printable, unsafe_model

MAX_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100.0
SMALL_BYTES = 64 * 1024
MAX_JSON_BYTES = 1024 * 1024
MODEL_SUFFIXES = (".onnx", ".pt", ".pth", ".pkl", ".pickle", ".safetensors")
_FAULTS = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError, RuntimeError, SyntaxError,
    EOFError, OSError, zipfile.BadZipFile, zlib.error, struct.error, cv2.error,
)  # fmt: skip
"""All that decoders raise on bytes that somebody made up."""


class Bundle(NamedTuple):
    """The checked entries of one bundle."""

    path: Path
    entries: Mapping[str, bytes]

    def entry(self, name: str) -> bytes:
        """Bytes of one entry.

        Raises:
            DamageError: the entry is missing.
        """
        if name not in self.entries:
            raise DamageError(
                f"{self.path} lacks the part {name}: build the avatar again with `visavis avatar build`.",
                reason="BUNDLE_DAMAGED",
            )
        return self.entries[name]

    @contextlib.contextmanager
    def decoding(self) -> Iterator[None]:
        """Turn what goes wrong while decoding the entries into one clear error."""
        try:
            yield
        except _FAULTS as error:
            raise DamageError(
                f"{self.path} cannot be decoded ({printable(error)}): build the avatar again with"
                " `visavis avatar build`.",
                reason="BUNDLE_DAMAGED",
            ) from error


def write_bundle(path: str | Path, *, entries: Mapping[str, bytes]) -> None:
    """Write the entries as one zip; the same entries give the same bytes.

    Raises:
        OutputError: the folder is missing or not writable.
    """
    path = Path(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, data in entries.items():
                info = zipfile.ZipInfo(name, date_time=EPOCH)
                info.external_attr = 0o644 << 16
                packed = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
                archive.writestr(info, data, compress_type=packed, compresslevel=6)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror or error}): choose a folder that exists and is writable.",
            reason="OUTPUT_UNWRITABLE",
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def read_bundle(path: str | Path, *, names: frozenset[str]) -> Bundle:
    """Read a bundle whose entry names are among `names`.

    Raises:
        InputError: no such file, no zip (BUNDLE_FORMAT), or unsafe (BUNDLE_UNSAFE, MODEL_UNSAFE).
        DamageError: an entry does not unpack (BUNDLE_DAMAGED).
    """
    path = Path(path)
    _check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path=path, names=names)
            entries = {info.filename: archive.read(info) for info in archive.infolist()}
    except zipfile.BadZipFile as error:
        if _starts_as_zip(path):
            raise DamageError(
                f"{path} is damaged ({printable(error)}): copy it again or build it again.", reason="BUNDLE_DAMAGED"
            ) from error
        raise InputError(
            f"{path} is not a .visavis file: make one with `visavis avatar build`.", reason="BUNDLE_FORMAT"
        ) from error
    except _FAULTS as error:
        raise DamageError(
            f"{path} is damaged ({printable(error)}): copy it again or build it again.", reason="BUNDLE_DAMAGED"
        ) from error
    return Bundle(path, entries)


def _check_file(path: Path) -> None:
    """A pipe or a device would be waited for; a huge file would be searched for its directory."""
    if not path.exists():
        raise InputError(f"There is no file {path}: check the name.", reason="FILE_NOT_FOUND")
    if not path.is_file():
        raise InputError(f"{path} is not a file: name a .visavis file.", reason="FILE_UNREADABLE")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            f"{path} is not safe to open: it has {path.stat().st_size} bytes, the limit is {MAX_BYTES}. Use only files"
            " you trust.",
            reason="BUNDLE_UNSAFE",
        )


def _starts_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _check_directory(archive: zipfile.ZipFile, *, path: Path, names: frozenset[str]) -> None:
    infos = archive.infolist()
    total = sum(info.file_size for info in infos)
    fault = ""
    if len(infos) > MAX_ENTRIES:
        fault = f"it has {len(infos)} entries, the limit is {MAX_ENTRIES}"
    elif total > MAX_BYTES:
        fault = f"it unpacks to {total} bytes, the limit is {MAX_BYTES}"
    elif len({info.filename for info in infos}) < len(infos):
        fault = "a name occurs twice"
    for info in infos if not fault else []:
        if info.filename.lower().endswith(MODEL_SUFFIXES):
            raise unsafe_model(path, f"the entry {info.filename!r}")
        if info.filename not in names:
            fault = f"the entry {info.filename!r} does not belong in an avatar"
        elif info.filename.endswith(".json") and info.file_size > MAX_JSON_BYTES:
            fault = f"the entry {info.filename!r} has {info.file_size} bytes, the limit is {MAX_JSON_BYTES}"
        elif stat.S_ISLNK(info.external_attr >> 16):
            fault = f"the entry {info.filename!r} is a link"
        elif info.flag_bits & 0x1:
            fault = f"the entry {info.filename!r} is encrypted"
        elif info.file_size > SMALL_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            fault = f"the entry {info.filename!r} is packed {info.file_size / max(info.compress_size, 1):.0f}:1"
    if fault:
        raise InputError(f"{path} is not safe to open: {fault}. Use only files you trust.", reason="BUNDLE_UNSAFE")
