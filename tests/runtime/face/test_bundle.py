"""The bundle: exact both ways, and hostile files are refused before they are read."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from visavis.errors import DamageError, InputError, OutputError
from visavis_runtime.face.bundle import MAX_BYTES, read_bundle, write_bundle
from visavis_runtime.face.entries import MAX_ENTRIES, npz_from_arrays

NAMES = frozenset({"a.json", "b.npz"})


def _zip(path: Path, entries: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def test_round_trip_and_same_bytes(tmp_path: Path) -> None:
    entries = {"a.json": b"{}", "b.npz": npz_from_arrays({"x": np.arange(5, dtype=np.float32)})}
    write_bundle(tmp_path / "one.visavis", entries=entries)
    write_bundle(tmp_path / "two.visavis", entries=entries)
    assert (tmp_path / "one.visavis").read_bytes() == (tmp_path / "two.visavis").read_bytes()
    assert dict(read_bundle(tmp_path / "one.visavis", names=NAMES).entries) == entries
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.visavis", "two.visavis"]


@pytest.mark.parametrize(
    "entries",
    [
        [("../a.json", b"{}")],
        [("/etc/a.json", b"{}")],
        [("folder/a.json", b"{}")],
        [("a.json", b"{}"), ("evil.py", b"import os")],
        [("b.npz", b"\0" * 30_000_000)],
        [("a.json", np.random.default_rng(0).bytes(2_000_000))],
        [(f"{i}.json", b"") for i in range(MAX_ENTRIES + 1)],
    ],
    ids=["parent", "absolute", "folder", "code", "bomb", "long json", "too many"],
)
def test_unsafe_bundles_are_refused(tmp_path: Path, entries: list[tuple[str, bytes]]) -> None:
    with pytest.raises(InputError) as caught:
        read_bundle(_zip(tmp_path / "x.visavis", entries), names=NAMES)
    assert caught.value.reason == "BUNDLE_UNSAFE"


@pytest.mark.parametrize("name", ["net.onnx", "archive/data.pkl", "weights.PT"])
def test_a_model_in_a_bundle_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bundle(_zip(tmp_path / "x.visavis", [("a.json", b"{}"), (name, b"x")]), names=NAMES)
    assert caught.value.reason == "MODEL_UNSAFE"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="twice"):
        read_bundle(_zip(tmp_path / "x.visavis", [("a.json", b"{}"), ("a.json", b"[]")]), names=NAMES)


def test_no_zip_no_file_and_damage(tmp_path: Path) -> None:
    (tmp_path / "text.visavis").write_text("hello")
    with pytest.raises(InputError) as caught:
        read_bundle(tmp_path / "text.visavis", names=NAMES)
    assert caught.value.reason == "BUNDLE_FORMAT"
    with pytest.raises(InputError) as caught:
        read_bundle(tmp_path / "none.visavis", names=NAMES)
    assert caught.value.reason == "FILE_NOT_FOUND"
    whole = _zip(tmp_path / "x.visavis", [("a.json", bytes(range(256)) * 9)]).read_bytes()
    (tmp_path / "cut.visavis").write_bytes(whole[: len(whole) // 2])
    broken = bytearray(whole)
    broken[60] ^= 255
    (tmp_path / "broken.visavis").write_bytes(bytes(broken))
    for name in ("cut", "broken"):
        with pytest.raises(DamageError):
            read_bundle(tmp_path / f"{name}.visavis", names=NAMES)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose a folder"):
        write_bundle(tmp_path / "none" / "x.visavis", entries={})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipes_and_folders_and_huge_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.visavis")
    for strange in (tmp_path, tmp_path / "pipe.visavis", Path(os.devnull)):
        with pytest.raises(InputError, match="not a file"):
            read_bundle(strange, names=NAMES)
    with (tmp_path / "huge.visavis").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="not safe"):
        read_bundle(tmp_path / "huge.visavis", names=NAMES)


def test_decoding_turns_every_fault_into_one_line(tmp_path: Path) -> None:
    bundle = read_bundle(_zip(tmp_path / "x.visavis", [("a.json", b"{}")]), names=NAMES)
    for fault in (MemoryError(), IndexError("x"), OverflowError("x"), KeyError("\x1b[31m"), ValueError("\x1b[31m\n")):
        with pytest.raises(DamageError) as caught, bundle.decoding():
            raise fault
        assert str(caught.value).isprintable()
