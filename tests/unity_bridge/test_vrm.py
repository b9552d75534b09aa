from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.latents import INDEX
from visavis_bridge.vrm import PRESETS, preset_weights


def _weights(**shapes: float) -> dict[str, float]:
    latents = np.zeros(64)
    for name, value in shapes.items():
        latents[INDEX[name]] = value
    return dict(zip(PRESETS, preset_weights(latents.tolist()), strict=True))


def _loudest(**shapes: float) -> str:
    weights = _weights(**shapes)
    return max("AIUEO", key=weights.__getitem__)


def test_vowels_have_their_shapes() -> None:
    assert _loudest(jawOpen=0.5) == "A"
    assert _loudest(jawOpen=0.08, mouthStretchLeft=0.35, mouthStretchRight=0.35) == "I"
    assert _loudest(jawOpen=0.08, mouthPucker=0.8) == "U"
    assert _loudest(jawOpen=0.4, mouthStretchLeft=0.3, mouthStretchRight=0.3) == "E"
    assert _loudest(jawOpen=0.4, mouthFunnel=0.7) == "O"


def test_shut_lips_show_no_vowel() -> None:
    weights = _weights(jawOpen=0.3, mouthClose=0.3, mouthPucker=0.6, mouthStretchLeft=0.3)
    assert [weights[vowel] for vowel in "AIUEO"] == [0.0] * 5


def test_lids_and_moods() -> None:
    weights = _weights(eyeBlinkRight=0.7, mouthSmileLeft=0.6, mouthSmileRight=0.4, browDownLeft=1.0)
    assert {name: pytest.approx(weights[name]) for name in PRESETS[5:]} == {
        "Blink_L": 0.0, "Blink_R": 0.7, "Joy": 0.5, "Angry": 0.5, "Sorrow": 0.0,
    }  # fmt: skip


@given(st.lists(st.floats(-3, 3), min_size=64, max_size=64))
def test_weights_stay_in_range_and_vowels_never_add_up_to_more_than_one(latents: list[float]) -> None:
    weights = preset_weights(latents)
    assert all(0 <= weight <= 1 + 1e-9 for weight in weights)
    assert sum(weights[:5]) <= 1 + 1e-9
