from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visavis_runtime.bench.lipsync_figures import Figure, figures
from visavis_runtime.bench.lipsync_measured import MEASURED_STATISTICS, evidence_of_lips
from visavis_runtime.bench.lipsync_track import Track
from visavis_runtime.reference.lips import Clip, Word

GRID_S = np.arange(300) / 100


def lips(seed: int) -> Clip:
    """3 s at 25 pictures a second: syllables with short closures, shut at both ends."""
    random = np.random.default_rng(seed)
    t_s = (np.arange(75) / 25).astype(np.float32)
    smooth = np.convolve(random.uniform(0.3, 1.0, 75), np.ones(3) / 3, mode="same")
    smooth[:12] = smooth[60:] = 0.0
    for at in random.choice(np.arange(15, 57, 7), 4, replace=False):
        smooth[at : at + 3] = 0.0
    width = np.convolve(random.standard_normal(75), np.hanning(7), mode="same").astype(np.float32)
    words = (Word("sil", 0.0, 0.5), Word("bin", 0.5, 2.4), Word("sil", 2.4, 3.0))
    points = np.zeros((75, 62, 3), np.float32)
    return Clip(f"c{seed}", t_s, points, (0.1 * smooth).astype(np.float32), width, np.ones(75, bool), words, Path())


def mouth(clip: Clip, *, late_s: float = 0.0, gain: float = 1.0) -> Track:
    aperture, width = (np.interp(GRID_S - late_s, clip.t_s, c).astype(np.float32) for c in (clip.aperture, clip.width))
    return Track(gain * aperture, width, np.zeros(300, bool), None)


def scored(pairs: list[tuple[Track, Clip]]) -> dict[str, Figure]:
    return figures([evidence_of_lips(track, clip=clip) for track, clip in pairs], statistics=MEASURED_STATISTICS)


def test_the_very_lips_score_one() -> None:
    found = scored([(mouth(lips(seed)), lips(seed)) for seed in range(8)])
    for name in ("aperture_r", "aperture_r_1s", "width_r", "width_r_1s", "short_closure_hit", "jerk_ratio"):
        assert found[name].value == pytest.approx(1.0, abs=1e-3)
    assert found["short_closure_hit"].n >= 20
    assert found["short_closure_false"].value == 0.0
    assert found["amplitude_ratio"].value == pytest.approx(1.0)
    assert found["lag_ms"].value == pytest.approx(0.0, abs=1.0)


def test_late_and_small_lips_say_so() -> None:
    found = scored([(mouth(lips(seed), late_s=0.08, gain=0.5), lips(seed)) for seed in range(8)])
    assert found["lag_ms"].value == pytest.approx(80.0, abs=2.0)
    assert found["aperture_r_1s"].value > 0.95
    assert found["amplitude_ratio"].value == pytest.approx(0.5, abs=0.02)


def test_the_lips_of_another_sentence_are_near_chance() -> None:
    found = scored([(mouth(lips(seed + 1)), lips(seed)) for seed in range(0, 16, 2)])
    assert found["aperture_r_1s"].value < 0.7
    assert found["width_r_1s"].value < 0.5


def test_a_mouth_that_never_opens_has_no_correlation() -> None:
    still = Track(np.zeros(300, np.float32), None, np.zeros(300, bool), None)
    found = scored([(still, lips(1))])
    assert found["aperture_r"].value == 0.0
    assert "width_r" not in found


def test_lips_that_were_not_seen_give_nothing() -> None:
    hidden = lips(1)._replace(seen=np.arange(75) < 60)
    assert evidence_of_lips(mouth(lips(1)), clip=hidden) == {}
