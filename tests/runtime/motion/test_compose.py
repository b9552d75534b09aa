from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visavis.latents import ARKIT_NAMES, INDEX, NAMES
from visavis.vocabulary import EMOTIONS, FEELINGS, REGIONS
from visavis_runtime.face.build import build_avatar
from visavis_runtime.face.layers.mouth import INNER_LOWER, INNER_UPPER
from visavis_runtime.face.portrait.picture import read_picture
from visavis_runtime.motion.articulation import enforce_closures
from visavis_runtime.motion.compose import compose, seal_lips
from visavis_runtime.motion.controls import Controls, step_dials
from visavis_runtime.motion.emotion import BLENDS
from visavis_runtime.motion.regions import MEMBERS


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


@pytest.mark.parametrize("feeling", FEELINGS)
def test_no_feeling_opens_a_mouth_that_the_voice_leaves_shut(feeling: str) -> None:
    """Neither in silence nor over lips that the voice has shut on a dropped jaw."""
    felt = Controls(emotion={feeling: 1.0})
    for spoken in ({}, {"jawOpen": 0.3, "mouthClose": 0.3}):
        got = _composed(spoken, {}, felt)
        assert got[INDEX["jawOpen"]] - got[INDEX["mouthClose"]] < 1e-6
        for name in ARKIT_NAMES:
            if name.startswith(("mouthFunnel", "mouthLowerDown", "mouthUpperUp")):
                assert got[INDEX[name]] == 0.0


def test_surprise_opens_a_mouth_that_speaks() -> None:
    plain, surprised = (_composed({"jawOpen": 0.4}, {}, Controls(emotion=felt)) for felt in ({}, {"surprised": 1.0}))
    assert surprised[INDEX["jawOpen"]] > plain[INDEX["jawOpen"]] + 0.15


@pytest.mark.parametrize("feeling", FEELINGS)
def test_a_mouth_that_parts_for_a_moment_does_not_pop(feeling: str) -> None:
    """No feeling makes an opening of the voice more than half as large again, however small it is."""
    for opening in np.linspace(0.02, 0.6, 30):
        got = _composed({"jawOpen": float(opening)}, {}, Controls(emotion={feeling: 1.0}))
        assert got[INDEX["jawOpen"]] <= 1.5 * opening


def test_a_blink_closes_any_lid() -> None:
    got = _composed({}, {"eyeBlinkLeft": 1.0}, Controls(emotion={"surprised": 1.0}))
    assert got[INDEX["eyeBlinkLeft"]] == 1.0
    assert got[INDEX["eyeWideLeft"]] == 0.0
    assert got[INDEX["eyeWideRight"]] > 0.5


def test_shapes_stay_within_range() -> None:
    got = _composed({"mouthSmileLeft": 0.9, "jawOpen": 0.9}, {}, Controls(lip_gain=2.0, emotion={"happy": 1.0}))
    assert got[:52].max() <= 1.0
    assert got[:52].min() >= 0.0


def test_a_feeling_changes_the_size_of_the_mouth() -> None:
    plain, sad, angry = (
        _composed({"jawOpen": 0.4}, {}, Controls(emotion=emotion))[INDEX["jawOpen"]]
        for emotion in ({}, {"sad": 1.0}, {"angry": 1.0})
    )
    assert sad < 0.95 * plain < plain < angry


@settings(max_examples=200, deadline=None)
@given(
    names=st.lists(st.sampled_from([*EMOTIONS, *BLENDS]), min_size=1, max_size=4, unique=True),
    jaw=st.floats(0, 1),
    lip_gain=st.floats(0, 2),
    seed=st.integers(0, 1000),
)
def test_no_feeling_breaks_a_closure(names: list[str], jaw: float, lip_gain: float, seed: int) -> None:
    """The lips meet in every feeling as they do in none: nothing is left that could part them."""
    mouth = dict(zip(ARKIT_NAMES, np.random.default_rng(seed).random(52).tolist(), strict=True))
    mouth = {name: value for name, value in mouth.items() if name.startswith(("mouth", "tongue"))} | {"jawOpen": jaw}
    got = _composed(mouth, {}, Controls(emotion=dict.fromkeys(names, 1.0), lip_gain=lip_gain))
    shut = enforce_closures(got[None], np.array([[1.0, 0.0]], np.float32))[0]
    assert shut[INDEX["jawOpen"]] - shut[INDEX["mouthClose"]] < 1e-6
    for name in ARKIT_NAMES:
        if name.startswith(("mouthLowerDown", "mouthUpperUp", "mouthStretch", "mouthFunnel", "mouthShrugLower")):
            assert shut[INDEX[name]] == 0.0


@pytest.mark.parametrize("portrait", ["innkeeper", "guard"])
def test_shut_lips_meet_on_a_face_in_every_feeling(portrait: str, root: Path) -> None:
    """The rig's inner lips, along the whole mouth, as a share of what a fully open jaw parts them."""
    shapes = build_avatar(read_picture(root / "samples" / "portraits" / f"{portrait}.png")).shapes
    gaps = shapes[:, INNER_UPPER[1:-1], 1] - shapes[:, INNER_LOWER[1:-1], 1]
    gaps /= np.abs(gaps[INDEX["jawOpen"]]).max()
    for names in [(), *((name,) for name in FEELINGS), *itertools.combinations(("disgusted", "angry", "pain"), 2)]:
        got = _composed({"jawOpen": 0.5, "mouthUpperUpLeft": 0.3}, {}, Controls(emotion=dict.fromkeys(names, 1.0)))
        shut = np.array([[1.0, 0.0]], np.float32)
        latents = seal_lips(enforce_closures(got[None], shut), shut)[0]
        assert (latents[:52] @ gaps).max() < 0.005, names


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_that_is_left_out_is_at_rest_and_the_others_are_not_touched(region: str) -> None:
    everything = Controls(emotion={"pain": 1.0}, distance=0.3)
    without = Controls(emotion={"pain": 1.0}, distance=0.3, regions=[name for name in REGIONS if name != region])
    gestures = {name: 0.2 for name in NAMES if not name.startswith("head")} | {"headZ": -0.3}
    whole, part = (_composed({"jawOpen": 0.5}, gestures, controls) for controls in (everything, without))
    members = MEMBERS[REGIONS.index(region)] > 0
    if region == "head":
        np.testing.assert_array_equal(part, whole)  # the gestures have left it out already; the distance stays
    else:
        assert np.abs(whole[members]).max() > 0.1
        assert np.abs(part[members]).max() == 0.0
    np.testing.assert_array_equal(part[~members], whole[~members])
