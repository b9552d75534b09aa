"""Speech is alive, held chords are not; fed in pieces or whole the measure is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.motion.liveliness import TYPICAL, alive_share, band_change, follow_liveliness
from visavis_runtime.motion.speech import load_speech

T_S = np.arange(6 * 16_000) / 16_000


def _chord(*, partials: int, tremolo_hz: float = 0.0) -> np.ndarray:
    tones = sum(
        np.sin(2 * np.pi * f * k * T_S) / k for f in (220.0, 277.0, 330.0, 440.0) for k in range(1, partials + 1)
    )
    return (0.06 * tones * (1 + 0.5 * np.sin(2 * np.pi * tremolo_hz * T_S))).astype(np.float32)


@pytest.mark.parametrize(("partials", "tremolo_hz"), [(1, 0.0), (1, 2.0), (4, 0.0), (4, 5.0)])
def test_a_held_chord_leaves_the_mouth_shut(partials: int, tremolo_hz: float) -> None:
    speech = load_speech()
    mouth, _ = speech.step(_chord(partials=partials, tremolo_hz=tremolo_hz), speech.start())
    assert mouth.curves[:, INDEX["jawOpen"]].mean() < 0.02


def test_speech_is_alive_also_after_a_chord(root: Path) -> None:
    speech = load_speech()
    line = read_audio(root / "samples" / "lines" / "scholar.flac").samples
    alone, _ = speech.step(line, speech.start())
    after, _ = speech.step(np.concatenate([_chord(partials=1), line]), speech.start())
    jaw = after.curves[600 : 600 + len(alone.curves), INDEX["jawOpen"]]
    wanted = alone.curves[: len(jaw), INDEX["jawOpen"]]
    assert wanted.mean() > 0.12
    np.testing.assert_allclose(jaw[80:], wanted[80:], atol=0.05)


def test_pieces_equal_the_whole() -> None:
    random = np.random.default_rng(4)
    features = random.normal(size=(90, 64)).astype(np.float32)
    speaking = random.uniform(size=90).astype(np.float32)
    whole, _ = band_change(features, last=np.zeros(64, np.float32))
    followed = follow_liveliness(whole, speaking=speaking, last=TYPICAL)
    shape, lively, parts = np.zeros(64, np.float32), TYPICAL, []
    for piece, believed in zip(np.split(features, [1, 1, 30]), np.split(speaking, [1, 1, 30]), strict=True):
        change, shape = band_change(piece, last=shape)
        part = follow_liveliness(change, speaking=believed, last=lively)
        lively = float(part[-1]) if len(part) else lively
        parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), followed, atol=1e-6)


def test_share_is_smooth_and_bounded() -> None:
    share = alive_share(np.linspace(0, 0.3, 200, dtype=np.float32))
    assert share[0] == 0
    assert share[-1] == 1
    assert np.diff(share).max() < 0.1
