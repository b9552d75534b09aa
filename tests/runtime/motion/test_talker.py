from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_speech import ToySpeech

from visavis.latents import INDEX, sample_of_frame
from visavis_runtime.audio.pcm import read_audio
from visavis_runtime.bench.motion import toy_voice
from visavis_runtime.motion.controls import Controls
from visavis_runtime.motion.speech import load_speech
from visavis_runtime.motion.talk import TalkState
from visavis_runtime.motion.talker import Talker

VOICE = toy_voice(duration_s=4.31)
HEAD = slice(INDEX["headYaw"], INDEX["headZ"] + 1)
JAW, CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]


def _talk(
    voice: np.ndarray, *, fps: int = 40, seed: int = 3, sizes: tuple[int, ...] = (), controls: Controls | None = None
) -> np.ndarray:
    talker, controls = Talker(ToySpeech(), fps=fps), controls or Controls()
    state = talker.start(seed=seed)
    parts, at = [], 0
    for size in [*sizes, max(0, len(voice) - sum(sizes))]:
        part, state = talker.step(voice[at : at + size], controls, state)
        parts.append(part)
        at += size
    part, state = talker.finish(controls, state)
    return np.concatenate([*parts, part])


@settings(max_examples=15, deadline=None)
@given(
    fps=st.sampled_from([20, 24, 25, 30, 40, 50, 60]),
    sizes=st.lists(st.integers(0, 3000), max_size=20),
    count=st.integers(0, len(VOICE)),
)
def test_chunked_equals_whole(fps: int, sizes: list[int], count: int) -> None:
    voice = VOICE[:count]
    controls = Controls(emotion={"sad": 0.4}, gaze_rad=(0.1, 0.0), head_gain=1.3)
    whole = _talk(voice, fps=fps, controls=controls)
    assert whole.shape == (math.ceil(count * fps / 16_000), 64)
    chunked = _talk(voice, fps=fps, sizes=tuple(sizes), controls=controls)
    np.testing.assert_allclose(chunked, whole, atol=1e-5)


def test_20_ms_chunks_equal_the_whole() -> None:
    np.testing.assert_allclose(_talk(VOICE, sizes=(320,) * 216), _talk(VOICE), atol=1e-5)


def test_a_frame_comes_as_soon_as_its_look_ahead_is_in() -> None:
    talker = Talker(ToySpeech(), fps=40)
    state = talker.start(seed=0)
    out, fed = 0, 0
    for _ in range(150):
        part, state = talker.step(VOICE[fed : fed + 320], Controls(), state)
        fed, out = fed + 320, out + len(part)
        # look-ahead, the row the frame interpolates to and half a frame, one row and one chunk of rounding
        assert out == 0 or fed - sample_of_frame(out, fps=40) <= (0.08 + 0.0125 + 0.01) * 16_000 + 320
    assert out > 100


def test_the_mouth_is_shut_at_the_end_of_a_line_cut_in_a_vowel() -> None:
    cut = VOICE[: np.abs(VOICE).argmax()]
    for fps in (20, 40, 60):
        latents = _talk(cut, fps=fps)
        assert latents[:-6, JAW].max() > 0.3
        assert latents[-1, JAW] - latents[-1, CLOSE] < 0.01
        assert np.abs(np.diff(latents[-6:, JAW])).max() < 0.6


def _live(talker: Talker, state: TalkState, *, steps: int, at: int = 0) -> tuple[np.ndarray, TalkState]:
    """Frames of so many 20 ms chunks from sample `at` on."""
    parts = []
    for begin in range(at, at + 320 * steps, 320):
        part, state = talker.step(VOICE[begin : begin + 320], Controls(), state)
        parts.append(part)
    return np.concatenate(parts), state


def _aperture(latents: np.ndarray) -> np.ndarray:
    return latents[:, JAW] - latents[:, CLOSE]


@pytest.mark.parametrize("fps", [25, 60])
def test_an_interrupt_shuts_the_mouth_within_120_ms_of_frames_and_it_stays_shut(fps: int) -> None:
    talker = Talker(ToySpeech(), fps=fps)
    before, state = _live(talker, talker.start(seed=1), steps=100)
    assert _aperture(before).max() > 0.3
    state = talker.shut_mouth(state, at_sample=state.next_sample)
    after, state = _live(talker, state, steps=80, at=32_000)
    assert np.abs(after[math.ceil(0.12 * fps) :, JAW]).max() == 0.0
    assert np.abs(np.diff(np.concatenate([before[-1:], after])[:, JAW])).max() < 0.5
    press = [INDEX["mouthPressLeft"], INDEX["mouthRollUpper"]]
    assert after[math.ceil(0.12 * fps) :, press].max() == 0.0
    assert np.abs(np.diff(after[:, HEAD], axis=0)).max() > 0.0


