from pathlib import Path

import numpy as np
import pytest

from visavis.latents import INDEX
from visavis_runtime.reference.lips import Clip
from visavis_runtime.reference.lips_score import aperture_and_width, rig_lips, score_lips


def _curves(**weights):
    curves = np.zeros((1, 52), np.float32)
    for name, weight in weights.items():
        curves[0, INDEX[name]] = weight
    return curves


def _clip(aperture, width):
    t_s = (np.arange(75) * 0.04).astype(np.float32)
    points = np.zeros((75, 62, 3), np.float32)
    return Clip("made", t_s, points, aperture, width, np.isfinite(aperture), (), Path("none"))


def _mouth(seed=0):
    """A smooth random aperture with two short closures, and a width, at 100 Hz."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(300) / 100
    aperture = 0.06 + 0.03 * np.sin(2 * np.pi * 3 * t_s + rng.uniform(0, 6))
    for closure_s in (1.0, 2.0):
        aperture[np.abs(t_s - closure_s) < 0.06] = 0.0
    return aperture.astype(np.float32), (0.02 * np.sin(2 * np.pi * 2.3 * t_s)).astype(np.float32)


def _measured(mouth, late=0):
    at = np.clip(np.arange(75) * 4 - late, 0, 299)
    return _clip(*(curve[at] for curve in mouth))


def test_the_jaw_opens_and_a_close_undoes_it():
    gap, width = aperture_and_width(_curves(jawOpen=1.0))
    assert gap[0] == pytest.approx(0.25, abs=0.03)
    assert width[0] < 0
    assert aperture_and_width(_curves(jawOpen=0.6, mouthClose=0.6))[0][0] == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(("name", "sign"), [("mouthPucker", -1), ("mouthFunnel", -1), ("mouthStretchLeft", 1)])
def test_rounding_narrows_and_stretching_widens(name, sign):
    assert sign * aperture_and_width(_curves(**{name: 0.5}))[1][0] > 0.03


def test_lips_never_overlap():
    assert aperture_and_width(_curves(mouthClose=1.0, mouthRollLower=1.0))[0][0] == 0.0


def test_the_table_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        rig_lips().gap[0] = 1.0


def test_a_perfect_mouth_scores_one():
    mouths = [_mouth(seed) for seed in range(4)]
    score = score_lips(mouths, clips=[_measured(m) for m in mouths])
    assert score.aperture_r == pytest.approx(1.0, abs=1e-5)
    assert score.width_r_1s == pytest.approx(1.0, abs=1e-5)
    assert (score.clips, score.closures, score.closures_hit, score.closures_false) == (4, 8, 1.0, 0.0)
    assert score.lag_ms == 0.0


def test_a_late_mouth_is_told():
    mouths = [_mouth(seed) for seed in range(4)]
    early_lips = [_measured(m, late=-6) for m in mouths]
    assert score_lips(mouths, clips=early_lips).lag_ms == pytest.approx(60.0, abs=10.0)
    assert score_lips(mouths, clips=early_lips, late_s=-0.06).lag_ms == pytest.approx(0.0, abs=10.0)


def test_closures_that_are_missing_or_made_up_count():
    mouth, other = _mouth(), _mouth()
    other[0][80:120] = 0.06
    other[0][145:155] = 0.0
    score = score_lips([other], clips=[_measured(mouth)])
    assert score.closures_hit == pytest.approx(0.5)
    assert score.closures_false == pytest.approx(0.5)


def test_pictures_that_were_not_seen_are_left_out():
    mouth = _mouth()
    clip = _measured(mouth)
    clip.aperture[10:13] = np.nan
    clip = clip._replace(seen=np.isfinite(clip.aperture))
    assert score_lips([mouth], clips=[clip]).aperture_r == pytest.approx(1.0, abs=1e-5)
