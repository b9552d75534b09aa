import numpy as np
import pytest
import torch

from visavis_runtime.motion import targets
from visavis_runtime.motion.articulation import curves_of_channels, enforce_closures
from visavis_runtime.motion.phones import PHONES, Segment
from visavis_runtime.reference.lips import Clip, Lips
from visavis_runtime.reference.lips_score import aperture_and_width
from visavis_runtime.training.lips_fit import fit_mouth, rows_of_mouth, score_table
from visavis_runtime.training.lips_fit_model import ROW_OF_PHONE, Mouth, sentences

SAID = tuple(p for p in PHONES[1:] if p not in ("F", "V"))  # the roll of the lip before F is left out of the twin
LANDMARKS = np.array([61, 82, 87, 13, 14, 312, 317, 291, 2, 94, 152])


def _segments(seed):
    """A line of twelve phones with a pause in it."""
    random = np.random.default_rng(seed)
    said = [*random.choice(SAID, 6), "SIL", *random.choice(SAID, 6)]
    edges = 0.4 + np.concatenate([[0.0], np.cumsum(random.uniform(0.05, 0.2, len(said)))])
    middle = [Segment(str(p), float(a), float(b)) for p, a, b in zip(said, edges[:-1], edges[1:], strict=True)]
    return (Segment("SIL", 0.0, 0.4), *middle, Segment("SIL", float(edges[-1]), 3.1))


def _drawn(segments, t_s):
    said = targets.targets_of_segments(segments, frames=310)
    latents = np.pad(curves_of_channels(said.channels), ((0, 0), (0, 12)))
    aperture, width = aperture_and_width(enforce_closures(latents, said.closures)[:, :52])
    grid_s = np.arange(310) / 100
    return np.interp(t_s, grid_s, aperture), np.interp(t_s, grid_s, width), said


def _clips(count, gain=1.0):
    """Clips of a man whose lips do what the table says, times `gain`."""
    clips, segments = [], {}
    for seed in range(count):
        name, t_s = f"c{seed}", (np.arange(75) * 0.04).astype(np.float32)
        segments[name] = _segments(seed)
        aperture, width, _ = _drawn(segments[name], t_s)
        points = np.zeros((75, len(LANDMARKS), 3), np.float32)
        seen = np.ones(75, bool)
        made = Clip(name, t_s, points, aperture.astype(np.float32) * gain, width.astype(np.float32), seen, (), None)
        clips.append(made)
    return clips, Lips(LANDMARKS, tuple(clips)), segments


def test_the_twin_draws_the_same_mouth():
    clips, lips, segments = _clips(6)
    with torch.no_grad():
        drawn = Mouth(gains=(1.0, 1.0))(sentences(clips, lips=lips, segments=segments)).numpy()
    for clip, mouth in zip(clips, drawn, strict=True):
        aperture, width, said = _drawn(segments[clip.name], clip.t_s)
        free = np.interp(clip.t_s, np.arange(310) / 100, said.closures.max(axis=1)) < 0.01
        np.testing.assert_allclose(mouth[free, 0] - 0.006, aperture[free], atol=0.005)
        np.testing.assert_allclose(mouth[free, 1], width[free], atol=0.006)


def test_a_fit_finds_a_man_who_opens_less_on_one_vowel():
    clips, lips, segments = _clips(8)
    said = sentences(clips, lips=lips, segments=segments)
    vowels = [row for row, names in enumerate(targets.TABLE) if names.split()[0] in ("EH", "AE", "AA")]
    mouth = fit_mouth(said._replace(measured=said.measured * 0.7), steps=8, prior=1.0)
    assert torch.isfinite(mouth.targets()).all()
    moved = mouth.targets()[vowels, 0] - Mouth(gains=(1.0, 1.0)).targets()[vowels, 0]
    assert moved.abs().max() > 0.005


def test_silence_and_bilabials_keep_their_mouth():
    clips, lips, segments = _clips(4)
    mouth = fit_mouth(sentences(clips, lips=lips, segments=segments), steps=3)
    assert mouth.targets()[ROW_OF_PHONE["SIL"], :6].max() == 0.0
    assert mouth.targets()[ROW_OF_PHONE["P"], 6] == 1.0


def test_rows_are_the_source_of_the_table():
    rows = rows_of_mouth(Mouth(gains=(1.0, 1.0)))
    assert len(rows) == 2 * len(targets.TABLE) + 6
    assert eval("{" + rows[0] + "}")["SIL"] == targets.TABLE["SIL"]


def test_the_table_scores_one_on_its_own_lips():
    clips, _, segments = _clips(4)
    score = score_table(clips, segments=segments)
    assert score.aperture_r == pytest.approx(1.0, abs=1e-3)
    assert score.width_r_1s == pytest.approx(1.0, abs=1e-3)
