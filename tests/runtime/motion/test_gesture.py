"""The statistics of ten minutes, and that they do not depend on how the voice was cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.latents import INDEX, LOOK_YAW_RAD
from visavis_runtime.bench.gestures import gesture_figures
from visavis_runtime.motion.controls import Controls, step_dials
from visavis_runtime.motion.gesture import GestureState, step_gestures

MINUTE = 6_000
HEAD = [INDEX["headYaw"], INDEX["headPitch"], INDEX["headRoll"]]
GAZE = [INDEX["leftEyeYaw"], INDEX["leftEyePitch"]]


def _speech(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Phrases of 1.5 to 4 s with pauses of 0.4 to 1 s, accents about 1.3 times a second."""
    random = np.random.default_rng(2)
    speaking = np.zeros(rows, np.float32)
    at = 30
    while at < rows:
        length = int(random.uniform(150, 400))
        speaking[at : at + length] = 1.0
        at += length + int(random.uniform(40, 100))
    accent = np.where(random.random(rows) < 0.013, random.uniform(0.3, 0.8, rows), 0.0) * speaking
    return speaking, accent.astype(np.float32)


def _gestures(speaking: np.ndarray, accent: np.ndarray, *, seed: int, controls: Controls | None = None) -> np.ndarray:
    controls = controls or Controls()
    dials, _ = step_dials(controls, count=len(speaking), state=None)
    latents, _ = step_gestures(speaking, accent, controls=controls, dials=dials, state=GestureState(seed))
    return latents


@pytest.mark.parametrize("seed", range(3))
def test_ten_minutes_of_talk_look_like_people(seed: int) -> None:
    speaking, accent = _speech(10 * MINUTE)
    figures = gesture_figures(_gestures(speaking, accent, seed=seed), fps=100)
    assert 1.5 <= figures["head_std_deg"] <= 4.0
    assert 11.0 <= figures["head_speed_deg_s"] <= 36.0
    assert figures["head_power_above_3_hz"] < 0.15
    assert figures["head_power_90_hz"] < 2.0
    assert -3.7 < figures["head_psd_slope"] < -2.0
    assert 10 <= figures["blinks_per_min"] <= 32
    assert 0.50 <= figures["gaze_on_target"] <= 0.75
    assert 1.4 <= figures["gaze_bout_s"] <= 3.0


def test_the_median_person_blinks_26_times_a_minute_and_nobody_leaves_the_human_range() -> None:
    speaking, accent = _speech(2 * MINUTE)
    rates = [gesture_figures(_gestures(speaking, accent, seed=seed), fps=100)["blinks_per_min"] for seed in range(24)]
    assert 22 <= np.median(rates) <= 30
    assert min(rates) >= 10
    assert max(rates) <= 34  # two minutes are short: one person in range can leave it by a blink or two


def test_a_listener_is_alive_too() -> None:
    still = np.zeros(5 * MINUTE, np.float32)
    latents = _gestures(still, still, seed=4)
    figures = gesture_figures(latents, fps=100)
    assert 10 <= figures["blinks_per_min"] <= 32
    assert 0.50 <= figures["gaze_on_target"] <= 0.75
    # Never a second without a visible change of the eyes or the head.
    moved = np.abs(np.diff(latents[::100, [*HEAD, *GAZE]], axis=0)).max(axis=1)
    assert np.quantile(moved, 0.02) > math.radians(0.15)
    assert latents[:, INDEX["jawOpen"]].max() == 0.0


@pytest.mark.parametrize("gaze_deg", [(15.0, 5.0), (-20.0, -8.0), (0.0, 10.0)])
def test_a_gaze_target_is_met(gaze_deg: tuple[float, float]) -> None:
    speaking, accent = _speech(2 * MINUTE)
    target = (math.radians(gaze_deg[0]), math.radians(gaze_deg[1]))
    latents = _gestures(speaking, accent, seed=1, controls=Controls(gaze_rad=target))
    gaze = np.degrees(latents[:, HEAD[:2]] + latents[:, GAZE])
    assert np.linalg.norm(np.median(gaze, axis=0) - gaze_deg) < 3.0
    assert 0.5 < (np.linalg.norm(gaze - gaze_deg, axis=1) < 3.0).mean() < 0.8


@pytest.mark.parametrize("gaze_deg", [(23.0, 0.0), (-23.0, 0.0), (15.0, 10.0)])
@pytest.mark.parametrize("seed", range(4))
def test_no_look_goes_past_a_target_at_the_side(gaze_deg: tuple[float, float], seed: int) -> None:
    """Head and eyes together: a look away from there goes back to the middle, not further out."""
    speaking, accent = _speech(MINUTE)
    target = (math.radians(gaze_deg[0]), math.radians(gaze_deg[1]))
    latents = _gestures(speaking, accent, seed=seed, controls=Controls(gaze_rad=target))
    past = (np.degrees(latents[:, HEAD[:2]] + latents[:, GAZE]) - gaze_deg) * np.sign(gaze_deg)
    assert past.max() < 3.0


def test_a_new_target_is_caught_by_a_saccade() -> None:
    still = np.zeros(300, np.float32)
    before, after = Controls(), Controls(gaze_rad=(0.3, 0.0))
    dials, _ = step_dials(before, count=300, state=None)
    _, state = step_gestures(still, still, controls=before, dials=dials, state=GestureState(1))
    latents, _ = step_gestures(still, still, controls=after, dials=dials, state=state)
    gaze = latents[:, HEAD[0]] + latents[:, GAZE[0]]
    assert abs(gaze[12] - 0.3) < math.radians(3)
    assert np.abs(np.diff(gaze)).max() < math.radians(6.0)


