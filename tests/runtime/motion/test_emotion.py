from __future__ import annotations

import numpy as np

from visavis.vocabulary import ACE_EMOTIONS, EMOTIONS, FEELINGS
from visavis_runtime.motion.emotion import BLENDS, LOOKS, SHAPES, mood_of_weights, weights_of


def test_all_feelings_differ_and_stay_within_range() -> None:
    assert len(EMOTIONS) == 7
    assert SHAPES.min() >= 0.0
    assert SHAPES.max() <= 0.8
    distance = np.linalg.norm(SHAPES[:, None] - SHAPES[None], axis=2) + np.eye(len(FEELINGS))
    assert distance.min() > 0.3


def test_names_of_other_systems_and_sums() -> None:
    assert len(BLENDS) == 10
    np.testing.assert_allclose(weights_of({"joy": 0.5}), weights_of({"happy": 0.5}))
    assert weights_of({"happy": 1.0, "sad": 1.0}).sum() == 1.0
    assert weights_of({"neutral": 1.0}).sum() == 0.0


def test_audio2face_names_are_understood_each_in_its_own_way() -> None:
    names = ["amazement", "anger", "cheekiness", "disgust", "fear", "grief", "joy", "outofbreath", "pain", "sadness"]
    assert sorted(BLENDS) == names
    faces = np.array([weights_of({name: 1.0}) @ SHAPES for name in names])
    apart = np.linalg.norm(faces[:, None] - faces[None], axis=2) + np.eye(len(names))
    assert apart.min() > 0.3


def test_feelings_change_tempo_size_and_breath() -> None:
    def mood(name: str) -> dict[str, float]:
        rows = mood_of_weights(weights_of({name: 1.0})[None])
        return {field: float(getattr(rows, field)[0]) for field in ("tempo", "head_size", "lips", "breath")}

    calm = mood("neutral")
    assert set(calm.values()) == {1.0}
    assert mood("sad")["tempo"] < 0.8
    assert mood("sad")["lips"] < 1.0
    assert mood("sad")["head_size"] < 0.8
    assert mood("angry")["tempo"] > 1.2
    assert mood("surprised")["tempo"] > 1.2
    assert mood("outofbreath")["breath"] > 2.0
    assert all(look.tempo * look.head_size < 1.6 for look in LOOKS.values())


def test_names_are_those_that_clients_know() -> None:
    assert tuple(LOOKS) == FEELINGS
    assert tuple(BLENDS) == ACE_EMOTIONS
