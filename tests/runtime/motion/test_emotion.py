from __future__ import annotations

import numpy as np

from visavis.latents import ARKIT_NAMES
from visavis_runtime.motion.emotion import BLENDS, EMOTIONS, SHAPES, weights_of


def test_no_feeling_opens_the_mouth() -> None:
    openers = [i for i, name in enumerate(ARKIT_NAMES) if name in ("jawOpen", "mouthFunnel") or "LowerDown" in name]
    assert np.abs(SHAPES[:, openers]).max() == 0.0


def test_all_feelings_differ_and_stay_within_range() -> None:
    assert len(EMOTIONS) == 7
    assert SHAPES.min() >= 0.0
    assert SHAPES.max() <= 0.8
    distance = np.linalg.norm(SHAPES[:, None] - SHAPES[None], axis=2) + np.eye(7)
    assert distance.min() > 0.3


def test_names_of_other_systems_and_sums() -> None:
    assert len(BLENDS) == 10
    np.testing.assert_allclose(weights_of({"joy": 0.5}), weights_of({"happy": 0.5}))
    assert weights_of({"happy": 1.0, "sad": 1.0}).sum() == 1.0
    assert weights_of({"neutral": 1.0}).sum() == 0.0
