from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis_runtime.face.layers.fill import push_pull


@settings(max_examples=25, deadline=None)
@given(height=st.integers(3, 40), width=st.integers(3, 40), seed=st.integers(0, 99))
def test_known_pixels_stay_and_unknown_ones_lie_between(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    known = rng.random((height, width)) < 0.3
    known[0, 0] = True
    filled = push_pull(picture, weight=known)
    np.testing.assert_allclose(filled[known], picture[known], atol=1e-2)
    assert filled.min() >= picture[known].min() - 1e-2
    assert filled.max() <= picture[known].max() + 1e-2


def test_what_is_near_counts_more_than_the_whole_if_asked() -> None:
    picture = np.zeros((64, 64, 1), np.float32)
    picture[:, 40:] = 200
    known = np.ones((64, 64), bool)
    known[16:48, 12:52] = False
    even, near = push_pull(picture, weight=known), push_pull(picture, weight=known, near=6.0)
    assert near[32, 14, 0] < 0.7 * even[32, 14, 0]
    assert 200 - near[32, 50, 0] < 0.7 * (200 - even[32, 50, 0])
