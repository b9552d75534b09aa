from __future__ import annotations

import grpc
import pytest
from ace_client import AceClient, header, header_of

from visavis.ace.v1 import ace_pb2
from visavis_runtime.serve.ace.header import read_header


def audio_header(**changes: int) -> ace_pb2.AudioStream:
    values = {"audio_format": 0, "channel_count": 1, "samples_per_second": 16_000, "bits_per_sample": 16, **changes}
    return ace_pb2.AudioStream(
        audio_stream_header=ace_pb2.AudioStreamHeader(audio_header=ace_pb2.AudioHeader(**values))
    )


Code = grpc.StatusCode
NAN, INF = float("nan"), float("inf")
REFUSED = {
    "stereo": ([audio_header(channel_count=2)], Code.INVALID_ARGUMENT, "AUDIO_CHANNELS"),
    "8 kHz": ([audio_header(samples_per_second=8_000)], Code.INVALID_ARGUMENT, "AUDIO_RATE"),
    "192 kHz": ([audio_header(samples_per_second=192_000)], Code.INVALID_ARGUMENT, "AUDIO_RATE"),
    "no rate": ([audio_header(samples_per_second=0)], Code.INVALID_ARGUMENT, "AUDIO_RATE"),
    "24 bit": ([audio_header(bits_per_sample=24)], Code.INVALID_ARGUMENT, "AUDIO_BITS"),
    "not PCM": ([audio_header(audio_format=1)], Code.INVALID_ARGUMENT, "AUDIO_FORMAT"),
    "no audio header": (
        [ace_pb2.AudioStream(audio_stream_header=ace_pb2.AudioStreamHeader())],
        Code.INVALID_ARGUMENT,
        "AUDIO_HEADER_MISSING",
    ),
    "NaN in face": (
        [header(face_params=ace_pb2.FaceParameters(float_params={"skinStrength": NAN}))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "infinity in an unknown parameter": (
        [header(face_params=ace_pb2.FaceParameters(float_params={"unknown": INF}))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "NaN in an array": (
        [header(face_params=ace_pb2.FaceParameters(float_array_params={"a": ace_pb2.FloatArray(values=[0.0, NAN])}))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "NaN multiplier": (
        [header(blendshape_params=ace_pb2.BlendShapeParameters(bs_weight_multipliers={"TongueUp": NAN}))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "NaN strength": (
        [header(emotion_post_processing_params=ace_pb2.EmotionPostProcessingParameters(emotion_strength=NAN))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "NaN transition": (
        [header(emotion_params=ace_pb2.EmotionParameters(live_transition_time=NAN))],
        Code.INVALID_ARGUMENT,
        "PARAMETER_NOT_FINITE",
    ),
    "unknown beginning": (
        [header(emotion_params=ace_pb2.EmotionParameters(beginning_emotion={"jooy": 1.0}))],
        Code.INVALID_ARGUMENT,
        "EMOTION_UNKNOWN",
    ),
}


@pytest.mark.xdist_group("ace")
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str, client: AceClient) -> None:
    requests, code, reason = REFUSED[case]
    assert client.refusal(requests) == (code, reason)


def face(**params: float) -> ace_pb2.FaceParameters:
    return ace_pb2.FaceParameters(float_params=params)


def test_the_lower_face_is_the_gain_of_the_lips() -> None:
    assert read_header(header_of()).controls.lip_gain == 1.0
    assert read_header(header_of(face_params=face(lowerFaceStrength=1.25))).controls.lip_gain == 1.25
    assert read_header(header_of(face_params=face(lowerFaceStrength=2, skinStrength=2))).controls.lip_gain == 2.0


def test_a_beginning_is_there_from_the_first_sample() -> None:
    wishes = read_header(header_of(emotion_params=ace_pb2.EmotionParameters(beginning_emotion={"joy": 1.0})))
    assert wishes.controls.emotion == {"joy": 0.6}
    assert read_header(header_of()).controls.emotion == {}


def test_seeds_are_the_clients_or_of_chance() -> None:
    seeded = header_of(face_params=ace_pb2.FaceParameters(integer_params={"seed": 12}))
    assert read_header(seeded).seed == 12
    assert read_header(header_of()).seed != read_header(header_of()).seed


def test_remarks_stay_short() -> None:
    many = face(**{f"{'x' * 100}{number}": 1.0 for number in range(100)})
    wishes = read_header(header_of(face_params=many))
    assert len(wishes.ignored) == 25
    assert wishes.ignored[-1] == "76 more"
    assert max(map(len, wishes.ignored)) == 40
