import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.latents import ARKIT_NAMES, INDEX
from visavis_runtime.motion.articulation import SPEECH_COLUMNS, curves_of_channels, enforce_closures

OPENERS = [name for name in ARKIT_NAMES if name.startswith(("mouthLowerDown", "mouthUpperUp", "mouthFunnel", "tongue"))]


def _latents(seed, frames=8):
    latents = np.zeros((frames, 64), np.float32)
    latents[:, :52] = np.random.default_rng(seed).random((frames, 52))
    latents[:, 52:] = 0.1
    return latents


def _bilabial(strength):
    return np.tile(np.array([[strength, 0.0]], np.float32), (8, 1))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), labiodental=st.floats(0, 1))
def test_a_bilabial_closure_is_full_whatever_came_before(seed, labiodental):
    closures = np.tile(np.array([[1.0, labiodental]], np.float32), (8, 1))
    shut = enforce_closures(_latents(seed), closures)
    np.testing.assert_allclose(shut[:, INDEX["mouthClose"]], shut[:, INDEX["jawOpen"]], atol=1e-6)
    assert shut[:, [INDEX[name] for name in OPENERS]].max() == 0.0
    assert shut[:, INDEX["mouthPressLeft"]].min() > 0.1
    assert shut[:, INDEX["jawOpen"]].max() <= 0.25 + 1e-6


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_labiodental_closure_brings_the_lip_to_the_teeth(seed):
    touch = enforce_closures(_latents(seed), np.tile(np.array([[0.0, 1.0]], np.float32), (8, 1)))
    assert touch[:, INDEX["jawOpen"]].max() <= 0.14 + 1e-6
    assert touch[:, INDEX["mouthRollLower"]].min() >= 0.55 - 1e-6
    assert touch[:, INDEX["mouthLowerDownLeft"]].max() == 0.0
    assert touch[:, INDEX["mouthUpperUpLeft"]].min() >= 0.22 - 1e-6


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), strengths=st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])))
def test_twice_is_once_and_nothing_is_nothing(seed, strengths):
    closures = np.tile(np.array([strengths], np.float32), (8, 1))
    once = enforce_closures(_latents(seed), closures)
    np.testing.assert_allclose(enforce_closures(once, closures), once, atol=1e-6)
    if strengths == (0.0, 0.0):
        np.testing.assert_array_equal(once, _latents(seed))


def test_strength_acts_without_a_jump():
    before = enforce_closures(_latents(1), _bilabial(0.50))
    after = enforce_closures(_latents(1), _bilabial(0.51))
    assert np.abs(after - before).max() < 0.02


def test_only_speech_columns_change():
    latents = _latents(4)
    changed = np.flatnonzero((enforce_closures(latents, _bilabial(1.0)) != latents).any(axis=0))
    assert {ARKIT_NAMES[i] for i in changed} <= set(SPEECH_COLUMNS)


def test_the_input_is_left_alone():
    latents = _latents(3)
    copy = latents.copy()
    enforce_closures(latents, _bilabial(1.0))
    np.testing.assert_array_equal(latents, copy)


def test_curves_stay_in_range_and_left_equals_right():
    channels = np.random.default_rng(0).normal(0.5, 0.8, (200, 9)).astype(np.float32)
    curves = curves_of_channels(channels)
    assert curves.shape == (200, 52)
    assert curves.min() >= 0.0
    assert curves.max() <= 1.0
    assert (curves[:, INDEX["mouthClose"]] <= curves[:, INDEX["jawOpen"]] + 1e-6).all()
    for name in SPEECH_COLUMNS:
        if name.endswith("Left"):
            np.testing.assert_array_equal(curves[:, INDEX[name]], curves[:, INDEX[name.replace("Left", "Right")]])
    idle = [i for i, name in enumerate(ARKIT_NAMES) if name not in SPEECH_COLUMNS]
    assert curves[:, idle].max() == 0.0


def test_l_and_th_lift_the_tongue_and_vowels_leave_it():
    channels = np.zeros((4, 9), np.float32)
    channels[:, 8] = 0.15, 0.33, 0.46, 0.61  # what the network says about vowels, th, l and a clear l
    tongue = curves_of_channels(channels)[:, INDEX["tongueOut"]]
    assert tongue[0] == 0.0
    assert 0.03 < tongue[1] < tongue[2] < tongue[3] < 0.25
