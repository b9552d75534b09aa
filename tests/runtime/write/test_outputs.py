"""Results that could not be written are refused before the work."""

from __future__ import annotations

from pathlib import Path

import pytest

from visavis.errors import OutputError
from visavis_runtime.write.outputs import check_outputs, needs_face


@pytest.mark.parametrize("name", ["a.gif", "a", "a.livelink", "a.mp4.zip"])
def test_unknown_suffixes_name_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.webm, \.png, \.csv, \.npz, \.glb") as caught:
        check_outputs([tmp_path / name])
    assert caught.value.reason == "SUFFIX_UNKNOWN"


def test_suffixes_are_read_in_any_case() -> None:
    assert needs_face(Path("A.MP4"))
    assert not needs_face(Path("some.npc.CSV"))


def test_a_result_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        check_outputs([tmp_path / "a.csv", tmp_path / "." / "a.csv"])
    assert caught.value.reason == "OUTPUT_TWICE"
