from __future__ import annotations

import os
from pathlib import Path

import pytest

from visavis.errors import OutputError
from visavis_runtime.write.atomic import atomic_path, check_writable


def test_the_result_appears_at_the_end_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with atomic_path(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".csv"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_of_a_failure(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with atomic_path(tmp_path / "a.mp4") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    def fill() -> None:
        with atomic_path(tmp_path / "a.mp4"):
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left") as caught:
        fill()
    assert caught.value.reason == "OUTPUT_FAILED"


@pytest.mark.parametrize("name", ["missing/a.mp4", "."])
def test_folders_are_checked_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_writable(tmp_path / name)
    assert caught.value.reason == "OUTPUT_FOLDER"


def test_results_have_ordinary_permissions(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("x")
    (tmp_path / "b").write_text("x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode
