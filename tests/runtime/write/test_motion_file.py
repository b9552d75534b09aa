from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visavis.errors import DamageError
from visavis.latents import NAMES
from visavis_runtime.write.motion_file import Motion, read_motion, write_motion


def test_round_trip_and_plain_numpy(tmp_path: Path) -> None:
    latents = np.random.default_rng(0).random((81, 64)).astype(np.float32)
    write_motion(tmp_path / "a.npz", motion=Motion(latents=latents, fps=40))
    back = read_motion(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.latents, latents)
    assert back.fps == 40
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert tuple(file["names"].tolist()) == NAMES
        assert str(file["space"]) == "visavis.face64.v1"
        assert int(file["sample_rate_hz"]) == 16_000
        assert file["sample"].tolist() == [j * 400 for j in range(81)]


@pytest.mark.parametrize("kind", ["rubbish", "other space", "missing"])
def test_damage(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.npz"
    if kind == "rubbish":
        path.write_bytes(b"PK\x03\x04 not really")
    elif kind == "other space":
        np.savez(path, latents=np.zeros((1, 64)), names=np.array(NAMES), fps=40, space="other")
    else:
        np.savez(path, latents=np.zeros((1, 64)))
    with pytest.raises(DamageError):
        read_motion(path)
