from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ace_client import SEED, AceClient, Received, header_of, requests_of

from visavis.ace.v1 import ace_pb2
from visavis_runtime.audio.resample import resample

pytestmark = pytest.mark.xdist_group("ace")

FPS = 30


def face(**params: float) -> ace_pb2.FaceParameters:
    return ace_pb2.FaceParameters(integer_params={"seed": 7}, float_params=params)


def test_a_clip_gives_header_frames_event_and_success(plain: Received, speech: bytes) -> None:
    count = -(-len(speech) // 2 * FPS // 16_000)
    assert plain.parts == ["animation_data_stream_header", *["animation_data"] * count, "event", "status"]
    assert plain.statuses == [(0, "SUCCESS")]
    assert plain.header.audio_header == header_of().audio_header
    assert plain.header.start_time_code_since_epoch > 1.6e9
    names = list(plain.header.skel_animation_header.blend_shapes)
    assert len(names) == 52
    assert names[:3] == ["EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft"]
    assert names[-1] == "TongueOut"
    assert list(plain.header.skel_animation_header.joints) == ["Head", "LeftEye", "RightEye"]


def test_frames_come_thirty_a_second_and_end_with_a_shut_mouth(plain: Received) -> None:
    np.testing.assert_allclose(plain.times_s, np.arange(len(plain.times_s)) / FPS, atol=1e-12)
    assert plain.weights.min() >= 0.0
    assert plain.weights.max() <= 1.0
    assert plain.curve("JawOpen").max() > 0.1
    for name in ("JawOpen", "MouthFunnel", "MouthLowerDownLeft", "MouthUpperUpRight", "TongueOut"):
        assert plain.curve(name)[-1] == 0.0


def test_every_frame_has_three_joints(plain: Received) -> None:
    turned = 0.0
    for at_s, frame in zip(plain.times_s, plain.frames, strict=True):
        (turns,), (shifts,) = frame.skel_animation.rotations, frame.skel_animation.translations
        assert (turns.time_code, shifts.time_code, frame.audio.time_code) == (at_s, at_s, at_s)
        quaternions = np.array([(q.real, q.i, q.j, q.k) for q in turns.values])
        np.testing.assert_allclose(np.linalg.norm(quaternions, axis=1), 1.0, atol=1e-6)
        assert len(shifts.values) == 3
        turned = max(turned, float(np.abs(quaternions[0, 1:]).max()))
    assert turned > 0.005


def test_the_audio_comes_back_with_its_frames(plain: Received, speech: bytes) -> None:
    assert b"".join(plain.pcm) == speech
    edges = [frame * 16_000 // FPS * 2 for frame in range(len(plain.pcm))] + [len(speech)]
    assert [len(pcm) for pcm in plain.pcm] == np.diff(edges).tolist()


@pytest.mark.parametrize("rate_hz", [16_001, 22_050, 44_100, 48_000, 144_000])
def test_other_rates_move_the_same_face(rate_hz: int, client: AceClient, plain: Received, speech: bytes) -> None:
    signal = np.frombuffer(speech, "<i2").astype(np.float32) / 32768
    changed = resample(signal, source_hz=16_000, target_hz=rate_hz)
    pcm = np.clip(np.round(changed * 32768), -32768, 32767).astype("<i2").tobytes()
    received = client.clip(pcm, rate_hz=rate_hz, face_params=SEED)
    assert b"".join(received.pcm) == pcm
    assert len(received.rows) == -(-len(pcm) // 2 * FPS // rate_hz)
    assert received.header.audio_header.samples_per_second == rate_hz
    count = min(len(received.rows), len(plain.rows)) - 4
    difference = np.abs(received.curve("JawOpen")[:count] - plain.curve("JawOpen")[:count])
    assert difference.mean() < 0.02


@pytest.mark.parametrize(("rate_hz", "samples"), [(16_000, 1), (16_000, 533), (16_000, 534), (16_000, 16_000),
                                                  (44_100, 1470), (44_100, 1471), (48_000, 48_001)])  # fmt: skip
def test_the_number_of_frames_is_that_of_the_duration(rate_hz: int, samples: int, client: AceClient) -> None:
    """A whole number of seconds ends with an empty buffer, as the sample client sends it."""
    pcm = (np.arange(samples) % 200).astype("<i2").tobytes()
    received = client.clip(pcm, rate_hz=rate_hz)
    assert len(received.rows) == -(-samples * FPS // rate_hz)
    assert b"".join(received.pcm) == pcm


def test_the_cutting_of_the_audio_changes_nothing(client: AceClient, plain: Received, speech: bytes) -> None:
    """But for the last tenth of a second, where the mouth begins to shut when it is known that the clip ends."""

    def requests(size: int) -> list[ace_pb2.AudioStream]:
        chunks = [ace_pb2.AudioWithEmotion(audio_buffer=speech[at : at + size]) for at in range(0, len(speech), size)]
        return [
            ace_pb2.AudioStream(audio_stream_header=header_of(face_params=SEED)),
            *(ace_pb2.AudioStream(audio_with_emotion=chunk) for chunk in chunks),
            ace_pb2.AudioStream(end_of_audio=ace_pb2.AudioStream.EndOfAudio()),
        ]

    for size in (1120, len(speech)):
        received = client.run(requests(size))
        np.testing.assert_allclose(received.weights[:-4], plain.weights[:-4], atol=1e-5)
        assert received.curve("JawOpen")[-1] == 0.0
        assert b"".join(received.pcm) == speech


def test_weights_are_multiplied_and_offset_exactly(client: AceClient, plain: Received, speech: bytes) -> None:
    """Compared up to where the mouth begins to shut, which is not the same to the bit from clip to clip."""
    params = ace_pb2.BlendShapeParameters(
        bs_weight_multipliers={"JawOpen": 2.5, "MouthSmileLeft": 0.0, "TongueTipUp": 3.0},
        bs_weight_offsets={"JawOpen": -0.125, "BrowInnerUp": 0.5, "NoSuchShape": 1.0},
    )
    received = client.clip(speech, face_params=SEED, blendshape_params=params)
    expected = {name: plain.curve(name).copy() for name in plain.header.skel_animation_header.blend_shapes}
    expected["JawOpen"] = plain.curve("JawOpen") * np.float32(2.5) + np.float32(-0.125)
    expected["MouthSmileLeft"] = np.zeros_like(plain.curve("JawOpen"))
    expected["BrowInnerUp"] = plain.curve("BrowInnerUp") + np.float32(0.5)
    for name, curve in expected.items():
        np.testing.assert_array_equal(received.curve(name)[:-4], curve[:-4])
    assert received.statuses == [(0, "SUCCESS")]
    assert received.weights.min() < 0.0
    params.enable_clamping_bs_weight = True
    clamped = client.clip(speech, face_params=SEED, blendshape_params=params)
    np.testing.assert_array_equal(clamped.weights[:-4], np.clip(received.weights[:-4], 0.0, 1.0))


def test_face_parameters_move_the_face(client: AceClient, plain: Received, speech: bytes) -> None:
    still = client.clip(speech, face_params=face(upperFaceStrength=0.0, blinkStrength=0.0, lowerFaceStrength=0.0))
    for name in ("BrowInnerUp", "EyeSquintLeft", "EyeBlinkLeft"):
        assert still.curve(name).max() == 0.0
    assert still.curve("JawOpen").max() < 0.3 * plain.curve("JawOpen").max()
    smooth = client.clip(speech, face_params=face(lowerFaceSmoothing=0.1))
    before, after = (np.abs(np.diff(one.curve("JawOpen"))).mean() for one in (plain, smooth))
    assert after < 0.6 * before
    assert smooth.curve("JawOpen")[-1] == 0.0
    asleep = client.clip(speech, face_params=face(eyelidOpenOffset=-1.0))
    assert asleep.curve("EyeBlinkLeft").min() == 1.0


def test_what_has_no_effect_or_no_sense_is_told(client: AceClient, speech: bytes) -> None:
    received = client.clip(
        speech[:6400],
        emotions=[(0.0, {"joy": 1.5})],
        face_params=face(faceMaskLevel=0.6, tongueDepthOffset=0.2, blinkStrength=5.0),
        emotion_post_processing_params=ace_pb2.EmotionPostProcessingParameters(
            enable_preferred_emotion=False, emotion_contrast=1.0, max_emotions=9
        ),
    )
    # One status, the last message: a client of NVIDIA's stops at the first one and takes all but 0 as a failure.
    assert received.parts == ["animation_data_stream_header", *["animation_data"] * 6, "event", "status"]
    assert received.statuses == [
        (
            0,
            "SUCCESS. Accepted, without effect here: faceMaskLevel, tongueDepthOffset, emotion_contrast, "
            "enable_preferred_emotion. Clamped: blinkStrength 5 to 0..2, max_emotions 9 to 1..6, "
            "emotion joy 1.5 to 0..1.",
        )
    ]


def test_streams_beside_each_other_are_what_they_are_alone(client: AceClient, plain: Received, speech: bytes) -> None:
    def one(number: int) -> Received:
        return client.clip(speech[: len(speech) - 3200 * number], face_params=SEED)

    with ThreadPoolExecutor(4) as pool:
        for number, received in enumerate(pool.map(one, range(4))):
            assert b"".join(received.pcm) == speech[: len(speech) - 3200 * number]
            count = len(received.rows) - 8
            np.testing.assert_allclose(received.weights[:count], plain.weights[:count], atol=1e-3)


def test_the_sample_client_can_write_its_files(client: AceClient, speech: bytes) -> None:
    """All that its configuration sends; the columns that its files get."""
    names = [*client.clip(speech[:3200]).header.skel_animation_header.blend_shapes, *(f"Tongue{i}" for i in range(16))]
    emotions = ["amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness"]
    received = client.clip(
        speech,
        emotions=[(at, {name: float(name == on) for name in emotions}) for at, on in ((0.0, "joy"), (1.0, "fear"))],
        face_params=ace_pb2.FaceParameters(
            float_params={
                "upperFaceStrength": 1, "upperFaceSmoothing": 0.001, "lowerFaceStrength": 1.25,
                "lowerFaceSmoothing": 0.006, "faceMaskLevel": 0.6, "faceMaskSoftness": 0.0085, "skinStrength": 1,
                "eyelidOpenOffset": 0.0, "lipOpenOffset": 0.0, "tongueStrength": 1.3, "tongueHeightOffset": 0.0,
                "tongueDepthOffset": 0.0,
            }
        ),
        emotion_post_processing_params=ace_pb2.EmotionPostProcessingParameters(
            emotion_contrast=1.0, live_blend_coef=0.7, enable_preferred_emotion=False, preferred_emotion_strength=0.5,
            emotion_strength=0.6, max_emotions=3,
        ),
        blendshape_params=ace_pb2.BlendShapeParameters(
            bs_weight_multipliers=dict.fromkeys(names, 1.0), bs_weight_offsets=dict.fromkeys(names, 0.0),
            enable_clamping_bs_weight=False,
        ),
        emotion_params=ace_pb2.EmotionParameters(
            live_transition_time=1e-4, beginning_emotion={"amazement": 1.0, "fear": 1.0, "pain": 1.0}
        ),
    )  # fmt: skip
    files = received.csv_files()
    frames = files["animation_frames.csv"]
    assert list(frames[0]) == ["timeCode", *(f"blendShapes.{name}" for name in names[:52])]
    assert len(frames) == 75
    assert float(frames[-1]["timeCode"]) == pytest.approx(74 / 30)
    for name in ("a2f_3d_input_emotions.csv", "a2f_3d_smoothed_emotion_output.csv"):
        assert list(files[name][0]) == ["time_code", *(f"emotion_values.{emotion}" for emotion in emotions)]
    assert [float(row["time_code"]) for row in files["a2f_3d_input_emotions.csv"]] == [0.0, 1.0]
    assert len(files["a2f_3d_smoothed_emotion_output.csv"]) == 75
    assert b"".join(received.pcm) == speech


def test_an_operator_may_pace_and_fill(serve, speech: bytes) -> None:  # type: ignore[no-untyped-def]
    import time

    with serve(ace_paced=True, ace_a2e_output=True) as client:
        began_s = time.monotonic()
        received = client.clip(speech[:16_000])
        assert time.monotonic() - began_s >= 14 / 30
    assert len(received.emotions["a2e_output"]) == 15
    assert set(received.emotions["a2e_output"][0][1].values()) == {0.0}


def test_all_may_be_sent_before_anything_is_read(client: AceClient) -> None:
    import threading

    sent = threading.Event()
    pcm = bytes(2 * 16_000 * 20)

    def requests():  # type: ignore[no-untyped-def]
        yield from requests_of(header_of(), pcm)
        sent.set()

    call = client.open(requests())
    assert sent.wait(10)
    received = Received()
    for message in call:
        received.take(message)
    assert b"".join(received.pcm) == pcm
