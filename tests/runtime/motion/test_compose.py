from __future__ import annotations

import numpy as np

from visavis.latents import INDEX
from visavis_runtime.motion.compose import compose
from visavis_runtime.motion.controls import Controls, step_dials


def _composed(curves: dict[str, float], gestures: dict[str, float], controls: Controls) -> np.ndarray:
    mouth, others = np.zeros((1, 52), np.float32), np.zeros((1, 64), np.float32)
    for name, value in curves.items():
        mouth[0, INDEX[name]] = value
    for name, value in gestures.items():
        others[0, INDEX[name]] = value
    dials, _ = step_dials(controls, count=1, state=None)
    return compose(mouth, others, dials=dials)[0]


def test_lip_gain_keeps_closures_proportional() -> None:
    got = _composed({"jawOpen": 0.4, "mouthClose": 0.4}, {}, Controls(lip_gain=1.5))
    assert got[INDEX["jawOpen"]] == got[INDEX["mouthClose"]] == np.float32(0.6)


def test_a_smile_gives_room_to_round_lips() -> None:
    happy = Controls(emotion={"happy": 1.0})
    flat = _composed({}, {}, happy)[INDEX["mouthSmileLeft"]]
    rounded = _composed({"mouthPucker": 1.0}, {}, happy)[INDEX["mouthSmileLeft"]]
    assert flat > 0.4
    assert rounded < 0.4 * flat


def test_a_blink_closes_any_lid() -> None:
    got = _composed({}, {"eyeBlinkLeft": 1.0}, Controls(emotion={"surprised": 1.0}))
    assert got[INDEX["eyeBlinkLeft"]] == 1.0
    assert got[INDEX["eyeWideLeft"]] == 0.0
    assert got[INDEX["eyeWideRight"]] > 0.5


def test_shapes_stay_within_range() -> None:
    got = _composed({"mouthSmileLeft": 0.9, "jawOpen": 0.9}, {}, Controls(lip_gain=2.0, emotion={"happy": 1.0}))
    assert got[:52].max() <= 1.0
    assert got[:52].min() >= 0.0
