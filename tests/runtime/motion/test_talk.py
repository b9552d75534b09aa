"""Many talks in one call: what each gets is what it gets alone, whoever else is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_speech import ToySpeech

from visavis.errors import InputError
from visavis.latents import INDEX
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import check_samples, load_speech
from visavis_runtime.motion.talk import TalkState
from visavis_runtime.motion.talker import Talker

VOICE = toy_voice(duration_s=6.0)
JAW = INDEX["jawOpen"]
CONTROLS = [
    Controls(),
    Controls(emotion={"happy": 0.7}, gaze_rad=(0.2, -0.1)),
    Controls(emotion={"pain": 0.4, "sad": 0.3}, head_gain=1.6, lip_gain=0.5, distance=0.3),
    Controls(regions=["mouth", "eyes"], blink_rate=2.0),
]

talks = st.tuples(
    st.integers(0, 2**63),  # seed
    st.sampled_from([25, 30, 40, 60]),
    st.integers(0, 50_000),  # where in the voice
    st.integers(0, 5_000),  # samples heard before the others come
    st.booleans(),
)


def _begun(talker: Talker, talk: Any) -> tuple[np.ndarray, TalkState]:
    seed, fps, offset, heard, opened = talk
    state = talker.start(seed=seed, fps=fps, mouth_open=opened)
    voice = VOICE[offset:]
    _, state = talker.step(voice[:heard], CONTROLS[seed % 4], state)
    return voice[heard:], state


def _same(one: Any, other: Any, *, atol: float) -> None:
    """Two states or frames, leaf by leaf."""
    if isinstance(one, np.ndarray):
        np.testing.assert_allclose(one, other, atol=atol)
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            _same(mine, theirs, atol=atol)
    else:
        assert one == pytest.approx(other, abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(
    talks=st.lists(talks, min_size=1, max_size=7),
    steps=st.lists(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 3)), min_size=7, max_size=7), max_size=5),
)
def test_a_batch_gives_what_each_talk_gives_alone(talks: list[Any], steps: list[list[tuple[int, int]]]) -> None:
    talker = Talker(ToySpeech())
    voices, alone = map(list, zip(*(_begun(talker, talk) for talk in talks), strict=True))
    together = list(alone)
    for step in steps:
        plan = step[: len(talks)]
        chunks = [voice[:size] for voice, (size, _) in zip(voices, plan, strict=True)]
        controls = [CONTROLS[which] for _, which in plan]
        given = talker.step_many(chunks, controls, together)
        expected = [talker.step(*one) for one in zip(chunks, controls, alone, strict=True)]
        for (mine, _), (theirs, _) in zip(given, expected, strict=True):
            _same(mine, theirs, atol=1e-6)
        together, alone = [state for _, state in given], [state for _, state in expected]
        if step[0][0] % 2:
            at_sample = together[0].next_sample + 5 * step[0][0]
            change = talker.shut_mouth if step[0][1] % 2 else talker.open_mouth
            together[0], alone[0] = change(together[0], at_sample=at_sample), change(alone[0], at_sample=at_sample)
        voices = [voice[size:] for voice, (size, _) in zip(voices, plan, strict=True)]
    for mine, theirs in zip(together, alone, strict=True):
        _same(talker.finish(CONTROLS[1], mine)[0], talker.finish(CONTROLS[1], theirs)[0], atol=1e-6)


def test_the_real_network_too(root: Path) -> None:
    """Every second talk alone and all of them together: the others change nothing."""
    samples = read_audio(root / "samples" / "lines" / "guard.flac").samples
    talker = Talker(load_speech())
    all_of_them = [talker.start(seed=seed, fps=(25, 30, 60)[seed % 3]) for seed in range(6)]
    half = all_of_them[::2]
    sizes = [640, 640, 320, 640, 500, 640]
    ats = [4000 + 1000 * seed for seed in range(6)]
    for _ in range(15):
        chunks = [samples[at : at + size] for at, size in zip(ats, sizes, strict=True)]
        ats = [at + size for at, size in zip(ats, sizes, strict=True)]
        many = talker.step_many(chunks, [CONTROLS[i % 4] for i in range(6)], all_of_them)
        few = talker.step_many(chunks[::2], [CONTROLS[i % 4] for i in range(0, 6, 2)], half)
        all_of_them, half = [state for _, state in many], [state for _, state in few]
        for (mine, _), (theirs, _) in zip(many[::2], few, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_bad_samples_are_told_and_no_state_is_lost() -> None:
    talker = Talker(load_speech())
    states = [talker.start(seed=seed) for seed in range(2)]
    chunks = [VOICE[:640], np.full(640, np.nan, np.float32)]
    with pytest.raises(InputError, match="samples"):
        talker.step_many(chunks, [Controls()] * 2, states)
    check_samples(chunks[0])
    with pytest.raises(InputError) as caught:
        check_samples(chunks[1])
    assert caught.value.reason == "SAMPLES_UNFIT"
    again = talker.step_many([VOICE[:3200]] * 2, [Controls()] * 2, states)
    assert all(np.isfinite(latents).all() for latents, _ in again)


def test_nobody_talks() -> None:
    assert Talker(ToySpeech()).step_many([], [], []) == []
