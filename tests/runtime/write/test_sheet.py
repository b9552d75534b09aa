from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visavis.latents import INDEX
from visavis_runtime.write.sheet import COLUMNS, ROWS, Shot, shot_frames, write_sheet


@pytest.mark.parametrize("frames", [1, 2, 7, 15, 16, 400])
def test_frames_are_spread_evenly(frames: int) -> None:
    chosen = shot_frames(frames)
    assert len(chosen) == min(frames, COLUMNS * ROWS)
    assert len(set(chosen)) == len(chosen)
    assert chosen[0] >= 0
    assert chosen[-1] < frames
    assert np.ptp(np.diff(chosen)) <= 1 if len(chosen) > 1 else True


@pytest.mark.parametrize("frames", [1, 40, 400])
def test_a_sheet_shows_frames_and_curves(tmp_path: Path, frames: int) -> None:
    latents = np.zeros((frames, 64), np.float32)
    latents[:, INDEX["jawOpen"]] = 0.4 + 0.3 * np.sin(np.arange(frames) / 3)
    shots = [Shot(j, np.full((128, 128, 4), 120, np.uint8)) for j in shot_frames(frames)]
    voice = np.random.default_rng(0).standard_normal(frames * 400).astype(np.float32) * 0.1
    write_sheet(tmp_path / "a.png", shots=shots, latents=latents, samples=voice, fps=40, title="npc  ·  line")
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.width <= 1600
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    assert (np.abs(pixels - 120).max(axis=2) == 0).mean() > (0.3 if frames > 1 else 0.1)
    amber = (pixels[:, :, 0] > 200) & (pixels[:, :, 2] < 140)
    assert frames == 1 or amber.sum() > 300
