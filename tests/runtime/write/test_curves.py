from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from visavis.errors import DamageError
from visavis.latents import INDEX, NAMES
from visavis_runtime.write.curves import HEADER, read_curves, write_curves


def _latents() -> np.ndarray:
    random = np.random.default_rng(0)
    latents = random.random((130, 64)).astype(np.float32)
    latents[:, 52:] -= 0.5
    return latents


def test_round_trip(tmp_path: Path) -> None:
    latents = _latents()
    assert write_curves(tmp_path / "a.csv", latents=[latents[:50], latents[50:50], latents[50:]]) == 130
    times_s, back = read_curves(tmp_path / "a.csv")
    np.testing.assert_allclose(back, latents, atol=6e-6)
    np.testing.assert_allclose(times_s, np.arange(130) / 60, atol=1e-6)


def test_the_header_and_the_units(tmp_path: Path) -> None:
    latents = np.zeros((1, 64), np.float32)
    latents[0, INDEX["headYaw"]] = np.pi / 4
    latents[0, INDEX["headZ"]] = 0.25
    latents[0, INDEX["jawOpen"]] = 0.5
    write_curves(tmp_path / "a.csv", latents=[latents])
    with (tmp_path / "a.csv").open() as file:
        row = next(csv.DictReader(file))
    assert tuple(row) == HEADER == ("time_s", *NAMES)
    assert HEADER[1] == "eyeBlinkLeft"
    assert HEADER[53:56] == ("headYaw", "headPitch", "headRoll")
    assert (row["time_s"], row["headYaw"], row["headZ"], row["jawOpen"]) == ("0.000000", "45", "0.25", "0.5")
    assert row["mouthClose"] == "0"


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DamageError):
        read_curves(tmp_path / "a.csv")
