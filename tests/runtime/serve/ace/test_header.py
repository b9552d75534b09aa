from __future__ import annotations

from ace_client import header_of

from visavis.ace.v1 import ace_pb2
from visavis_runtime.serve.ace.header import read_header


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
