"""Wishes are checked where they are made, and later ones lie over earlier ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from visavis.errors import InputError
from visavis.wishes import Control, TalkOptions
from visavis_runtime.motion.controls import GAZE_PITCH_MAX_RAD, GAZE_YAW_MAX_RAD, Controls
from visavis_runtime.serve.gateway.sound import RATES_HZ


@pytest.mark.parametrize(
    "wish",
    [
        {"gaze": (0.7, 0.0)}, {"gaze": (0.0, math.nan)}, {"distance": -1.1}, {"emotion": {"happy": 2.0}},
        {"head_gain": 2.5}, {"lip_gain": -0.1}, {"blink_rate": math.inf},
    ],
)  # fmt: skip
def test_ranges(wish: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="is allowed") as raised:
        Control(**wish)
    assert raised.value.reason == "CONTROL_RANGE"


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        ({"emotion": "happy"}, "'happy': 0.6"), ({"emotion": ["happy"]}, "'happy': 0.6"), ({"gaze": 0.3}, "radians"),
        ({"gaze": (0.3,)}, "radians"), ({"gaze": "up"}, "radians"), ({"gaze": ("a", "b")}, "a number"),
        ({"distance": "far"}, "a number from -1 to 1"), ({"emotion": {"happy": None}}, "a number"),
        ({"regions": "mouth"}, r"\['mouth'\]"), ({"regions": 3}, r"\['mouth'\]"),
    ],
)  # fmt: skip
def test_kinds(wish: dict[str, Any], wanted: str) -> None:
    with pytest.raises(InputError, match=wanted) as raised:
        Control(**wish)
    assert raised.value.reason == "CONTROL_TYPE"


def test_numbers_of_numpy_are_numbers() -> None:
    Control(gaze=np.array([0.1, 0.2]), distance=np.float32(0.5), emotion={"happy": np.float64(1)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wish", "hint", "reason"),
    [
        ({"emotion": {"hapy": 0.5}}, "did you mean happy", "EMOTION_UNKNOWN"),
        ({"emotion": {"xyzzy": 0.5}}, "known are neutral, happy", "EMOTION_UNKNOWN"),
        ({"regions": ["mouht"]}, "did you mean mouth", "REGION_UNKNOWN"),
    ],
)
def test_names(wish: dict[str, Any], hint: str, reason: str) -> None:
    with pytest.raises(InputError, match=hint) as raised:
        Control(**wish)
    assert raised.value.reason == reason


def test_ranges_are_those_of_the_server() -> None:
    Control(gaze=(GAZE_YAW_MAX_RAD, -GAZE_PITCH_MAX_RAD))
    Controls(gaze_rad=(GAZE_YAW_MAX_RAD, -GAZE_PITCH_MAX_RAD))
    for rate_hz in RATES_HZ:
        TalkOptions(sample_rate_hz=rate_hz)


def test_a_later_wish_lies_over_an_earlier_one() -> None:
    earlier = Control(distance=0.5, emotion={"happy": 1.0}, head_gain=0.0)
    assert Control(distance=0.0, emotion={}).over(earlier) == Control(distance=0.0, emotion={}, head_gain=0.0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"quality": "good"}, "OPTION_VALUE"), ({"pacing": "slow"}, "OPTION_VALUE"),
        ({"textures": "png"}, "OPTION_VALUE"),
        ({"sample_rate_hz": 11_025}, "AUDIO_RATE"), ({"from_latents": np.zeros(52, np.float32)}, "LATENTS_SHAPE"),
    ],
)  # fmt: skip
def test_options_are_checked_before_anything_is_sent(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as raised:
        TalkOptions(**options)
    assert raised.value.reason == reason
