from __future__ import annotations

import numpy as np
import pytest
from ace_client import SEED, AceClient, Received

from visavis.ace.v1 import ace_pb2
from visavis.errors import InputError
from visavis_runtime.motion.controls import Controls
from visavis_runtime.serve.ace.feelings import Feelings, Key, read_emotion
from visavis_runtime.serve.ace.names import EMOTIONS

JOY, FEAR = EMOTIONS.index("joy"), EMOTIONS.index("fear")


def key(time_s: float, **weights: float) -> Key:
    return Key(time_s, read_emotion(weights)[0])


def feelings(*, transition_s: float = 0.0, strength: float = 1.0, most: int = 3) -> Feelings:
    return Feelings(None, transition_s=transition_s, strength=strength, most=most)


def test_there_are_the_ten_names_and_the_motion_knows_them() -> None:
    assert EMOTIONS == (
        "amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness"
    )  # fmt: skip
    Controls(emotion=dict.fromkeys(EMOTIONS, 1.0))


def test_weights_are_read_by_name() -> None:
    weights, clamped = read_emotion({"Joy": 0.5, "neutral": 1.0, "fear": -0.5})
    assert (weights[JOY], weights.sum()) == (0.5, 0.5)
    assert clamped == ["emotion fear -0.5 to 0..1"]
    with pytest.raises(InputError, match="did you mean sadness") as caught:
        read_emotion({"sadnes": 1.0})
    assert caught.value.reason == "EMOTION_UNKNOWN"


def test_changes_come_at_their_samples_and_once() -> None:
    one = feelings()
    one.add(key(1.0, fear=1.0))
    one.add(key(0.0, joy=1.0))
    assert one.steps(until=8_000) == [(0, {"joy": 1.0})]
    assert one.steps(until=16_000) == []
    assert one.steps(until=16_001) == [(16_000, {"fear": 1.0})]
    assert one.steps(until=99_999) == []


def test_a_crowd_of_wishes_is_thinned_out_and_none_is_lost() -> None:
    one = feelings()
    for number in range(2001):
        one.add(key(number / 1000, joy=number / 2000))
    steps = one.steps(until=64_000)
    assert len(steps) == 21
    assert steps[0] == (0, {})
    assert steps[-1] == (32_000, {"joy": 1.0})
    assert len(one.given(sample=64_000)) == 2001


def test_a_time_that_has_passed_counts_from_now() -> None:
    one = feelings()
    one.steps(until=32_000)
    one.add(key(0.5, joy=1.0))
    assert one.steps(until=48_000) == [(32_000, {"joy": 1.0})]


def test_strength_and_number_of_emotions_are_kept_to() -> None:
    one = feelings(strength=0.5, most=2)
    one.add(key(0.0, joy=1.0, fear=0.8, pain=0.2))
    assert one.steps(until=1) == [(0, {"fear": 0.4, "joy": 0.5})]


def test_a_transition_is_a_straight_line_of_steps() -> None:
    one = feelings(transition_s=0.5)
    one.add(key(1.0, joy=1.0))
    steps = one.steps(until=20_000) + one.steps(until=40_000)
    assert [sample for sample, _ in steps] == [16_000, 17_600, 19_200, 20_800, 22_400]
    np.testing.assert_allclose([emotion["joy"] for _, emotion in steps], [0.2, 0.4, 0.6, 0.8, 1.0])


def test_a_wish_in_mid_transition_starts_from_where_it_was() -> None:
    one = feelings(transition_s=1.0)
    one.add(key(0.0, joy=1.0))
    one.add(key(0.5, fear=1.0))
    steps = one.steps(until=64_000)
    before = max(emotion.get("joy", 0.0) for _, emotion in steps)
    assert before == pytest.approx(0.5, abs=0.11)
    assert steps[-1][1] == {"fear": 1.0}
    joys = [emotion.get("joy", 0.0) for sample, emotion in steps if sample >= 8_000]
    assert joys == sorted(joys, reverse=True)


def test_the_face_eases_into_what_is_wished() -> None:
    one = Feelings(read_emotion({"joy": 1.0})[0], transition_s=0.0, strength=1.0, most=3)
    assert one.beginning == {"joy": 1.0}
    one.add(key(0.5, fear=1.0))
    one.steps(until=32_000)
    shown = np.array([one.shown(sample=k * 16_000 // 30) for k in range(30)])
    np.testing.assert_allclose(shown[:15, JOY], 1.0)
    assert shown[15, FEAR] < 0.5
    assert shown[24, FEAR] > 0.94
    assert [given.time_s for given in one.given(sample=16_000)] == [0.5]
    assert one.given(sample=32_000) == []


@pytest.mark.xdist_group("ace")
def test_timed_emotions_begin_at_their_time(client: AceClient, plain: Received, speech: bytes) -> None:
    wishes = [(0.0, {"joy": 1.0}), (1.0, {"fear": 1.0})]
    received = client.clip(speech, emotions=wishes, face_params=SEED)
    joyful = client.clip(speech, emotions=wishes[:1], face_params=SEED)
    assert (received.curve("CheekSquintLeft") - plain.curve("CheekSquintLeft"))[10:28].min() > 0.1
    np.testing.assert_allclose(received.weights[:30], joyful.weights[:30], atol=1e-5)
    assert np.abs(received.weights[31:34] - joyful.weights[31:34]).max() > 0.05
    assert (received.curve("BrowInnerUp") - plain.curve("BrowInnerUp"))[45:].min() > 0.1


@pytest.mark.xdist_group("ace")
def test_emotions_travel_with_the_frames(client: AceClient, speech: bytes) -> None:
    received = client.clip(
        speech,
        emotions=[(1.0, {"fear": 1.0})],
        face_params=SEED,
        emotion_params=ace_pb2.EmotionParameters(live_transition_time=1e-4, beginning_emotion={"joy": 0.5}),
    )
    given = received.emotions["input_emotions"]
    assert [(at, values["fear"]) for at, values in given] == [(1.0, 1.0)]
    shown = received.emotions["a2f_smoothed_output"]
    assert [at for at, _ in shown] == received.times_s
    assert all(len(values) == 10 for _, values in shown)
    # emotion_strength is 0.6 when it is not sent.
    assert shown[29][1]["joy"] == pytest.approx(0.3, abs=1e-3)
    assert shown[60][1]["fear"] == pytest.approx(0.6, abs=1e-3)
    assert received.emotions["a2e_output"] == []


@pytest.mark.xdist_group("ace")
def test_a_transition_takes_its_time(client: AceClient, plain: Received, speech: bytes) -> None:
    received = client.clip(
        speech,
        emotions=[(0.5, {"joy": 1.0})],
        face_params=SEED,
        emotion_params=ace_pb2.EmotionParameters(live_transition_time=1.0),
    )
    joy = np.array([values["joy"] for _, values in received.emotions["a2f_smoothed_output"]])
    assert joy[:15].max() == 0.0
    assert np.diff(joy[15:60]).min() >= 0.0
    assert 0.15 < joy[30] < 0.45
    assert joy[60] > 0.58
    cheek = received.curve("CheekSquintLeft") - plain.curve("CheekSquintLeft")
    assert cheek[25] < cheek[35] < cheek[60]
