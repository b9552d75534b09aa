from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from visavis.errors import OutputError
from visavis_runtime.bench.lipsync import Result
from visavis_runtime.bench.lipsync_plot import check_plot, draw_plot


def test_the_plot_is_a_picture_with_bars(lipsync_result: Result, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra `training`")
    draw_plot(lipsync_result, path=tmp_path / "a.png")
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert picture is not None
    assert picture.shape[1] > 1000
    assert ((picture[..., 0] > 130) & (picture[..., 2] < 60)).mean() > 0.02  # the blue of the bars
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_another_suffix_or_no_folder_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.png"):
        check_plot(tmp_path / "a.jpg")
    with pytest.raises(OutputError, match="folder"):
        check_plot(tmp_path / "none" / "a.png")
