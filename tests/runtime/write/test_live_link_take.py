from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from live_link_reader import CURVES

from visavis.latents import INDEX
from visavis.live_link import live_link_values
from visavis_runtime.write.live_link_take import HEADER, LEAST_ROWS, timecode, write_take


def _import(path: Path) -> tuple[np.ndarray, list[dict[str, float]]]:
    """As Unreal does it: the two first columns by name, 30 frames a second unless a timecode goes beyond frame 30."""
    header, *lines = [line.split(",") for line in path.read_text(encoding="ascii").splitlines()]
    assert header[:2] == ["Timecode", "BlendShapeCount"]
    assert all(len(line) == len(header) for line in lines)
    codes = [[float(word) for word in line[0].split(":")] for line in lines]
    rate_hz = 60 if max(code[3] for code in codes) > 30 else 30
    times_s = np.array([h * 3600 + m * 60 + s + frame / rate_hz for h, m, s, frame in codes])
    return times_s, [dict(zip(header[2:], map(float, line[2:]), strict=True)) for line in lines]


def _latents(rows: int) -> np.ndarray:
    latents = np.random.default_rng(4).random((rows, 64)).astype(np.float32)
    latents[:, 52:] -= 0.5
    return latents


def test_the_import_finds_time_and_values(tmp_path: Path) -> None:
    latents = _latents(150)
    assert write_take(tmp_path / "a.csv", latents=[latents[:70], latents[70:70], latents[70:]]) == 150
    times_s, rows = _import(tmp_path / "a.csv")
    np.testing.assert_allclose(times_s, np.arange(150) / 60, atol=1e-9)
    read = np.array([[row[name] for name in CURVES] for row in rows])
    np.testing.assert_allclose(read, live_link_values(latents), atol=6e-8)


def test_the_columns_stand_as_in_a_take_of_the_app(tmp_path: Path) -> None:
    assert len(HEADER) == 63
    assert set(HEADER[2:]) == set(CURVES)
    assert HEADER[16:20] == ("JawForward", "JawRight", "JawLeft", "JawOpen")
    assert HEADER[22:26] == ("MouthPucker", "MouthRight", "MouthLeft", "MouthSmileLeft")
    assert HEADER[-9:-6] == ("HeadYaw", "HeadPitch", "HeadRoll")
    latents = np.zeros((1, 64), np.float32)
    latents[0, INDEX["jawLeft"]] = 0.5
    latents[0, INDEX["headPitch"]] = np.radians(9)
    write_take(tmp_path / "a.csv", latents=[latents])
    with (tmp_path / "a.csv").open() as file:
        row = next(csv.DictReader(file))
    assert (row["Timecode"], row["BlendShapeCount"]) == ("00:00:00:00.000", "61")
    assert (row["JawLeft"], row["JawRight"], row["HeadPitch"]) == ("0.5000000", "0.0000000", "-0.0500000")


@pytest.mark.parametrize("rows", [1, 31, 32])
def test_a_short_take_is_not_taken_for_a_slow_one(tmp_path: Path, rows: int) -> None:
    assert write_take(tmp_path / "a.csv", latents=[_latents(rows)]) == LEAST_ROWS
    times_s, read = _import(tmp_path / "a.csv")
    assert times_s[-1] == pytest.approx((LEAST_ROWS - 1) / 60)
    assert read[rows - 1] == read[-1]


def test_timecodes() -> None:
    assert timecode(59) == "00:00:00:59.000"
    assert timecode(60 * 61) == "00:01:01:00.000"
    assert timecode(60 * 3600 * 2 + 7) == "02:00:00:07.000"
