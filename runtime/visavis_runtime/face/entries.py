"""Takes arrays, pictures and values, gives the bytes of one entry of a bundle, and back: npz, png and json.

Bytes may come from anybody: types, sizes and claims are judged by the headers before memory is spent, and nothing that
a loader would run is read. It knows neither the zip round the entries (`bundle`) nor what belongs in it (`avatar`).
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from visavis.errors import InputError
from visavis_runtime.face.spec import ArraySpec, check_header

MAX_ENTRIES = 64
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every entry, so that the same avatar is the same bytes."""
_SHOWN_LETTERS = 200
RECKONED, NEUTRAL_META, MOST_RECKONED = ("flatness", "evenness"), "neutral_", 10
"""Values of `meta` that a renderer reckons with, by name or by how it begins; lips may gape wider than the mouth is."""
_DTYPES = frozenset(["uint8", "int32", "int64", "float32", "float64", "bool"])


def unsafe_model(where: object, what: str) -> InputError:
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
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=EPOCH), member.getvalue())
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
        raise unsafe_model("The avatar", f"the array {name}")
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


def meta_of(values: Any) -> dict[str, Any]:
    """Plain values by name, and the warnings as sentences. Raises ValueError."""
    if not isinstance(values, dict):
        raise ValueError("meta is not an object")
    plain = {name: value for name, value in values.items() if name != "warnings"}
    warnings = values.get("warnings", [])
    if not all(value is None or isinstance(value, str | int | float) for value in plain.values()):
        raise ValueError("meta holds more than plain values")
    for name, value in plain.items():
        if name in RECKONED or name.startswith(NEUTRAL_META):
            _share(name, value)
    if not (isinstance(warnings, list) and all(isinstance(text, str) for text in warnings)):
        raise ValueError("the warnings are no sentences")
    return {**plain, "warnings": warnings}


def _share(name: str, value: Any) -> None:
    """Written so that NaN fails too; JSON has whole numbers of any length."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_RECKONED:
        raise ValueError(f"{name} is no number from 0 to {MOST_RECKONED}")
