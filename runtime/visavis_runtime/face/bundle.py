"""Takes bytes by name, gives one `.visavis` zip file, and back: safely, whoever made the file.

A bundle is data, never code: png, json and npz without pickle. Everything that a hostile file can lie about is judged
from the zip's directory and the headers before memory is spent: names (only the expected ones, so no path can leave
the file), entry count, unpacked size, packing ratio, picture sizes, array types. Entries are read into memory and
nothing is ever extracted to disk. It knows no avatar: which names and arrays belong in the file is the caller's word.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import DamageError, InputError, OutputError
from visavis_runtime.face.spec import ArraySpec, check_header

MAX_ENTRIES = 64
MAX_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100.0
SMALL_BYTES = 64 * 1024
MAX_JSON_BYTES = 1024 * 1024
MODEL_SUFFIXES = (".onnx", ".pt", ".pth", ".pkl", ".pickle", ".safetensors")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHOWN_LETTERS = 200
_FAULTS = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError, RuntimeError, SyntaxError,
    EOFError, OSError, zipfile.BadZipFile, zlib.error, struct.error, cv2.error,
)  # fmt: skip
"""All that decoders raise on bytes that somebody made up."""
_DTYPES = frozenset(["uint8", "int32", "int64", "float32", "float64", "bool"])


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
                info = zipfile.ZipInfo(name, date_time=_EPOCH)
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
            raise _model(path, f"the entry {info.filename!r}")
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


def _model(where: object, what: str) -> InputError:
    """The error for what a loader would run: pickles and graphs."""
    return InputError(
        f"{where} is not safe to open: {what} is a model or pickled code; avatars hold plain data only. Use only files"
        " you trust.",
        reason="MODEL_UNSAFE",
    )


def npz_from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Arrays by name as the bytes of an uncompressed npz (the outer zip packs it)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH), member.getvalue())
    return out.getvalue()


def arrays_from_npz(data: bytes, *, specs: Mapping[str, ArraySpec] | None = None) -> dict[str, npt.NDArray[Any]]:
    """Arrays by name out of an npz; with `specs` exactly those names with that dtype and number of axes.

    Raises:
        ValueError: packed members, an unexpected type, missing or extra arrays, bytes that are not there.
        InputError: MODEL_UNSAFE, an array of pickled objects.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        if any(i.compress_type != zipfile.ZIP_STORED for i in infos) or sum(i.file_size for i in infos) > len(data):
            raise ValueError("an array is packed twice")
        if len(infos) > MAX_ENTRIES:
            raise ValueError("too many arrays")
        names = [info.filename.removesuffix(".npy") for info in infos]
        if specs is not None and sorted(names) != sorted(specs):
            raise ValueError(f"arrays missing or unknown: {sorted(set(names) ^ set(specs))}")
        return {
            name: _array_from_npy(archive.read(info), name=name, spec=specs[name] if specs is not None else None)
            for name, info in zip(names, infos, strict=True)
        }


def _array_from_npy(data: bytes, *, name: str, spec: ArraySpec | None) -> npt.NDArray[Any]:
    """One array, whose header must claim exactly the bytes that follow it: a header alone reserves no memory."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"the array {name} has an unknown version")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise _model("The avatar", f"the array {name}")
    if dtype.name not in _DTYPES:
        raise ValueError(f"the array {name} has the type {dtype}")
    if spec is not None:
        check_header(name, dtype=dtype.name, shape=shape, spec=spec)
    claimed, present = math.prod(shape) * dtype.itemsize, len(data) - stream.tell()
    if claimed != present or min(shape, default=0) < 0:
        raise ValueError(f"the array {name} claims {claimed} bytes and has {present}")
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if by_column else "C").astype(dtype.newbyteorder("="))


def png_from_picture(picture: npt.NDArray[np.uint8]) -> bytes:
    """RGB or RGBA [H, W, 3 or 4] uint8 as PNG bytes, exact in every channel."""
    code = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, code), [cv2.IMWRITE_PNG_COMPRESSION, 4])
    if not done:
        raise ValueError("the picture cannot be encoded")
    return bytes(data)


def picture_from_png(data: bytes, *, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """PNG bytes as uint8 of exactly `shape`; the header is judged before anything is decoded.

    Raises:
        ValueError: not a PNG, or another size.
    """
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        raise ValueError("a picture is not a PNG")
    width, height = struct.unpack(">II", data[16:24])
    if (height, width) != shape[:2]:
        raise ValueError(f"a picture is {width}x{height}, expected {shape[1]}x{shape[0]}")
    if tuple(data[24:26]) != (8, {3: 2, 4: 6}[shape[2]]):
        raise ValueError(f"a picture has not {shape[2]} channels of 8 bits")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape != shape or picture.dtype != np.uint8:
        raise ValueError("a picture does not decode")
    code = cv2.COLOR_BGRA2RGBA if shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.ascontiguousarray(cv2.cvtColor(picture, code))


def json_from_bytes(data: bytes) -> dict[str, Any]:
    """A JSON object; anything else reads as an empty one, which no format matches."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def printable(text: object) -> str:
    """Text from a file as one short line without control characters, which could steer a terminal."""
    line = "".join(letter if letter.isprintable() else "?" for letter in str(text))
    return line if len(line) <= _SHOWN_LETTERS else line[: _SHOWN_LETTERS - 1] + "…"
