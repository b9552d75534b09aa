from __future__ import annotations

import math

import numpy as np
import pytest

from visavis.errors import InputError
from visavis.vocabulary import REGIONS
from visavis_runtime.motion.controls import Controls, step_dials


def test_the_nearest_emotion_is_named() -> None:
    with pytest.raises(InputError, match="did you mean happy") as caught:
        Controls(emotion={"hapy": 0.5})
    assert caught.value.reason == "EMOTION_UNKNOWN"


def test_the_nearest_region_is_named() -> None:
    with pytest.raises(InputError, match="did you mean mouth") as caught:
        Controls(regions=["brows", "mouht"])
    assert caught.value.reason == "REGION_UNKNOWN"


@pytest.mark.parametrize(
    "wrong",
    [
        {"emotion": {"sad": 1.5}},
        {"emotion": {"sad": math.nan}},
        {"gaze_rad": (2.0, 0.0)},
        {"gaze_rad": (0.0, -1.0)},
        {"distance": 5.0},
        {"head_gain": -0.1},
        {"lip_gain": 3.0},
        {"blink_rate": math.inf},
    ],
)
def test_ranges(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="allowed") as caught:
        Controls(**wrong)  # type: ignore[arg-type]
    assert caught.value.reason == "CONTROL_RANGE"


def test_dials_start_where_the_controls_are_and_follow_in_300_ms() -> None:
    first, state = step_dials(Controls(head_gain=0.5), count=5, state=None)
    np.testing.assert_allclose(first.head_gain, 0.5)
    later, _ = step_dials(Controls(head_gain=1.5), count=60, state=state)
    assert later.head_gain[0] < 0.65
    assert abs(later.head_gain[30] - 1.5) < 0.06
    assert np.abs(np.diff(later.head_gain)).max() < 0.11


def test_dials_do_not_depend_on_chunks() -> None:
    _, state = step_dials(Controls(), count=1, state=None)
    wanted = Controls(emotion={"angry": 1.0}, distance=0.4)
    whole, _ = step_dials(wanted, count=50, state=state)
    rows = []
    for count in (0, 1, 20, 9, 20):
        part, state = step_dials(wanted, count=count, state=state)
        rows.append(part.emotion)
    np.testing.assert_allclose(np.concatenate(rows), whole.emotion, atol=1e-12)


def test_regions_ease_out_too() -> None:
    _, state = step_dials(Controls(), count=1, state=None)
    later, _ = step_dials(Controls(regions=["mouth"]), count=60, state=state)
    brows, mouth = (later.regions[:, REGIONS.index(name)] for name in ("brows", "mouth"))
    assert 0.8 < brows[0] < 1.0
    assert brows[30] < 0.06
    np.testing.assert_array_equal(mouth, 1.0)
