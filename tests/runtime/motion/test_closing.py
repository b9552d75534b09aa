import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.motion.closing import SURE, UNSURE, closure_strengths


def _strengths(probabilities):
    padded = np.pad(np.asarray(probabilities, np.float32), ((1, 1), (0, 0)), mode="edge")
    return closure_strengths(padded, last=np.zeros(2, np.float32))


def test_two_sure_frames_become_a_full_closure():
    probabilities = np.zeros((30, 2), np.float32)
    probabilities[12:14, 0] = SURE + 0.01
    strengths = _strengths(probabilities)
    assert strengths[:, 0].max() == 1.0
    assert strengths[:, 1].max() == 0.0


def test_one_frame_alone_closes_nothing():
    probabilities = np.zeros((30, 2), np.float32)
    probabilities[12, 0] = 0.9
    assert _strengths(probabilities).max() < 1e-6


def test_doubt_closes_nothing():
    assert _strengths(np.full((20, 2), UNSURE, np.float32)).max() < 1e-6


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_cut_anywhere_equals_the_whole_and_lips_have_a_speed(data):
    probabilities = np.random.default_rng(data.draw(st.integers(0, 999))).random((40, 2)).astype(np.float32)
    whole = closure_strengths(probabilities, last=np.zeros(2, np.float32))
    cut = data.draw(st.integers(1, 37))
    first = closure_strengths(probabilities[: cut + 2], last=np.zeros(2, np.float32))
    second = closure_strengths(probabilities[cut:], last=first[-1])
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    assert np.abs(np.diff(whole, axis=0)).max() <= 0.5