def test_eyes_keep_their_target_while_the_head_turns() -> None:
    speaking, accent = _speech(MINUTE)
    latents = _gestures(speaking, accent, seed=2)
    gaze = latents[:, HEAD[:2]] + latents[:, GAZE]
    fixating = np.abs(np.diff(gaze, axis=0)).max(axis=1) < 1e-5
    head_speed = np.abs(np.diff(latents[:, HEAD[:2]], axis=0)).max(axis=1)
    assert fixating.mean() > 0.7
    assert head_speed[fixating].max() > math.radians(0.1)


def test_eye_look_shapes_say_what_the_eyes_do() -> None:
    speaking, accent = _speech(MINUTE)
    latents = _gestures(speaking, accent, seed=2)
    yaw = latents[:, INDEX["leftEyeYaw"]]
    np.testing.assert_array_equal(yaw, latents[:, INDEX["rightEyeYaw"]])
    left = (latents[:, INDEX["eyeLookOutLeft"]] - latents[:, INDEX["eyeLookInLeft"]]) * LOOK_YAW_RAD
    right = (latents[:, INDEX["eyeLookInRight"]] - latents[:, INDEX["eyeLookOutRight"]]) * LOOK_YAW_RAD
    np.testing.assert_allclose(left, yaw, atol=1e-6)
    np.testing.assert_allclose(right, yaw, atol=1e-6)


def test_gains() -> None:
    speaking, accent = _speech(MINUTE)
    still = _gestures(speaking, accent, seed=1, controls=Controls(head_gain=0.0, blink_rate=0.0))
    assert still[:, INDEX["headRoll"]].std() < math.radians(0.3)
    assert still[:, INDEX["eyeBlinkLeft"]].max() == 0.0
    far = _gestures(speaking, accent, seed=1, controls=Controls(distance=0.5))
    assert abs(far[:, INDEX["headZ"]].mean() + 0.5) < 0.02


def test_eyes_look_alone_where_the_head_is_left_out() -> None:
    speaking, accent = _speech(MINUTE)
    controls = Controls(gaze_rad=(0.2, 0.1), distance=0.4, regions=["eyes", "lids"])
    latents = _gestures(speaking, accent, seed=1, controls=controls)
    assert np.abs(latents[:, HEAD]).max() == 0.0
    np.testing.assert_allclose(latents[:, INDEX["headZ"]], -0.4)
    assert np.linalg.norm(np.median(latents[:, GAZE], axis=0) - (0.2, 0.1)) < math.radians(3.0)


def test_feelings_have_a_tempo() -> None:
    speaking, accent = _speech(3 * MINUTE)

    def figures(emotion: dict[str, float]) -> tuple[float, float, float]:
        latents = _gestures(speaking, accent, seed=1, controls=Controls(emotion=emotion)).astype(np.float64)
        speed = np.linalg.norm(np.diff(latents[:, HEAD], axis=0), axis=1).mean()
        blinks = latents[:, INDEX["eyeBlinkLeft"]] > 0.5
        return speed, speed / latents[:, HEAD].std(), (blinks[1:] & ~blinks[:-1]).sum()

    calm, sad, angry, fear = (figures(e) for e in ({}, {"sadness": 1.0}, {"anger": 1.0}, {"fear": 1.0}))
    assert sad[0] < 0.65 * calm[0]
    assert angry[0] > 1.2 * calm[0]
    assert sad[1] < calm[1] < fear[1]
    assert fear[2] > calm[2]


def test_breath_follows_the_feeling() -> None:
    still = np.zeros(MINUTE, np.float32)

    def breaths(emotion: dict[str, float]) -> tuple[int, float]:
        controls = Controls(emotion=emotion, head_gain=0.0)
        height = _gestures(still, still, seed=1, controls=controls)[:, INDEX["headY"]]
        return int(((height[1:] > 0) & (height[:-1] <= 0)).sum()), float(height.max())

    calm, panting = breaths({}), breaths({"outofbreath": 1.0})
    assert 11 <= calm[0] <= 17
    assert panting[0] > 2 * calm[0]
    assert panting[1] > 2 * calm[1]


def test_nothing_jumps() -> None:
    speaking, accent = _speech(3 * MINUTE)
    latents = _gestures(speaking, accent, seed=9)
    assert np.degrees(np.abs(np.diff(latents[:, HEAD], axis=0))).max() < 1.0
    # A lid closes in no less than about 80 ms.
    assert np.abs(np.diff(latents[:, INDEX["eyeBlinkLeft"]])).max() < 0.25


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**63), st.lists(st.integers(0, 200), max_size=15))
def test_chunked_equals_whole(seed: int, sizes: list[int]) -> None:
    speaking, accent = _speech(800)
    controls = Controls(emotion={"happy": 0.5})
    whole = _gestures(speaking, accent, seed=seed, controls=controls)
    state, dial_state, at, parts = GestureState(seed), None, 0, []
    for size in [*sizes, 800]:
        rows = slice(at, at + size)
        dials, dial_state = step_dials(controls, count=len(speaking[rows]), state=dial_state)
        part, state = step_gestures(speaking[rows], accent[rows], controls=controls, dials=dials, state=state)
        parts.append(part)
        at += size
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)
