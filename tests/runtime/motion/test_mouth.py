"""The mouth of a frame: doubt keeps it shut, trust stays through short gaps, and any cut of the rows gives the same."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.latents import INDEX
from visavis_runtime.motion.liveliness import TYPICAL
from visavis_runtime.motion.mouth import AHEAD, ROW, mouth_of_rows, start_mouth
from visavis_runtime.motion.targets import CHANNELS, CLOSURES

JAW = INDEX["jawOpen"]
SPEAKING = len(CHANNELS) + len(CLOSURES)


def _rows(speaking, *, seed=0):
    """Rows of one lively voice: the jaw half open, and `speaking [t]` for its probability of being speech."""
    rows = np.random.default_rng(seed).uniform(0.0, 0.2, (1, len(speaking), ROW)).astype(np.float32)
    rows[0, :, CHANNELS.index("jaw")] = 0.5
    rows[0, :, SPEAKING] = speaking
    rows[0, :, SPEAKING + 1] = 4.0 * TYPICAL
    return rows


def test_what_is_hardly_speech_leaves_the_mouth_shut_and_speech_opens_it():
    doubtful, _ = mouth_of_rows(_rows(np.full(60, 0.3)), state=start_mouth())
    sure, _ = mouth_of_rows(_rows(np.full(60, 0.95)), state=start_mouth())
    assert doubtful.curves[..., JAW].max() < 0.05
    assert sure.curves[0, -1, JAW] > 0.3


def test_trust_outlives_a_gap_of_a_tenth_of_a_second_and_not_one_of_half_a_second():
    for gap, open_still in ((8, True), (50, False)):
        speaking = np.concatenate([np.full(40, 0.95), np.full(gap, 0.05)])
        mouth, _ = mouth_of_rows(_rows(speaking), state=start_mouth())
        assert (mouth.curves[0, -1, JAW] > 0.15) == open_still, gap


def test_rows_without_a_neighbour_on_both_sides_wait():
    state = start_mouth()
    mouth, after = mouth_of_rows(_rows(np.full(2, 0.9)), state=state)
    assert mouth.curves.shape == (1, 0, 52)
    assert after is state
    mouth, _ = mouth_of_rows(_rows(np.full(7, 0.9)), state=state)
    assert mouth.speaking.shape == (1, 7 - 2 * AHEAD)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(3, 58), max_size=4), st.integers(0, 5))
def test_any_cut_of_the_rows_gives_the_same_mouth(cuts, seed):
    rows = _rows(np.random.default_rng(seed + 9).uniform(0.0, 1.0, 60), seed=seed)
    whole, _ = mouth_of_rows(rows, state=start_mouth())
    state, parts = start_mouth(), []
    for start, end in pairwise([0, *sorted(cuts), 60]):
        # A piece keeps the two rows before it, as `speech` does.
        part, state = mouth_of_rows(rows[:, max(start - 2 * AHEAD, 0) : end], state=state)
        parts.append(part)
    for name in ("curves", "closures", "speaking"):
        joined = np.concatenate([getattr(part, name) for part in parts], axis=1)
        np.testing.assert_allclose(joined, getattr(whole, name), atol=1e-5)
