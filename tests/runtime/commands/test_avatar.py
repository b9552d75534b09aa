"""`visavis avatar`: built, looked at, drawn; wrong names refused before work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from visavis.cli import main
from visavis_runtime.commands.avatar_sheet import _head_window
from visavis_runtime.face.avatar import ENTRY_NAMES, Avatar
from visavis_runtime.face.bundle import read_bundle, write_bundle
from visavis_runtime.write.glb.document import read_document

PORTRAIT = "guard.png"


@pytest.fixture(scope="module")
def built(root: Path, weights: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("avatar") / "guard.visavis"
    portrait = root / "samples" / "portraits" / PORTRAIT
    assert main(["avatar", "build", str(portrait), "-o", str(out), "--size", "256"]) == 0
    return out


def test_info_names_size_and_limits(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "info", str(built)]) == 0
    text = capsys.readouterr().out
    for word in ("256 px", "52 shapes", "head yaw", "degrees", "head widths", "nothing to do", "SHA-256", " MB"):
        assert word in text
    assert re.search(r"head in the picture +yaw [+-]\d+, pitch [+-]\d+, roll [+-]\d+ degrees\n", text)
    assert re.search(r"glasses +no\n", text)
    assert "_" not in text.replace(built.name, "")


def test_the_sheet_shows_poses_and_every_shape(built: Path, tmp_path: Path) -> None:
    whole, brief = tmp_path / "sheet.png", tmp_path / "brief.png"
    assert main(["avatar", "sheet", str(built), "-o", str(whole), "--cell", "96"]) == 0
    assert main(["avatar", "sheet", str(built), "-o", str(brief), "--cell", "96", "--brief"]) == 0
    sheet, short = cv2.imread(str(whole)), cv2.imread(str(brief))
    assert sheet.shape[1] == short.shape[1] == 7 * 98 + 2
    assert sheet.shape[0] > short.shape[0] + 8 * 96, "52 shapes take eight rows"
    cells = [short[28 + 98 * (i // 7) :, 2 + 98 * (i % 7) :][:96, :96].astype(int) for i in range(7)]
    rest, open_ = cells[1], cells[5]  # picture, at rest, M, F, L, AA
    assert abs(rest[50:90] - open_[50:90]).mean() > 1, "the mouth opens"


def test_a_cell_of_the_sheet_shows_the_crown_with_room_above(built: Path) -> None:
    avatar = Avatar.load(built)
    rows, columns = _head_window(avatar)
    assert rows.stop - rows.start == columns.stop - columns.start <= avatar.size
    scale, first, last = avatar.texture_scale, avatar.margin, avatar.margin + avatar.size
    inner = slice(round(first * scale), round(last * scale))
    person = avatar.texture[inner, inner, 3] > 127
    crown = np.flatnonzero(person.any(axis=1))[0] / scale
    sides = np.flatnonzero(person[: len(person) // 2].any(axis=0)) / scale
    assert crown - rows.start > 0.02 * avatar.size
    assert columns.start < sides.min() < sides.max() < columns.stop


def test_the_native_head_is_written(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "export", str(built), "-o", str(tmp_path / "npc.glb"), "--lit", "--texture", "1024"]) == 0
    assert capsys.readouterr().out.startswith(str(tmp_path / "npc.glb"))
    json, _ = read_document((tmp_path / "npc.glb").read_bytes())
    assert "extensionsUsed" not in json
    assert main(["avatar", "export", str(built), "-o", str(tmp_path / "small.glb"), "--texture", "300"]) == 1
    assert main(["avatar", "export", str(built), "-o", str(tmp_path / "npc.gltf")]) == 1
    errors = capsys.readouterr().err
    assert "[TEXTURE_SIZE]" in errors
    assert "[OUTPUT_SUFFIX]" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["npc.glb"]


def test_info_prints_no_control_characters(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = dict(read_bundle(built, names=ENTRY_NAMES).entries)
    head = json.loads(entries["avatar.json"])
    meta = {"\x1b[31mred": "\x1b]0;title\x07", "warnings": ["\x1b[2J\r gone"]}
    entries["avatar.json"] = json.dumps({**head, "meta": meta}).encode()
    write_bundle(tmp_path / "x.visavis", entries=entries)
    assert main(["avatar", "info", str(tmp_path / "x.visavis")]) == 0
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_wrong_names_are_refused(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["avatar", "build", "face.png", "-o", str(tmp_path / "npc.zip")]) == 1
    assert main(["avatar", "info", str(tmp_path / "none.visavis")]) == 1
    assert main(["avatar", "sheet", str(built), "-o", str(tmp_path / "sheet.gif")]) == 1
    errors = capsys.readouterr().err
    assert errors.count("[OUTPUT_SUFFIX]") == 2
    assert "[FILE_NOT_FOUND]" in errors


@pytest.mark.parametrize("cell", ["31", "513", "-1", "x"])
def test_the_cell_has_a_range(cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["avatar", "sheet", "npc.visavis", "-o", str(tmp_path / "sheet.png"), "--cell", cell])
    assert "argument --cell" in capsys.readouterr().err


def test_the_suffix_of_a_sheet_is_checked_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["avatar", "sheet", str(tmp_path / "none.visavis"), "-o", str(tmp_path / "sheet.gif")]) == 1
    assert "[OUTPUT_SUFFIX]" in capsys.readouterr().err