def test_lines_follow_each_other_in_one_talk() -> None:
    """Shut before the first, open for 8000..24000 and from 32000 on: known ahead, met to the row."""
    talker = Talker(ToySpeech(), fps=40)
    state = talker.start(seed=1, mouth_open=False)
    for change, at in ((talker.open_mouth, 8_000), (talker.shut_mouth, 24_000), (talker.open_mouth, 32_000)):
        state = change(state, at_sample=at)
    latents, _ = _live(talker, state, steps=200)
    free = _talk(VOICE[: 200 * 320], seed=1)
    samples = np.arange(len(latents)) * 400
    shut = (samples <= 8_000) | ((samples >= 24_000) & (samples <= 32_000))
    spoken = ((samples >= 9_600) & (samples <= 22_400)) | (samples >= 33_600)
    assert latents[shut, JAW].max() == 0.0
    np.testing.assert_allclose(latents[spoken], free[: len(latents)][spoken], atol=1e-6)
    assert latents[spoken, JAW].max() > 0.3


@pytest.mark.parametrize("quality", ["fast", "balanced", "best"])
def test_every_frame_is_out_once_its_latency_is_in(quality: str) -> None:
    """Chunks of 20 ms that start anywhere; and no smaller latency would do."""
    talker = Talker(load_speech(quality=quality))
    for fps in (25, 30, 40, 60):
        promised, worst = round(talker.latency_s(fps) * 16_000), 0
        for offset in (320, *range(0, 320, 64)):
            state, out, fed = talker.start(seed=0, fps=fps), 0, 0
            for size in (offset, *[320] * 60):
                part, state = talker.step(VOICE[fed : fed + size], Controls(), state)
                fed, before, out = fed + size, out, out + len(part)
                # What came now had not come while the voice was one sample short of this chunk.
                if len(part) and fed > size:
                    worst = max(worst, fed - sample_of_frame(before, fps=fps))
                assert fed + 319 - sample_of_frame(out, fps=fps) < promised
        assert promised - 64 <= worst <= promised
        if quality == "balanced":
            assert promised <= 0.125 * 16_000


def test_closures_survive_every_rate_gain_and_feeling() -> None:
    for fps in (20, 25, 40, 60):
        latents = _talk(VOICE, fps=fps, controls=Controls(lip_gain=2.0, emotion={"disgusted": 1.0}))
        aperture = latents[:, JAW] - latents[:, CLOSE]
        for start in range(50, 400, 50):
            at = (start + 1.5) / 100 * fps
            near = aperture[max(0, round(at) - 1) : round(at) + 2]
            assert near.min() < 1e-6


def test_gestures_are_the_same_at_any_rate() -> None:
    slow, fast = _talk(VOICE, fps=20), _talk(VOICE, fps=60)
    np.testing.assert_allclose(slow[:, HEAD], fast[::3][: len(slow), HEAD], atol=1e-5)


def test_another_seed_moves_otherwise_but_speaks_the_same() -> None:
    one, two = _talk(VOICE, seed=1), _talk(VOICE, seed=2)
    assert np.abs(one[:, HEAD] - two[:, HEAD]).max() > 0.02
    np.testing.assert_allclose(one[:, JAW], two[:, JAW], atol=1e-6)


def test_a_change_of_controls_does_not_jump() -> None:
    talker = Talker(ToySpeech(), fps=60)
    state = talker.start(seed=5)
    parts = []
    for controls in (Controls(), Controls(emotion={"angry": 1.0}, distance=0.5, lip_gain=0.5)):
        part, state = talker.step(VOICE[:32_000], controls, state)
        parts.append(part)
    both = np.concatenate(parts)
    seam = len(parts[0])
    for name in ("browDownLeft", "headZ", "noseSneerLeft", "headPitch"):
        assert np.abs(np.diff(both[seam - 2 : seam + 12, INDEX[name]])).max() < 0.16
    assert both[-1, INDEX["browDownLeft"]] > 0.7


def test_states_can_be_forked() -> None:
    talker = Talker(ToySpeech(), fps=40)
    _, state = talker.step(VOICE[:20_000], Controls(), talker.start(seed=1))
    one, _ = talker.step(VOICE[20_000:40_000], Controls(), state)
    two, _ = talker.step(VOICE[20_000:40_000], Controls(), state)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("fps", [10, 100])
def test_rates_outside_are_refused(fps: int) -> None:
    from visavis.errors import InputError

    with pytest.raises(InputError):
        Talker(ToySpeech(), fps=fps)


def test_a_talk_starts_from_a_shut_mouth(root: Path) -> None:
    """Also where the voice is there from the first sample and the network has heard nothing yet."""
    clip = read_audio(root / "samples" / "lines" / "scholar.flac")
    talker = Talker(load_speech(), fps=60)
    latents, _ = talker.step(clip.samples[6000:22000], Controls(), talker.start(seed=1))
    opening = latents[:, INDEX["jawOpen"]] - latents[:, INDEX["mouthClose"]]
    assert opening[0] < 1e-6
    assert opening.max() > 0.1


def test_the_real_network_in_20_ms_chunks_equals_the_whole_line(root: Path) -> None:
    samples = read_audio(root / "samples" / "lines" / "guard.flac").samples
    talker = Talker(load_speech())
    whole, state = talker.step(samples, Controls(), talker.start(seed=5))
    end, _ = talker.finish(Controls(), state)
    parts, state = [], talker.start(seed=5)
    for at in range(0, len(samples), 320):
        part, state = talker.step(samples[at : at + 320], Controls(), state)
        parts.append(part)
    part, _ = talker.finish(Controls(), state)
    np.testing.assert_allclose(np.concatenate([*parts, part]), np.concatenate([whole, end]), atol=1e-5)
